// The settings: a field that finds one among them, and the browser's question before changes are lost.

const form = document.getElementById("settings");
const search = document.getElementById("settings-search");
const none = document.getElementById("settings-none");
const folds = [...form.querySelectorAll("details")];
// Which were open before the search: that is how they stand after it.
let opened = null;

search.closest("[hidden]").hidden = false;
search.addEventListener("input", () => {
  const words = search.value.toLocaleLowerCase(document.documentElement.lang).split(/\s+/).filter(Boolean);
  opened ??= folds.map((fold) => fold.open);
  let found = 0;
  for (const setting of form.querySelectorAll(".setting")) {
    const group = setting.closest(".card").querySelector("summary").textContent;
    const text = `${group} ${setting.textContent} ${setting.dataset.setting}`
      .toLocaleLowerCase(document.documentElement.lang);
    setting.hidden = !words.every((word) => text.includes(word));
    found += !setting.hidden;
  }
  folds.forEach((fold, at) => {
    fold.hidden = !fold.querySelector(".setting:not([hidden])");
    fold.open = words.length > 0 || opened[at];
  });
  if (!words.length) opened = null;
  none.hidden = found > 0;
});

const state = () => new URLSearchParams(new FormData(form)).toString();
const before = state();
let isSent = false;
// The button that brings one setting back sends no others: those would be lost.
form.addEventListener("submit", (event) => { isSent = event.submitter?.name !== "back"; });
addEventListener("beforeunload", (event) => {
  if (!isSent && (state() !== before || form.querySelector("[aria-invalid]"))) event.preventDefault();
});

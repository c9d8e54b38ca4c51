// A button beside each password that shows what was typed. Without this script there is none.

for (const input of document.querySelectorAll("input[data-show]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quiet show";
  button.textContent = input.dataset.show;
  button.setAttribute("aria-label", `${input.dataset.show}: ${input.labels[0].textContent}`);
  button.setAttribute("aria-controls", input.id);
  const show = (isShown) => {
    input.type = isShown ? "text" : "password";
    button.setAttribute("aria-pressed", String(isShown));
  };
  button.addEventListener("click", () => show(input.type === "password"));
  // Browsers remember what is sent as text.
  input.form.addEventListener("submit", () => show(false));
  show(false);
  input.after(button);
}

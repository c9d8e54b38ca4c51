// Shows the history and the last events of a channel again after it was switched.

import { showMoments } from "./quantity.js";

// The log has a switch a moment later.
const DELAY = 300;

let timer = null;
const changed = document.querySelector("[data-channel] time[data-changed]");
let shown = changed.dateTime;

new MutationObserver(() => {
  if (changed.dateTime === shown) return;
  shown = changed.dateTime;
  clearTimeout(timer);
  timer = setTimeout(show, DELAY);
}).observe(changed, { attributes: true, attributeFilter: ["datetime"] });

async function show() {
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    const found = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const id of ["past", "events"]) {
      const [old, fresh] = [document.getElementById(id), found.getElementById(id)];
      if (!old || !fresh || old.contains(document.activeElement)) continue;
      old.replaceWith(fresh);
      showMoments(fresh);
    }
  } catch {
    // without a connection the page shows that, and what was last known
  }
}

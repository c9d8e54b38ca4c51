// The kiosk: takes the token of a link out of the address and sends it once; afterwards shows the page again and again.

const PERIOD = 5000;

const form = document.getElementById("open");
const token = location.hash.slice(1);
if (form && token) {
  history.replaceState(null, "", location.pathname);
  form.elements.token.value = token;
  form.submit();
} else if (!form) {
  setTimeout(show, PERIOD);
}

async function show() {
  try {
    const answer = await fetch(location.pathname, { signal: AbortSignal.timeout(PERIOD) });
    const found = new DOMParser().parseFromString(await answer.text(), "text/html");
    const tiles = found.querySelector(".tiles");
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    if (!tiles) return location.reload(); // the token was revoked
    // a button that has the focus stays: a press of it must not be lost
    if (!document.querySelector(".tiles :focus")) document.querySelector(".tiles").replaceWith(tiles);
    document.getElementById("stale").hidden = true;
  } catch {
    document.getElementById("stale").hidden = false;
  }
  setTimeout(show, PERIOD);
}

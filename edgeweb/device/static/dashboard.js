// Keeps the overview live: one request every two seconds while somebody looks, and switches without a new page.
// Everything here improves a page that works without it.

const PERIOD = 2000;
const PATIENCE = 6000;
const NBSP = "\u00a0";
const BINARY = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
const SPANS = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];

// The same text as quantity.py, by the same arithmetic.
export function quantity(value, unit) {
  if (value === null || value === undefined) return "\u2013";
  if (unit === "bytes" || unit === "bytes/s") return bytes(value) + unit.slice("bytes".length);
  if (unit === "seconds") return span(Math.trunc(value));
  if (unit === "percent") return rounded(value, 1) + NBSP + "%";
  if (unit === "celsius") return rounded(value, 1) + NBSP + "\u00b0C";
  return rounded(value, 2);
}

function bytes(value) {
  let power = 0;
  while (value >= 1024 && power < BINARY.length - 1) {
    value /= 1024;
    power += 1;
  }
  return rounded(value, power ? 1 : 0) + NBSP + BINARY[power];
}

function span(seconds) {
  for (const [at, [size, name]] of SPANS.entries()) {
    if (seconds >= size && size > 1) {
      const [smaller, smallerName] = SPANS[at + 1];
      const rest = Math.trunc((seconds % size) / smaller);
      return Math.trunc(seconds / size) + NBSP + name + " " + rest + NBSP + smallerName;
    }
  }
  return seconds + NBSP + "s";
}

function rounded(value, digits) {
  const scale = 10 ** digits;
  return (Math.floor(value * scale + 0.5) / scale).toFixed(digits);
}

const live = document.getElementById("live");
const message = document.getElementById("message");
let tag = null;
let timer = null;
let turn = 0;
let request = null;
let lastAnswer = performance.now();

function showMetrics(metrics) {
  for (const element of document.querySelectorAll("[data-metric]")) {
    const { metric, label, unit } = element.dataset;
    const value = label === undefined ? metrics[metric] : metrics[metric]?.[label];
    const text = quantity(value, unit);
    if (element instanceof HTMLMeterElement) element.value = value ?? 0;
    if (element.textContent !== text) element.textContent = text;
  }
}

function showChannel(name, channel) {
  const row = document.querySelector(`[data-channel="${CSS.escape(name)}"]`);
  if (!row) return;
  const word = channel.state === null ? "unknown" : channel.state ? "on" : "off";
  const form = row.querySelector("form");
  row.dataset.online = channel.online;
  row.dataset.busy = channel.busy;
  row.querySelector(".channel-state").textContent = word;
  row.querySelector(".channel-note").textContent = !channel.online
    ? "offline: " + (channel.reason || "no reason given")
    : channel.busy ? "switching" : row.dataset.mode;
  if (form) {
    form.elements.on.value = String(!channel.state);
    form.querySelector("button").setAttribute("aria-checked", String(channel.state === true));
  } else {
    row.querySelector(".input").dataset.state = word;
  }
}

function showLive(text, isLive) {
  live.dataset.live = isLive;
  if (live.textContent !== text) live.textContent = text;
}

function showMessage(text) {
  message.textContent = text;
  message.hidden = !text;
}

// Each call begins a new turn and ends the one before: an answer that was asked for before a switch was thrown must
// not show the state before it.
async function keepLive() {
  const mine = ++turn;
  clearTimeout(timer);
  request?.abort();
  if (document.hidden) return;
  request = new AbortController();
  const limit = setTimeout(() => request.abort(), PATIENCE);
  try {
    await poll(request.signal, () => mine === turn);
  } catch {
    if (mine !== turn) return;
    showLive(`No answer for ${Math.round((performance.now() - lastAnswer) / 1000)} s`, false);
  } finally {
    clearTimeout(limit);
  }
  if (mine === turn) timer = setTimeout(keepLive, PERIOD);
}

async function poll(signal, isCurrent) {
  const headers = tag ? { "If-None-Match": tag } : {};
  const answer = await fetch(live.dataset.statusUrl, { headers, signal });
  if (answer.status === 200) {
    const status = await answer.json();
    if (!isCurrent()) return;
    tag = answer.headers.get("ETag");
    showMetrics(status.metrics);
    for (const [name, channel] of Object.entries(status.channels)) showChannel(name, channel);
  } else if (answer.status === 401) {
    location.reload(); // the session has ended: the server answers with the page to sign in
  } else if (answer.status !== 304) {
    throw new Error(`status ${answer.status}`);
  }
  lastAnswer = performance.now();
  showLive("Live", true);
}

async function setChannel(form) {
  const row = form.closest("[data-channel]");
  const title = row.querySelector(".channel-title").textContent;
  try {
    const answer = await fetch(form.dataset.stateUrl, {
      method: "PUT",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ on: form.elements.on.value === "true" }),
    });
    const result = await answer.json();
    if (answer.ok) showChannel(row.dataset.channel, result);
    showMessage(answer.ok ? "" : `${title}: ${result.detail}`);
  } catch {
    showMessage(`${title}: the device does not answer.`);
  }
  keepLive();
}

if (live) {
  document.addEventListener("submit", (event) => {
    if (event.target.dataset.stateUrl) {
      event.preventDefault();
      setChannel(event.target);
    }
  });
  document.addEventListener("visibilitychange", keepLive);
  keepLive();
}

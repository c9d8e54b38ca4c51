// Keeps a page up to date while somebody looks: by the device's events, else by one request every two seconds. It
// switches without a new page. Everything here improves a page that works without it.

import { hearClock, measured, quantity, showMoments, text } from "./quantity.js";

const PERIOD = 2000;
const PATIENCE = 6000;
// A stream beats once in a second. After a silence of so long the page asks, since a connection can be dead without
// an error; without an answer until then, the device is gone.
const SILENCE = 1700;
const GONE = 2900;
// A stream that was refused or has ended is tried again after so long.
const PAUSE = 20000;
// Ages grow after so many beats.
const AGING = 5;
// A switch that takes longer shows that it is on its way.
const PROMPT = 100;
// Events of the same moment lead to one request for their texts.
const GATHER = 30;

const JSON_ONLY = { Accept: "application/json" };

const live = document.getElementById("live");
let tag = null;
let timer = null;
let turn = 0;
let request = null;
let stream = null;
let trustedUntil = 0; // no request for what the stream brings before that
let nextStream = 0; // no attempt at another one before that
let heard = 0; // events
let beats = 0;
let hasWarnings = false;
let isAsking = false;
const wanted = new Set(); // parts of which events came that have no texts
const figures = {}; // the stream brings those that have changed
let silence = null;
let focused = null;

// -- what an answer shows -------------------------------------------------------------------------------------------

const PARTS = { figures: showFigures, channels: showChannels, sensors: showSensors, cards: showCards, processes: showProcesses,
  services: showServices, software: showSoftware, log: showLog, history: showHistory };

function showFigures({ values, warnings, sampled_at: date }) {
  if (date) hearClock(date);
  if (warnings) showWarnings(warnings);
  for (const element of document.querySelectorAll("[data-metric]")) {
    const { metric, label, unit, words } = element.dataset;
    const value = label === undefined ? values[metric] : values[metric]?.[label];
    const shown = words === undefined ? quantity(value, unit) : text(words.split(" ")[value ?? 2] ?? "unknown");
    if (element instanceof HTMLMeterElement) element.value = value ?? 0;
    if (element.textContent !== shown) element.textContent = shown;
  }
  for (const element of document.querySelectorAll("[data-fault]")) {
    element.hidden = !values.power_fault?.[element.dataset.fault];
  }
  countWarnings();
}

function showWarnings(warnings) {
  for (const shown of document.querySelectorAll("#warnings p:not([data-fault])")) shown.remove();
  document.querySelector("#warnings .list")?.append(...warnings.map((warning) => make("p", warning)));
  countWarnings();
}

// The line that is always there: the first of all warnings, and how many there are.
function countWarnings() {
  const box = document.getElementById("warnings");
  if (!box) return;
  const shown = [...box.querySelectorAll("p:not([hidden])")];
  const count = shown.length;
  const first = count ? shown[0].textContent : text("no-warnings");
  const line = count > 1 ? text("warnings", { count }) + text("sign.colon") + first : first;
  const summary = box.querySelector("summary");
  box.dataset.count = count;
  summary.tabIndex = count ? 0 : -1;
  if (summary.textContent !== line) summary.firstChild.textContent = line;
}

// A text that changes while a person looks stays on its line, and the place of a longer one stays: nothing below moves.
function put(note, content) {
  if (note.textContent.trim() === content) return;
  note.parentElement.style.minBlockSize ||= `${note.parentElement.offsetHeight}px`;
  note.classList.add("kept");
  note.textContent = note.title = content;
}

function showChannels(channels) {
  for (const [name, channel] of Object.entries(channels)) showChannel(name, channel);
}

function showChannel(name, channel) {
  const row = document.querySelector(`[data-channel="${CSS.escape(name)}"]`);
  if (!row) return;
  const word = channel.state === null ? "unknown" : channel.state ? "on" : "off";
  const note = row.querySelector(".channel-note");
  // an event has no text of its own: the one of before stays until the page has asked for it
  const isTold = channel.reason === undefined && row.dataset.online === "false" && !channel.online;
  row.dataset.online = channel.online;
  row.dataset.busy = channel.busy;
  const level = channel.state && channel.value != null ? `${Math.round(channel.value * 100)} %` : text(word);
  row.querySelector(".channel-state").textContent = row.dataset[word] ?? level;
  if (!isTold) put(note, !channel.online
    ? text("offline", { reason: channel.reason || "\u2013" })
    : channel.busy ? text("busy") : note.dataset.resting);
  const form = row.querySelector("form[data-switch]");
  if (form) {
    form.elements.on.value = String(!channel.state);
    form.querySelector("button").setAttribute("aria-checked", String(channel.state === true));
  }
  const input = row.querySelector(".input");
  if (input) input.dataset.state = word;
  const slider = row.querySelector("form[data-slider]");
  if (slider && channel.value !== null) slider.elements.percent.defaultValue = Math.round(channel.value * 100);
  // whoever is just moving it must not have it torn away
  if (slider && channel.value !== null && document.activeElement !== slider.elements.percent) {
    slider.elements.percent.value = Math.round(channel.value * 100);
    showPercent(slider);
  }
  const count = row.querySelector("[data-on-count]");
  if (count) count.textContent = channel.on_count;
  const changed = row.querySelector("[data-changed]");
  if (changed) {
    changed.dateTime = channel.changed_at;
    showMoments(row);
  }
}

const sensorRow = (id) => document.querySelector(`[data-sensor="${CSS.escape(id)}"]`);

// The server has written values and notes, in the language of the page.
function showSensors(sensors) {
  for (const { id, value, level, note } of sensors) {
    const row = sensorRow(id);
    if (!row) continue;
    row.dataset.level = level;
    row.querySelector(".sensor-value").textContent = value;
    put(row.querySelector(".sensor-note"), note);
  }
}

function showSensor({ id, value, unit, level, online }) {
  const row = sensorRow(id);
  if (!row) return;
  const note = online && "limits" in row.dataset ? text(`sensor.${level}`) : "";
  if (online) return showSensors([{ id, value: measured(value, unit), level, note }]);
  row.dataset.level = "offline";
  row.querySelector(".sensor-value").textContent = measured(null);
  ask("sensors");
}

function showPercent(slider) {
  slider.querySelector("output").textContent = `${slider.elements.percent.value}\u00a0%`;
}

// Made on the server from the program's own template, as it is in the page.
function showCards(cards) {
  for (const [at, element] of document.querySelectorAll("[data-card] .content").entries()) {
    if (cards[at] === null) element.textContent = text("card-failed");
    else if (cards[at] !== undefined) element.innerHTML = cards[at];
  }
}

function make(name, content, attributes = {}) {
  const element = document.createElement(name);
  element.append(...[content].flat());
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

function showProcesses(processes) {
  const rows = processes.map((process) => make("tr", [
    make("th", [process.name, " ", make("small", String(process.pid))], { scope: "row" }),
    make("td", quantity(process.cpu_percent, "percent")),
    make("td", quantity(process.memory_bytes, "bytes")),
  ]));
  document.getElementById("process-rows")?.replaceChildren(...rows);
}

function showServices(services) {
  for (const service of services) {
    const badge = document.querySelector(`[data-service="${CSS.escape(service.id)}"] .badge`);
    if (!badge) continue;
    badge.dataset.active = service.active;
    badge.title = service.sub;
    badge.textContent = service.word;
  }
}

// Another version runs, or is offered: what the page says of it is the server's.
function showSoftware({ stamp, text: shown }) {
  const element = document.getElementById("update");
  if (element.dataset.stamp !== stamp) location.reload();
  else if (element.textContent !== shown) element.textContent = shown;
}

function showLog(entries) {
  const log = document.getElementById("log");
  if (!document.querySelector("#follow input").checked) return;
  const rows = entries.map((entry) => make("p", [
    make("time", entry.at, { datetime: entry.at }), " ", make("span", entry.message),
    ...(entry.truncated ? [" ", make("small", text("log-cut"))] : []),
  ], { "data-priority": entry.priority }));
  log.replaceChildren(...(rows.length ? rows : [make("p", text("log-empty"), { class: "empty" })]));
  showMoments(log);
  log.scrollTop = log.scrollHeight;
}

function showHistory(history) {
  document.dispatchEvent(new CustomEvent("history", { detail: history }));
}

function showLive(isLive) {
  const shown = text(isLive ? "live" : "gone");
  live.dataset.live = isLive;
  if (live.textContent !== shown) live.textContent = shown;
  if (("gone" in document.body.dataset) === isLive) holdSwitches(!isLive);
}

// Nothing can be switched while the device is gone. What had the focus gets it back.
function holdSwitches(isGone) {
  if (isGone) focused = document.activeElement;
  document.body.toggleAttribute("data-gone", isGone);
  for (const control of document.querySelectorAll("[data-channel] form :is(button, input:not([type=hidden]))")) {
    if (isGone ? control.disabled : !("held" in control.dataset)) continue;
    control.disabled = isGone;
    control.toggleAttribute("data-held", isGone);
  }
  if (!isGone) nextStream = 0;
  if (!isGone && document.activeElement === document.body) focused?.focus({ preventScroll: true });
}

// In the row that was touched, over its text: nothing moves, so a second tap meets the same channel.
function showRefusal(row, reason) {
  for (const shown of document.querySelectorAll(".refusal")) shown.remove();
  if (!reason) return;
  const title = row.querySelector(".channel-title").textContent.trim();
  row.querySelector(".channel-text").append(make("span", title + text("sign.colon") + reason, { class: "refusal", role: "alert" }));
}

// -- listening ------------------------------------------------------------------------------------------------------

// The stream begins with the present state. Where it cannot be opened, or ends, requests take its place.
function listen() {
  const { events } = document.body.dataset;
  const now = performance.now();
  if (!events || !globalThis.EventSource || now < trustedUntil || now < nextStream) return;
  stopListening();
  stream = new EventSource(events);
  trustedUntil = now + SILENCE;
  nextStream = now + PAUSE;
  const on = (name, show) => stream.addEventListener(name, (event) => {
    heard += 1;
    beat();
    show(JSON.parse(event.data));
  });
  on("channel", ({ id, reason, ...channel }) => {
    showChannel(id, channel);
    if (reason) ask("channels");
  });
  on("sensor", showSensor);
  on("cards", () => ask("cards"));
  on("changes", (changed) => showFigures({ values: Object.assign(figures, changed) }));
  on("warnings", ({ warnings }) => {
    hasWarnings = warnings.length > 0;
    if (hasWarnings) ask("figures");
    else showWarnings([]);
  });
  stream.addEventListener("beat", () => {
    beat();
    beats += 1;
    if (beats % AGING === 0) showMoments(document);
  });
  // The browser would connect again by itself, but not after a refusal.
  stream.onerror = () => {
    stopListening();
    keepLive();
  };
}

// While the stream brings something, the page asks for nothing that it brings.
function beat() {
  answered();
  trustedUntil = performance.now() + SILENCE;
}

function stopListening() {
  stream?.close();
  stream = null;
  trustedUntil = 0;
}

// What an answer to an event shows. Another event that came meanwhile may have ended what it is about.
const TEXTS = {
  figures: ({ warnings }) => hasWarnings && showWarnings(warnings),
  channels: (channels) => {
    for (const [name, channel] of Object.entries(channels)) {
      const row = document.querySelector(`[data-channel="${CSS.escape(name)}"]`);
      if (row?.dataset.online === "false" && !channel.online) showChannel(name, channel);
    }
  },
  sensors: (sensors) => showSensors(sensors.filter(({ id, level }) => level === "offline" && sensorRow(id)?.dataset.level === level)),
  cards: showCards,
};

// Events are in English, and those of cards are empty: the page asks for its own texts, and again where an event of
// the same part came meanwhile.
async function ask(part) {
  wanted.add(part);
  if (isAsking) return;
  isAsking = true;
  try {
    while (wanted.size) {
      await new Promise((gathered) => setTimeout(gathered, GATHER));
      const names = [...wanted];
      wanted.clear();
      const address = `${document.body.dataset.live.split("?")[0]}?show=${names}`;
      const answer = await fetch(address, { headers: JSON_ONLY, signal: AbortSignal.timeout(PATIENCE) });
      const parts = await answer.json();
      for (const name of names) if (!wanted.has(name)) TEXTS[name](parts[name]);
    }
  } catch {
    wanted.clear();
    stream?.onerror();
  } finally {
    isAsking = false;
  }
}

// -- asking ---------------------------------------------------------------------------------------------------------

// Each call begins a new turn and ends the one before: an answer that was asked for before a switch was thrown must
// not show the state before it. While the stream is alive, only what it does not bring is asked for.
async function keepLive() {
  const mine = ++turn;
  clearTimeout(timer);
  request?.abort();
  if (document.hidden) {
    clearTimeout(silence);
    silence = null;
    return stopListening();
  }
  silence ??= setTimeout(showGone, GONE);
  listen();
  const { live: all, polled } = document.body.dataset;
  const isTrusted = performance.now() < trustedUntil;
  const address = isTrusted ? polled : all;
  const before = heard;
  request = new AbortController();
  const limit = setTimeout(() => request.abort(), PATIENCE);
  try {
    // an event that came meanwhile may be newer than the answer
    if (address) await poll(address, request.signal, () => mine === turn && (isTrusted || heard === before));
  } catch {
    if (mine !== turn) return;
    showGone();
  } finally {
    clearTimeout(limit);
  }
  if (mine !== turn) return;
  timer = setTimeout(keepLive, isTrusted && !polled ? Math.max(trustedUntil - performance.now(), PROMPT) : PERIOD);
}

function begin() {
  nextStream = 0;
  keepLive();
}

async function poll(address, signal, isCurrent) {
  const headers = tag ? { "If-None-Match": tag } : {};
  const answer = await fetch(address, { headers: { ...JSON_ONLY, ...headers }, signal });
  if (answer.status === 200) {
    const parts = await answer.json();
    if (!isCurrent()) return;
    tag = answer.headers.get("ETag");
    for (const [name, content] of Object.entries(parts)) PARTS[name]?.(content);
  } else if (answer.status === 401) {
    location.reload(); // the session has ended: the server answers with the page to sign in
  } else if (answer.status !== 304) {
    throw new Error(`status ${answer.status}`);
  }
  answered();
}

function answered() {
  clearTimeout(silence);
  silence = setTimeout(showGone, GONE);
  showLive(true);
}

function showGone() {
  showLive(false);
}

// What the person answers. The page has the dialog where a channel asks.
function isSure(question) {
  const dialog = document.getElementById("ask");
  dialog.querySelector("p").textContent = question;
  dialog.returnValue = "";
  dialog.showModal();
  // Not by the attribute: at an address with a fragment the browser complains of it, also while the dialog is closed.
  dialog.querySelector("[value=no]").focus();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

async function sendChannel(form) {
  const row = form.closest("[data-channel]");
  const body = new URLSearchParams(new FormData(form));
  if (row.dataset.ask) {
    if (!(await isSure(row.dataset.ask))) {
      form.reset(); // a slider goes back
      if (form.dataset.slider !== undefined) showPercent(form);
      return;
    }
    body.set("sure", "true");
  }
  const before = heard;
  const button = form.querySelector("button");
  const late = setTimeout(() => {
    row.dataset.pending = "";
    button?.setAttribute("aria-busy", "true");
  }, PROMPT);
  try {
    const limit = AbortSignal.timeout(PATIENCE);
    const answer = await fetch(form.action, { method: "POST", headers: JSON_ONLY, body, signal: limit });
    const result = await answer.json();
    if (answer.ok && heard === before) showChannel(row.dataset.channel, result);
    showRefusal(row, answer.ok ? "" : result.detail);
  } catch {
    showRefusal(row, text("no-answer"));
  } finally {
    clearTimeout(late);
    delete row.dataset.pending;
    button?.removeAttribute("aria-busy");
  }
  keepLive();
}

// -- the page -------------------------------------------------------------------------------------------------------

hearClock(document.body.dataset.now);
showMoments(document);

// Another width breaks all lines anew.
addEventListener("resize", () => {
  for (const note of document.querySelectorAll(".kept")) {
    note.classList.remove("kept");
    note.parentElement.style.minBlockSize = "";
  }
});

document.addEventListener("submit", (event) => {
  const { dataset } = event.target;
  if (dataset.switch !== undefined || dataset.slider !== undefined || dataset.pulse !== undefined) {
    event.preventDefault();
    sendChannel(event.target);
  }
});

for (const slider of document.querySelectorAll("form[data-slider]")) {
  slider.querySelector("button")?.remove();
  slider.addEventListener("input", () => showPercent(slider));
  slider.addEventListener("change", () => slider.requestSubmit());
}

const log = document.getElementById("log");
if (log) {
  log.scrollTop = log.scrollHeight;
  document.getElementById("follow").hidden = !live;
}

if (live) {
  document.addEventListener("visibilitychange", begin);
  addEventListener("online", begin);
  // history.js asks for what it has not seen yet by another address
  document.addEventListener("ask", (event) => {
    document.body.dataset.live = event.detail;
  });
  begin();
}

// Of a form whose fields depend on a choice, only those that belong to it are seen.
for (const form of document.querySelectorAll("form[data-kinds]")) {
  const choose = () => {
    for (const part of form.querySelectorAll("[data-when]")) {
      part.hidden = !part.dataset.is.split(" ").includes(form.elements[part.dataset.when].value);
    }
  };
  form.addEventListener("change", choose);
  choose();
}

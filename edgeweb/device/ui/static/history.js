// Charts of the history, drawn by uPlot. The first answer brings the whole span, later ones what has come since.

import { measured, moment, quantity, unpadded } from "./quantity.js";

const COLOURS = ["--series-1", "--series-2", "--series-3", "--series-4", "--series-5", "--series-6"];
const DASHES = [[], [6, 4], [2, 3]];
const HEIGHT = 220;

// Steps of an axis of bytes, for round figures.
const BINARY = Array.from({ length: 50 }, (_, power) => 2 ** power);

const base = document.body.dataset.live;
const charts = [...document.querySelectorAll(".chart")].map((element) => ({
  element, plot: null, keys: [], data: [],
  shown: (value) => ("sensor" in element.dataset ? measured : quantity)(value, element.dataset.unit),
}));
const dark = matchMedia("(prefers-color-scheme: dark)");
let last = null;
let count = 0;
let step = 0;

const shownAt = (seconds, form, isUtc) => moment(new Date(seconds * 1000), form, isUtc);
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const keyOf = (series) => `${series.name}\u0000${series.label ?? ""}`;

function rowOf(chart, name, label) {
  return [...chart.element.parentElement.querySelectorAll("[data-series]")]
    .find((row) => row.dataset.series === name && row.dataset.label === (label ?? ""));
}

function add(history) {
  const { first, interval, origin, series } = history;
  const length = series[0]?.values.length ?? 0;
  if (!length) return;
  count = history.count;
  step = interval;
  const moments = Array.from({ length }, (_, at) => origin + (first + at) * interval);
  let isNew = false;
  for (const chart of charts) {
    const names = chart.element.dataset.names.split(" ");
    const mine = series.filter((one) => names.includes(one.name) && rowOf(chart, one.name, one.label));
    const known = new Map(chart.keys.map((key, at) => [key, chart.data[at + 1]]));
    // the step that ran at the last answer comes once more
    const before = last === null ? [] : chart.data[0].filter((moment) => moment < moments[0]);
    chart.keys = mine.map(keyOf);
    chart.data = [[...before, ...moments], ...mine.map((one) => [
      ...(known.get(keyOf(one)) ?? before.map(() => null)).slice(0, before.length), ...one.values,
    ])].map((values) => values.slice(-count));
    if (!chart.plot || chart.plot.series.length !== chart.data.length) isNew = true;
    chart.series = mine;
    summarize(chart);
  }
  last = first + length - 1;
  for (const chart of charts) {
    if (isNew) draw(chart);
    else if (!isZoomed(chart)) chart.plot.setData(chart.data);
    else chart.plot.setData(chart.data, false), chart.plot.redraw();
  }
  document.getElementById("zoom").hidden = false;
  document.dispatchEvent(new CustomEvent("ask", { detail: `${base}&since=${last}` }));
}

function summarize(chart) {
  for (const [at, series] of chart.series.entries()) {
    const values = chart.data[at + 1].filter((value) => value !== null);
    const row = rowOf(chart, series.name, series.label);
    const shown = !values.length ? [null, null, null, null] : [
      values.at(-1), Math.min(...values), values.reduce((sum, value) => sum + value, 0) / values.length, Math.max(...values),
    ];
    for (const [cell, value] of shown.entries()) {
      row.querySelectorAll("td")[cell].textContent = chart.shown(value);
    }
    row.querySelector(".swatch").style.background = stroke(at);
  }
}

const stroke = (at) => colour(COLOURS[at % COLOURS.length]);

function draw(chart) {
  chart.plot?.destroy();
  if (!chart.keys.length) return;
  const { unit } = chart.element.dataset;
  const axis = { stroke: colour("--quiet"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false } };
  chart.plot = new uPlot({
    width: chart.element.clientWidth,
    height: HEIGHT,
    cursor: { sync: { key: "history" }, y: false, points: { size: 7 } },
    legend: { show: false },
    scales: { y: { range: (_, least, greatest) => rangeOf(chart, least ?? 0, greatest ?? 0) } },
    axes: [
      { ...axis, size: 30, space: 80, values: (_, splits, axisIndex, space, step) =>
        splits.map((split) => shownAt(split, step < 60 ? "second" : step < 86400 ? "minute" : "day")) },
      { ...axis, size: 82, space: 40, ...(unit.startsWith("bytes") ? { incrs: BINARY } : {}), values: (_, values) => values.map((value) => unpadded(chart.shown(value))) },
    ],
    series: [{}, ...chart.series.map((_, at) => ({
      stroke: stroke(at), width: 1.75, dash: DASHES[Math.floor(at / COLOURS.length) % DASHES.length], points: { show: false },
      gaps: (plot, at, from, to, gaps) => gaps.filter(([begin, end]) => end - begin > bridge(plot)),
    }))],
    // minimum and maximum of what is kept, with the space between them filled
    bands: chart.series.length === 3 && chart.series[0].label === "mean" ? [{ series: [3, 2], fill: `${stroke(0)}22` }] : [],
    plugins: [{ hooks: { drawClear: (plot) => drawLimits(chart, plot), setCursor: (plot) => showAt(chart, plot), setSelect: (plot) => zoomTo(plot) } }],
  }, chart.data, chart.element);
}

// The lowest and highest value of the axis: fixed for what the machine measures, around the values of a sensor.
function rangeOf({ element }, least, greatest) {
  const { unit, most } = element.dataset;
  if (!("sensor" in element.dataset)) {
    return [
      unit === "celsius" ? Math.floor(least / 5) * 5 - 5 : 0,
      most ? Number(most) : Math.max(greatest * 1.1, unit === "celsius" ? 50 : 1),
    ];
  }
  const limits = limitsOf(element);
  const [low, high] = [Math.min(least, ...limits), Math.max(greatest, ...limits)];
  const room = (high - low) * 0.1 || Math.abs(high) * 0.1 || 1;
  return [low - room, high + room];
}

const limitsOf = ({ dataset }) => ["low", "high"].filter((key) => key in dataset).map((key) => Number(dataset[key]));

// A sensor's limits, as lines across the chart.
function drawLimits({ element }, { ctx, bbox, valToPos }) {
  ctx.save();
  ctx.strokeStyle = colour("--bad");
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([2 * devicePixelRatio, 4 * devicePixelRatio]);
  for (const limit of limitsOf(element)) {
    const y = Math.round(valToPos(limit, "y", true));
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
  }
  ctx.restore();
}

// Readings come a little late now and then and may miss their interval: that is no gap yet. In pixels.
const bridge = (plot) => (plot.valToPos(step * 3.5, "x", true) - plot.valToPos(0, "x", true));

// The figures under the pointer, in the place of the last ones.
function showAt(chart, plot) {
  const at = plot.cursor.idx;
  for (const [index, series] of chart.series.entries()) {
    const cell = rowOf(chart, series.name, series.label)?.querySelector("td");
    if (!cell) continue;
    const values = chart.data[index + 1];
    const value = at === null || at === undefined ? values.findLast((one) => one !== null) : values[at];
    cell.textContent = chart.shown(value);
  }
  chart.element.title = at === null || at === undefined ? "" : shownAt(chart.data[0][at], step < 3600 ? "second" : step < 86400 ? "weekday minute" : "weekday", step >= 86400);
}

function isZoomed({ plot, data }) {
  const { min, max } = plot.scales.x;
  return min > data[0][0] + 1 || max < plot.data[0].at(-1) - 1;
}

function setRange(min, max) {
  for (const { plot } of charts) plot?.setScale("x", { min, max });
}

function zoomTo(plot) {
  const { left, width } = plot.select;
  if (width > 3) setRange(plot.posToVal(left, "x"), plot.posToVal(left + width, "x"));
}

document.getElementById("zoom").addEventListener("click", (event) => {
  const plot = charts.find((chart) => chart.plot)?.plot;
  const how = event.target.dataset.zoom;
  if (!plot || !how) return;
  const whole = [plot.data[0][0], plot.data[0].at(-1)];
  const { min, max } = plot.scales.x;
  const middle = (min + max) / 2;
  const half = ((max - min) / 2) * (how === "in" ? 0.5 : 2);
  if (how === "reset") setRange(...whole);
  else setRange(Math.max(middle - half, whole[0]), Math.min(middle + half, whole[1]));
});

document.addEventListener("history", (event) => {
  if (!charts.length) {
    // the page came before the first reading
    if (event.detail.series.some((one) => one.values.some((value) => value !== null))) location.reload();
    return;
  }
  add(event.detail);
});
dark.addEventListener("change", () => charts.forEach((chart) => chart.plot && (summarize(chart), draw(chart))));
addEventListener("resize", () => charts.forEach(({ plot, element }) => plot?.setSize({ width: element.clientWidth, height: HEIGHT })));

// Figures, moments and texts as people read them. `quantity` gives the same text as quantity.py, by the same
// arithmetic.

const NBSP = "\u00a0";
const BINARY = ["", "Ki", "Mi", "Gi", "Ti", "Pi"];
const SPANS = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];

export const language = document.documentElement.lang;
const texts = JSON.parse(document.body.dataset.texts || "{}");

// A text of the page's catalogue, with values put into it.
export function text(key, values = {}) {
  return Object.entries(values).reduce((found, [name, value]) => found.replace(`{${name}}`, value), texts[key] ?? key);
}

// `signs` is a catalogue with the signs of its language: the decimal point, the letters of units.
export function quantity(value, unit, signs = texts) {
  if (value === null || value === undefined) return "\u2013";
  if (unit === "bytes" || unit === "bytes/s") return bytes(value, signs) + unit.slice("bytes".length);
  if (unit === "seconds") return span(Math.trunc(value), signs);
  if (unit === "boolean") return String(Math.trunc(value));
  if (unit === "percent") return rounded(value, 1, signs) + NBSP + "%";
  if (unit === "celsius") return rounded(value, 1, signs) + NBSP + "\u00b0C";
  return rounded(value, 2, signs);
}

// A value of a sensor from this on has so many digits behind the point.
const DIGITS = [[1000, 0], [100, 1], [10, 2], [1, 3], [0.1, 4], [0, 5]];

// A value of a sensor, in a unit that the profile has chosen; the same text as `measured` in format.py.
export function measured(value, unit, signs = texts) {
  if (value === null || value === undefined) return "\u2013";
  const digits = DIGITS.find(([least]) => Math.abs(value) >= least)[1];
  const scale = 10 ** digits;
  const text = (Math.floor(value * scale + 0.5) / scale).toFixed(digits);
  const short = digits ? text.replace(/0+$/, "").replace(/\.$/, "") : text;
  const shown = (short === "-0" ? "0" : short).replace(".", signs["sign.point"]);
  return unit ? shown + NBSP + unit : shown;
}

function bytes(value, signs) {
  let power = 0;
  while (value >= 1024 && power < BINARY.length - 1) {
    value /= 1024;
    power += 1;
  }
  return rounded(value, power ? 1 : 0, signs) + NBSP + BINARY[power] + signs["sign.B"];
}

function span(seconds, signs) {
  const found = SPANS.findIndex(([size]) => seconds >= size);
  const at = found < 0 ? SPANS.length - 1 : found;
  const parts = [];
  for (const [size, name] of SPANS.slice(at, at + 2)) {
    const count = Math.trunc(seconds / size);
    seconds %= size;
    if (count || !parts.length) parts.push(count + NBSP + signs[`sign.${name}`]);
  }
  return parts.join(" ");
}

function rounded(value, digits, signs) {
  const scale = 10 ** digits;
  return (Math.floor(value * scale + 0.5) / scale).toFixed(digits).replace(".", signs["sign.point"]);
}

const DAY = { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit" };
const thisYear = new Intl.DateTimeFormat(language, DAY);
const otherYear = new Intl.DateTimeFormat(language, { ...DAY, year: "numeric" });

// The server says moments in UTC; people read them in the time of the place where they are.
export function showMoments(root) {
  for (const element of root.querySelectorAll("time[datetime]")) {
    const date = new Date(element.dateTime);
    const shown = (date.getFullYear() === new Date().getFullYear() ? thisYear : otherYear).format(date);
    if (element.textContent !== shown) element.textContent = shown;
  }
}

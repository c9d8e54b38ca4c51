// Figures, moments and texts as people read them. `quantity` gives the same text as quantity.py, by the same
// arithmetic.

const NBSP = "\u00a0";
const BINARY = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
const SPANS = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];

export const language = document.documentElement.lang;
const texts = JSON.parse(document.body.dataset.texts || "{}");

// A text of the page's catalogue, with values put into it.
export function text(key, values = {}) {
  return Object.entries(values).reduce((found, [name, value]) => found.replace(`{${name}}`, value), texts[key] ?? key);
}

export function quantity(value, unit, tongue = language) {
  const english = inEnglish(value, unit);
  if (tongue !== "fr") return english;
  const [from, to] = unit.startsWith("bytes") ? ["B", "o"] : unit === "seconds" ? ["d", "j"] : ["", ""];
  return english.replaceAll(from, to).replaceAll(".", ",");
}

function inEnglish(value, unit) {
  if (value === null || value === undefined) return "\u2013";
  if (unit === "bytes" || unit === "bytes/s") return bytes(value) + unit.slice("bytes".length);
  if (unit === "seconds") return span(Math.trunc(value));
  if (unit === "percent") return rounded(value, 1) + NBSP + "%";
  if (unit === "boolean") return String(Math.trunc(value));
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
      return Math.trunc(seconds / size) + NBSP + name + (rest ? " " + rest + NBSP + smallerName : "");
    }
  }
  return seconds + NBSP + "s";
}

function rounded(value, digits) {
  const scale = 10 ** digits;
  return (Math.floor(value * scale + 0.5) / scale).toFixed(digits);
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

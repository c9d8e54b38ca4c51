// Figures, moments and texts as people read them, in the forms of the page's language. `quantity`, `unpadded`,
// `measured`, `age` and `moment` give the same texts as format.py, by the same arithmetic.

const NBSP = "\u00a0";
const BINARY = ["", "Ki", "Mi", "Gi", "Ti", "Pi"];
const SPANS = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];

export const language = document.documentElement.lang;
const texts = JSON.parse(document.body.dataset.texts || "{}");

const rule = new Intl.PluralRules(language);

// A text of the page's catalogue, with values put into it. A number that the text depends on is `count`.
export function text(key, values = {}) {
  const form = values.count === undefined ? key : `${key}.${rule.select(values.count)}`;
  return filled(texts[form] ?? texts[`${key}.other`] ?? key, values);
}

const filled = (pattern, values) =>
  Object.entries(values).reduce((found, [name, value]) => found.replace(`{${name}}`, value), pattern);

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

// A figure that stands still, such as one at an axis, without zeros at the end of its fraction.
export function unpadded(text, signs = texts) {
  const [number, unit] = text.split(NBSP);
  if (!number.includes(signs["sign.point"])) return text;
  const short = number.replace(/[.,]?0+$/, "");
  return unit === undefined ? short : short + NBSP + unit;
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

// How long a state has lasted, in its largest unit alone: the text changes rarely.
export function age(seconds, signs = texts) {
  const found = SPANS.slice(0, -1).find(([size]) => seconds >= size);
  if (!found) return signs["age-now"];
  return filled(signs.age, { time: Math.floor(seconds / found[0]) + NBSP + signs[`sign.${found[1]}`] });
}

// The device's clock, which may be years away from the browser's: its date at one moment of the page.
let heardDate = NaN;
let heardAt = 0;

export function hearClock(iso) {
  heardDate = Date.parse(iso);
  heardAt = performance.now();
}

function rounded(value, digits, signs) {
  const scale = 10 ** digits;
  return (Math.floor(value * scale + 0.5) / scale).toFixed(digits).replace(".", signs["sign.point"]);
}

const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

// The parts of a date that a catalogue puts in order. With `isUtc` they are those of UTC, else of the browser's place.
function parts(date, isUtc, signs) {
  const here = isUtc ? date : new Date(date - date.getTimezoneOffset() * 60000);
  const [year, month, day, hour, minute, second] = here.toISOString().match(/\d+/g);
  return {
    year, month: signs["date.months"].split(" ")[month - 1], day: Number(day), weekday: signs[`day.${DAYS[here.getUTCDay()]}`],
    hour, hour12: (Number(hour) + 11) % 12 + 1, half: signs["date.halves"].split(" ")[Math.trunc(hour / 12)], minute, second,
  };
}

// A moment in a form of the catalogue: minute, second, day, year, weekday; or a date and a time of these: "day second".
export function moment(date, form, isUtc = false, signs = texts) {
  const values = parts(date, isUtc, signs);
  const [day, time] = form.split(" ").map((name) => filled(signs[`date.${name}`], values));
  return time === undefined ? day : filled(signs["date.moment"], { date: day, time });
}

// The server says moments in UTC; people read them in the time of the place where they are.
export function showMoments(root) {
  const year = new Date().getFullYear();
  for (const element of root.querySelectorAll("time[datetime]")) {
    const date = new Date(element.dateTime);
    if (element.dataset.near !== undefined) {
      const isToday = date.toDateString() === new Date().toDateString();
      element.textContent = moment(date, isToday ? "minute" : "weekday minute");
      continue;
    }
    let shown = moment(date, date.getFullYear() === year ? "day second" : "year second");
    if (element.dataset.age !== undefined) {
      element.title = shown;
      // until the device's clock is known, the text that the server has written stays
      const seconds = (heardDate + performance.now() - heardAt - date) / 1000;
      shown = Number.isNaN(seconds) ? element.textContent : age(seconds);
    }
    if (element.textContent !== shown) element.textContent = shown;
  }
}

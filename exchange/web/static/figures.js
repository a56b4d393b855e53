// Numbers, units and days as Danish and British readers write them. Exact: digits are moved, never rounded.

const NO_BREAK = "\u00a0";
const MINUS = "\u2212";
const ZONE = "Europe/Copenhagen";

// UN/CEFACT Recommendation 20 code: as printed, one word for both languages or one for each.
export const UNITS = {
  "MGM": "mg", "GRM": "g", "KGM": "kg", "TNE": "t",
  "MLT": "ml", "LTR": "l", "HLT": "hl", "MTQ": "m³",
  "JOU": "J", "KJO": "kJ", "3B": "MJ", "GV": "GJ", "D30": "TJ", "KWH": "kWh", "MWH": "MWh", "GWH": "GWh",
  "MMT": "mm", "CMT": "cm", "MTR": "m", "KMT": "km", "MTK": "m²", "KMK": "km²", "HAR": "ha",
  "SEC": "s", "MIN": "min", "TKM": "tkm",
  "H87": { "da": "stk.", "en": "pcs" },
  "C62": { "da": "enhed", "en": "unit" },
  "PR": { "da": "par", "en": "pairs" },
  "SET": { "da": "sæt", "en": "sets" },
  "HUR": { "da": "timer", "en": "hours" },
  "DAY": { "da": "døgn", "en": "days" }
};

/** The number of a decimal text with its thousands grouped: `1.234,56` in Danish, `1,234.56` in English. */
export function number(text, language) {
  const [group, point] = language === "da" ? [".", ","] : [",", "."];
  const negative = text.startsWith("-");
  const [whole, fraction] = text.replace("-", "").split(".");
  const grouped = whole.replace(/\B(?=([0-9]{3})+$)/g, group);
  return (negative ? MINUS : "") + grouped + (fraction === undefined ? "" : point + fraction);
}

/** A quantity with its unit, every digit kept; a unit without a printed form stays its code. */
export function quantity({ amount, unit }, language) {
  const printed = Object.hasOwn(UNITS, unit) ? UNITS[unit] : unit;
  return number(amount, language) + NO_BREAK + (typeof printed === "string" ? printed : printed[language]);
}

/** A half-open period [start, end) by its first and its last day. */
export function period({ start, end }, language) {
  const last = new Date(`${end}T00:00:00Z`);
  last.setUTCDate(last.getUTCDate() - 1);
  return `${day(new Date(`${start}T00:00:00Z`), language)} – ${day(last, language)}`;
}

/** An instant on Copenhagen wall clocks, as every page writes it. */
export function moment(text, language) {
  const locale = language === "da" ? "da-DK" : "en-GB";
  const style = { dateStyle: "long", timeStyle: "short", timeZone: ZONE };
  return new Intl.DateTimeFormat(locale, style).format(new Date(text));
}

function day(date, language) {
  const locale = language === "da" ? "da-DK" : "en-GB";
  return new Intl.DateTimeFormat(locale, { dateStyle: "long", timeZone: "UTC" }).format(date);
}

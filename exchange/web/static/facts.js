// What a person reads before signing: built from the bytes that were checked, in words that stand in this script, so
// that the page around it has no part in them. Text goes in as text, never as markup.

import { moment, period, quantity } from "./figures.js";
import { INDICATORS } from "./signing_input.js";

// The totals first, unless none is stated: on a narrow screen the rest lies beyond the edge.
const COLUMNS = ["total", "own", "upstream"];

export const WORDS = {
  da: {
    product: "Produkt", number: "Varenummer", organisation: "Organisation", period: "Periode", per: "Tallene er pr.",
    from: "Gælder fra", until: "Gælder til", issuer: "Udsteder", key: "Underskriftsnøgle", groups: "Datagrupper",
    indicator: "Indikator", own: "Egen", upstream: "Opstrøms", total: "I alt", none: "ikke oplyst",
    resources: "Ressourceforbrug", water: "Vandforbrug", co2e: "CO2-udledning", energy: "Energiforbrug",
    waste: "Affaldsgenerering", figures: "De fem indikatorer", whole: "Alt, hvad der bliver underskrevet",
    standard: "Standardens udgave", headline: "Hovedtal", datapoint: "Datapunkt", value: "Værdi",
  },
  en: {
    product: "Product", number: "Product number", organisation: "Organisation", period: "Period",
    per: "The figures are per", from: "Valid from", until: "Valid until", issuer: "Issuer", key: "Signing key",
    groups: "Groups of data", indicator: "Indicator", own: "Own", upstream: "Upstream", total: "Total",
    none: "not stated", resources: "Resource use", water: "Water use", co2e: "CO2 emissions", energy: "Energy use",
    waste: "Waste generation", figures: "The five indicators", whole: "Everything that will be signed",
    standard: "Edition of the standard", headline: "Main figures", datapoint: "Datapoint", value: "Value",
  },
};

// The groups of data a dataset may have; one this script does not know is shown by its own name.
export const GROUPS = {
  da: {
    identity: "Produkt, periode og enhed", indicators: "De fem indikatorer",
    breakdown: "Opdeling efter kilde, med regninger og produktion", quality: "Tallenes kvalitet",
    composition: "Materialer", substances: "Problematiske stoffer", circularity: "Cirkularitet",
    packaging: "Emballage", site: "Produktionssteder", process: "Stykliste og input", byproducts: "Biprodukter",
    taxonomy: "Erklæring om EU-taksonomien", evidence: "Bilag og certifikater",
    commercial: "Mængder, pris og værditilvækst",
  },
  en: {
    identity: "Product, period and unit", indicators: "The five indicators",
    breakdown: "Breakdown by source, with bills and production", quality: "Quality of the figures",
    composition: "Materials", substances: "Substances of concern", circularity: "Circularity", packaging: "Packaging",
    site: "Production sites", process: "Bill of materials and inputs", byproducts: "By-products",
    taxonomy: "EU Taxonomy statement", evidence: "Evidence and certificates",
    commercial: "Volumes, price and value added",
  },
};

// Groups that hold something else in a company's dataset than in a product's.
const COMPANY_GROUPS = {
  da: {
    identity: "Virksomhed og periode", indicators: "Hovedtal", breakdown: "Opdeling og mål", process: "Bemærkninger",
    site: "Steder", commercial: "Omsætning, ansatte og værditilvækst",
  },
  en: {
    identity: "Company and period", indicators: "Main figures", breakdown: "Breakdown and targets",
    process: "Remarks", site: "Sites", commercial: "Turnover, employees and value added",
  },
};

// The main datapoints of a company's dataset; one this script does not know is shown by its name in the standard.
export const DATAPOINTS = {
  da: {
    TotalMassOfMaterialUsed: "Anvendte materialer, masse",
    TotalAmountOfWaterWithdrawnFromAllSites: "Vandindvinding på alle produktionssteder",
    GrossScope1GreenhouseGasEmissions: "Scope 1",
    GrossLocationBasedScope2GreenhouseGasEmissions: "Scope 2, lokationsbaseret",
    TotalGrossLocationBasedScope1AndScope2GHGEmissions: "Scope 1 og 2, lokationsbaseret",
    TotalEnergyConsumption: "Energiforbrug i alt",
    TotalWasteGeneratedMass: "Affaldsgenerering",
  },
  en: {
    TotalMassOfMaterialUsed: "Materials used, by mass",
    TotalAmountOfWaterWithdrawnFromAllSites: "Water withdrawn at all sites",
    GrossScope1GreenhouseGasEmissions: "Scope 1",
    GrossLocationBasedScope2GreenhouseGasEmissions: "Scope 2, location-based",
    TotalGrossLocationBasedScope1AndScope2GHGEmissions: "Scope 1 and 2, location-based",
    TotalEnergyConsumption: "Energy used in all",
    TotalWasteGeneratedMass: "Waste generated",
  },
};

/** Put what was read (see readSigningInput) into an element, in place of what is there. */
export function showFacts(place, { payload, header, subject }, language) {
  const words = WORDS[language];
  const indicators = subject.indicators ?? {};
  const isProduct = subject.identity.kind === "product";
  place.replaceChildren(
    facts(words, payload, header, subject, language),
    isProduct ? indicatorTable(words, indicators, language) : datapointTable(words, indicators, language),
    everything(words, payload, subject),
  );
}

function facts(words, payload, header, subject, language) {
  const { identity } = subject;
  const said = [
    ...(identity.kind === "product" ? [
      [words.product, identity.product.name],
      [words.number, identity.product.supplier_product_id ?? words.none],
    ] : []),
    [words.organisation, identity.organisation.name],
    [words.period, period(identity.period, language)],
    identity.kind === "product"
      ? [words.per, quantity(identity.declared_unit, language)]
      : [words.standard, identity.standard_edition],
    [words.from, moment(payload.validFrom, language)],
    ...("validUntil" in payload ? [[words.until, moment(payload.validUntil, language)]] : []),
    [words.groups, groupsOf(subject, language).join("; ")],
    [words.issuer, payload.issuer.id],
    [words.key, header.kid],
  ];
  return element("dl", { class: "vcx-facts" }, said.map(([name, value]) =>
    element("div", {}, [element("dt", {}, [name]), element("dd", {}, [value])])));
}

function groupsOf(subject, language) {
  const own = subject.identity.kind === "product" ? {} : COMPANY_GROUPS[language];
  const names = { ...GROUPS[language], ...own };
  return Object.keys(subject).filter((name) => name !== "id").map((name) => nameIn(names, name));
}

/** What a table calls something; its own name where the table does not know it. */
function nameIn(table, name) {
  return Object.hasOwn(table, name) ? table[name] : name;
}

/** The main figures of a company's dataset, those it states and no others. */
function datapointTable(words, indicators, language) {
  const stated = Object.entries(indicators);
  const rows = stated.map(([name, given]) => [
    element("th", { scope: "row" }, [nameIn(DATAPOINTS[language], name)]),
    element("td", {}, [quantity(given, language)]),
  ]);
  if (stated.length === 0) {
    return element("p", {}, [`${words.headline}: ${words.none}`]);
  }
  return table(words.headline, [words.datapoint, words.value], rows);
}

function indicatorTable(words, indicators, language) {
  const isStated = (slice) => Object.values(indicators).some((one) => slice in one);
  const columns = [...COLUMNS.filter(isStated), ...COLUMNS.filter((slice) => !isStated(slice))];
  const head = [words.indicator, ...columns.map((name) => words[name])];
  const rows = INDICATORS.map((name) => [
    element("th", { scope: "row" }, [words[name]]),
    ...columns.map((slice) => element("td", {}, [amount(indicators[name]?.[slice], name, words, language)])),
  ]);
  return table(words.figures, head, rows);
}

function table(title, head, rows) {
  const caption = element("caption", { id: "signing-figures" }, [title]);
  const titles = element("tr", {}, head.map((title) => element("th", { scope: "col" }, [title])));
  const body = element("tbody", {}, rows.map((cells) => element("tr", {}, cells)));
  const whole = element("table", { class: "table vcx-table" }, [caption, element("thead", {}, [titles]), body]);
  const box = { tabindex: "0", role: "region", "aria-labelledby": "signing-figures" };
  return element("div", { class: "table--responsive-scroll", ...box }, [whole]);
}

function amount(given, indicator, words, language) {
  if (given === undefined) {
    return words.none;
  }
  return quantity(given, language) + (indicator === "co2e" ? "\u00a0CO₂e" : "");
}

function everything(words, payload, subject) {
  const text = JSON.stringify({ ...payload, credentialSubject: subject }, null, 2);
  return element("details", { class: "details vcx-more" }, [
    element("summary", { class: "details-summary" }, [words.whole]),
    element("div", { class: "details-text" }, [
      element("pre", { class: "vcx-code vcx-bytes", tabindex: "0" }, [text]),
    ]),
  ]);
}

function element(name, attributes, children) {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) {
    made.setAttribute(attribute, value);
  }
  made.append(...children);
  return made;
}

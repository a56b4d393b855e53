"""The exchange's codes in words. Every code a page can meet has its sentence here, or a test fails."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from exchange.web.member_words import MEMBERS
from exchange.web.reader import Reader
from exchange.web.reader import mark as _

INDICATORS: dict[str, str] = {
    "resources": _("Resource use"),
    "water": _("Water use"),
    "co2e": _("CO2 emissions"),
    "energy": _("Energy use"),
    "waste": _("Waste generation"),
}

QUALITIES: dict[str, str] = {
    "measured": _("measured"),
    "allocated": _("allocated"),
    "secondary": _("secondary"),
    "unknown": _("unknown"),
}

QUALITY_MEANINGS: dict[str, str] = {
    "measured": _("Metered or counted for this very product or delivery."),
    "allocated": _("A site's figure, spread over its products by a key."),
    "secondary": _("From a factor or a default, not from the maker."),
    "unknown": _("Declared without saying how it came about."),
}

PURPOSES: dict[str, str] = {
    "CSRD_REPORTING": _("Sustainability reporting (CSRD)"),
    "EU_TAXONOMY_ART8": _("EU Taxonomy, Article 8"),
    "PRODUCT_LAW_ESPR_DPP": _("Ecodesign and digital product passport"),
    "CBAM": _("Carbon border adjustment (CBAM)"),
    "BATTERY_REG": _("Battery Regulation"),
    "PPWR": _("Packaging Regulation (PPWR)"),
    "REACH_SVHC": _("Substances of very high concern (REACH)"),
    "EUDR": _("Deforestation Regulation (EUDR)"),
    "CSDDD_DUE_DILIGENCE": _("Due diligence (CSDDD)"),
    "PUBLIC_PROCUREMENT": _("Public tender"),
    "CONTRACT_SPECIFICATION": _("Contract or specification"),
    "CLIMATE_TARGET_VOLUNTARY": _("Voluntary climate target"),
    "RESEARCH_STATISTICS": _("Research and statistics"),
    "SYMBIOSIS": _("Industrial symbiosis"),
    "CHAIN_ROLLUP": _("Value-chain totals"),
    "AUDIT": _("Audit"),
}

FIELD_GROUPS: dict[str, str] = {
    "identity": _("Product, period and unit"),
    "indicators": _("The five indicators"),
    "breakdown": _("Breakdown by source, with bills and production"),
    "quality": _("Quality of the figures"),
    "composition": _("Materials"),
    "substances": _("Substances of concern"),
    "circularity": _("Circularity"),
    "packaging": _("Packaging"),
    "site": _("Production sites"),
    "process": _("Bill of materials and inputs"),
    "byproducts": _("By-products"),
    "taxonomy": _("EU Taxonomy statement"),
    "evidence": _("Evidence and certificates"),
    "commercial": _("Volumes, price and value added"),
}

ANSWERS: dict[str, str] = {
    "provide": _("Provide"),
    "refuse_over_cap": _("Refuse: more than may be asked of a small company"),
    "refuse_confidential": _("Refuse: confidential"),
    "not_available": _("Not available yet"),
    "not_applicable": _("Does not apply to this product"),
}

ANSWERED: dict[str, str] = {
    "provide": _("provided"),
    "refuse_over_cap": _("refused: over the value-chain cap"),
    "refuse_confidential": _("refused: confidential"),
    "not_available": _("not available yet"),
    "not_applicable": _("does not apply"),
}

SENT_STATES: dict[str, str] = {
    "requested": _("Not opened yet"),
    "seen": _("Opened by the supplier"),
    "partially_fulfilled": _("Partly answered"),
    "fulfilled": _("Answered"),
    "declined": _("Declined"),
}

RECEIVED_STATES: dict[str, str] = SENT_STATES | {
    "requested": _("New"),
    "seen": _("Waits for your answer"),
}

# Said in the place of a state, where what was provided has been revoked since and nothing is in force.
REVOKED: dict[str, str] = {
    "some": _("Answer partly revoked"),
    "all": _("Answer revoked"),
}

REVOKED_ADVICE: dict[str, str] = {
    "customer": _(
        "Do not use the revoked figures any more. Ask the supplier for a new version: it appears here as long as your "
        "access lasts. Otherwise send a new request."
    ),
    "supplier": _(
        "Nothing is in force for this product and period. Publish a new version: whoever has access reads it in its "
        "place, without a new answer."
    ),
}

DECLINE_REASONS: dict[str, str] = {
    "not_our_product": _("Not our product"),
    "no_data_yet": _("We have no data yet"),
    "confidential": _("Confidential"),
    "duplicate": _("Already answered in another request"),
    "purpose_not_justified": _("The purpose is not justified"),
    "beyond_value_chain_cap": _("More than may be asked of a small company (value-chain cap)"),
    "cost": _("Too costly to find out"),
    "other": _("Another reason"),
}

ASSURANCES: dict[str, str] = {
    "self_declared": _("Self-declared: nobody has checked who this is"),
    "invited": _("Invited by a known organisation"),
    "operator_checked": _("Identity checked by the exchange"),
    "own_domain": _("Proven by its own web domain"),
}

GRANT_STATES: dict[str, str] = {
    "active": _("Open"),
    "revoked": _("Revoked"),
    "expired": _("Expired"),
    "waiting": _("Not yet open"),
}

DATASET_STATES: dict[str, str] = {
    "active": _("In force"),
    "superseded": _("Replaced by a newer version"),
    "withdrawn": _("Revoked"),
}

PUBLICATION_STATES: dict[str, str] = {
    "waiting": _("Being signed"),
    "published": _("Published"),
    "refused": _("Refused"),
    "superseded": _("Replaced by a newer version"),
    "withdrawn": _("Revoked"),
}

ACTIONS: dict[str, str] = {
    "dataset.read": _("Read a dataset"),
    "chain.read": _("Read a chain"),
}

ATTEMPTS: dict[str, str] = {  # of denied reads
    "dataset.read": _("Reading of a dataset"),
    "chain.read": _("Reading of a chain"),
}

ACCESS_REASONS: dict[str, str] = {
    "owner": _("own data"),
    "grant": _("under a grant"),
    "no_grant": _("no grant"),
    "grant_revoked": _("the grant was revoked"),
    "grant_expired": _("the grant has expired"),
    "grant_not_yet_valid": _("the grant is not open yet"),
    "purpose_missing": _("no purpose was given"),
    "unknown": _("nothing there"),
    "no_data": _("no data yet"),
    "contribution_missing": _("other figures in it are not granted"),
}

CLASSES: dict[str, str] = {
    "absolute": _("Absolute decoupling"),
    "relative": _("Relative decoupling"),
    "none": _("No decoupling"),
    "recessive_decoupling": _("Recessive decoupling"),
    "recessive_coupling": _("Recessive coupling"),
    "negative": _("Negative decoupling"),
    "not_determinable": _("Not determinable"),
}

CLASS_MEANINGS: dict[str, str] = {
    "absolute": _("Value added rises while the effect does not."),
    "relative": _("The effect rises, but less than value added."),
    "none": _("The effect rises as much as value added, or more."),
    "recessive_decoupling": _("Value added falls, and the effect falls faster."),
    "recessive_coupling": _("Value added falls faster than the effect."),
    "negative": _("Value added falls while the effect rises."),
    "not_determinable": _("The figures do not say which way it goes."),
}

HINDRANCES: dict[str, str] = {
    "coverage_below_80": _("value added is known for less than 80 % of the effect"),
    "no_effect": _("there is no effect to compare"),
    "negative_effect": _("the effect is negative as a whole"),
    "current_prices": _("value added is in current prices"),
    "mixed_prices": _("value added is partly in current, partly in constant prices"),
    "at_least": _("a figure is missing, so the total is only a lower limit"),
    "panel_changed": _("the periods do not hold the same"),
    "no_reference": _("there is no earlier period"),
    "directions_differ": _("the part with value added moves another way than the total"),
}

CHANGES: dict[str, str] = {
    "membership": _("other products"),
    "linking": _("other links"),
    "method": _("another method"),
    "factors": _("other factors"),
    "period": _("another length of period"),
}

PRICE_BASES: dict[str, str] = {
    "current": _("current prices"),
    "constant": _("constant prices"),
}

GAPS: dict[str, str] = {
    "own_missing": _("The maker's own figure is missing"),
    "own_incomplete": _("The maker's own figure lacks something"),
    "recipe_missing": _("The recipe is missing"),
    "no_delivery": _("No delivery matches a line of the recipe"),
    "no_dataset": _("The supplier has published no dataset"),
    "no_consent": _("The supplier takes no part in roll-ups"),
    "inputs_unstated": _("Part of what goes in is not in the recipe"),
    "data_refused": _("The supplier's figures do not fit together and were not used"),
    "pool_not_netted": _(
        "How much of the maker's own figure deliveries outside the recipe explain is not known"
    ),
    "default_without": _("The default for the category lacks this figure"),
    "pool_without_key": _("Deliveries that stand in no recipe cannot be spread"),
    "target_missing": _("A target product has no dataset"),
    "member_missing": _("A member has no data"),
    "output_missing": _("How much was produced is not stated"),
}

WHOLE = frozenset({"materials", "inputs", "items", "sites", "statements", "outputs"})  # all of their group

SLICES: dict[str, str] = {
    "own": _("Own"),
    "upstream": _("Upstream"),
    "total": _("Total"),
}


def word(reader: Reader, words: Mapping[str, str], code: str) -> str:
    """The code in the reader's words; one without words is shown as it is."""
    return reader.say(words[code]) if code in words else code


def in_sentence(text: str) -> str:
    """The words inside a sentence: a small first letter, unless it begins an abbreviation such as CO2."""
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def group_names(reader: Reader, groups: Iterable[str]) -> str:
    """Field groups as one phrase, the first letter large: `The five indicators and materials`."""
    phrase = reader.list_of([in_sentence(word(reader, FIELD_GROUPS, group)) for group in groups])
    return phrase[:1].upper() + phrase[1:]


def field_name(reader: Reader, path: str) -> str:
    """A schema path such as `indicators/co2e` in words."""
    group, _slash, rest = path.partition("/")
    if group == "indicators" and rest in INDICATORS:
        return word(reader, INDICATORS, rest)
    name = word(reader, FIELD_GROUPS, group)
    members = [_member(reader, part) for part in rest.split("/") if part not in WHOLE]
    return f"{name}: {', '.join(members)}" if rest and members else name


def thing_asked(reader: Reader, path: str) -> str:
    """A schema path in the fewest words, for inside a sentence: the indicator, else the field group."""
    group = path.partition("/")[0]
    return in_sentence(field_name(reader, path if group == "indicators" else group))


def _member(reader: Reader, name: str) -> str:
    if name in INDICATORS:
        return in_sentence(word(reader, INDICATORS, name))
    return reader.say(MEMBERS[name]) if name in MEMBERS else name.replace("_", " ")

"""The codes of initiatives in words: what kind of effort, why, what a change is made of, why nothing can be seen."""

from __future__ import annotations

from exchange.web.reader import mark as _

EFFORTS: dict[str, str] = {
    "data_and_decisions": _("Data and decisions"),
    "collaboration": _("Collaboration in the value chain"),
    "circularity": _("Circular processes"),
    "green_research": _("Green research and development"),
    "investment": _("Investment in technology, energy and digitalisation"),
}

MOTIVES: dict[str, str] = {
    "market_position": _("Position in the market"),
    "cost_savings": _("Lower costs"),
    "social_responsibility": _("Social responsibility"),
    "customer_demands": _("Customers' demands"),
    "other": _("Another reason"),
}

CHANGE_KINDS: dict[str, str] = {
    "relative": _("per cent of the use"),
    "amount": _("so much a year, in the flow's unit"),
}

CAUSES: dict[str, str] = {
    "volume": _("More or less was made"),
    "mix": _("Another mix of products"),
    "intensity_where": _("Use per unit where the initiative applies"),
    "intensity_elsewhere": _("Use per unit elsewhere"),
    "factors": _("Other factors"),
    "data_basis": _("Bills that only one of the periods has"),
    "method": _("Another method"),
}

NAMINGS: dict[str, str] = {
    "change_where_it_applies": _("Change where the initiative applies"),
    "effect": _("Effect of the initiative"),
}

UNSEEN: dict[str, str] = {
    "not_covered": _(
        "Bills are missing for what the initiative applies to, so the periods cannot be compared."
    ),
    "not_produced": _("The product was made in only one of the periods."),
    "not_measured": _(
        "What the product uses is spread by a key, and the key does not know of the initiative: "
        "it cannot be seen until it is measured. Put a sub-meter where the initiative applies."
    ),
}

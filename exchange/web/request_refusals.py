"""Refusals of requests and of their answers, by their stable code."""

from __future__ import annotations

from exchange.web.reader import mark as _

REQUEST_REFUSALS: dict[str, str] = {
    "line.state": _("This line has been answered before and can no longer be changed in this way."),
    "answer.torn_group": _(
        "The five indicators are shared together, and so are the fields of any other part. "
        "Provide them all, or refuse them all."
    ),
    "answer.given": _("What was provided cannot be refused afterwards. Revoke the access instead."),
    "answer.nothing_there": _(
        "You have published nothing yet that answers this. Publish a dataset for the period first, or answer "
        "that it is not available yet."
    ),
    "decline.text": _("Say in a few words why."),
    "request.due": _(
        "This date has passed. Give the supplier time: at least ten working days are customary."
    ),
    "request.to_oneself": _("You cannot ask yourself. Your own datasets are under your products."),
    "request.subject": _("The supplier has no such product. Choose one from the supplier's list."),
    "supplier.not_approved": _(
        "The supplier's CVR number has not been confirmed yet, so requests do not reach it. Try again when the "
        "exchange has confirmed it."
    ),
}

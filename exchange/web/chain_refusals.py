"""Why a chain is not set up, by the code of the refusal."""

from __future__ import annotations

from exchange.web.reader import mark as _

CHAIN_REFUSALS: dict[str, str] = {
    "chain.targets": _("Name each product once, with the whole amount."),
    "chain.amount": _("The amount must be greater than zero."),
    "chain.periods": _("A period lies in the years 2000 to 2100, and a chain has at most 40 of them."),
    "chain.kind": _("A product chain has products with amounts; a group or place has members."),
    "chain.members": _("Name 1 to 500 members, each once."),
    "chain.member_unknown": _(
        "One of the lines is no organisation here. Check the spelling, or give the CVR number."
    ),
    "chain.member_several": _("Several organisations have one of these names. Give the CVR number instead."),
    "chain.supplier_unknown": _(
        "No organisation here has that name or number. Check the spelling, or give the CVR number."
    ),
    "chain.supplier_several": _("Several organisations have that name. Give the CVR number instead."),
    "chain.product_unknown": _("The supplier lists no product of that number or name."),
    "chain.product_several": _("Several products of the supplier have that name. Give the number instead."),
}

"""Refusals by their stable code, in sentences that are translated; other codes show the service's English."""

from __future__ import annotations

from exchange.web.reader import mark as _

REFUSALS: dict[str, str] = {
    "not_found": _("There is nothing here that you may see. Check the address, or ask the owner for access."),
    "role.missing": _("Your role does not allow this. Ask an administrator of your organisation."),
    "operator.only": _("Only the operator of the exchange does this."),
    "rate_limited": _("Too many tries. Wait a little and try again."),
    "sign_in.failed": _("The e-mail address or the password is not right."),
    "invitation.invalid": _(
        "This invitation is not valid any more. Ask an administrator of the organisation for a new one."
    ),
    "cvr.changed": _("The organisation claims another CVR number by now. Look that one up."),
    "line.state": _("This line has been answered before and can no longer be changed in this way."),
    "answer.torn_group": _(
        "The five indicators are shared together, and so are the fields of any other part. "
        "Provide them all, or refuse them all."
    ),
    "request.due": _(
        "This date has passed. Give the supplier time: at least ten working days are customary."
    ),
    "password.too_short": _(
        "The password is too short. Use at least 12 characters: four random words are easy to remember."
    ),
    "password.guessable": _(
        "This password is easy to guess. Use at least 12 characters, such as four random words."
    ),
    "id.cvr": _("This is not a valid CVR number. Check whether a digit was mistyped."),
    "product.category": _("Use only small letters a–z, digits and hyphens, for example steel-sheet."),
    "grant.until": _("Choose a date in the future, at most 24 months from now."),
    "grant.revoked": _("This access was revoked before."),
    "product.exists": _("You already have a product with this number."),
    "unit.unknown": _("The exchange does not know this unit."),
    "id.gtin": _("The check digit of the GTIN is wrong. Compare it with the bar code."),
    "period.order": _("The period ends before it starts."),
    "date.invalid": _("This is not a date of the calendar."),
    "user.email_taken": _("This e-mail address already has an account. Sign in with it."),
    "paging.cursor": _("This link is out of date. Go back to the first page of the list."),
}

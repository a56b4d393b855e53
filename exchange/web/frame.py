"""What every page carries around its content: language, menu, who is signed in, what was just done."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from exchange.domain.errors import ExchangeError
from exchange.services import organisations
from exchange.services.context import Context
from exchange.web.formats import Language
from exchange.web.language import current_reader
from exchange.web.reader import NAMES, Reader
from exchange.web.reader import mark as _
from exchange.web.session import visitor

NOTICES: dict[str, str] = {
    "answered": _("Your answer has been sent."),
    "declined": _("You declined. The customer sees the reason."),
    "requested": _("Your request has been sent."),
    "dataset_revoked": _("The dataset is revoked. Everybody with access sees it."),
    "revoked": _("The access is revoked. The next read is denied."),
    "approved": _("The identity is approved."),
    "rejected": _("The identity is rejected."),
    "signed_out": _("You are signed out."),
    "welcome": _("Welcome. Your organisation is registered."),
    "welcome_cvr": _(
        "Welcome. Your organisation is registered. The CVR number waits for the exchange's approval; "
        "requests do not reach you until then."
    ),
    "joined": _("Welcome. You act for this organisation now."),
    "product": _("The product is registered."),
    "supplier_confirmed": _("Confirmed. Their deliveries to you now count in value-chain totals."),
    "supplier_refused": _("Refused. Their deliveries to you count nowhere."),
    "site": _("The site is added. Now enter its bills."),
    "site_changed": _("The site is changed."),
    "bill": _("The bill is entered."),
    "withdrawn": _("Withdrawn. It counts for nothing from now on."),
    "evidence": _("The document's fingerprint is noted. Keep the file yourselves."),
    "linked": _("Saved. The next calculation uses it."),
    "output": _("The production is entered."),
    "site_product": _("Saved. The next calculation uses it."),
    "reading": _("The reading is entered."),
    "key": _("The key is added. Choose it for a flow."),
    "browser_key": _("The key is registered. This browser can sign with it now."),
    "key_ended": _("The key has ended. It signs nothing new."),
    "key_reported": _("Reported. What came in with this key since then is no longer accepted."),
    "custody": _("The exchange makes a new key for you. It is here in a moment."),
    "domain": _("The domain is saved."),
    "binding": _("The exchange looks for the key at your domain."),
    "key_replaced": _("The old key signs nothing any more, and the new one is registered."),
    "keys": _("The keys are saved. The next calculation uses them."),
    "company_year": _("The year is saved."),
    "factor": _("The factor is added. The next calculation uses it."),
    "factor_withdrawn": _("The factor is withdrawn. Figures worked out with it stay as they are."),
    "deflator": _("The price index is saved."),
    "calculated": _("The figures are calculated."),
    "target": _("The target is added."),
    "target_withdrawn": _("The target is withdrawn."),
    "initiative": _("The initiative is recorded."),
    "initiative_withdrawn": _("The initiative is withdrawn."),
    "chain": _("The chain is set up. Its figures are being worked out."),
    "chain_period": _("The period is added. Its figures are being worked out."),
    "chain_members": _("The members are changed. The figures are being worked out again."),
    "chain_targets": _("The amounts are changed. The figures are being worked out again."),
    "revised": _("The figures are calculated, and the new versions were sent for signature."),
}

MENU: tuple[tuple[str, str], ...] = (
    ("web.home", _("Overview")),
    ("web.inbox", _("Inbox")),
    ("web.products", _("Our products")),
    ("web.sites", _("Bills and figures")),
    ("web.development", _("Development")),
    ("web.signing_keys", _("Signing keys")),
    ("web.access", _("Who saw what")),
    ("web.sent_requests", _("Sent requests")),
    ("web.chains", _("Chains")),
)


@dataclass(frozen=True)
class MenuItem:
    """A link of the main menu."""

    text: str
    link: str
    is_current: bool


@dataclass(frozen=True)
class Frame:
    """Everything the layout shows around a page."""

    language: Language
    other_language: Language
    other_language_name: str
    other_language_link: str
    path: str
    organisation: str
    menu: tuple[MenuItem, ...]
    notice: str


def render(
    template: str, *, status: int = 200, is_bare: bool = False, section: str = "", **values: object
) -> Response:
    """A page in the reader's language. Pages hold an organisation's own data, so nothing may keep a copy.

    A bare page asks the store nothing: it can say that the store does not answer. `section` is the menu entry
    a page belongs to where its address does not tell.
    """
    frame = _frame(current_reader(), None if is_bare else _who(), section)
    page = render_template(f"vcx/{template}", page=frame, **values)
    response = make_response(page, status)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Language"] = current_reader().language
    return response


def _who() -> Context | None:
    """The signed-in Context, or None; an error page must also appear when the session cannot be read."""
    try:
        ctx = visitor()
    except ExchangeError:
        return None
    return ctx if ctx.actor else None


def _frame(reader: Reader, ctx: Context | None, section: str) -> Frame:
    other: Language = "en" if reader.language == "da" else "da"
    return Frame(
        language=reader.language,
        other_language=other,
        other_language_name=NAMES[other],
        other_language_link=url_for("web.switch_language", language=other, next=_address()),
        path=request.path,
        organisation=_organisation_name(ctx) if ctx else "",
        menu=_menu(reader, ctx, section) if ctx else (),
        notice=_notice(reader),
    )


def _address() -> str:
    """Where this page is looked at; what was shown in answer to a form lies at the page the form is on."""
    here = request.full_path.rstrip("?")
    if request.method in {"GET", "HEAD"}:
        return here
    pages, path = current_app.create_url_adapter(request), request.path
    if pages is None or pages.test(path, "GET"):
        return here
    while path and not pages.test(path, "GET"):
        path = path.rpartition("/")[0]
    return path or "/"


def _organisation_name(ctx: Context) -> str:
    return organisations.get_organisation(ctx, ctx.who.organisation_id).name


def _menu(reader: Reader, ctx: Context, section: str) -> tuple[MenuItem, ...]:
    entries = MENU + ((("web.identities", _("Identities")),) if ctx.who.is_operator else ())
    return tuple(_item(reader, endpoint, text, section) for endpoint, text in entries)


def _item(reader: Reader, endpoint: str, text: str, section: str) -> MenuItem:
    link = url_for(endpoint)
    inside = request.path == link or (link != "/" and request.path.startswith(link + "/"))
    return MenuItem(reader.say(text), link, endpoint == section if section else inside)


def _notice(reader: Reader) -> str:
    code = request.args.get("done", "")
    return reader.say(NOTICES[code]) if code in NOTICES else ""

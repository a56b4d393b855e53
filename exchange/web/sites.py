"""Sites: the places of production whose bills become figures."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from exchange.domain.actors import Role
from exchange.domain.errors import ConflictError, InvalidError
from exchange.services import sites
from exchange.services.sites import NewSite, Site
from exchange.web.frame import render
from exchange.web.language import current_reader
from exchange.web.reader import Reader
from exchange.web.reader import mark as _
from exchange.web.session import signed_in
from exchange.web.typed import Blank, Section, Typed, labels_of, marked, refused

AT = {
    "/name": "name", "/p_number": "p_number", "/postal_code": "postal_code", "/country": "country",
    "/address": "address", "/city": "city",
}  # fmt: skip
PARTICULARS = ("name", "p_number", "address", "postal_code", "city", "country")


@dataclass(frozen=True)
class SiteItem:
    """A site of the list."""

    name: str
    about: str
    link: str
    change_link: str


def add_routes(pages: Blueprint) -> None:
    """Routes of this area."""
    pages.add_url_rule("/sites", view_func=show_sites, endpoint="sites")
    pages.add_url_rule("/sites/new", view_func=new_site, methods=["GET", "POST"])
    pages.add_url_rule("/sites/<site_id>/change", view_func=change_site, methods=["GET", "POST"])


def show_sites() -> Response:
    """The organisation's sites, and what belongs to the company as a whole."""
    ctx, reader = signed_in(), current_reader()
    items = [_item(reader, one) for one in sites.list_sites(ctx)]
    return render("sites.html", items=items, may_edit=ctx.who.may(Role.EDITOR))


def new_site() -> Response:
    """Add a site."""
    ctx, reader = signed_in(), current_reader()
    sections = _sections(reader, None)
    if request.method == "GET":
        return _page(reader, None, sections)
    typed = Typed(reader, request.form, labels_of(sections))
    new = _read(typed)
    if not typed.errors:
        try:
            site = sites.create_site(ctx, new)
        except (InvalidError, ConflictError) as error:
            typed.errors += refused(reader, error, AT)
        else:
            return redirect(url_for("web.show_site", site_id=site.id, done="site"), 303)
    return _page(reader, None, marked(sections, typed.errors), typed)


def change_site(site_id: str) -> Response:
    """Give a site other particulars."""
    ctx, reader = signed_in(), current_reader()
    site = sites.get_site(ctx, site_id)
    sections = _sections(reader, site)
    if request.method == "GET":
        return _page(reader, site, sections)
    typed = Typed(reader, request.form, labels_of(sections))
    new = _read(typed)
    if not typed.errors:
        try:
            sites.change_site(ctx, site_id, new)
        except (InvalidError, ConflictError) as error:
            typed.errors += refused(reader, error, AT)
        else:
            return redirect(url_for("web.sites", done="site_changed"), 303)
    return _page(reader, site, marked(sections, typed.errors), typed)


def _item(reader: Reader, site: Site) -> SiteItem:
    place = f"{site.postal_code} {site.city}".strip()
    number = reader.say("P-number %(number)s", number=site.p_number) if site.p_number else ""
    return SiteItem(
        site.name,
        " · ".join(part for part in (number, site.address, place) if part),
        url_for("web.show_site", site_id=site.id),
        url_for("web.change_site", site_id=site.id),
    )


def _sections(reader: Reader, site: Site | None) -> tuple[Section, ...]:
    blank = Blank(reader, request.form)
    given = {name: getattr(site, name) or "" for name in PARTICULARS} if site else {"country": "DK"}
    is_scarce = site is not None and site.is_water_stressed
    inputs = (
        blank.ask("name", _("Name of the site"), _("What you call it, such as the factory in Skive."),
                  given=given.get("name", "")),
        blank.ask("p_number", _("P-number"), _("Ten digits from the CVR register."), optional=True,
                  given=given.get("p_number", "")),
        blank.ask("address", _("Street and number"), optional=True, given=given.get("address", "")),
        blank.ask("postal_code", _("Postal code"), optional=True, given=given.get("postal_code", "")),
        blank.ask("city", _("Town"), optional=True, given=given.get("city", "")),
        blank.ask("country", _("Country"), _("Two letters, such as DK."), given=given["country"]),
        blank.tick("is_water_stressed", _("Water is scarce in this area"),
                   _("Hardly ever in Denmark. Where in doubt, leave it."), given=is_scarce),
    )  # fmt: skip
    return (Section("", inputs),)


def _read(typed: Typed) -> NewSite:
    return NewSite(
        typed.needed("name"),
        "".join(typed.text("p_number").split()) or None,
        typed.text("address"),
        typed.text("postal_code").upper(),
        typed.text("city"),
        typed.needed("country").upper(),
        typed.is_ticked("is_water_stressed"),
    )


def _page(
    reader: Reader, site: Site | None, sections: tuple[Section, ...], typed: Typed | None = None
) -> Response:
    errors = typed.errors if typed else []
    return render(
        "entry_form.html",
        section="web.sites",
        status=422 if errors else 200,
        errors=errors,
        title=reader.say("Change the site") if site else reader.say("Add a site"),
        lead=reader.say("A place where your products are made. Bills belong to one site."),
        sections=sections,
        submit=reader.say("Save"),
        way=None,
        back=url_for("web.sites"),
        back_text=reader.say("Bills and figures"),
    )

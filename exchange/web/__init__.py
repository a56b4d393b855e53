"""Pages for suppliers, customers and facilitators: server-made, in Danish and English, complete without JavaScript."""

from __future__ import annotations

from flask import Blueprint, Flask
from flask.blueprints import BlueprintSetupState

from exchange.web import (
    access,
    account_upload,
    answering,
    answers,
    bill_forms,
    browser_keys,
    browser_signing,
    calculations,
    chain_form,
    chains,
    company_years,
    development,
    errors,
    evidence,
    flow_page,
    foreign_credentials,
    home,
    inbox,
    initiative_view,
    initiatives,
    key_end,
    keys,
    language,
    meter_readings,
    opened_figure,
    operator,
    organisation_dataset,
    own_deflators,
    own_factors,
    product_figures,
    product_form,
    production,
    production_forms,
    products,
    proofs,
    publications,
    release_statements,
    request_form,
    requests,
    revisions,
    revoking,
    sign_in,
    site_account,
    sites,
    spreading,
    suppliers,
    targets,
    verify,
)
from exchange.web.assets import PagesBlueprint, asset
from exchange.web.errors import show_error, show_refusal

__all__ = ["create_blueprint", "show_error", "show_refusal"]

AREAS = (
    home,
    sign_in,
    language,
    inbox,
    answering,
    request_form,
    requests,
    answers,
    proofs,
    revoking,
    product_form,
    products,
    publications,
    browser_signing,
    keys,
    key_end,
    browser_keys,
    access,
    chain_form,
    chains,
    suppliers,
    operator,
    sites,
    site_account,
    flow_page,
    bill_forms,
    account_upload,
    production,
    production_forms,
    meter_readings,
    spreading,
    company_years,
    own_factors,
    own_deflators,
    evidence,
    calculations,
    product_figures,
    opened_figure,
    revisions,
    development,
    targets,
    initiatives,
    initiative_view,
    organisation_dataset,
    foreign_credentials,
    release_statements,
    verify,
)


def create_blueprint() -> Blueprint:
    """All pages, their error pages, and what they need: templates, translations, styles, fonts and icons."""
    pages = PagesBlueprint(
        "web", __name__, template_folder="templates", static_folder="static", static_url_path="/static"
    )
    for area in AREAS:
        area.add_routes(pages)
    errors.add_handlers(pages)
    pages.add_app_template_global(asset)
    pages.record_once(_translate_templates)
    return pages


def _translate_templates(state: BlueprintSetupState) -> None:
    """Let templates say `_()` and `{% trans %}` in the language of the request's reader."""
    app: Flask = state.app  # type: ignore[assignment]
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: language.current_reader().catalogue.gettext(text),
        lambda one, many, count: language.current_reader().catalogue.ngettext(one, many, count),
        newstyle=True,
    )

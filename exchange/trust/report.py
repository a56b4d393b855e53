"""A judgement told: as sentences an auditor can read aloud, and as one JSON document for programs."""

from __future__ import annotations

from collections.abc import Iterator

from exchange.trust.bundle.verdict import BundleVerdict
from exchange.trust.dataset import VerifiedDataset
from exchange.trust.errors import TrustError
from exchange.trust.figures import declared_unit, disclosed_figures
from exchange.trust.judgement import Judgement
from exchange.trust.organisation_credential import CVR_SCHEME, Assurance, OrganisationIdentity
from exchange.trust.proof.telling import (
    Document,
    instant_text,
    instant_words,
    logged_sentence,
    origin_sentence,
    proof_document,
    witnesses_sentence,
)
from exchange.trust.receipt.telling import receipt_document, receipt_sentences
from exchange.trust.receipt.verdict import ReceiptVerdict
from exchange.trust.release.content import ReleaseContent, is_statement, read_content
from exchange.trust.release.telling import (
    content_document,
    content_sentences,
    release_document,
    release_sentences,
)
from exchange.trust.release.verdict import ReleaseVerdict
from exchange.trust.units import symbol, symbol_of_one
from exchange.trust.verdict import Outcome, Step

__all__ = ["REPLACEMENT", "Document", "document", "sentences"]

# What no file can show: whoever replaces it later cannot change the file.
REPLACEMENT = "Whether a newer version replaces it: a file does not show that; ask the exchange."

_CHECKED = {
    Assurance.SELF_DECLARED: "the organisation said so itself and nobody checked it",
    Assurance.INVITED: "a customer invited it under this name and nobody checked more",
    Assurance.OPERATOR_CHECKED: "the exchange's operator checked it",
    Assurance.OWN_DOMAIN: "the exchange's operator checked it, and the organisation controls its domain",
}
_WORDS = {
    Outcome.ESTABLISHED: "established",
    Outcome.FAILED: "FAILED",
    Outcome.NOT_CHECKED: "not checked",
}


def sentences(judgement: Judgement) -> list[str]:
    """The answer, who and what and when as far as it was shown, what was not established, and every step."""
    verdict = judgement.verdict
    missing = [step for step in verdict.steps if step.outcome is not Outcome.ESTABLISHED]
    reasons = [f"{step.detail} ({step.name}: {step.code})" for step in missing if step.code != "not_reached"]
    reasons += [REPLACEMENT] if judgement.signed else []
    told = [judgement.answer, f"Judged as of {instant_words(judgement.at)}.", ""]
    told += _findings(judgement)
    if reasons:
        told += ["", "What could not be established:"]
        told += [f"- {reason}" for reason in reasons]
    told += ["", "Every step:"]
    for step in verdict.steps:
        told.append(f"{_WORDS[step.outcome]:12} {step.name:16} {step.detail}")
        told += [
            f"  {found['path'] or '/'}: {found['detail']} ({found['code']})" for found in _problems(step)
        ]
    return [_printable(line) for line in told]


def document(judgement: Judgement) -> dict[str, Document]:
    """The same for programs; the codes in `steps` are stable."""
    verdict = judgement.verdict
    dataset = judgement.signed
    unit = declared_unit(dataset) if dataset else None
    return {
        "ok": verdict.ok,
        "answer": judgement.answer,
        "judged_at": instant_text(judgement.at),
        "digest": dataset.digest if dataset else None,
        "issuer": dataset.issuer if dataset else None,
        "groups": [*dataset.groups] if dataset else [],
        "figures": [{**figure._asdict()} for figure in disclosed_figures(dataset)] if dataset else [],
        "declared_unit": {**unit._asdict()} if unit else None,
        "not_shown": [{"code": "replacement", "detail": REPLACEMENT}] if dataset else [],
        **_told(judgement),
        "steps": [
            {
                "name": step.name,
                "outcome": step.outcome.value,
                "required": step.name in verdict.required,
                "code": step.code,
                "detail": step.detail,
                "path": step.path,
                "problems": [{**found} for found in _problems(step)],
            }
            for step in verdict.steps
        ],
    }


def _told(judgement: Judgement) -> dict[str, Document]:
    verdict = judgement.verdict
    if isinstance(verdict, BundleVerdict):
        return _bundle_document(verdict)
    if isinstance(verdict, ReleaseVerdict):
        return release_document(verdict)
    if isinstance(verdict, ReceiptVerdict):
        return receipt_document(verdict)
    return content_document(_stated(judgement.signed))


def _bundle_document(verdict: BundleVerdict) -> dict[str, Document]:
    identity = verdict.organisation
    return {
        **proof_document(verdict),
        "organisation": _identity_document(identity) if identity else None,
        "registrar": verdict.registrar or None,
        "key_bound": instant_text(verdict.key_bound),
        "custody": verdict.custody,
        "revoked": verdict.revoked,
        "as_of": instant_text(verdict.as_of),
    }


def _identity_document(identity: OrganisationIdentity) -> dict[str, Document]:
    return {
        "organisation": identity.organisation,
        "name": identity.name,
        "country": identity.country,
        "registered_id": identity.registered_id or None,
        "id_scheme": identity.id_scheme or None,
        "domain": identity.domain or None,
        "assurance": identity.assurance.value,
    }


def _findings(judgement: Judgement) -> Iterator[str]:
    verdict = judgement.verdict
    if isinstance(verdict, BundleVerdict):
        return _bundle_findings(verdict)
    if isinstance(verdict, ReleaseVerdict):
        return release_sentences(verdict)
    if isinstance(verdict, ReceiptVerdict):
        return receipt_sentences(verdict)
    return _token_findings(judgement.signed)


def _bundle_findings(verdict: BundleVerdict) -> Iterator[str]:
    yield from origin_sentence(verdict)
    if verdict.signed is None:
        yield "Signed: nothing in this file is shown to be signed by its issuer."
        return
    yield from _signer(verdict, verdict.signed)
    yield from _content(verdict.signed)
    yield logged_sentence(verdict)
    if verdict.revoked is None:
        yield "Revoked: not shown either way."
    else:
        yield f"Revoked: {'YES' if verdict.revoked else 'no'}, as of {instant_words(verdict.as_of)}."
    yield witnesses_sentence(verdict)


def _signer(verdict: BundleVerdict, dataset: VerifiedDataset) -> Iterator[str]:
    yield f"Signed by: {dataset.issuer}."
    held = (
        "The exchange keeps the private half of this key"
        if verdict.custody
        else "The key is the signer's own"
    )
    yield f"The key: bound {instant_words(verdict.key_bound)}. {held}."
    identity = verdict.organisation
    if identity is None:
        yield "Organisation: not shown."
        return
    number = _number(identity)
    yield f"Organisation: {identity.name}, {identity.country}{number}."
    yield f"How that was checked: {_CHECKED[identity.assurance]}. Stated by the registrar {verdict.registrar}."


def _number(identity: OrganisationIdentity) -> str:
    if not identity.registered_id:
        return ", no number in a register"
    register = "CVR number" if identity.id_scheme == CVR_SCHEME else f"number in {identity.id_scheme}:"
    return f", {register} {identity.registered_id}"


def _token_findings(dataset: VerifiedDataset | None) -> Iterator[str]:
    if dataset is None:
        yield "Signed: not shown."
        return
    yield f"Signed by: {dataset.issuer}. Whose key that is, a token alone does not show."
    if (stated := _stated(dataset)) is not None:
        yield from content_sentences(stated)
        yield f"Fingerprint: {dataset.digest}."
        return
    yield from _content(dataset)


def _stated(dataset: VerifiedDataset | None) -> ReleaseContent | None:
    """What a bare token states of a release; None where it is no statement, or none that can be read."""
    try:
        return read_content(dataset) if dataset is not None and is_statement(dataset) else None
    except TrustError:
        return None


def _content(dataset: VerifiedDataset) -> Iterator[str]:
    identity = dataset.subject().get("identity")
    if isinstance(identity, dict):
        product, period = identity.get("product"), identity.get("period")
        if isinstance(product, dict):
            yield f"Product: {product.get('name')}."
        if isinstance(period, dict):
            yield f"Period: from {period.get('start')} up to, not including, {period.get('end')}."
    else:
        yield "Product and period: not disclosed in this file."
    yield f"Parts disclosed: {', '.join(dataset.groups) or 'all, openly'}."
    yield from _figures(dataset)
    yield f"Fingerprint: {dataset.digest}."


def _figures(dataset: VerifiedDataset) -> Iterator[str]:
    """One line for each indicator: `Figure co2e per 1 piece: own 1.25 kg, upstream 2 kg, total 3.25 kg.`"""
    told: dict[str, list[str]] = {}
    per = _per(dataset)
    for figure in disclosed_figures(dataset):
        told.setdefault(figure.indicator, []).append(f"{figure.part} {figure.amount} {symbol(figure.unit)}")
    for indicator, amounts in told.items():
        yield f"Figure {indicator}{per}: {', '.join(amounts)}."


def _per(dataset: VerifiedDataset) -> str:
    declared = declared_unit(dataset)
    if declared is None:
        return ""
    written = symbol_of_one if declared.amount == "1" else symbol
    return f" per {declared.amount} {written(declared.unit)}"


def _problems(step: Step) -> list[dict[str, str]]:
    names = ("code", "detail", "path")
    return [{name: str(getattr(problem, name, "")) for name in names} for problem in step.problems]


def _printable(line: str) -> str:
    # Names come from others: no control or direction character may rearrange what an auditor reads.
    return "".join(character if character.isprintable() else "�" for character in line)

"""`vcx verify`: what is established about a bundle, receipt or token, offline; `vcx verifier`: the same as one file."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from exchange.commands.options import EXISTING, OUT
from exchange.commands.output import REFUSED, json_option, report
from exchange.domain.errors import InvalidError
from exchange.trust.instant import JUDGED_YEARS, MOST_DAYS
from exchange.trust.organisation_credential import Assurance


@click.command()
@click.argument("file", type=EXISTING)
@click.option(
    "--trust", type=EXISTING, help="Your trust root: the logs, witnesses and registrars you believe."
)
@click.option(
    "--at", type=click.DateTime(["%Y-%m-%dT%H:%M:%SZ"]), help="Judge as of this instant (UTC); default now."
)
@click.option(
    "--assurance",
    type=click.Choice([level.value for level in Assurance]),
    default=Assurance.OPERATOR_CHECKED.value,
    show_default=True,
    help="How well the organisation of a dataset's bundle must have been checked at least.",
)
@click.option(
    "--max-age",
    type=click.IntRange(1, MOST_DAYS),
    metavar="DAYS",
    help="Refuse a bundle whose knowledge of revocations, or another proof whose newest evidence, is older; "
    "default any age.",
)
@click.option("--of", type=EXISTING, help="The token or bundle that a receipt must be of.")
@json_option
def verify(
    file: Path,
    trust: Path | None,
    at: datetime | None,
    assurance: str,
    max_age: int | None,
    of: Path | None,
) -> None:
    """Tell, without any network, what is established about the bundle, receipt or token in FILE and what is not."""
    from exchange.services.dataset_gate import schema_check
    from exchange.trust.command import load_trust_root, read_file
    from exchange.trust.errors import BundleError
    from exchange.trust.judgement import ASSURANCE_DEMANDED, judge_file
    from exchange.trust.report import document, sentences

    if at and at.year not in JUDGED_YEARS:
        years = f"{JUDGED_YEARS[0]} to {JUDGED_YEARS[-1]}"
        raise click.BadParameter(f"The year must be one from {years}.", param_hint="--at")
    try:
        judgement = judge_file(
            read_file(file),
            trust=load_trust_root(trust),
            now=at.replace(tzinfo=UTC) if at else datetime.now(UTC),
            assurance=Assurance(assurance),
            schema=schema_check,
            max_age=timedelta(days=max_age) if max_age else None,
            document=read_file(of) if of else None,
        )
    except BundleError as error:
        if error.code == ASSURANCE_DEMANDED:
            raise click.BadParameter(f"{error.detail} {error.advice}", param_hint="--assurance") from error
        advice = f"Run: vcx sign {file} --key KEY" if error.code == "verify.not_signed" else error.advice
        raise InvalidError(error.detail, code=error.code, advice=advice) from error
    report(document(judgement), sentences(judgement))
    if not judgement.verdict.ok:
        click.get_current_context().exit(REFUSED)


@click.command()
@click.argument("out", type=OUT)
@json_option
def verifier(out: Path) -> None:
    """Write the offline verifier as one file, for auditors: python OUT FILE --trust ROOT."""
    from exchange.trust.archive import verifier_archive

    if out.exists():
        raise InvalidError(f"{out} exists already and was not touched.", code="verifier.exists")
    archive = verifier_archive()
    out.write_bytes(archive.data)
    report(
        {"path": str(out), "sha256": archive.sha256},
        [f"Wrote {out}.", f"SHA-256 {archive.sha256}", f"Run: python {out} FILE --trust ROOT"],
    )

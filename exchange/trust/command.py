"""The offline verifier as a command: reads files, prints what is established, opens no network connection.

Exit 0: every demanded step is established; 1: not, or refused; 2: wrong usage.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from exchange.trust.errors import LogError, TrustError
from exchange.trust.instant import JUDGED_YEARS, MOST_DAYS
from exchange.trust.judgement import ASSURANCE_DEMANDED, READ_LIMIT, judge_file
from exchange.trust.log.seconds import parse_second
from exchange.trust.organisation_credential import Assurance
from exchange.trust.report import document, sentences
from exchange.trust.trust_root import TrustRoot, read_trust_root

DONE, REFUSED, USAGE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge one file as the arguments (default: the process's own) say; returns the exit code."""
    given = _parser().parse_args(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A name in letters the terminal lacks must not end the report.
        sys.stdout.reconfigure(errors="replace")
    try:
        now = _instant(given.at) if given.at else datetime.now(UTC)
    except TrustError as error:
        sys.stderr.write(f"--at: {error.detail}\n")
        return USAGE
    try:
        data = read_file(given.file)
        trust = load_trust_root(given.trust)
        judgement = judge_file(
            data,
            trust=trust,
            now=now,
            assurance=Assurance(given.assurance),
            max_age=given.max_age,
            document=read_file(given.of) if given.of else None,
        )
    except OSError as error:
        sys.stderr.write(f"{error.filename}: {error.strerror}\n")
        return USAGE
    except TrustError as error:
        _refuse(error, as_json=given.json)
        return USAGE if error.code == ASSURANCE_DEMANDED else REFUSED
    told = json.dumps(document(judgement), ensure_ascii=False, indent=2)
    sys.stdout.write(f"{told}\n" if given.json else "".join(f"{line}\n" for line in sentences(judgement)))
    return DONE if judgement.verdict.ok else REFUSED


def read_file(path: Path) -> bytes:
    """The bytes of a file, at most one more than any that is read further."""
    with path.open("rb") as file:
        return file.read(READ_LIMIT)


def load_trust_root(path: Path | None) -> TrustRoot | None:
    """The trust root in a file, None for no file. Raises JsonError or TrustRootError."""
    return read_trust_root(read_file(path)) if path else None


def _instant(text: str) -> datetime:
    instant = parse_second(text, "usage.at")
    if instant.year not in JUDGED_YEARS:
        raise LogError("usage.at", f"The year must be one from {JUDGED_YEARS[0]} to {JUDGED_YEARS[-1]}.")
    return instant


def _days(text: str) -> timedelta:
    days = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
    if not 1 <= days <= MOST_DAYS:
        raise argparse.ArgumentTypeError(f"whole days from 1 to {MOST_DAYS} belong here")
    return timedelta(days=days)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="vcx-verify",
        description="Tell what is established about a proof bundle, a receipt or a token, and what is not.",
    )
    parser.add_argument(
        "file", type=Path, metavar="FILE", help="bundle of a dataset or release, receipt, or token"
    )
    parser.add_argument("--trust", type=Path, metavar="ROOT", help="your trust root (vcx-trust.json)")
    parser.add_argument(
        "--of", type=Path, metavar="DOCUMENT", help="the token or bundle that a receipt must be of"
    )
    parser.add_argument(
        "--at", metavar="INSTANT", help="judge as of this instant, 2026-01-31T12:00:00Z; default now"
    )
    parser.add_argument(
        "--assurance",
        choices=[level.value for level in Assurance],
        default=Assurance.OPERATOR_CHECKED.value,
        help="how well the organisation of a dataset's bundle must have been checked at least; default %(default)s",
    )
    parser.add_argument(
        "--max-age",
        type=_days,
        metavar="DAYS",
        help="refuse a bundle whose knowledge of revocations, or another proof whose newest evidence, is older; "
        "default any age",
    )
    parser.add_argument("--json", action="store_true", help="report as one JSON document")
    return parser


def _refuse(error: TrustError, *, as_json: bool) -> None:
    told = {"code": error.code, "detail": error.detail, "path": error.path, "advice": error.advice}
    if as_json:
        sys.stdout.write(json.dumps({"refused": told}, ensure_ascii=False, indent=2) + "\n")
        return
    sys.stderr.write(f"Refused ({error.code}): {error.detail}\n")
    if error.advice:
        sys.stderr.write(f"{error.advice}\n")

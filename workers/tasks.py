"""What each kind of job does: one service each. The services load when the first such job comes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from exchange.services.context import Context

Handler = Callable[[Context, Mapping[str, str]], object]


def sign_publication(ctx: Context, payload: Mapping[str, str]) -> None:
    """Sign a waiting publication with the organisation's custody key and publish it."""
    from exchange.services import publish

    publish.sign_publication(ctx, payload["publication_id"])


def roll_up(ctx: Context, payload: Mapping[str, str]) -> None:
    """Solve the networks of the period [start, end) and have their chains released."""
    from exchange.services.rollup import running

    running.solve_period(ctx, date.fromisoformat(payload["start"]), date.fromisoformat(payload["end"]))


def release_chains(ctx: Context, payload: Mapping[str, str]) -> None:
    """Release a shard of a network's chains."""
    from exchange.services.rollup import releasing

    releasing.release_shard(ctx, int(payload["network"]), int(payload["round"]), int(payload["shard"]))


def read_import(ctx: Context, payload: Mapping[str, str]) -> None:
    """Read an uploaded table and publish what it holds."""
    from connectors.deliveries import read_deliveries
    from exchange.services import imports

    imports.run_import(ctx, payload["import_id"], read_deliveries)


def read_account_import(ctx: Context, payload: Mapping[str, str]) -> None:
    """Read an uploaded account template and enter what it holds."""
    from connectors.account import read_account
    from exchange.services import imports

    imports.run_account_import(ctx, payload["import_id"], read_account)


def issue_status_list(ctx: Context, payload: Mapping[str, str]) -> None:
    """Sign and log a status list's next issue."""
    from exchange.services.revocation import status_lists

    status_lists.issue_status_list(ctx, int(payload["list_number"]))


def cosign_checkpoint(ctx: Context, payload: Mapping[str, str]) -> None:
    """Show the log's newest checkpoint to the witnesses."""
    from exchange.services.transparency import cosigning

    cosigning.cosign(ctx)


def verify_foreign_credential(ctx: Context, payload: Mapping[str, str]) -> None:
    """Verify a signed document of somebody else's."""
    from exchange.services import foreign_credentials

    foreign_credentials.verify_foreign_credential(ctx, payload["credential_id"])


def sign_release(ctx: Context, payload: Mapping[str, str]) -> None:
    """Sign statements of all releases that have none yet."""
    from exchange.services import release_signing

    release_signing.sign_releases(ctx)


def sequence_log(ctx: Context, payload: Mapping[str, str]) -> None:
    """Log all that waits, and sign it."""
    from exchange.services.transparency import sequencing

    sequencing.sequence(ctx)


def issue_organisation_credential(ctx: Context, payload: Mapping[str, str]) -> None:
    """Sign what the registrar has to say of an organisation's DIDs."""
    from exchange.services.identities import organisation_credentials

    organisation_credentials.issue_credentials(ctx, payload["organisation_id"])


def bind_did_web_key(ctx: Context, payload: Mapping[str, str]) -> None:
    """Fetch and check a DID document, and bind the key it lists."""
    from exchange.services.identities import did_web

    did_web.bind_did_web_key(ctx, payload["binding_id"])


def make_custody_key(ctx: Context, payload: Mapping[str, str]) -> None:
    """Make a key that the exchange keeps for an organisation."""
    from exchange.services.identities import custody

    custody.make_custody_key(ctx, payload["organisation_id"])


HANDLERS: Mapping[str, Handler] = {
    "sign_publication": sign_publication,
    "cosign_checkpoint": cosign_checkpoint,
    "rollup": roll_up,
    "release_chains": release_chains,
    "import": read_import,
    "import_account": read_account_import,
    "issue_organisation_credential": issue_organisation_credential,
    "bind_did_web_key": bind_did_web_key,
    "make_custody_key": make_custody_key,
    "sequence_log": sequence_log,
    "verify_foreign_credential": verify_foreign_credential,
    "sign_release": sign_release,
    "issue_status_list": issue_status_list,
}

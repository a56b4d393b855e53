"""The trust root of this exchange, for first use: whoever verifies keeps a copy, and compares it elsewhere."""

from __future__ import annotations

from exchange.services.context import Context
from exchange.services.transparency.pending import NotLoggedYetError
from exchange.services.transparency.witnesses import configured
from exchange.store import log, log_serving
from exchange.store.tables.log import LogEpochRow
from exchange.trust.log.note import read_vkey
from exchange.trust.trust_root import MAX_ITEMS, TrustedLog, TrustRoot


def make_trust_root(ctx: Context) -> bytes:
    """Every log of this exchange with its keys, its witnesses with their quorum, its registrar (RFC 8785 JSON).

    A retired registrar stays in it: what it signed while it was in force still counts. Raises
    NotLoggedYetError (`trust_root.pending`) before the worker has made log and registrar.
    """
    with ctx.store.read() as session:
        logs = tuple(map(_log, log.epochs(session)[-MAX_ITEMS:]))
        registrars = tuple(row.did for row in log_serving.registrars(session)[-MAX_ITEMS:])
    if not logs or not registrars:
        raise NotLoggedYetError("The log is not open yet.", code="trust_root.pending")
    witnesses = tuple(one.key for one in configured(ctx.settings))
    return TrustRoot(logs, witnesses, ctx.settings.witness_quorum, registrars).serialise()


def _log(epoch: LogEpochRow) -> TrustedLog:
    return TrustedLog(epoch.origin, (read_vkey(epoch.log_vkey),), (read_vkey(epoch.state_vkey),))

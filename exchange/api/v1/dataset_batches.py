"""Batches of signed tokens: a line for each, an answer for each, whatever becomes of the others."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Literal

from exchange.api.operation import Resource
from exchange.api.v1.datasets import PublishedOut
from exchange.api.wire import Lines, Out, ProblemOut, problems_of
from exchange.domain.actors import Role
from exchange.domain.errors import ExchangeError, InvalidError, Problem
from exchange.services.context import Context
from exchange.services.publish_batch import Outcome, publish_batch
from exchange.trust import TrustError, strict_json
from exchange.trust.token import MAX_TOKEN_BYTES

MOST_TOKENS = 5000

resource = Resource("dataset-batches", "Many signed tokens at once, each judged for itself.")


class BatchItemOut(Out):
    """What became of a token: `exists` says that exactly these bytes were published before.

    `problem` is what publishing the token alone would have answered, with all that is wrong in `problems`.
    """

    state: Literal["published", "exists", "refused"]
    dataset: PublishedOut | None
    problem: ProblemOut | None
    problems: list[ProblemOut]


class BatchOut(Out):
    """An answer for each line, in the order of the lines."""

    published: int
    refused: int
    items: list[BatchItemOut]


@resource.operation("POST", "/dataset-batches", role=Role.SIGNER)
def publish(ctx: Context, body: Lines) -> BatchOut:
    """Publish signed tokens, one JSON string a line. A refused token keeps no other from being published.

    At most 5000 tokens and `VCX_MAX_IMPORT_BYTES`. Sent again, the same batch publishes what is missing.
    """
    if body.data.removesuffix(b"\n").count(b"\n") >= MOST_TOKENS:
        raise InvalidError(
            f"A batch has at most {MOST_TOKENS} lines.", code="batch.too_many", advice="Send several batches."
        )
    items = [_present(outcome) for outcome in publish_batch(ctx, _tokens(body.data))]
    states = [item.state for item in items]
    return BatchOut(published=states.count("published"), refused=states.count("refused"), items=items)


def _tokens(data: bytes) -> Iterator[bytes | InvalidError]:
    for line in BytesIO(data):
        try:
            value = strict_json.loads(line.rstrip(b"\r\n"), max_bytes=MAX_TOKEN_BYTES)
        except TrustError as error:
            yield InvalidError(error.detail, code=error.code, path=error.path, advice=error.advice)
            continue
        if isinstance(value, str):
            yield value.encode()
        else:
            advice = "Write each token in quotation marks on a line of its own."
            yield InvalidError("The line is not a JSON string.", code="batch.line", advice=advice)


def _present(outcome: Outcome) -> BatchItemOut:
    if isinstance(outcome, ExchangeError):
        problem = Problem(outcome.error_code, outcome.detail, outcome.path, outcome.advice)
        return BatchItemOut(
            state="refused",
            dataset=None,
            problem=ProblemOut.of(problem),
            problems=problems_of(outcome.problems),
        )
    return BatchItemOut(
        state="published" if outcome.is_new else "exists",
        dataset=PublishedOut.of(outcome),
        problem=None,
        problems=[],
    )

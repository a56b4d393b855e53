"""A witness on the web: one path, one method, small bodies, plain words (C2SP tlog-witness). No framework."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import structlog

from exchange.trust.log.witness import MAX_REQUEST_BYTES, TEXT

PATH = "/add-checkpoint"

log = structlog.get_logger("witness")

Environ = dict[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], object]


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer: status, media type, body."""

    status: int
    body: bytes
    media_type: str = TEXT


class WitnessApp:
    """The WSGI application (PEP 3333) around `add_checkpoint`, which must be safe to call from several threads."""

    def __init__(self, add_checkpoint: Callable[[bytes], Answer]) -> None:
        self._add_checkpoint = add_checkpoint

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request; a fault of ours is logged and told without a trace."""
        try:
            answer = self._answer(environ)
        except Exception:
            log.exception("witness.failed")
            answer = Answer(500, b"the witness failed; nothing was cosigned\n")
        log.info("witness.answered", status=answer.status)
        headers = [
            ("Content-Type", answer.media_type),
            ("Content-Length", str(len(answer.body))),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
        ]
        if answer.status == 405:
            headers.append(("Allow", "POST"))
        start_response(f"{answer.status} {HTTPStatus(answer.status).phrase}", headers)
        return [answer.body]

    def _answer(self, environ: Environ) -> Answer:
        if environ.get("PATH_INFO") != PATH:
            return Answer(404, b"a witness has one path: POST /add-checkpoint\n")
        if environ.get("REQUEST_METHOD") != "POST":
            return Answer(405, b"send a checkpoint with POST\n")
        length = environ.get("CONTENT_LENGTH") or ""
        if not (length.isascii() and length.isdigit()):
            return Answer(411, b"say how long the body is\n")
        if len(length) > 9 or int(length) > MAX_REQUEST_BYTES:
            return Answer(413, b"this is larger than any checkpoint with its proof\n")
        body = environ["wsgi.input"].read(int(length))
        if len(body) != int(length):
            return Answer(400, b"the body is shorter than announced\n")
        return self._add_checkpoint(body)

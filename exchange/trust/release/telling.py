"""A statement of a release told: which chain and period, which figures, and what was counted."""

from __future__ import annotations

from collections.abc import Iterator

from exchange.trust.proof.telling import (
    Document,
    logged_sentence,
    origin_sentence,
    proof_document,
    witnesses_sentence,
)
from exchange.trust.release.content import ReleaseContent, StatedCell
from exchange.trust.release.verdict import ReleaseVerdict
from exchange.trust.units import symbol, symbol_of_one

RELEASED = "released"


def release_sentences(verdict: ReleaseVerdict) -> Iterator[str]:
    """Who, what, when, and whose inputs, as far as the bundle shows it."""
    yield from origin_sentence(verdict)
    if verdict.signed is None:
        yield "Signed: nothing in this file is shown to be signed by its issuer."
        return
    yield f"Signed by: {verdict.signed.issuer}."
    if verdict.content is not None:
        yield from content_sentences(verdict.content)
        yield _own_inputs(verdict)
    yield f"Fingerprint: {verdict.signed.digest}."
    yield logged_sentence(verdict)
    yield witnesses_sentence(verdict)


def content_sentences(content: ReleaseContent) -> Iterator[str]:
    """What a statement says."""
    yield f"Statement of what was released of the chain {content.chain}, in force at {content.as_of}."
    yield f"Period: from {content.start} up to, not including, {content.end}."
    if content.cells is None:
        yield "Figures: not disclosed in this file."
    for cell in content.cells or ():
        yield _figure(cell)
    yield f"Method: {content.method}. Factor set: {content.factor_set}."
    yield f"Inputs counted: {content.size}."


def release_document(verdict: ReleaseVerdict) -> dict[str, Document]:
    """The same for programs."""
    return {
        **proof_document(verdict),
        **content_document(verdict.content),
        "own_inputs": [one.input.digest for one in verdict.own_inputs],
    }


def content_document(content: ReleaseContent | None) -> dict[str, Document]:
    """What a statement says, for programs; nothing where that could not be read."""
    if content is None:
        return {}
    cells = content.cells
    told: list[Document] | None = None if cells is None else [_cell_document(cell) for cell in cells]
    return {
        "release": {
            "chain": content.chain,
            "period": {"start": content.start, "end": content.end},
            "as_of": content.as_of,
            "method": content.method,
            "factor_set": content.factor_set,
            "inputs": content.size,
            "cells": told,
        }
    }


def _cell_document(cell: StatedCell) -> dict[str, Document]:
    return {
        "indicator": cell.indicator,
        "status": cell.status,
        "value": cell.value,
        "unit": cell.unit,
        "per_unit": cell.per_unit,
        "per_unit_of": cell.per_unit_of,
        "own": cell.own,
        "upstream": cell.upstream,
        "is_at_least": cell.is_at_least,
        "run": cell.run or None,
    }


def _figure(cell: StatedCell) -> str:
    """`Figure co2e: at least 90 kg, 9 kg per piece; own 10 kg, upstream 80 kg.`"""
    if cell.status != RELEASED or cell.value is None:
        return f"Figure {cell.indicator}: no data."
    least, unit = "at least " if cell.is_at_least else "", symbol(cell.unit)
    told = f"Figure {cell.indicator}: {least}{cell.value} {unit}"
    if cell.per_unit is not None:
        told += f", {least}{cell.per_unit} {unit} per {symbol_of_one(cell.per_unit_of or 'unit')}"
    parts = [
        f"{name} {amount} {unit}"
        for name, amount in (("own", cell.own), ("upstream", cell.upstream))
        if amount
    ]
    return f"{told}; {', '.join(parts)}." if parts else f"{told}."


def _own_inputs(verdict: ReleaseVerdict) -> str:
    if not verdict.own_inputs:
        return "Inputs proven in this file: none."
    digests = ", ".join(one.input.digest for one in verdict.own_inputs)
    return f"Inputs proven in this file: {len(verdict.own_inputs)}, {digests}."

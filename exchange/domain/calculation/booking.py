"""Bills and readings brought into their flow's unit and into the stretches of time they are spread in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from exchange.domain.calculation.account import Bill, Flow, Key, Output, Product, Reading, SiteAccount
from exchange.domain.calculation.conversion import Converter
from exchange.domain.calculation.effects import factor_name
from exchange.domain.calculation.spreading import Booked, Counted
from exchange.domain.calculation.weights import Weights, weights_of
from exchange.domain.calculation.windows import clipped, pieces, windows
from exchange.domain.errors import InvalidError, Problem
from exchange.domain.factors import FactorBook
from exchange.domain.periods import Period

WHOLE = Fraction(1)
Rows = tuple[tuple[Period, ...], Weights, list[Booked], list[Counted]]


class Bookings:
    """A site's account and its rows by flow, cut where a factor of the flow changes."""

    def __init__(self, account: SiteAccount, book: FactorBook) -> None:
        """Convert every row. Raises InvalidError naming the row that cannot be converted or placed."""
        _refuse_outside(account)
        whole = (account.period,)
        self.account = account
        self._pieces = {
            flow.id: pieces(account.period, book.boundaries(name)) if (name := factor_name(flow)) else whole
            for flow in account.flows
        }
        self._keys = {key.id: key for key in account.keys}
        self._products = {key.id: _taking_part(account, key) for key in account.keys}
        self._outputs = {
            key.id: [one for one in account.outputs if one.product in self._products[key.id]]
            for key in account.keys
        }
        self._output_periods = {
            key: sorted({one.period for one in outputs}) for key, outputs in self._outputs.items()
        }
        self._weights: dict[tuple[object, ...], Weights] = {}
        self._bills: dict[str, list[Booked]] = {}
        self._readings: dict[str, list[Counted]] = {}
        self._book_rows(Converter(book))

    def of_flow(self, flow: Flow) -> Iterator[tuple[Period, Rows]]:
        """By piece in which anything was billed or read: its windows, the weights in them, and the rows inside it."""
        bills = self._bills.get(flow.id, [])
        readings = self._readings.get(flow.id, [])
        bounds = [clipped(one.bill.period, self.account.period) or one.period for one in bills]
        bounds += [one.reading.period for one in readings]
        joined = windows([*self._output_periods[flow.key], *bounds])
        weights = self._weights_in(flow.key, joined)
        for piece in self._pieces[flow.id]:
            booked = [one for one in bills if piece.covers(one.period.start)]
            counted = [one for one in readings if piece.covers(one.period.start)]
            if booked or counted:
                first, last = _touching(joined, piece)
                yield piece, (joined[first:last], weights.part(first, last), booked, counted)

    def _book_rows(self, converter: Converter) -> None:
        flows = {flow.id: flow for flow in self.account.flows}
        for bill in self.account.bills:
            rows = _booked(converter, flows[bill.flow], bill, self._pieces[bill.flow])
            self._bills.setdefault(bill.flow, []).extend(rows)
        for reading in self.account.readings:
            counted = _counted(converter, flows[reading.flow], reading, self._pieces[reading.flow])
            self._readings.setdefault(reading.flow, []).extend(counted)

    def _weights_in(self, key: str, joined: tuple[Period, ...]) -> Weights:
        bounds = (key, *((one.start, one.end) for one in joined))
        known = self._weights.get(bounds)
        if known is None:
            found = weights_of(self._keys[key], self._products[key], self._outputs[key], joined)
            known = self._weights[bounds] = found
        return known


def _touching(joined: tuple[Period, ...], piece: Period) -> tuple[int, int]:
    """The stretch of windows, from and up to, that share a day with the piece."""
    places = [place for place, one in enumerate(joined) if one.start < piece.end and piece.start < one.end]
    return places[0], places[-1] + 1


def _taking_part(account: SiteAccount, key: Key) -> dict[str, Product]:
    """Whom a key spreads to: unless it says otherwise every product, but by-products, which bear a part of one."""
    given = {one.product for one in account.co_products}
    named = set(key.products) or {one.id for one in account.products} - given
    return {one.id: one for one in account.products if one.id in named}


def _booked(converter: Converter, flow: Flow, bill: Bill, within: Iterable[Period]) -> list[Booked]:
    """The parts of a bill by piece, cut by days; a credit note counts below zero."""
    try:
        amount, conversions = converter.convert(
            flow, bill.amount, bill.period, bill.heating_value, bill.calorific_value
        )
    except InvalidError as error:
        raise _at(error, bill.place or bill.id) from error
    signed = -amount if bill.is_credit else amount
    return [
        Booked(bill, part, signed if inside == 1 else signed * inside, conversions, inside)
        for part, inside in _parts(bill.period, within)
    ]


def _counted(converter: Converter, flow: Flow, reading: Reading, within: Iterable[Period]) -> list[Counted]:
    try:
        amount, conversions = converter.convert(flow, reading.amount, reading.period, reading.heating_value)
    except InvalidError as error:
        raise _at(error, reading.place or reading.id) from error
    return [
        Counted(reading, part, amount * inside, conversions, inside)
        for part, inside in _parts(reading.period, within)
    ]


def _parts(period: Period, within: Iterable[Period]) -> list[tuple[Period, Fraction]]:
    """The parts of a period by piece, each with its share of the period's days."""
    for piece in within:
        if piece.start <= period.start and period.end <= piece.end:
            return [(period, WHOLE)]
    cut = [part for piece in within if (part := clipped(period, piece)) is not None]
    return [(part, Fraction(part.days, period.days)) for part in cut]


def _refuse_outside(account: SiteAccount) -> None:
    rows: tuple[Output | Reading, ...] = (*account.outputs, *account.readings)
    outside = [one.place or one.id for one in rows if not account.period.contains(one.period)]
    if outside:
        detail = f"These records run over the edge of {account.period.start} to {account.period.end}: "
        raise InvalidError(
            detail + "; ".join(outside) + ".",
            code="output.outside",
            advice="Split the record at the edge, or choose another period.",
        )


def _at(error: InvalidError, place: str) -> InvalidError:
    detail = f"{place}: {error.detail}"
    problem = Problem(error.error_code, detail, error.path, error.advice)
    return InvalidError(
        detail, code=error.error_code, path=error.path, advice=error.advice, problems=(problem,)
    )

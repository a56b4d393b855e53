"""What stands behind a product, and networks put under other numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from exchange.engine import Network, solve
from exchange.engine.cone import part, placed, upstream
from exchange.engine.errors import ShapeError
from tests.unit.engine.networks import Parts, parts

NAN = float("nan")


def chain() -> Network:
    """0 into 1 into 2; 3 into 1, and nobody into 4. Product 1 declares column 0."""
    fixed = [[NAN, NAN], [5.0, NAN], [NAN, NAN], [NAN, NAN], [NAN, NAN]]
    return Network.from_edges([0, 1, 3], [1, 2, 1], [2.0, 3.0, 1.0], [[1.0, 1.0]] * 5, fixed)


def test_upstream_is_everything_that_goes_into_a_product() -> None:
    assert upstream(chain(), [2]).tolist() == [0, 1, 2, 3]
    assert upstream(chain(), [4]).tolist() == [4]
    assert upstream(chain(), [0, 4]).tolist() == [0, 4]
    assert upstream(chain(), []).tolist() == []


def test_in_one_column_a_declared_product_is_not_gone_behind() -> None:
    assert upstream(chain(), [2], column=0).tolist() == [1, 2]
    assert upstream(chain(), [2], column=1).tolist() == [0, 1, 2, 3]


def test_a_loop_is_gone_round_once() -> None:
    network = Network.from_edges([0, 1, 2], [1, 0, 0], [0.5, 0.5, 1.0], [[1.0]] * 3)
    assert upstream(network, [0]).tolist() == [0, 1, 2]


def test_a_network_under_other_numbers() -> None:
    moved = placed(chain(), {0: 5, 1: 3, 2: 0, 3: 1}, 6)
    assert solve(moved).footprints[[5, 3, 0, 1]].tolist() == solve(chain()).footprints[:4].tolist()
    assert (moved.direct[[2, 4]] == 0).all()
    assert not moved.declared[[2, 4]].any()


def test_a_product_that_is_needed_cannot_be_left_out() -> None:
    with pytest.raises(ShapeError) as refusal:
        placed(chain(), {0: 0, 1: 1, 2: 2}, 3)
    assert refusal.value.nodes == (3,)


def test_behind_a_product_declared_in_every_column_everything_may_be_left_out() -> None:
    network = Network.from_edges([0, 1], [1, 2], [2.0, 3.0], [[1.0]] * 3, [[NAN], [5.0], [NAN]])
    assert solve(placed(network, {1: 0, 2: 1}, 2)).footprints[:, 0].tolist() == [5.0, 16.0]


@pytest.mark.parametrize("places", [{0: 0, 4: 0}, {0: 9}, {7: 0}, {-1: 0}])
def test_places_that_cannot_be_are_refused(places: dict[int, int]) -> None:
    with pytest.raises(ShapeError):
        placed(chain(), places, 3)


@settings(max_examples=40, deadline=None)
@given(parts())
def test_the_part_upstream_of_a_product_has_the_footprints_of_the_whole(random: Parts) -> None:
    network = random.network()
    products = upstream(network, [0])
    expected = solve(network).footprints[products]
    assert np.allclose(solve(part(network, products)).footprints, expected, rtol=1e-8, atol=0)

"""How many proofs of inputs one release bundle holds: as many as its values allow, which a reader reads back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from exchange.trust.errors import JsonError
from exchange.trust.proof import form
from exchange.trust.release.document import MAX_INPUTS, read_release_bundle, that_fit
from exchange.trust.release.inputs import InputProof, SaltedInput
from tests.unit.trust.releases import Release, with_entry


def proof_of(length: int, number: int = 0) -> InputProof:
    """A proof with a path of so many hashes, which leads nowhere."""
    return InputProof(SaltedInput(f"sha256:{number:064x}", bytes(16)), number, (bytes(32),) * length)


def test_a_file_holds_as_many_inputs_as_its_values_allow_and_not_one_hash_more() -> None:
    longest = [proof_of(form.MAX_PATH, number) for number in range(1500)]
    assert len(that_fit(longest)) == 1469
    built = with_entry(Release().build(), path=(bytes(32),) * form.MAX_PATH)
    full = (*longest[:1469], proof_of(29))
    assert that_fit(full) == full
    assert read_release_bundle((made := replace(built, inputs=full)).serialise()) == made
    over = (*longest[:1469], proof_of(30))
    assert that_fit(over) == over[:1469]
    with pytest.raises(JsonError) as refused:
        replace(built, inputs=over).serialise()
    assert refused.value.code == "json.nodes"


def test_of_the_shortest_paths_no_file_holds_more_than_are_read() -> None:
    assert len(that_fit([proof_of(0)] * 20_000)) == len(that_fit([proof_of(1)] * 20_000)) == MAX_INPUTS

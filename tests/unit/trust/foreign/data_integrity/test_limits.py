"""What a document of somebody else may cost, and that its canonical form, made once, is what each proof signs."""

from __future__ import annotations

from hashlib import sha256

import pytest

from exchange.trust import TrustError, strict_json
from exchange.trust.foreign.data_integrity.hashing import SecuredDocument
from exchange.trust.foreign.document import read_foreign
from exchange.trust.strict_json import canonical
from tests.unit.trust.foreign.documents import credential, signed, written


@pytest.mark.parametrize("name", ["!before", "@", "@contexs", "@contextual", "after", "\U0001f600", "\uffee"])
def test_what_stands_around_the_context_is_signed_in_canonical_order(name: str) -> None:
    # RFC 8785 section 3.2.3: by UTF-16 code units; the hash is over the very bytes of the whole document.
    plain = {**strict_json.loads(written(credential()), max_bytes=9999), name: {"b": 1, "a": ["2.5"]}}
    bare = {"type": "DataIntegrityProof"}
    expected = sha256(canonical(bare)).digest() + sha256(canonical(plain)).digest()
    assert SecuredDocument({**plain, "proof": bare}).hash_data(bare) == expected
    only = {"@context": plain["@context"]}
    assert SecuredDocument(only).hash_data(bare)[32:] == sha256(canonical(only)).digest()


def test_a_document_has_so_many_proofs_and_no_more() -> None:
    one = signed()
    assert read_foreign(written({**one, "proof": [one["proof"]] * 4})).form == "eddsa-jcs-2022"
    with pytest.raises(TrustError) as refusal:
        read_foreign(written({**one, "proof": [one["proof"]] * 5}))
    assert refusal.value.code == "integrity.proof"


def test_a_document_of_more_than_a_megabyte_is_not_read() -> None:
    with pytest.raises(TrustError) as refusal:
        read_foreign(b"{" + b" " * 1024 * 1024)
    assert refusal.value.code == "foreign.size"

"""Refusals of proofs, and of files somebody brings to be checked, by their stable code."""

from __future__ import annotations

from exchange.web.reader import mark as _

_PENDING = _("The log does not cover this yet. Try again in a few seconds.")
_NO_TRUST_ROOT = _("This is no trust root. Choose the file vcx-trust.json as you keep it, or leave it out.")
PROOF_REFUSALS: dict[str, str] = {
    "bundle.pending": _PENDING,
    "receipt.pending": _PENDING,
    "verify.empty": _("The file is empty."),
    "verify.too_large": _(
        "The file is too large for this page. Check it on your own computer with vcx verify."
    ),
    "verify.pdf": _(
        "This is a PDF: a page to read, without the signed figures. Bring the bundle (a file ending in .vcx.json), "
        "as it was downloaded from the exchange."
    ),
    "verify.office": _(
        "This is a spreadsheet, a text document or a packed folder. If it is a folder, unpack it first. Bring the "
        "bundle (a file ending in .vcx.json), as it was downloaded from the exchange."
    ),
    "verify.picture": _(
        "This is a picture, which nobody has signed. Bring the bundle (a file ending in .vcx.json), as it was "
        "downloaded from the exchange."
    ),
    "verify.web_page": _(
        "This is a web page or an XML file: the page was saved, not the file. Bring the bundle (a file ending in "
        ".vcx.json), as it was downloaded from the exchange."
    ),
    "verify.trust_root": _(
        "This is a trust root: it says whom you believe, and proves nothing by itself. Choose it under 'Your trust "
        "root', and the bundle here."
    ),
    "verify.unknown": _(
        "This is no signed file. Bring the bundle (a file ending in .vcx.json), as it was downloaded from the exchange."
    ),
    "verify.not_signed": _(
        "This is not a signed file. Choose a bundle or token as the exchange hands them out."
    ),
    "verify.assurance": _(
        "Only the bundle of a dataset says how well its organisation was checked. Leave that demand as it was, or "
        "bring the bundle."
    ),
    "trust_root.form": _NO_TRUST_ROOT,
    **{
        f"trust_root.{wrong}": _NO_TRUST_ROOT
        for wrong in ("version", "key", "doubled", "witness", "quorum", "registrar")
    },
}

"""Refusals about keys named by a domain, and about fetching what stands there, by their stable code."""

from __future__ import annotations

from exchange.web.reader import mark as _

_DOCUMENT = _(
    "The document is not a DID document as the standard writes it. Make it with vcx keys did-document."
)
_NOT_FETCHED = _("The document is larger than allowed, packed, or not of the type application/did+json.")

DID_WEB_REFUSALS: dict[str, str] = {
    "kid.malformed": _("This is not a key id. Write it like did:web:firm.example#key-1."),
    "domain.invalid": _("This is not a domain. Write it without protocol and path, like firm.example."),
    "did_web.method": _("The key id does not start with did:web:."),
    "did_web.host": _("The key id needs a full domain name in small letters, not an address."),
    "did_web.port": _("The key id names a port that does not exist."),
    "did_web.path": _("The path in the key id is empty, leads elsewhere or is spelled in an unusual way."),
    "did_web.no_domain": _(
        "Your organisation has declared no domain. An administrator does it on this page."
    ),
    "did_web.foreign_domain": _("The key id does not stand on your organisation's own domain."),
    "did_web.pinned": _("This key id is bound and stays bound to its key. Give a new key an id of its own."),
    "did_web.waiting": _("A key of yours is being looked for. Wait until that has ended."),
    "did_web.document": _DOCUMENT,
    "did_web.id": _("The document at your domain is that of another identifier."),
    "did_web.key_missing": _("The document does not list a key with this id."),
    "did_web.ambiguous": _("The document lists two keys with this id."),
    "did_web.not_for_assertion": _("The document lists the key, but not under assertionMethod."),
    "did_web.controller": _("The document says that somebody else controls the key."),
    "did_web.key_type": _("The document gives the key in a form not used here. Use JsonWebKey or Multikey."),
    "did_web.key_material": _DOCUMENT,
    "did_web.key_use": _("The document says that the key is not for signatures."),
    "did_web.multibase": _("The document gives a key of a kind not used here. Use Ed25519 or P-256."),
    "did_web.revoked": _("The document says that the key is revoked."),
    "did_web.expired": _("The document says that the key has expired."),
    "fetch.address": _("The domain leads to an address that is not of the public internet."),
    "fetch.port": _("The document is fetched from port 443 only."),
    "fetch.certificate": _("The certificate of your web server does not hold for the domain."),
    "fetch.redirect": _("The address leads on to another one. Serve the document at its own address."),
    "fetch.status": _("There is no document at the address."),
    "fetch.media_type": _NOT_FETCHED,
    "fetch.encoding": _NOT_FETCHED,
    "fetch.size": _NOT_FETCHED,
    "fetch.name": _("The domain was not found. Look for a mistyped letter, and try again."),
    "fetch.timeout": _("Your web server did not answer in time. Try again."),
    "fetch.connection": _("Your web server could not be reached. Try again."),
    "fetch.protocol": _("Your web server did not answer as web servers do. Try again."),
    "fetch.server": _("Your web server had a fault or was busy. Try again."),
}

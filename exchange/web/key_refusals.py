"""Refusals about signing keys and who may use them, by their stable code."""

from __future__ import annotations

from exchange.web.did_web_refusals import DID_WEB_REFUSALS
from exchange.web.reader import mark as _

KEY_REFUSALS: dict[str, str] = {
    "password.wrong": _("This is not your present password."),
    "key.browser": _("The browser sent no key. Allow the page's script, or make a key with vcx keys new."),
    "key.proof": _("The proof is too old, or not for this key and this exchange. Make a new one."),
    "key.same": _("This is the key that is said to be lost. Reload the page and try again."),
    "key.retired": _("This key has been retired. Reload the page and make a new key."),
    "key.bound_elsewhere": _("This key belongs to another organisation here. Make a key of your own."),
    "key.compromise_future": _("This lies in the future. Say since when somebody else may have had the key."),
    "signing.key": _("Choose one of your own keys that is in force, or make one first."),
    "publication.waiting": _(
        "The exchange is about to sign this dataset. Wait until it is published, then sign it yourself if you wish."
    ),
    "custody.retired": _(
        "You ended the key that the exchange kept for you. Publish with a key of your own, or have an "
        "administrator ask for a new one on the page of signing keys."
    ),
    "custody.own_key": _(
        "You sign with a key of your own, and the exchange keeps none for you. Sign with your own; or have an "
        "administrator ask for one that the exchange keeps on the page of signing keys."
    ),
    "key.further": _(
        "You have a key of your own in force. Give your password to bind a further one, or end the key first."
    ),
    "custody.open": _("The exchange keeps a key for you already, or makes the first one by itself."),
} | DID_WEB_REFUSALS

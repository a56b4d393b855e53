"""What names, addresses and numbers of accounts must look like; pure checks with stable codes."""

from __future__ import annotations

import re
import unicodedata

from exchange.domain.deflators import BRANCHES
from exchange.domain.errors import InvalidError

LOCALES = ("da", "en")
MAX_EMPLOYEES = 10_000_000

_EMAIL = re.compile(
    r"[^@\s\"(),:;<>\[\]\\]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]"
)
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
_COUNTRY = re.compile(r"[A-Z]{2}")
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def check_name(text: str, path: str) -> str:
    """A name of 1 to 200 visible characters, trimmed and in NFC. Raises InvalidError `name.invalid`."""
    name = unicodedata.normalize("NFC", text).strip()
    if not 1 <= len(name) <= 200 or any(unicodedata.category(char) in _UNSEEN for char in name):
        raise InvalidError(
            "A name has 1 to 200 visible characters.",
            code="name.invalid",
            path=path,
            advice="Leave out control characters and line breaks.",
        )
    return name


def check_email(text: str, path: str = "/user/email") -> str:
    """An e-mail address, case-folded: one person has one account. Raises InvalidError `email.invalid`."""
    email = unicodedata.normalize("NFC", text).strip().casefold()
    hidden = any(unicodedata.category(char) in _UNSEEN for char in email)
    if len(email) > 254 or hidden or _EMAIL.fullmatch(email) is None:
        raise InvalidError(
            "This is not an e-mail address.",
            code="email.invalid",
            path=path,
            advice="Write it like name@firm.example.",
        )
    return email


def check_domain(text: str | None) -> str | None:
    """A host name the organisation owns, lower case, or None. Raises InvalidError `domain.invalid`."""
    domain = (text or "").strip().lower()
    if domain and (len(domain) > 253 or _DOMAIN.fullmatch(domain) is None):
        raise InvalidError(
            "This is not a domain name.",
            code="domain.invalid",
            path="/organisation/domain",
            advice="Write it without protocol and path, like firm.example.",
        )
    return domain or None


def check_country(text: str, path: str = "/organisation/country") -> str:
    """An ISO 3166-1 alpha-2 code. Raises InvalidError `country.invalid`."""
    if _COUNTRY.fullmatch(text) is None:
        raise InvalidError("A country is two capital letters.", code="country.invalid", path=path)
    return text


def check_branch(text: str | None) -> str | None:
    """A production branch code CA to CM, or None. Raises InvalidError `branch.unknown`."""
    if text is not None and text not in BRANCHES:
        raise InvalidError(
            "The branch is one of CA to CM.", code="branch.unknown", path="/organisation/branch"
        )
    return text


def check_employees(count: int | None) -> int | None:
    """A number of employees, or None. Raises InvalidError `employees.range`."""
    if count is not None and not 0 <= count <= MAX_EMPLOYEES:
        raise InvalidError(
            "The number of employees is not plausible.",
            code="employees.range",
            path="/organisation/employees",
        )
    return count


def check_locale(text: str) -> str:
    """`da` or `en`. Raises InvalidError `locale.unknown`."""
    if text not in LOCALES:
        raise InvalidError("The language is da or en.", code="locale.unknown", path="/user/locale")
    return text

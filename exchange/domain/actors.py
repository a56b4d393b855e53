"""Who acts: a person or a machine, always for one organisation."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from exchange.domain.errors import NotPermittedError


class Role(StrEnum):
    """What somebody may do for an organisation. A higher role does not imply a lower one's duties but its rights."""

    VIEWER = "viewer"
    EDITOR = "editor"
    SIGNER = "signer"
    ADMIN = "admin"


RIGHTS: dict[Role, frozenset[Role]] = {
    Role.VIEWER: frozenset({Role.VIEWER}),
    Role.EDITOR: frozenset({Role.VIEWER, Role.EDITOR}),
    Role.SIGNER: frozenset({Role.VIEWER, Role.EDITOR, Role.SIGNER}),
    Role.ADMIN: frozenset(Role),
}


class Assurance(StrEnum):
    """How sure the exchange is that an organisation is who it says it is, weakest first."""

    SELF_DECLARED = "self_declared"
    INVITED = "invited"
    OPERATOR_CHECKED = "operator_checked"
    OWN_DOMAIN = "own_domain"


@dataclass(frozen=True)
class Actor:
    """The person (`user_id`) or API client (`client_id`) acting for `organisation_id`.

    `mandate_id` names the mandate when the act is on behalf of another organisation.
    `is_operator` marks the exchange's own staff, who approve identities but read no tenant's data. `session_id` is
    the browser session a person acts in.
    """

    organisation_id: str
    roles: frozenset[Role]
    user_id: str | None = None
    client_id: str | None = None
    mandate_id: str | None = None
    is_operator: bool = False
    session_id: str | None = field(default=None, compare=False)

    def may(self, role: Role) -> bool:
        """True when one of the actor's roles carries the right."""
        return any(role in RIGHTS[own] for own in self.roles)

    def require(self, role: Role) -> None:
        """Raise NotPermittedError (`role.missing`) unless the actor has the right."""
        if not self.may(role):
            raise NotPermittedError(
                f"This needs the role {role.value}.",
                code="role.missing",
                advice="Ask an administrator of your organisation for the role.",
            )

    def require_operator(self) -> None:
        """Raise NotPermittedError (`operator.only`) unless the actor runs the exchange."""
        if not self.is_operator:
            raise NotPermittedError("Only the operator of the exchange does this.", code="operator.only")

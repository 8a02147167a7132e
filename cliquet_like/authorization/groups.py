"""Groups: the principals that the permission backend adds to a user."""

from collections.abc import Iterable
from typing import Any, Final

from cliquet_like.web.subrequests import shared_by

_KEY: Final = "cliquet_like.groups"
"""Of ``request.bound_data``: what is found once is known to the whole batch."""


def groupfinder(userid: str, request: Any) -> list[str]:
    """Principals of a user, asked for once a request and once a batch; none without backend."""
    backend = getattr(request.registry, "permission", None)
    if backend is None:
        return []
    # Not `request.prefixed_userid`: the user is being authenticated at this moment.
    principal = f"{request.authn_type}:{userid}"
    known = known_groups(request, principal)
    return keep_groups(request, principal, backend.user_principals(principal)) if known is None else known


def known_groups(request: Any, principal: str) -> list[str] | None:
    """Groups of a user, by the prefixed id, if they were asked for already."""
    groups: list[str] | None = shared_by(request).get(_KEY, {}).get(principal)
    return groups


def keep_groups(request: Any, principal: str, groups: Iterable[str]) -> list[str]:
    """Remember the groups of a user for the rest of the request; answers them."""
    kept: list[str] = shared_by(request).setdefault(_KEY, {}).setdefault(principal, list(groups))
    return kept

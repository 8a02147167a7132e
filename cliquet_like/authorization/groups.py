"""Groups: the principals that the permission backend adds to a user."""

from typing import Any


def groupfinder(userid: str, request: Any) -> list[str]:
    """Principals of a user, asked for once a request and once a batch; none without backend."""
    backend = getattr(request.registry, "permission", None)
    if backend is None:
        return []
    # Not `request.prefixed_userid`: the user is being authenticated at this moment.
    principal = f"{request.authn_type}:{userid}"
    groups: dict[str, list[str]] = request.bound_data.setdefault("groups", {})
    if principal not in groups:
        groups[principal] = list(backend.user_principals(principal))
    return groups[principal]

"""Who sends a request, as far as anybody has asked."""

from typing import Any


def selected_user(request: Any) -> str | None:
    """``<policy>:<user id>`` of the user whom a policy knew; None when nobody is known, or was asked for.

    It asks no policy itself.
    """
    userid = getattr(request, "selected_userid", None)
    return None if userid is None else f"{request.authn_type}:{userid}"

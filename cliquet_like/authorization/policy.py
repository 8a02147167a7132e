"""Authorization: whether these principals have a permission in a context."""

from collections.abc import Callable, Collection
from typing import Any

from pyramid.authorization import Authenticated
from pyramid.interfaces import IAuthorizationPolicy
from zope.interface import implementer

from cliquet_like.authorization.names import PRIVATE

BoundPermissions = Callable[[str, str], list[tuple[str, str]]]


@implementer(IAuthorizationPolicy)
class AuthorizationPolicy:
    """Decides by the name of the permission; subclass it for ``multiauth.authorization_policy``."""

    get_bound_permissions: BoundPermissions | None = None
    """Pairs (object id, permission) that include a given pair; None when each stands for itself."""

    def permits(self, context: Any, principals: Collection[str], permission: str) -> bool:
        """Whether one of the principals has the permission; nobody has one that we do not know."""
        if permission == PRIVATE:
            return Authenticated in principals
        return False

    def principals_allowed_by_permission(self, context: Any, permission: str) -> Any:
        """Not answered: Pyramid's interface asks for the method, nothing calls it."""
        raise NotImplementedError

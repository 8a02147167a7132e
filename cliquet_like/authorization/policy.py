"""Authorization: whether these principals have a permission in a context."""

from collections.abc import Collection
from typing import Any

from pyramid.authorization import Authenticated
from pyramid.interfaces import IAuthorizationPolicy
from zope.interface import implementer

from cliquet_like.authorization.context import RouteFactory
from cliquet_like.authorization.decision import Question, is_any_in
from cliquet_like.authorization.names import CREATE, DYNAMIC, PRIVATE
from cliquet_like.authorization.principals import Principals
from cliquet_like.permission.access import BoundPermissions


@implementer(IAuthorizationPolicy)
class AuthorizationPolicy:
    """Decides by the name of the permission; subclass it for ``multiauth.authorization_policy``."""

    get_bound_permissions: BoundPermissions | None = None
    """Pairs (object id, permission) that include a given pair, the pair itself among them; an
    attribute or a method. With None, who may write an object may read it, and that is all."""

    def permits(self, context: Any, principals: Collection[str], permission: str) -> bool:
        """Whether one of the principals has the permission.

        ``private`` is for everybody who is authenticated; for ``dynamic`` the context, a
        :class:`~cliquet_like.authorization.RouteFactory`, says which permission it needs. Any
        other one is asked for by its name. Where the context is no such thing, nobody has it.
        """
        if permission == PRIVATE:
            return Authenticated in principals
        if not hasattr(context, "check_permission"):
            return False
        principals = _with_prefixed_id(principals, context.get_prefixed_userid())
        needed = _needed(context, permission)
        if needed is None:
            return False
        if isinstance(context, RouteFactory):
            question = Question(needed, principals, self.get_bound_permissions)
            context.remember_admission(permission, question)
        return self._is_allowed(context, principals, needed)

    def _is_allowed(self, context: Any, principals: Collection[str], permission: str) -> bool:
        bound = self.get_bound_permissions
        if context.allowed_principals and isinstance(context, RouteFactory):
            allowed = context.check_setting(permission, principals, get_bound_permissions=bound)
        elif context.allowed_principals:
            allowed = is_any_in(context.allowed_principals, principals)
        else:
            allowed = context.check_permission(permission, principals, get_bound_permissions=bound)
        if allowed or not context.on_collection or permission.endswith(f":{CREATE}"):
            return bool(allowed)
        return bool(context.fetch_shared_records(permission, principals, get_bound_permissions=bound))

    def principals_allowed_by_permission(self, context: Any, permission: str) -> Any:
        """Not answered: Pyramid's interface asks for the method, nothing calls it."""
        raise NotImplementedError


def _needed(context: Any, permission: str) -> str | None:
    """Permission by its name in the entries; None when the context does not say which one it needs."""
    if permission == DYNAMIC:
        permission = context.required_permission
    return f"{context.resource_name}:{CREATE}" if permission == CREATE else permission


def _with_prefixed_id(principals: Collection[str], prefixed: str | None) -> Collection[str]:
    """Principals with the id of the user as entries name it, instead of the bare one.

    ``basicauth_<id>`` is how Cliquet 2.0 wrote it in entries.
    """
    policy, colon, bare = (prefixed or "").partition(":")
    if not (prefixed and colon):
        return principals
    names = [prefixed, f"{policy}_{bare}"]
    if isinstance(principals, Principals):
        return principals.with_user(names, bare)
    others = [principal for principal in principals if principal != bare]
    return [*others, *names] if isinstance(principals, list) else {*others, *names}

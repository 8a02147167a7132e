"""Security policy: who sends a request, with the groups left for later."""

from collections.abc import Sequence, Set
from typing import Any, Final

from pyramid_multiauth import MultiAuthIdentity, MultiAuthPolicySelected, MultiAuthSecurityPolicy

from cliquet_like.authorization.groups import groupfinder
from cliquet_like.authorization.names import PRIVATE
from cliquet_like.authorization.policy import AuthorizationPolicy
from cliquet_like.authorization.principals import Principals

_IDENTITY: Final = "_multiauth_identity"
"""Attribute in which pyramid_multiauth keeps the user of a request; a batch gives it to its subrequests."""

_NOT_ASKED: Final = object()


class Identity:
    """Who sends a request; ``groups`` are asked for when they are looked at."""

    def __init__(self, userid: str, request: Any) -> None:
        """Keep the user id, without prefix."""
        self.userid = userid
        self._request = request

    @property
    def groups(self) -> list[str]:
        """Groups of the user."""
        return groupfinder(self.userid, self._request)


def keep_selected(event: MultiAuthPolicySelected) -> None:
    """Subscriber: set which policy knew the user of a request, and as whom."""
    event.request.authn_type = event.policy_name
    event.request.selected_userid = event.userid


class SecurityPolicy(MultiAuthSecurityPolicy):
    """The stacked policies of pyramid_multiauth with our own groupfinder, which refuses nobody.

    Theirs asks for the groups of every user of every request.
    """

    def __init__(self, policies: Sequence[Any], authz_policy: Any = None) -> None:
        """Keep the stacked policies, and what decides by principals."""
        super().__init__(policies, authz_policy=authz_policy)
        self._without_groups = MultiAuthSecurityPolicy(policies)
        decide = getattr(authz_policy, "permits", None)
        self._users_do_private = getattr(decide, "__func__", None) is AuthorizationPolicy.permits

    def identity(self, request: Any) -> Identity | None:
        """User of the request, None for an anonymous one; found out once."""
        known = vars(request).get(_IDENTITY, _NOT_ASKED)
        if known is _NOT_ASKED:
            known = self._ask(request)
            setattr(request, _IDENTITY, known)
        return None if known is None else Identity(known.userid, request)

    def _ask(self, request: Any) -> MultiAuthIdentity | None:
        """The user whom the first of the policies knows; the request, and who subscribes to it, are told."""
        for policy in self._policies:
            userid = policy.authenticated_userid(request)
            if userid is not None:
                selected = MultiAuthPolicySelected(policy, request, userid)
                keep_selected(selected)
                if getattr(request.registry, "has_listeners", True):
                    request.registry.notify(selected)
                return MultiAuthIdentity(userid, [])
        return None

    def permits(self, request: Any, context: Any, permission: str) -> Any:
        """As the authorization policy decides: ours lets each user do what is private."""
        if permission == PRIVATE and self._users_do_private:
            return self.identity(request) is not None
        return super().permits(request, context, permission)

    def effective_principals(self, request: Any) -> Set[str]:
        """Principals of the request, the groups of its user among them."""
        asker = _asker(request)
        # The other policy would find out the same, and tell the request nothing of it.
        self.identity(asker)
        known = self._without_groups.effective_principals(asker)
        userid = self.authenticated_userid(request)
        if userid is None:
            return frozenset(known)
        return Principals(known, lambda: groupfinder(userid, request))


def _asker(request: Any) -> Any:
    """The request itself, or of those around it the outermost with which it shares its user.

    A user who was found out anew is another object, and for an anonymous one there is none.
    """
    identity = getattr(request, _IDENTITY, None)
    parent = getattr(request, "parent", None)
    while identity is not None and getattr(parent, _IDENTITY, None) is identity:
        request, parent = parent, getattr(parent, "parent", None)
    return request

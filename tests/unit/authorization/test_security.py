"""The security policy: who sends a request, with the groups left for later."""

from types import SimpleNamespace
from typing import Any

import pytest
from pyramid.authorization import Authenticated, Everyone

from cliquet_like.authorization import DYNAMIC, PRIVATE, AuthorizationPolicy
from cliquet_like.authorization.security import Identity, SecurityPolicy


class Backend:
    """Counts the questions for groups."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def user_principals(self, user_id: str) -> set[str]:
        self.asked.append(user_id)
        return {"group"}


class Policy:
    """Authentication of whoever the request says."""

    _pyramid_multiauth_name = "basicauth"

    def authenticated_userid(self, request: Any) -> str | None:
        userid: str | None = request.userid
        return userid

    def effective_principals(self, request: Any) -> list[str]:
        return [Everyone, "from:here"]


class Decision:
    """Keeps what it was asked."""

    def permits(self, context: Any, principals: Any, permission: str) -> Any:
        return principals


def asked_by(userid: str | None) -> Any:
    registry = SimpleNamespace(permission=Backend(), notify=lambda event: None)
    return SimpleNamespace(userid=userid, registry=registry, bound_data={}, authn_type="basicauth")


def test_the_policy_knows_a_user_before_it_knows_the_groups() -> None:
    request = asked_by("ada")
    policy = SecurityPolicy([Policy()], authz_policy=Decision())

    principals = policy.permits(request, None, "private")

    assert Authenticated in principals
    assert "from:here" in principals
    assert request.registry.permission.asked == []
    assert set(principals) == {Everyone, Authenticated, "ada", "from:here", "group"}
    assert request.registry.permission.asked == ["basicauth:ada"]


def test_the_request_is_told_who_was_selected_before_anybody_else() -> None:
    seen = []
    request = asked_by("ada")
    request.registry.notify = lambda event: seen.append((event.request.authn_type, event.userid))
    known_by = Policy()
    known_by._pyramid_multiauth_name = "token"
    policy = SecurityPolicy([known_by])

    assert {policy.identity(request).userid for _ in range(2)} == {"ada"}
    assert (request.authn_type, request.selected_userid) == ("token", "ada")
    assert seen == [("token", "ada")]


def test_an_anonymous_request_has_no_groups() -> None:
    policy = SecurityPolicy([Policy()], authz_policy=Decision())

    assert policy.identity(asked_by(None)) is None
    assert policy.effective_principals(asked_by(None)) == {Everyone, "from:here"}


def test_an_identity_finds_its_groups_when_they_are_looked_at() -> None:
    request = asked_by("ada")

    identity = SecurityPolicy([Policy()]).identity(request)

    assert isinstance(identity, Identity)
    assert (identity.userid, request.registry.permission.asked) == ("ada", [])
    assert identity.groups == ["group"]


class Counting(Policy):
    """Counts the questions for principals."""

    def __init__(self) -> None:
        self.asked = 0

    def effective_principals(self, request: Any) -> list[str]:
        self.asked += 1
        return super().effective_principals(request)


@pytest.mark.parametrize(("userid", "allowed"), [("ada", True), (None, False)])
def test_what_is_private_is_decided_by_who_asks_and_nothing_else(userid: str | None, allowed: bool) -> None:
    counting = Counting()
    policy = SecurityPolicy([counting], authz_policy=AuthorizationPolicy())

    assert policy.permits(asked_by(userid), None, PRIVATE) is allowed
    assert counting.asked == 0


def test_another_permission_is_asked_of_our_policy() -> None:
    context = SimpleNamespace(get_prefixed_userid=lambda: None, required_permission=None)
    context.check_permission = None

    assert (
        SecurityPolicy([Policy()], AuthorizationPolicy()).permits(asked_by("ada"), context, DYNAMIC) is False
    )


def test_a_policy_of_the_application_decides_what_is_private() -> None:
    class Closed(AuthorizationPolicy):
        def permits(self, context: Any, principals: Any, permission: str) -> bool:
            return "root" in principals

    assert SecurityPolicy([Policy()], Closed()).permits(asked_by("ada"), None, PRIVATE) is False
    assert SecurityPolicy([Policy()], Closed()).permits(asked_by("root"), None, PRIVATE) is True


def test_requests_of_a_batch_share_the_principals_of_a_user_that_they_share() -> None:
    counting = Counting()
    policy = SecurityPolicy([counting], authz_policy=Decision())
    batch = asked_by("ada")
    policy.identity(batch)

    for _ in range(2):
        inside = asked_by("ada")
        inside.parent, inside._multiauth_identity = batch, batch._multiauth_identity
        assert set(policy.effective_principals(inside)) == {
            Everyone,
            Authenticated,
            "ada",
            "from:here",
            "group",
        }

    assert counting.asked == 1


@pytest.mark.parametrize("userid", ["ada", None])
def test_a_request_of_a_batch_that_found_its_user_out_itself_has_its_own_principals(
    userid: str | None,
) -> None:
    counting = Counting()
    policy = SecurityPolicy([counting], authz_policy=Decision())
    batch, inside = asked_by(userid), asked_by(userid)
    inside.parent = batch
    policy.identity(batch)
    policy.identity(inside)

    policy.effective_principals(batch)
    policy.effective_principals(inside)

    assert counting.asked == 2

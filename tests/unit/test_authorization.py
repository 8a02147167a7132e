"""Permissions and groups."""

from types import SimpleNamespace

import pytest
from pyramid.authorization import Authenticated, Everyone
from pyramid.interfaces import IAuthorizationPolicy
from zope.interface.verify import verifyClass

from cliquet_like.authorization import DYNAMIC, PRIVATE, AuthorizationPolicy, groupfinder


class Groups:
    """A permission backend of which only the groups are asked; it counts the questions."""

    def __init__(self):
        self.asked = []

    def user_principals(self, user_id):
        self.asked.append(user_id)
        return {f"group-of-{user_id}"}


def test_the_policy_is_what_pyramid_asks_for():
    assert verifyClass(IAuthorizationPolicy, AuthorizationPolicy)
    assert AuthorizationPolicy().get_bound_permissions is None


@pytest.mark.parametrize("principals", [[Everyone, Authenticated], {Authenticated}])
def test_who_is_authenticated_has_the_private_permission(principals):
    assert AuthorizationPolicy().permits(None, principals, PRIVATE)


@pytest.mark.parametrize("permission", [PRIVATE, DYNAMIC, "anything"])
def test_who_is_not_has_none(permission):
    assert not AuthorizationPolicy().permits(None, {Everyone}, permission)


def test_nobody_has_an_unknown_permission():
    assert not AuthorizationPolicy().permits(None, {Authenticated}, "anything")


def test_who_has_a_permission_is_not_listed():
    with pytest.raises(NotImplementedError):
        AuthorizationPolicy().principals_allowed_by_permission(None, PRIVATE)


def test_without_backend_there_are_no_groups():
    assert groupfinder("ada", SimpleNamespace(registry=SimpleNamespace())) == []


def test_groups_are_asked_for_once_a_request_and_user():
    backend = Groups()
    request = SimpleNamespace(
        registry=SimpleNamespace(permission=backend), bound_data={}, authn_type="basicauth"
    )

    found = [groupfinder(user, request) for user in ("ada", "ada", "bob")]

    assert found == [["group-of-basicauth:ada"]] * 2 + [["group-of-basicauth:bob"]]
    assert backend.asked == ["basicauth:ada", "basicauth:bob"]

"""The decision about a permission, in any context."""

from collections.abc import Collection
from typing import Any

import pytest
from pyramid.authorization import Authenticated, Everyone
from pyramid.interfaces import IAuthorizationPolicy
from zope.interface.verify import verifyClass

from cliquet_like.authorization import DYNAMIC, PRIVATE, AuthorizationPolicy
from cliquet_like.authorization.principals import Principals


class Context:
    """A context of an application: it keeps what it is asked."""

    def __init__(self, *, granted: bool = False, shared: list[str] | None = None, **facts: Any) -> None:
        self.required_permission: str | None = "read"
        self.resource_name = "thing"
        self.allowed_principals: list[str] = []
        self.on_collection = False
        self.userid: str | None = "basicauth:ada"
        vars(self).update(facts)
        self.granted, self.shared = granted, shared or []
        self.asked: list[tuple[str, set[str]]] = []

    def get_prefixed_userid(self) -> str | None:
        return self.userid

    def check_permission(
        self, permission: str, principals: Collection[str], get_bound_permissions: Any = None
    ) -> bool:
        self.asked.append((permission, set(principals)))
        return self.granted

    def fetch_shared_records(
        self, permission: str, principals: Collection[str], get_bound_permissions: Any = None
    ) -> list[str]:
        self.asked.append((f"shared {permission}", set(principals)))
        return self.shared


NAMES = {"basicauth:ada", "basicauth_ada"}


def permits(context: Any, principals: Collection[str] = ("ada",), permission: str = DYNAMIC) -> bool:
    return AuthorizationPolicy().permits(context, principals, permission)


def test_the_policy_is_what_pyramid_asks_for() -> None:
    assert verifyClass(IAuthorizationPolicy, AuthorizationPolicy)
    assert AuthorizationPolicy().get_bound_permissions is None


@pytest.mark.parametrize("principals", [[Everyone, Authenticated], {Authenticated}])
def test_who_is_authenticated_has_the_private_permission(principals: Collection[str]) -> None:
    assert permits(None, principals, PRIVATE)


@pytest.mark.parametrize("permission", [PRIVATE, DYNAMIC, "anything"])
def test_who_is_not_has_none(permission: str) -> None:
    assert not permits(None, {Everyone}, permission)


def test_nobody_has_an_unknown_permission() -> None:
    assert not permits(None, {Authenticated}, "anything")


def test_who_has_a_permission_is_not_listed() -> None:
    with pytest.raises(NotImplementedError):
        AuthorizationPolicy().principals_allowed_by_permission(None, PRIVATE)


@pytest.mark.parametrize("granted", [True, False])
def test_a_context_says_which_permission_it_needs_and_decides(granted: bool) -> None:
    context = Context(granted=granted)

    assert permits(context, ["ada", "x"]) is granted
    assert context.asked == [("read", {"x", *NAMES})]


@pytest.mark.parametrize("principals", [["ada", "x"], {"ada", "x"}, frozenset({"ada", "x"}), ("ada", "x")])
def test_principals_of_any_shape_have_the_names_of_the_user(principals: Collection[str]) -> None:
    context = Context()

    permits(context, principals)

    assert context.asked == [("read", {"x", *NAMES})]


def test_late_groups_count() -> None:
    context = Context()

    permits(context, Principals(["ada"], lambda: ["group"]))

    assert context.asked == [("read", {"group", *NAMES})]


@pytest.mark.parametrize("userid", [None, "", "ada"])
def test_without_a_prefixed_id_principals_are_as_they_are(userid: str | None) -> None:
    context = Context(userid=userid)

    permits(context, ["ada"])

    assert context.asked == [("read", {"ada"})]


def test_to_create_is_a_permission_of_the_resource() -> None:
    context = Context(required_permission="create", on_collection=True, shared=["x"])

    assert not permits(context)
    assert [name for name, _ in context.asked] == ["thing:create"]


def test_a_named_permission_is_asked_for_by_its_name() -> None:
    context = Context(granted=True, required_permission=None)

    assert permits(context, permission="flush")
    assert [name for name, _ in context.asked] == ["flush"]


def test_who_needs_no_permission_that_is_known_has_none() -> None:
    assert not permits(Context(granted=True, required_permission=None))


@pytest.mark.parametrize(("allowed", "expected"), [(["basicauth:ada"], True), (["x", "y"], False)])
def test_principals_of_the_settings_decide_alone(allowed: list[str], expected: bool) -> None:
    context = Context(granted=not expected, allowed_principals=allowed)

    assert permits(context) is expected
    assert context.asked == []


@pytest.mark.parametrize(("shared", "expected"), [(["x"], True), ([], False)])
@pytest.mark.parametrize("allowed", [[], ["other"]])
def test_who_is_refused_a_collection_comes_in_for_the_shared_records(
    shared: list[str], expected: bool, allowed: list[str]
) -> None:
    context = Context(on_collection=True, shared=shared, allowed_principals=allowed)

    assert permits(context) is expected
    assert context.asked[-1] == ("shared read", NAMES)


def test_bound_permissions_are_those_of_the_policy() -> None:
    class Bound(AuthorizationPolicy):
        def get_bound_permissions(self, object_id: str, permission: str) -> list[Any]:
            return [(object_id, permission)]

    class Asked(Context):
        def check_permission(
            self, permission: str, principals: Collection[str], get_bound_permissions: Any = None
        ) -> bool:
            self.bound = get_bound_permissions("a", "b")
            return True

    context = Asked()

    assert Bound().permits(context, [], DYNAMIC)
    assert context.bound == [("a", "b")]

"""The view set of shared records."""

from typing import Any, ClassVar

import colander
import pytest

from cliquet_like.authorization import DYNAMIC, RouteFactory
from cliquet_like.resource import ResourceSchema, ShareableResource, ShareableViewSet, ViewSet


class MushroomSchema(ResourceSchema):
    name = colander.SchemaNode(colander.String())


class Mushroom(ShareableResource):
    mapping = MushroomSchema()
    permissions: ClassVar[tuple[str, ...]] = ("read", "pick")


class Anything(ShareableResource):
    permissions: ClassVar[tuple[str, ...]] = ()


@pytest.mark.parametrize("endpoint_type", ["collection", "record"])
@pytest.mark.parametrize("method", ["get", "PUT", "delete"])
def test_the_context_decides_who_may(endpoint_type: str, method: str) -> None:
    arguments = ShareableViewSet().get_view_arguments(endpoint_type, Mushroom, method)

    assert arguments["permission"] == DYNAMIC
    assert arguments["accept"] == ["application/json"]


def test_services_have_the_factory_of_their_context() -> None:
    assert ShareableViewSet().get_service_arguments()["factory"] is RouteFactory
    assert ShareableViewSet(service_arguments={"factory": len}).get_service_arguments()["factory"] is len


def test_other_view_sets_are_not_touched() -> None:
    assert ViewSet.default_arguments["permission"] == "private"
    assert "factory" not in ViewSet().get_service_arguments()


def test_the_resource_has_such_a_view_set() -> None:
    assert Mushroom.default_viewset is ShareableViewSet


@pytest.mark.parametrize("method", ["post", "PUT", "patch"])
def test_bodies_have_the_permissions_of_the_class(method: str) -> None:
    schema = ShareableViewSet().get_record_schema(Mushroom, method)

    assert [node.name for node in schema.children] == ["data", "permissions"]
    assert schema["permissions"].known_perms == ("read", "pick")


def test_a_class_without_names_takes_any() -> None:
    schema = ShareableViewSet().get_record_schema(Anything, "POST")

    assert schema.deserialize({"permissions": {"x": ["a"]}})["permissions"] == {"x": ["a"]}


def test_each_schema_is_its_own() -> None:
    one, other = (ShareableViewSet().get_record_schema(Mushroom, "POST") for _ in range(2))

    assert one["permissions"] is not other["permissions"]
    assert one["data"] is not Mushroom.mapping


def test_arguments_of_a_registration_win() -> None:
    arguments: dict[str, Any] = {"permission": "private"}

    viewset = ShareableViewSet(default_arguments=arguments)

    assert viewset.record_arguments(Mushroom, "GET")["permission"] == "private"

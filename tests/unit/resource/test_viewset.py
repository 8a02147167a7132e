from typing import Any, ClassVar

import colander
import pytest

from cliquet_like.resource import BaseResource, ResourceSchema, ViewSet
from cliquet_like.resource.payload import validate_payload


class MushroomSchema(ResourceSchema):
    name = colander.SchemaNode(colander.String())


class Mushroom(BaseResource):
    mapping = MushroomSchema()


class Toadstool(BaseResource):
    mapping = ResourceSchema()
    name = "amanita"


@pytest.mark.parametrize("method", ["get", "GET", "delete"])
def test_reading_and_deleting_need_no_schema(method: str) -> None:
    arguments = ViewSet().collection_arguments(Mushroom, method)

    assert arguments["permission"] == "private"
    assert arguments["accept"] == ["application/json"]
    assert "schema" not in arguments


@pytest.mark.parametrize("method", ["post", "PUT", "Patch"])
def test_writing_has_schema_validator_and_content_type(method: str) -> None:
    arguments = ViewSet().record_arguments(Mushroom, method)

    assert arguments["content_type"][0] == "application/json"
    assert arguments["validators"] == [validate_payload]
    assert [node.name for node in arguments["schema"].children] == ["data"]


def test_the_most_specific_arguments_win_and_nothing_is_shared() -> None:
    class Special(ViewSet):
        default_arguments: ClassVar[dict[str, Any]] = {"a": 1, "b": 1, "c": 1, "d": [1]}
        default_collection_arguments: ClassVar[dict[str, Any]] = {"b": 2, "c": 2}
        default_get_arguments: ClassVar[dict[str, Any]] = {"c": 3}
        collection_get_arguments: ClassVar[dict[str, Any]] = {"e": 4}

    arguments = Special().collection_arguments(Mushroom, "get")
    arguments["d"].append(2)

    assert arguments == {"a": 1, "b": 2, "c": 3, "d": [1, 2], "e": 4}
    assert Special.default_arguments["d"] == [1]


@pytest.mark.parametrize("validators", [len, [len], (len,)])
def test_validators_of_the_application_run_after_ours(validators: Any) -> None:
    viewset = ViewSet(collection_post_arguments={"validators": validators})

    arguments = viewset.collection_arguments(Mushroom, "POST")

    assert arguments["validators"] == [validate_payload, len]


def test_the_schema_of_the_resource_is_not_touched() -> None:
    schema = ViewSet().get_record_schema(Mushroom, "POST")

    assert schema["data"] is not Mushroom.mapping
    assert Mushroom.mapping.name == ""


def test_names_of_views_and_services() -> None:
    viewset = ViewSet()

    assert viewset.get_view("collection", "DELETE") == "collection_delete"
    assert viewset.get_view("record", "PUT") == "put"
    assert viewset.get_service_name("record", Mushroom) == "mushroom-record"


def test_the_name_is_that_of_the_registration_the_attribute_or_the_class() -> None:
    class WithMethod(BaseResource):
        def name(self) -> str:
            return "never asked"

    assert ViewSet(name="boletus").get_name(Toadstool) == "boletus"
    assert ViewSet().get_name(Toadstool) == "amanita"
    assert ViewSet().get_name(Mushroom) == "mushroom"
    assert ViewSet().get_name(WithMethod) == "withmethod"


def test_service_arguments_name_no_factory() -> None:
    arguments = ViewSet().get_service_arguments()

    assert "factory" not in arguments
    assert arguments is not ViewSet.service_arguments


@pytest.mark.parametrize(
    ("settings", "method", "enabled"),
    [
        ({}, "POST", True),
        ({"readonly": "true"}, "POST", False),
        ({"readonly": True}, "get", True),
        ({"collection_mushroom_get_enabled": "false"}, "GET", False),
        ({"collection_mushroom_get_enabled": False}, "POST", True),
        ({"collection_mushroom_post_enabled": True, "readonly": True}, "POST", False),
    ],
)
def test_endpoints_are_enabled_by_settings(settings: dict[str, Any], method: str, enabled: bool) -> None:
    assert ViewSet().is_endpoint_enabled("collection", "mushroom", method, settings) is enabled

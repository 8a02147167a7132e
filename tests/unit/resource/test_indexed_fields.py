from types import SimpleNamespace

import colander
import pytest
from pyramid.config import Configurator
from pyramid.exceptions import ConfigurationError

import cliquet_like
from cliquet_like.resource import BaseResource, register_resource
from cliquet_like.schema import ResourceSchema
from cliquet_like.storage.indexes import DeclaredIndex
from tests.support import SETTINGS


def resource_with(*declared, name="Book", unique=()):
    class Schema(ResourceSchema):
        class Options:
            indexed_fields = declared
            unique_fields = unique

    return type(name, (BaseResource,), {"mapping": Schema()})


@pytest.fixture
def config():
    made = Configurator(settings=SETTINGS)
    cliquet_like.initialize(made, version="1.0", project_name="shelf")
    return made


def register(config, resource, **arguments):
    register_resource(resource, **arguments)(SimpleNamespace(config=config), "book", resource)


def test_the_registry_knows_what_is_declared(config):
    register(config, resource_with("status", ("status", "-title")))

    assert config.registry.indexed_fields == {
        "book": [DeclaredIndex("book", ("status",)), DeclaredIndex("book", ("status", "-title"))]
    }


def test_unique_fields_are_indexed_too(config):
    register(config, resource_with("status", "isbn", unique=("isbn", "shelf mark", "title")))

    fields = [index.fields for index in config.registry.indexed_fields["book"]]
    assert fields == [("status",), ("isbn",), ("title",)]


def test_a_resource_without_declaration_wants_no_index(config):
    register(config, resource_with())

    assert config.registry.indexed_fields == {"book": []}


def test_a_schema_that_is_none_of_ours_declares_nothing(config):
    register(config, type("Book", (BaseResource,), {"mapping": colander.MappingSchema()}))

    assert config.registry.indexed_fields == {"book": []}


def test_resources_that_share_a_collection_share_its_indexes(config):
    register(config, resource_with("status", "title"))
    register(config, resource_with("title", "year"), name="other")

    fields = [index.fields for index in config.registry.indexed_fields["book"]]
    assert fields == [("status",), ("title",), ("year",)]


def test_a_wrong_declaration_stops_the_start(config):
    with pytest.raises(ConfigurationError, match=r"Book cannot be registered: indexed_fields of book: 'a b'"):
        register(config, resource_with("a b"))

"""An application of books, brought up to date by the command; its storage here is one table and memory."""

from importlib import import_module
from types import SimpleNamespace

from pyramid.config import Configurator
from pyramid.settings import aslist

import cliquet_like
from cliquet_like.drivers.migrations import Migrated, Migrations
from cliquet_like.resource import BaseResource, register_resource
from cliquet_like.schema import ResourceSchema
from cliquet_like.storage import memory


class Storage(Migrated, memory.Storage):
    """Migrations of the package ``shelf_migrations``; the records themselves are in memory."""

    migrations = Migrations("storage", "shelf_migrations")

    def __init__(self, database):
        super().__init__()
        self.database = database


def load_from_config(config):
    kind = config.get_settings()["storage_url"].partition(":")[0]
    client = import_module(f"cliquet_like.drivers.{kind}.client").client_from_config(config, "storage")
    return Storage(client)


def main(global_config, **settings):
    """The indexes in ``shelf.indexed`` are declared by the only resource, with ``+`` between fields."""
    config = Configurator(settings=settings)
    cliquet_like.initialize(config, version="1.0", project_name="shelf")
    declared = tuple(tuple(entry.split("+")) for entry in aslist(config.get_settings().get("indexed", "")))

    class BookSchema(ResourceSchema):
        class Options:
            indexed_fields = declared

    class Book(BaseResource):
        mapping = BookSchema()

    register_resource(Book)(SimpleNamespace(config=config), "Book", Book)
    return config.make_wsgi_app()

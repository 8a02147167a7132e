"""An application whose storage is a table of books, brought up to date by the command."""

from importlib import import_module
from types import SimpleNamespace

from pyramid.config import Configurator
from pyramid.settings import aslist

import cliquet_like
from cliquet_like.drivers.migrations import Migrations
from cliquet_like.resource import BaseResource, register_resource
from cliquet_like.schema import ResourceSchema
from cliquet_like.storage import memory
from cliquet_like.storage.indexes import INDEX_PREFIX, IndexedStorage

NAMES_OF_INDEXES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'index'",
    "postgresql": "SELECT indexname FROM pg_indexes",
}
CREATE_INDEX = {"sqlite": "CREATE INDEX IF NOT EXISTS", "postgresql": "CREATE INDEX CONCURRENTLY"}


class Storage(IndexedStorage, memory.Storage):
    """Migrations of the package ``shelf_migrations``; the records themselves are in memory."""

    migrations = Migrations("storage", "shelf_migrations")

    def __init__(self, database, kind):
        super().__init__()
        self.database = database
        self.kind = kind

    def existing_indexes(self):
        names = (name for (name,) in self.database.read(NAMES_OF_INDEXES[self.kind]))
        return {name for name in names if name.startswith(INDEX_PREFIX)}

    def create_index(self, index):
        self.database.write(f"{CREATE_INDEX[self.kind]} {index.name} ON shelf_books ({index.fields[0]})")

    def drop_index(self, name):
        self.database.write(f"DROP INDEX IF EXISTS {name}")


def load_from_config(config):
    kind = config.get_settings()["storage_url"].partition(":")[0]
    client = import_module(f"cliquet_like.drivers.{kind}.client").client_from_config(config, "storage")
    return Storage(client, kind)


def main(global_config, **settings):
    """The fields in ``shelf.indexed`` are declared by the only resource."""
    config = Configurator(settings=settings)
    cliquet_like.initialize(config, version="1.0", project_name="shelf")
    declared = tuple(aslist(config.get_settings().get("indexed", "")))

    class BookSchema(ResourceSchema):
        class Options:
            indexed_fields = declared

    class Book(BaseResource):
        mapping = BookSchema()

    register_resource(Book)(SimpleNamespace(config=config), "Book", Book)
    return config.make_wsgi_app()

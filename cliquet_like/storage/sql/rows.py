"""From a record to a row and back: the JSON holds all but the id and the timestamp."""

from typing import Any, NamedTuple

from cliquet_like.kernel.codec import dumps_text, loads
from cliquet_like.storage.copying import copy_json
from cliquet_like.storage.query import DEFAULT_DELETED_FIELD, Record


class Place(NamedTuple):
    """A collection, and the names that its records have for the two fields that are columns."""

    collection_id: str
    parent_id: str
    id_field: str
    modified_field: str

    @property
    def key(self) -> dict[str, Any]:
        """Values of the collection's key, by the names that statements give them."""
        return {"parent": self.parent_id, "collection": self.collection_id}

    def row_of(self, record: Record) -> tuple[str, int | None]:
        """JSON of a record, without the columns and a mark of deletion, and the timestamp that it brings.

        That is None when it brings no integer. Raises ``TypeError`` for what cannot be stored exactly.
        """
        columns = (self.id_field, self.modified_field, DEFAULT_DELETED_FIELD)
        text = dumps_text(copy_json({name: value for name, value in record.items() if name not in columns}))
        stamp = record.get(self.modified_field)
        return text, stamp if type(stamp) is int else None

    def record_of(self, object_id: str, last_modified: int, content: Record) -> Record:
        """Record or tombstone of a row: the content itself, completed."""
        content[self.id_field] = object_id
        content[self.modified_field] = last_modified
        return content

    def read(self, object_id: str, last_modified: int, text: str) -> Record:
        """Record of a row whose content is JSON text."""
        return self.record_of(object_id, last_modified, loads(text))

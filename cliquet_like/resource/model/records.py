"""Model: the records of one collection and parent in the storage."""

from collections.abc import Sequence
from typing import Any, Final

from cliquet_like.storage.base import StorageBase
from cliquet_like.storage.generators import Generator
from cliquet_like.storage.query import (
    DEFAULT_DELETED_FIELD,
    DEFAULT_ID_FIELD,
    DEFAULT_MODIFIED_FIELD,
    Expected,
    Filter,
    Page,
    Record,
    Rules,
    Sort,
)
from cliquet_like.storage.texts import TextPage, TextStorage
from cliquet_like.storage.whole import WholeWrites


class Model:
    """What a resource asks of the storage; to be subclassed or exchanged by applications.

    ``parent_id`` of a call, when given, replaces the model's own. Every call may raise
    ``storage.exceptions.BackendError``.
    """

    id_field: str = DEFAULT_ID_FIELD
    modified_field: str = DEFAULT_MODIFIED_FIELD
    deleted_field: str = DEFAULT_DELETED_FIELD

    def __init__(
        self,
        storage: StorageBase,
        id_generator: Generator | None = None,
        collection_id: str = "",
        parent_id: str | None = "",
        auth: str | None = None,
    ) -> None:
        """Keep them; an anonymous user's ``parent_id``, None, is the empty text."""
        self.storage = storage
        self.id_generator = id_generator
        self.collection_id = collection_id
        self.parent_id = parent_id or ""
        self.auth = auth

    def _place(self, parent_id: str | None) -> dict[str, Any]:
        return {
            "collection_id": self.collection_id,
            "parent_id": self.parent_id if parent_id is None else parent_id,
            "auth": self.auth,
        }

    def _fields(self) -> dict[str, Any]:
        return {"id_field": self.id_field, "modified_field": self.modified_field}

    def timestamp(self, parent_id: str | None = None) -> int:
        """Collection's timestamp, in milliseconds."""
        return self.storage.collection_timestamp(**self._place(parent_id))

    def get_records(
        self,
        filters: Sequence[Filter] | None = None,
        sorting: Sequence[Sort] | None = None,
        pagination_rules: Rules | None = None,
        limit: int | None = None,
        include_deleted: bool = False,
        parent_id: str | None = None,
    ) -> tuple[list[Record], int]:
        """Records that match, and how many live ones match without rules and limit."""
        records, total = self.storage.get_all(
            filters=filters,
            sorting=sorting,
            pagination_rules=pagination_rules,
            limit=limit,
            include_deleted=include_deleted,
            deleted_field=self.deleted_field,
            **self._fields(),
            **self._place(parent_id),
        )
        return records, total

    def get_page(self, **criteria: Any) -> Page:
        """Records, total and the collection's timestamp at that moment; criteria of ``get_records``.

        With ``newest_of``, filters, also the timestamp of the newest live record that satisfies
        these, 0 when none does. A subclass that overrides :meth:`get_records` is asked through it.
        """
        parent_id = criteria.pop("parent_id", None)
        if type(self).get_records is not Model.get_records:
            return self._page_of_records(parent_id, criteria, criteria.pop("newest_of", None))
        return self.storage.get_page(
            deleted_field=self.deleted_field, **self._fields(), **self._place(parent_id), **criteria
        )

    def get_page_texts(self, **criteria: Any) -> TextPage | None:
        """:meth:`get_page` as JSON texts; None where the storage, or a subclass, has none to give."""
        storage = self.storage
        if not (isinstance(storage, TextStorage) and storage.lists_texts and self._lists_as_stored()):
            return None
        return storage.get_page_texts(
            deleted_field=self.deleted_field, **self._fields(), **self._place(None), **criteria
        )

    def _lists_as_stored(self) -> bool:
        """Whether neither a subclass nor the object itself has another way to list."""
        own = (self.get_page, self.get_records)
        return [getattr(method, "__func__", None) for method in own] == [Model.get_page, Model.get_records]

    def _page_of_records(
        self, parent_id: str | None, criteria: dict[str, Any], newest_of: Sequence[Filter] | None
    ) -> Page:
        timestamp, newest = self.timestamp(parent_id), None
        if newest_of is not None:
            name = self.modified_field
            found, _ = self.get_records(newest_of, [Sort(name, -1)], limit=1, parent_id=parent_id)
            newest = found[0][name] if found else 0
        return Page(*self.get_records(parent_id=parent_id, **criteria), timestamp, newest)

    def get_record(self, record_id: str, parent_id: str | None = None) -> Record:
        """Record with the id. Raises ``RecordNotFoundError``."""
        return self.storage.get(object_id=record_id, **self._fields(), **self._place(parent_id))

    def create_record(
        self,
        record: Record,
        parent_id: str | None = None,
        unique_fields: Sequence[str] | None = None,
        *,
        expected: int | None = None,
    ) -> Record:
        """Store a new record, with a generated id unless it has one; the argument is not changed.

        Raises ``UnicityError`` when the id or a unique field exists, and ``ModifiedMeanwhileError``
        when the collection's timestamp is not ``expected``.
        """
        return self.storage.create(
            record=record,
            id_generator=self.id_generator,
            unique_fields=unique_fields,
            expected=expected,
            **self._fields(),
            **self._place(parent_id),
        )

    def update_record(
        self,
        record: Record,
        parent_id: str | None = None,
        unique_fields: Sequence[str] | None = None,
        *,
        expected: Expected = None,
    ) -> Record:
        """Replace the record with the record's id, or create it.

        Raises ``UnicityError``, and ``ModifiedMeanwhileError`` when the stored record is not as
        ``expected``.
        """
        return self.storage.update(
            object_id=record[self.id_field],
            record=record,
            unique_fields=unique_fields,
            expected=expected,
            **self._fields(),
            **self._place(parent_id),
        )

    def replace_record(self, record: Record) -> tuple[Record, Record | None] | None:
        """:meth:`update_record` without condition, and the record that was there before, None for none.

        None instead of both where the storage, or a subclass, has another way to read or write.
        """
        storage = self.storage
        if not (isinstance(storage, WholeWrites) and storage.writes_whole and self._writes_as_given()):
            return None
        return storage.replace(
            object_id=record[self.id_field], record=record, **self._fields(), **self._place(None)
        )

    def _writes_as_given(self) -> bool:
        """Whether neither a subclass nor the object itself has another way to read or write a record."""
        own = (self.get_record, self.create_record, self.update_record)
        return tuple(getattr(method, "__func__", None) for method in own) == _OF_RECORDS

    def delete_record(
        self,
        record: Record,
        parent_id: str | None = None,
        last_modified: int | None = None,
        *,
        expected: Expected = None,
    ) -> Record:
        """Delete the record with the record's id; its tombstone. Raises ``RecordNotFoundError``.

        ``last_modified`` is the wanted time of the deletion (ms), ignored unless it is later.
        """
        return self.storage.delete(
            object_id=record[self.id_field],
            deleted_field=self.deleted_field,
            last_modified=last_modified,
            expected=expected,
            **self._fields(),
            **self._place(parent_id),
        )

    def delete_records(
        self,
        filters: Sequence[Filter] | None = None,
        parent_id: str | None = None,
        *,
        sorting: Sequence[Sort] | None = None,
        pagination_rules: Rules | None = None,
        limit: int | None = None,
        expected: int | None = None,
    ) -> list[Record]:
        """Delete what matches; the tombstones. ``expected`` is the collection's timestamp."""
        return self.storage.delete_all(
            filters=filters,
            deleted_field=self.deleted_field,
            sorting=sorting,
            pagination_rules=pagination_rules,
            limit=limit,
            expected=expected,
            **self._fields(),
            **self._place(parent_id),
        )


_OF_RECORDS: Final = (Model.get_record, Model.create_record, Model.update_record)

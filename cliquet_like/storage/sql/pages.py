"""Lists of records in a SQL database."""

from collections.abc import Callable, Sequence
from typing import ClassVar, TypeVar

from cliquet_like.drivers.database import Database
from cliquet_like.storage.base import StorageBase
from cliquet_like.storage.query import (
    DEFAULT_DELETED_FIELD,
    DEFAULT_ID_FIELD,
    DEFAULT_MODIFIED_FIELD,
    Filter,
    Page,
    Record,
    Rules,
    Sort,
)
from cliquet_like.storage.sql.dialect import Dialect
from cliquet_like.storage.sql.listing import Selection, page_statement
from cliquet_like.storage.sql.rows import Place
from cliquet_like.storage.texts import TextPage

AnyPage = TypeVar("AnyPage", Page, TextPage)


class SQLPages(StorageBase):
    """The part of a storage that lists: a page is one statement, once its collection has a timestamp."""

    dialect: ClassVar[Dialect]
    database: Database
    max_fetch_size: int
    """Records in a list that comes without a limit."""

    def get_all(
        self,
        collection_id: str,
        parent_id: str,
        filters: Sequence[Filter] | None = None,
        sorting: Sequence[Sort] | None = None,
        pagination_rules: Rules | None = None,
        limit: int | None = None,
        include_deleted: bool = False,
        id_field: str = DEFAULT_ID_FIELD,
        modified_field: str = DEFAULT_MODIFIED_FIELD,
        deleted_field: str = DEFAULT_DELETED_FIELD,
        auth: str | None = None,
    ) -> tuple[list[Record], int]:
        """List and count records; see the base."""
        selection = self._bounded(filters, sorting, pagination_rules, limit, include_deleted)
        page = self._page(selection, Place(collection_id, parent_id, id_field, modified_field))
        return page.records, page.total

    def get_page(
        self,
        collection_id: str,
        parent_id: str,
        filters: Sequence[Filter] | None = None,
        sorting: Sequence[Sort] | None = None,
        pagination_rules: Rules | None = None,
        limit: int | None = None,
        include_deleted: bool = False,
        id_field: str = DEFAULT_ID_FIELD,
        modified_field: str = DEFAULT_MODIFIED_FIELD,
        deleted_field: str = DEFAULT_DELETED_FIELD,
        auth: str | None = None,
        *,
        newest_of: Sequence[Filter] | None = None,
    ) -> Page:
        """List, count and timestamps of one moment; see the base."""
        selection = self._bounded(filters, sorting, pagination_rules, limit, include_deleted, newest_of)
        place = Place(collection_id, parent_id, id_field, modified_field)
        return self._with_timestamp(self._page, selection, place)

    def _with_timestamp(
        self, read: Callable[[Selection, Place], AnyPage], selection: Selection, place: Place
    ) -> AnyPage:
        """Page as it is read; a collection without timestamp gets one."""
        page = read(selection, place)
        if page.timestamp is None:
            # Fixed before the list is read: what is written in between is seen twice, not missed.
            timestamp = self.collection_timestamp(place.collection_id, place.parent_id)
            page = read(selection, place)._replace(timestamp=timestamp)
        return page

    def _bounded(
        self,
        filters: Sequence[Filter] | None,
        sorting: Sequence[Sort] | None,
        rules: Rules | None,
        limit: int | None,
        include_deleted: bool,
        newest_of: Sequence[Filter] | None = None,
    ) -> Selection:
        limit = self.max_fetch_size if limit is None else limit
        return Selection(
            filters or (), sorting, rules, limit, include_deleted=include_deleted, newest_of=newest_of
        )

    def _page(self, selection: Selection, place: Place) -> Page:
        """Page of one statement; its timestamp is None where the collection has none yet."""
        rows = self.database.read(*page_statement(selection, place, self.dialect))
        timestamp, total, newest = rows[0][:3]
        records = [place.record_of(*row) for row in self.dialect.records_of(rows)]
        return Page(records, total, timestamp, newest)

"""Lists as texts: PostgreSQL completes each record's JSON, of which Python then makes one list."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from cliquet_like.kernel.codec import dumps_text
from cliquet_like.storage.postgresql.statements import DIALECT
from cliquet_like.storage.query import (
    DEFAULT_DELETED_FIELD,
    DEFAULT_ID_FIELD,
    DEFAULT_MODIFIED_FIELD,
    Filter,
    Rules,
    Sort,
)
from cliquet_like.storage.sql.backend import SQLStorage
from cliquet_like.storage.sql.listing import Selection, page_statement
from cliquet_like.storage.sql.rows import Place
from cliquet_like.storage.texts import RecordTexts, TextPage, TextStorage

# Lines, for the text of a jsonb has no line end. Of two values of a name the last counts: our own.
_PAGE: Final = """
SELECT {stamp}, {total}, {newest}, array_to_string(ARRAY(
    SELECT left(r.data::text, -1) || CASE r.data WHEN '{{}}' THEN '' ELSE ', ' END
        || %(id_key)s || to_json(r.id) || %(modified_key)s || r.last_modified || '}}' FROM records AS r
    WHERE {where} ORDER BY {order}{limit}), chr(10))"""
_DIALECT: Final = replace(DIALECT, page=_PAGE)


class ListingTexts(TextStorage, SQLStorage):
    """A storage whose lists are asked for with the statement of ``get_page``, but for what it selects."""

    def get_page_texts(
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
    ) -> TextPage:
        """List, count and timestamps of one moment; see the base."""
        selection = self._bounded(filters, sorting, pagination_rules, limit, include_deleted, newest_of)
        place = Place(collection_id, parent_id, id_field, modified_field)
        return self._with_timestamp(self._page_of_texts, selection, place)

    def _page_of_texts(self, selection: Selection, place: Place) -> TextPage:
        statement, values = page_statement(selection, place, _DIALECT)
        values["id_key"] = f"{dumps_text(place.id_field)}: "
        values["modified_key"] = f", {dumps_text(place.modified_field)}: "
        ((timestamp, total, newest, lines),) = self.database.read(statement, values)
        return TextPage(RecordTexts(lines.split("\n") if lines else []), total, timestamp, newest)

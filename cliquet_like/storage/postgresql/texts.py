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
from cliquet_like.storage.sql.listing import Selection, page_statement
from cliquet_like.storage.sql.pages import SQLPages
from cliquet_like.storage.sql.rows import Place
from cliquet_like.storage.texts import RecordTexts, TextPage, TextStorage, may_differ

# Three texts with a line for each record: what is stored, the id as JSON, the timestamp. The JSON has no
# line end inside. To complete each record there would take longer: its characters would be counted.
# An aggregate takes the rows in the order of its subquery (PostgreSQL, section 9.21).
_PAGE: Final = """
SELECT {stamp}, {total}, {newest}, string_agg(r.data::text, chr(10)),
    array_to_json(array_agg(r.id), true)::text, string_agg(r.last_modified::text, chr(10))
FROM (SELECT r.data, r.id, r.last_modified FROM records AS r WHERE {where} ORDER BY {order}{limit}) AS r"""
_DIALECT: Final = replace(DIALECT, page=_PAGE)


class ListingTexts(TextStorage, SQLPages):
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
        ((timestamp, total, newest, *columns),) = self.database.read(statement, values)
        return TextPage(_completed(place, *columns), total, timestamp, newest)


def _completed(place: Place, stored: str | None, ids: str, stamps: str) -> RecordTexts:
    """JSON of each record, its own fields at the end: of two values of a name the last counts."""
    if stored is None:
        return RecordTexts([])
    id_key, modified_key = f"{dumps_text(place.id_field)}: ", f", {dumps_text(place.modified_field)}: "
    # Split so that each content is without the brace at its end.
    rows = zip(stored[:-1].split("}\n"), ids[1:-1].split(",\n "), stamps.split("\n"), strict=True)
    texts = [
        f"{content}{'' if content == '{' else ', '}{id_key}{object_id}{modified_key}{stamp}}}"
        for content, object_id, stamp in rows
    ]
    # Ids and timestamps have no such numbers.
    return RecordTexts(texts, may_differ=may_differ(stored))

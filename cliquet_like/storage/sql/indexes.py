"""Declared indexes in SQL: made of exactly the expressions that lists filter and sort by."""

from typing import Any

from cliquet_like.storage.indexes import DeclaredIndex
from cliquet_like.storage.query import DEFAULT_ID_FIELD, DEFAULT_MODIFIED_FIELD
from cliquet_like.storage.sql.dialect import Dialect
from cliquet_like.storage.sql.rows import Place


def index_columns(index: DeclaredIndex, dialect: Dialect) -> tuple[str, dict[str, Any]]:
    """Columns behind the key of the collection, and the values in them.

    After the fields come timestamp and id, newest first: the order that every list ends with.
    """
    bind = dialect.values()
    term_of = dialect.terms_of(Place(index.collection_id, "", DEFAULT_ID_FIELD, DEFAULT_MODIFIED_FIELD))
    columns = []
    for field, direction in (*index.sorting, (DEFAULT_MODIFIED_FIELD, -1), (DEFAULT_ID_FIELD, -1)):
        term = term_of(field)
        for key in term.indexed_keys(bind):
            # An index knows its table; only expressions stand in parentheses.
            column = key.removeprefix("r.") if key.startswith("r.") else f"({key.replace('r.data', 'data')})"
            columns.append(f"{column} {'ASC' if direction > 0 else 'DESC'}")
    return ", ".join(columns), bind.named

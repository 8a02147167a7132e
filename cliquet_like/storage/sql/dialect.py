"""What differs between the SQL databases where a list is read."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, Final

from cliquet_like.drivers.transactions import Rows
from cliquet_like.storage.sql.rows import Place
from cliquet_like.storage.sql.terms import AnyOf, Nowhere, NumberColumn, Term, TextColumn, Values

# Not a cast, which has two colons.
_NAMED: Final = re.compile(r"(?<!:):([a-z_]+)")


# Compared as an object: a constant, by which statements are kept.
@dataclass(frozen=True, eq=False)
class Dialect:
    """One database's placeholders, JSON access and indexes."""

    placeholder: str
    """With ``{}`` for the name."""
    any_of: AnyOf
    """Makes the condition that a column equals one of many values."""
    json_term: Callable[[Sequence[str]], Term]
    """Makes the term of a field inside of the JSON, of the names that lead to it."""
    page: str
    """Template of the statement for a page; see ``listing.page_statement``."""
    records_of: Callable[[Rows], Iterable[Sequence[Any]]]
    """Id, timestamp and content of each record in the rows of that statement."""
    in_collection: str
    """Condition that the record ``r`` is in the collection ``:parent``, ``:collection``, for lists."""
    in_collection_by_id: str
    """The same condition for looking ids up."""
    any_id: str = ""
    """Condition of every declared index, true of every record: a list that could use one has it too."""
    any_timestamp: str = ""
    """Condition on the timestamp, true of every record: a list that walks through all of them has it."""
    list_collation: str = ""
    """What is written behind a text column so that the indexes for lists are found."""

    def statement(self, text: str) -> str:
        """Statement with the driver's placeholders, of one that is written with ``:name``."""
        return _with_placeholders(self.placeholder, text)

    def values(self, **named: Any) -> Values:
        """Values of a new statement, these among them."""
        return Values(self.placeholder, self.any_of, **named)

    def terms_of(self, place: Place) -> Callable[[str], Term]:
        """Maker of the terms of a collection's fields, of their names."""
        return partial(self._term, place)

    def _term(self, place: Place, field: str) -> Term:
        names = field.split(".")
        if names[0] not in (place.id_field, place.modified_field):
            return self.json_term(names)
        if len(names) > 1:
            return Nowhere()
        if field == place.id_field:
            return TextColumn("r.id", f"r.id {self.list_collation}".rstrip())
        return NumberColumn("r.last_modified")


@cache
def _with_placeholders(placeholder: str, text: str) -> str:
    return _NAMED.sub(lambda match: placeholder.format(match[1]), text)

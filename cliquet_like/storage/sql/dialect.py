"""What differs between the SQL databases where a list is read."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from cliquet_like.drivers.transactions import Rows
from cliquet_like.storage.sql.terms import AnyOf, Nowhere, NumberColumn, Term, TextColumn, Values

# Not a cast, which has two colons.
_NAMED: Final = re.compile(r"(?<!:):([a-z_]+)")


@dataclass(frozen=True)
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
    listed: str
    """Condition that the record ``r`` is in the collection ``:parent``, ``:collection``, for lists."""
    found: str
    """The same condition for looking ids up."""
    declared: str = ""
    """Condition of every declared index, true of every record: a list that could use one has it too."""
    timed: str = ""
    """Condition on the timestamp, true of every record: a list that walks through all of them has it."""
    walked: str = ""
    """What is written behind a text column so that the indexes for lists are found."""

    def statement(self, text: str) -> str:
        """Statement with the driver's placeholders, of one that is written with ``:name``."""
        return _with_placeholders(self.placeholder, text)

    def values(self, **named: Any) -> Values:
        """Values of a new statement, these among them."""
        return Values(self.placeholder, self.any_of, **named)

    def term(self, field: str, id_field: str, modified_field: str) -> Term:
        """Term of a field's name, in which dots go inside of objects."""
        names = field.split(".")
        if names[0] not in (id_field, modified_field):
            return self.json_term(names)
        if len(names) > 1:
            return Nowhere()
        if field == id_field:
            return TextColumn("r.id", f"r.id {self.walked}".rstrip())
        return NumberColumn("r.last_modified")


@cache
def _with_placeholders(placeholder: str, text: str) -> str:
    return _NAMED.sub(lambda match: placeholder.format(match[1]), text)

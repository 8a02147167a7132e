"""Which values a write claims for its record alone, and who is blamed when one is taken."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from cliquet_like.storage.exceptions import UnicityError
from cliquet_like.storage.matching import field_getter
from cliquet_like.storage.query import MISSING, Record


class Claim(NamedTuple):
    """A value that no other live record of the collection may have in this field."""

    field: str
    value: Any


def claims_of(record: Record, unique_fields: Sequence[str] | None, *, id_field: str) -> list[Claim]:
    """Claims of a record on its unique fields, as declared; the id is not among them.

    Null and missing values claim nothing. Values are equal as in an ``EQ`` filter.
    """
    claims = [Claim(field, field_getter(field)(record)) for field in unique_fields or () if field != id_field]
    return [claim for claim in claims if claim.value is not None and claim.value is not MISSING]


def refuse_taken(claims: Iterable[Claim], owner_of: Callable[[Claim], Record | None]) -> None:
    """Raise :class:`UnicityError` for the first claim that has an owner.

    ``owner_of`` answers a live record other than the written one, or None. The error gets
    this very record: copy it first where it must not be shared.
    """
    for claim in claims:
        owner = owner_of(claim)
        if owner is not None:
            raise UnicityError(claim.field, owner)

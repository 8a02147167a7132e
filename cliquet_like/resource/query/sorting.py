"""``_sort``: from text to sort keys."""

from functools import lru_cache
from typing import Final

from cliquet_like.resource.query.errors import QueryError
from cliquet_like.resource.query.fields import FieldCheck, is_known_path
from cliquet_like.storage.matching import with_tie_breaker
from cliquet_like.storage.query import Sort

MAX_SORT_KEYS: Final = 16


def parse_sorting(text: str, is_known: FieldCheck, *, id_field: str, modified_field: str) -> tuple[Sort, ...]:
    """Sort keys of ``_sort=-a,b``; newest first when it is empty, and ids decide at last.

    A field named again cannot matter and is left out. Raises :class:`QueryError` for a field
    that records cannot have, or more than :data:`MAX_SORT_KEYS` fields.
    """
    if not text:
        return _newest_first(id_field, modified_field)
    keys: dict[str, Sort] = {}
    for name in filter(None, map(str.strip, text.split(","))):
        field = name.removeprefix("-").removeprefix("+")
        if not is_known_path(field, is_known):
            raise QueryError("_sort", f"Unknown sort field '{field}'")
        keys.setdefault(field, Sort(field, -1 if name.startswith("-") else 1))
    if len(keys) > MAX_SORT_KEYS:
        raise QueryError("_sort", f"Sort on {MAX_SORT_KEYS} fields at most")
    if id_field not in keys:
        keys.setdefault(modified_field, Sort(modified_field, -1))
    return tuple(with_tie_breaker(list(keys.values()), id_field))


@lru_cache(maxsize=16)
def _newest_first(id_field: str, modified_field: str) -> tuple[Sort, ...]:
    return tuple(with_tie_breaker([Sort(modified_field, -1)], id_field))

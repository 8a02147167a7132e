"""The names of what is done to records."""

import enum
from collections.abc import Iterable


class ACTIONS(enum.Enum):
    """Actions on a resource's records."""

    CREATE = "create"
    DELETE = "delete"
    READ = "read"
    UPDATE = "update"

    @staticmethod
    def from_string_list(elements: Iterable[str]) -> tuple["ACTIONS", ...]:
        """Actions of these names, in their order. Raises ``ValueError`` for an unknown one."""
        return tuple(ACTIONS(element) for element in elements)

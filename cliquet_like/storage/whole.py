"""Storages of which a single call is all that a write takes."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Final

from cliquet_like.storage.overriding import knows_of_overriding
from cliquet_like.storage.query import DEFAULT_ID_FIELD, DEFAULT_MODIFIED_FIELD, Record

_OF_RECORDS: Final = frozenset({"get", "create", "update", "delete", "delete_all"})


class WholeWrites(ABC):
    """Ability of a storage: each call writes all or nothing, whether it is part of a transaction or not."""

    knows_replacing: ClassVar[bool] = True
    """False for a subclass that reads or writes records in a way of its own: that may be several calls."""

    @property
    def writes_whole(self) -> bool:
        """Whether neither the class nor the object itself has another way to read or write records."""
        return self.knows_replacing and _OF_RECORDS.isdisjoint(vars(self))

    def __init_subclass__(cls, **options: Any) -> None:
        """Find out whether methods were overridden after the ability was given."""
        super().__init_subclass__(**options)
        cls.knows_replacing = knows_of_overriding(cls, "replace", _OF_RECORDS)

    @abstractmethod
    def replace(
        self,
        collection_id: str,
        parent_id: str,
        object_id: str,
        record: Record,
        id_field: str = DEFAULT_ID_FIELD,
        modified_field: str = DEFAULT_MODIFIED_FIELD,
        auth: str | None = None,
    ) -> tuple[Record, Record | None]:
        """``update`` without condition: what is stored now, and what was there before, None for nothing."""

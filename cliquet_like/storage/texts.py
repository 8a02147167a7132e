"""Lists of records as the JSON texts that a storage keeps, for answers that leave unread."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, Final, NamedTuple, overload

from cliquet_like.kernel.codec import dumps_text, loads
from cliquet_like.storage.overriding import knows_of_overriding
from cliquet_like.storage.query import (
    DEFAULT_DELETED_FIELD,
    DEFAULT_ID_FIELD,
    DEFAULT_MODIFIED_FIELD,
    Filter,
    Record,
    Rules,
    Sort,
)

_ZEROS: Final = bytes.maketrans(b"123456789", b"000000000")
_LONG_NUMBER: Final = b"0" * 20
"""Integers have 19 digits at most, and floats 17 that count; here with zeros in place of other digits."""
_STEP: Final = 4
_SAMPLE: Final = _LONG_NUMBER[::_STEP]
"""What every fourth character of such a number looks like, wherever the first of them is."""
_LISTS: Final = frozenset({"get_all", "get_page"})


class RecordTexts(Sequence[Record]):
    """Records, each of which is read out of its JSON, anew, when somebody looks at it."""

    __slots__ = ("_may_differ", "_texts")

    def __init__(self, texts: Sequence[str], *, may_differ: bool = True) -> None:
        """Keep the texts, each a JSON object with the record's id and timestamp.

        Without ``may_differ`` it is known of their numbers that our codec writes them like that.
        """
        self._texts = texts
        self._may_differ = may_differ

    def __len__(self) -> int:
        return len(self._texts)

    @overload
    def __getitem__(self, index: int) -> Record: ...

    @overload
    def __getitem__(self, index: slice) -> "RecordTexts": ...

    def __getitem__(self, index: int | slice) -> "Record | RecordTexts":
        if isinstance(index, slice):
            return RecordTexts(self._texts[index], may_differ=self._may_differ)
        record: Record = loads(self._texts[index])
        return record

    @property
    def json(self) -> str:
        """JSON of the list, with each number as the answer about its record has it."""
        text = ",".join(self._texts)
        # Looked for in the whole list at once: nearly none has such a number.
        if self._may_differ and may_differ(text):
            text = ",".join(map(_as_written, self._texts))
        return f"[{text}]"


def may_differ(text: str) -> bool:
    """Whether our codec may write other numbers: ``jsonb`` writes all digits of the largest ones."""
    # A search for a text takes a tenth of what a pattern of digits does.
    encoded = text.encode()
    return _SAMPLE in encoded[::_STEP].translate(_ZEROS) and _LONG_NUMBER in encoded.translate(_ZEROS)


def _as_written(text: str) -> str:
    """JSON of one record as our codec has it."""
    return dumps_text(loads(text)) if may_differ(text) else text


class TextPage(NamedTuple):
    """A :class:`~cliquet_like.storage.query.Page` of texts."""

    records: RecordTexts
    total: int
    timestamp: int
    newest: int | None = None


class TextStorage(ABC):
    """Ability of a storage: lists without making values of their JSON."""

    lists_texts: ClassVar[bool] = True
    """False for a subclass that lists in a way of its own, and says nothing of texts."""

    def __init_subclass__(cls, **options: Any) -> None:
        """Find out which of the methods was overridden last."""
        super().__init_subclass__(**options)
        cls.lists_texts = knows_of_overriding(cls, "get_page_texts", _LISTS)

    @abstractmethod
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
        """The page that ``get_page`` answers to the same arguments."""

"""The memory storage with a second writer, who comes at the worst moment: chosen as ``tests.meddling``."""

from collections.abc import Callable
from typing import Any

from cliquet_like.storage import memory
from cliquet_like.storage.query import Record


class Storage(memory.Storage):
    """Lets somebody else write once, right before the next write happens."""

    _meddle: Callable[[], Any] | None = None

    def before_next_write(self, meddle: Callable[[], Any]) -> None:
        """Call ``meddle``, which may write itself, between the next writer's reading and writing."""
        self._meddle = meddle

    def create(self, *args: Any, **kwargs: Any) -> Record:
        self._let_the_other_write()
        return super().create(*args, **kwargs)

    def update(self, *args: Any, **kwargs: Any) -> Record:
        self._let_the_other_write()
        return super().update(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Record:
        self._let_the_other_write()
        return super().delete(*args, **kwargs)

    def delete_all(self, *args: Any, **kwargs: Any) -> list[Record]:
        self._let_the_other_write()
        return super().delete_all(*args, **kwargs)

    def _let_the_other_write(self) -> None:
        meddle, self._meddle = self._meddle, None
        if meddle is not None:
            meddle()


def load_from_config(config: Any) -> Storage:
    """Make the storage; it has no settings."""
    return Storage()

"""A page's records, total and timestamp belong together, whoever writes meanwhile."""

import threading
from typing import Any

from cliquet_like.storage.memory import Storage
from cliquet_like.storage.query import Page


class SlowReader(Storage):
    """Lets somebody else try to write between the timestamp and the list."""

    def __init__(self) -> None:
        super().__init__()
        self.writer = threading.Thread(target=self.create, args=("notes", "ada", {"n": 2}))

    def get_all(self, *args: Any, **kwargs: Any) -> Any:
        self.writer.start()
        self.writer.join(0.2)
        return super().get_all(*args, **kwargs)


def test_a_write_waits_until_the_page_is_whole() -> None:
    storage = SlowReader()
    first = storage.create("notes", "ada", {"n": 1})

    page = storage.get_page("notes", "ada")
    storage.writer.join()

    assert page == Page([first], 1, first["last_modified"])
    assert storage.collection_timestamp("notes", "ada") > page.timestamp

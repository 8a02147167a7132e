import pytest

from cliquet_like.storage import memory
from cliquet_like.storage.base import StorageBase
from cliquet_like.storage.query import COMPARISON, Filter, Page
from cliquet_like.testing import FrozenClock

CALLS = {
    "initialize_schema": (),
    "flush": (),
    "collection_timestamp": ("books", "alice"),
    "create": ("books", "alice", {}),
    "get": ("books", "alice", "a"),
    "update": ("books", "alice", "a", {}),
    "delete": ("books", "alice", "a"),
    "delete_all": ("books", "alice"),
    "purge_deleted": ("books", "alice"),
    "get_all": ("books", "alice"),
    "get_page": ("books", "alice"),
}


@pytest.mark.parametrize("name", CALLS)
def test_the_base_implements_nothing(name):
    with pytest.raises(NotImplementedError):
        getattr(StorageBase(), name)(*CALLS[name])


class SlowReader(memory.Storage):
    """A backend that cannot read list and timestamp at once: somebody writes in between."""

    get_page = StorageBase.get_page

    def get_all(self, *args, **kwargs):
        self.create("books", "alice", {"id": "late"})
        return super().get_all(*args, **kwargs)


def test_a_write_between_the_two_readings_of_a_page_is_later_than_its_timestamp():
    storage = SlowReader(clock=FrozenClock(1000))

    page = storage.get_page("books", "alice", limit=5)

    assert [record["id"] for record in page.records] == ["late"]
    assert page.records[0]["last_modified"] > page.timestamp


def test_a_page_passes_its_question_on():
    storage = memory.Storage(clock=FrozenClock(1000))
    storage.create("books", "alice", {"uid": "a"}, id_field="uid", modified_field="changed")
    storage.delete("books", "alice", "a", id_field="uid", modified_field="changed", deleted_field="gone")
    names = {"id_field": "uid", "modified_field": "changed", "deleted_field": "gone"}
    filters = [Filter("gone", True, COMPARISON.EQ)]

    page = StorageBase.get_page(storage, "books", "alice", filters=filters, include_deleted=True, **names)

    assert page == Page([{"uid": "a", "changed": 1001, "gone": True}], 0, 1001)

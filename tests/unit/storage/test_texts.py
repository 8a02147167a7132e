"""Records that stay JSON texts until somebody looks at them."""

import pytest

from cliquet_like.kernel.codec import as_is, dumps, loads
from cliquet_like.storage.postgresql import Storage
from cliquet_like.storage.texts import RecordTexts, TextStorage, may_differ

RECORDS = [{"id": "a", "last_modified": 1}, {"id": "b", "last_modified": 2, "title": "ä"}]


@pytest.fixture
def texts() -> RecordTexts:
    return RecordTexts([dumps(record).decode() for record in RECORDS])


def test_texts_are_a_sequence_of_their_records(texts: RecordTexts) -> None:
    assert list(texts) == RECORDS
    assert (len(texts), texts[-1], texts[0]) == (2, RECORDS[1], RECORDS[0])
    assert list(texts[:1]) == RECORDS[:1]
    with pytest.raises(IndexError):
        _ = texts[2]


def test_each_look_makes_a_record_of_its_own(texts: RecordTexts) -> None:
    texts[0]["title"] = "changed"

    assert list(texts) == RECORDS


@pytest.mark.parametrize("shown", [0, 1, 2])
def test_texts_are_written_into_json_as_they_are(texts: RecordTexts, shown: int) -> None:
    answer = dumps({"data": as_is(texts[:shown].json)})

    assert loads(answer) == {"data": RECORDS[:shown]}


def test_a_large_number_takes_no_more_room_than_by_itself() -> None:
    texts = RecordTexts([f'{{"id": "a", "x": [{"1" + "0" * 308}.0, 0.{"0" * 323}5]}}'])

    assert texts.json == '[{"id":"a","x":[1e+308,5e-324]}]'


@pytest.mark.parametrize("before", ["", " ", "  ", "   "])
def test_a_number_of_twenty_digits_is_noticed_wherever_it_begins(before: str) -> None:
    assert may_differ(f'{before}{{"n": 12345678901234567890}}')
    assert not may_differ(f'{before}{{"n": 1234567890123456789}}')


@pytest.mark.parametrize("before", ["", " ", "  ", "   "])
def test_many_short_numbers_are_no_large_one(before: str) -> None:
    assert not may_differ(before + "[" + ", ".join(["17"] * 50) + "]")


class _OtherList:
    def get_page(self) -> None:
        """Not called."""


class OwnList(Storage):
    get_all = Storage.get_all


class MixedList(_OtherList, Storage):  # type: ignore[misc]
    pass


class OwnTexts(OwnList):
    get_page_texts = Storage.get_page_texts


class OtherName(Storage):
    def get_title(self) -> None:
        """Nothing that a list depends on."""


@pytest.mark.parametrize(
    ("kind", "lists_texts"),
    [(Storage, True), (OtherName, True), (OwnTexts, True), (OwnList, False), (MixedList, False)],
)
def test_a_storage_that_lists_in_its_own_way_is_not_asked_for_texts(
    kind: type[TextStorage], lists_texts: bool
) -> None:
    assert kind.lists_texts is lists_texts

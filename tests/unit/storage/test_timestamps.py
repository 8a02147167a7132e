import pytest

from cliquet_like.storage.exceptions import ModifiedMeanwhileError
from cliquet_like.storage.query import ABSENT
from cliquet_like.storage.timestamps import Stamp, deletion_time, next_stamp, refuse_if_moved


@pytest.mark.parametrize(
    ("previous", "now", "stamp"),
    [
        (None, 1000, Stamp(1000, 1000)),
        (10, 1000, Stamp(1000, 1000)),
        (1000, 1000, Stamp(1001, 1001)),
        (5000, 1000, Stamp(5001, 5001)),
    ],
)
def test_a_generated_timestamp_is_now_or_later_than_all_before(previous, now, stamp):
    assert next_stamp(previous, given=None, now=now) == stamp


@pytest.mark.parametrize(
    ("previous", "given", "stamp"),
    [
        (None, 10, Stamp(10, 10)),
        (None, 9000, Stamp(9000, 9000)),
        (500, 501, Stamp(501, 501)),
        (500, 500, Stamp(500, 501)),
        (500, 10, Stamp(10, 501)),
        (500, 0, Stamp(0, 501)),
    ],
)
def test_a_given_timestamp_is_kept_and_the_collection_grows(previous, given, stamp):
    assert next_stamp(previous, given=given, now=1000) == stamp


@pytest.mark.parametrize("given", [None, True, False, 5.0, "5", [5]])
def test_what_is_no_integer_is_not_given(given):
    assert next_stamp(None, given=given, now=1000) == Stamp(1000, 1000)
    assert deletion_time(given, current=0) is None


def test_a_deletion_takes_only_a_later_time():
    assert [deletion_time(given, current=5) for given in (4, 5, 6)] == [None, None, 6]


@pytest.mark.parametrize(("expected", "current"), [(None, None), (None, 5), (5, 5), (ABSENT, None)])
def test_a_write_that_finds_what_it_expects_may_happen(expected, current):
    refuse_if_moved(expected, current=current)


@pytest.mark.parametrize(("expected", "current"), [(5, None), (5, 6), (5, 4), (ABSENT, 5), (0, None)])
def test_a_write_that_finds_something_else_is_refused(expected, current):
    with pytest.raises(ModifiedMeanwhileError, match="expected"):
        refuse_if_moved(expected, current=current)

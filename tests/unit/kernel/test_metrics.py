"""The stand-in that measures: what it measures, and that its attributes are those of the object."""

from abc import ABC, abstractmethod
from contextlib import contextmanager
from unittest import mock

import pytest

from cliquet_like.kernel.metrics import Batching, Timed, public_methods


class Shelf(ABC):
    @abstractmethod
    def put(self, book, *, first=False): ...

    def put_twice(self, book):
        self.put(book)
        self.put(book)


class Case(Shelf):
    make_id = dict

    def __init__(self):
        self.books = []

    def put(self, book, *, first=False):
        self.books.insert(0 if first else len(self.books), book)
        return len(self.books)

    def drop(self):
        raise KeyError("nobody may")

    def _dust(self):
        return "dusted"

    @property
    def size(self):
        return len(self.books)


class Stopwatch:
    """Client of metrics that keeps what it timed."""

    def __init__(self):
        self.seen = []

    @contextmanager
    def timer(self, key):
        try:
            yield
        finally:
            self.seen.append(key)

    def count(self, key, count=1, unique=None):
        self.seen.append(key)


@pytest.fixture
def watch():
    return Stopwatch()


@pytest.fixture
def case():
    return Case()


@pytest.fixture
def timed(case, watch):
    return Timed(case, watch, "shelf.case")


def test_a_call_is_measured_and_answers_as_the_object_does(timed, case, watch):
    timed.put("a")

    answer = timed.put("b", first=True)

    assert answer == 2
    assert case.books == ["b", "a"]
    assert watch.seen == ["shelf.case.put"] * 2


def test_a_call_that_raises_is_measured_too(timed, watch):
    with pytest.raises(KeyError):
        timed.drop()

    assert watch.seen == ["shelf.case.drop"]


def test_what_the_object_calls_on_itself_is_not_measured(timed, watch):
    timed.put_twice("a")

    assert watch.seen == ["shelf.case.put_twice"]


def test_what_is_no_public_method_is_not_measured(timed, watch):
    found = (timed.size, timed._dust(), timed.make_id(), timed.books)

    assert found == (0, "dusted", {}, [])
    assert watch.seen == []


def test_it_is_an_instance_of_what_the_object_is_one_of(timed):
    kinds = [kind for kind in (Case, Shelf, object, dict) if isinstance(timed, kind)]

    assert kinds == [Case, Shelf, object]
    assert timed.__class__ is Case


def test_attributes_are_set_and_deleted_on_the_object(timed, case):
    timed.books = ["z"]
    timed.color = "red"
    del timed.color

    assert case.books == ["z"]
    assert not hasattr(case, "color")
    with pytest.raises(AttributeError):
        timed.color  # noqa: B018 - reading it is what is tested


def test_a_method_may_be_replaced_for_a_while(timed, watch):
    with mock.patch.object(timed, "put", return_value="replaced"):
        during = timed.put("a")

    after = timed.put("a")

    assert (during, after) == ("replaced", 1)
    assert watch.seen == ["shelf.case.put"] * 2


def test_an_attribute_that_hides_a_method_is_called_in_its_place(timed, case, watch):
    case.put = "replaced {}".format

    answer = timed.put("a")

    assert answer == "replaced a"
    assert watch.seen == ["shelf.case.put"]


def test_a_client_can_keep_metrics_when_it_has_the_methods(watch):
    class Keeping(Stopwatch):
        def hold(self): ...

        def send(self): ...

    able = isinstance(watch, Batching), isinstance(Keeping(), Batching)

    assert able == (False, True)


def test_it_says_what_it_measures(timed, case):
    text = repr(timed)

    assert text == f"<timed {case!r}>"


def test_only_methods_of_the_class_are_public_methods(case):
    case.callback = print

    names = list(public_methods(case))

    assert names == ["drop", "put", "put_twice"]

"""The stand-in for an object: what it passes on, and what it does not."""

import copy
import pickle

import pytest

from cliquet_like.kernel.metrics import Timed
from cliquet_like.kernel.stand_in import StandIn


class Shelf:
    def __init__(self):
        self.books = ["a"]

    def put(self, book):
        self.books.append(book)

    def __len__(self):
        return len(self.books)

    def __call__(self):
        return "called"


@pytest.fixture
def shelf():
    return Shelf()


@pytest.fixture(params=["stand-in", "timed"])
def stand_in(request, shelf):
    return StandIn(shelf, {}) if request.param == "stand-in" else Timed(shelf, None, "shelf")


@pytest.mark.parametrize(
    ("make_copy", "is_shared"),
    [
        (copy.copy, True),
        (copy.deepcopy, False),
        (lambda original: pickle.loads(pickle.dumps(original)), False),
    ],
    ids=["copy", "deepcopy", "pickle"],
)
def test_a_copy_is_one_of_the_object(stand_in, shelf, make_copy, is_shared):
    copied = make_copy(stand_in)

    copied.put("b")

    assert type(copied) is Shelf
    assert copied.books == ["a", "b"]
    assert (copied.books is shelf.books) == is_shared


@pytest.mark.parametrize("name", ["_StandIn__methods", "_StandIn__subject", "books"])
def test_one_that_is_not_made_yet_has_no_attributes(name):
    unmade = Timed.__new__(Timed)

    with pytest.raises(AttributeError):
        getattr(unmade, name)


def test_other_special_methods_are_not_passed_on(stand_in, shelf):
    with pytest.raises(TypeError):
        len(stand_in)
    with pytest.raises(TypeError):
        stand_in()
    equal = stand_in == shelf

    assert not equal


def test_a_method_of_its_own_is_called_in_the_place_of_the_object_s(shelf):
    stand_in = StandIn(shelf, {"put": "instead {}".format})

    answer = stand_in.put("b")

    assert answer == "instead b"
    assert shelf.books == ["a"]


def test_it_says_what_it_stands_for(shelf):
    text = repr(StandIn(shelf, {}))

    assert text == f"<standin {shelf!r}>"

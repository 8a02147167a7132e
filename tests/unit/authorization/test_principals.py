"""Principals whose groups are looked for late."""

from collections.abc import Iterator

import pytest

from cliquet_like.authorization.principals import Principals


class Finder:
    """Groups that are counted when they are looked for."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> Iterator[str]:
        self.calls += 1
        yield "group"


@pytest.fixture
def finder() -> Finder:
    return Finder()


def test_a_known_principal_is_found_without_the_groups(finder: Finder) -> None:
    principals = Principals(["ada"], finder)

    assert "ada" in principals
    assert finder.calls == 0


def test_whoever_needs_all_of_them_gets_the_groups(finder: Finder) -> None:
    principals = Principals(["ada"], finder)

    assert "group" in principals
    assert "other" not in principals
    assert set(principals) == {"ada", "group"}
    assert len(principals) == 2
    assert principals & {"group", "x"} == frozenset({"group"})
    assert not {"x"} & principals


def test_the_names_of_a_user_stand_in_for_the_bare_one(finder: Finder) -> None:
    principals = Principals(["ada", "x"], finder).with_user(["basicauth:ada"], "ada")

    assert principals.known == {"basicauth:ada", "x"}
    assert finder.calls == 0
    assert "group" in principals

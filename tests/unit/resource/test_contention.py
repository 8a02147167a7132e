"""Attempts to write that other writers come before."""

from typing import NoReturn

import pytest

from cliquet_like.resource.contention import ATTEMPTS, retry_when_modified
from cliquet_like.storage.exceptions import BackendError, ModifiedMeanwhileError


def nothing() -> None:
    """Between two attempts there is nothing to do."""


def test_the_first_attempt_that_nobody_came_before_counts() -> None:
    happened = []

    def attempt() -> int:
        happened.append("attempt")
        if len(happened) < 4:
            raise ModifiedMeanwhileError
        return len(happened)

    result = retry_when_modified(attempt, before_next=lambda: happened.append("look again"))

    assert (result, happened) == (5, ["attempt", "look again"] * 2 + ["attempt"])


def test_an_attempt_that_succeeds_at_once_needs_no_other_look() -> None:
    happened: list[str] = []

    assert retry_when_modified(lambda: 1, before_next=lambda: happened.append("look again")) == 1
    assert happened == []


def test_who_is_refused_between_two_attempts_makes_no_other() -> None:
    attempts = []

    def attempt() -> NoReturn:
        attempts.append(1)
        raise ModifiedMeanwhileError

    def refuse() -> NoReturn:
        raise PermissionError

    with pytest.raises(PermissionError):
        retry_when_modified(attempt, before_next=refuse)
    assert len(attempts) == 1


def test_an_endless_race_is_an_overload() -> None:
    attempts = []

    def attempt() -> NoReturn:
        attempts.append(1)
        raise ModifiedMeanwhileError

    with pytest.raises(BackendError, match="concurrent writes"):
        retry_when_modified(attempt, before_next=nothing)
    assert len(attempts) == ATTEMPTS

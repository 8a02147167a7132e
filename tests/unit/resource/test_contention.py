import pytest

from cliquet_like.resource.contention import ATTEMPTS, retry_when_modified
from cliquet_like.storage.exceptions import BackendError, ModifiedMeanwhileError


def test_the_first_attempt_that_nobody_came_before_counts() -> None:
    attempts = []

    def attempt() -> int:
        attempts.append(1)
        if len(attempts) < 3:
            raise ModifiedMeanwhileError
        return len(attempts)

    assert retry_when_modified(attempt) == 3


def test_an_endless_race_is_an_overload() -> None:
    attempts = []

    def attempt() -> None:
        attempts.append(1)
        raise ModifiedMeanwhileError

    with pytest.raises(BackendError, match="concurrent writes"):
        retry_when_modified(attempt)
    assert len(attempts) == ATTEMPTS

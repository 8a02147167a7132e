import pytest

from cliquet_like.testing import (
    CacheContract,
    CacheFailuresContract,
    StorageContract,
    StorageFailuresContract,
)
from cliquet_like.testing.contracts.threads import THREADS, in_threads


@pytest.mark.parametrize("contract", [CacheContract, StorageContract])
def test_a_contract_asks_for_a_backend(contract):
    with pytest.raises(NotImplementedError):
        contract().make_backend()


@pytest.mark.parametrize("contract", [CacheFailuresContract, StorageFailuresContract])
def test_a_contract_of_failures_asks_for_a_failing_backend(contract):
    with pytest.raises(NotImplementedError):
        contract().make_failing_backend()


def test_the_cache_contract_waits_in_real_time_by_itself():
    assert CacheContract().wait(1) is None


def test_no_test_of_a_contract_hides_another():
    names = [name for part in StorageContract.__bases__ for name in vars(part) if name.startswith("test_")]

    assert sorted(names) == sorted(set(names))


def test_threads_answer_in_their_order():
    assert in_threads(lambda number: number * 2) == [number * 2 for number in range(THREADS)]


def test_the_exception_of_a_thread_is_raised():
    with pytest.raises(ZeroDivisionError):
        in_threads(lambda number: 1 // (number - 3))

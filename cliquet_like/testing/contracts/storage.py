"""The contract of a storage, whole."""

from cliquet_like.testing.contracts.storage_expected import ExpectedContract
from cliquet_like.testing.contracts.storage_filters import FiltersContract
from cliquet_like.testing.contracts.storage_paging import PagingContract
from cliquet_like.testing.contracts.storage_records import RecordsContract
from cliquet_like.testing.contracts.storage_sorting import SortingContract
from cliquet_like.testing.contracts.storage_timestamps import TimestampsContract
from cliquet_like.testing.contracts.storage_tombstones import TombstonesContract
from cliquet_like.testing.contracts.storage_unicity import UnicityContract


class StorageContract(
    RecordsContract,
    FiltersContract,
    SortingContract,
    PagingContract,
    TombstonesContract,
    TimestampsContract,
    UnicityContract,
    ExpectedContract,
):
    """All that a storage promises, except how it fails (``StorageFailuresContract``).

    Subclass it with a name that pytest collects, and say in ``make_backend`` how yours is made::

        class TestMyStorage(StorageContract):
            def make_backend(self, *, max_fetch_size=10_000):
                return my_storage.Storage(max_fetch_size=max_fetch_size)
    """

from cliquet_like.cache import CacheBase
from cliquet_like.storage import StorageBase
from cliquet_like.storage.exceptions import BackendError
from cliquet_like.testing import CacheFailuresContract, StorageFailuresContract


def fail(self, *args, **kwargs):
    raise BackendError(ConnectionError("nobody listens"))


class UnreachableStorage(StorageBase):
    initialize_schema = flush = collection_timestamp = fail
    create = get = update = delete = delete_all = purge_deleted = get_all = fail


class UnreachableCache(CacheBase):
    _flush = _store = _load = _pop = _remove = _expire = _ttl_ms = fail


class TestUnreachableStorage(StorageFailuresContract):
    def make_failing_backend(self):
        return UnreachableStorage()


class TestUnreachableCache(CacheFailuresContract):
    def make_failing_backend(self):
        return UnreachableCache()

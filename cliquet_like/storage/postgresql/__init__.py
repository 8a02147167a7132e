"""Storage in PostgreSQL 12 or later: ``storage_backend = cliquet_like.storage.postgresql``.

The driver, psycopg2, is needed when the backend is made, not when this is imported.
"""

from cliquet_like.storage.postgresql.backend import Storage, load_from_config

__all__ = ["Storage", "load_from_config"]

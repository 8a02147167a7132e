"""Names of permissions that the library's own services ask for."""

from typing import Final

PRIVATE: Final = "private"
"""Anybody who is authenticated."""

DYNAMIC: Final = "dynamic"
"""Whoever has the permission that the request's context requires."""

READ: Final = "read"
WRITE: Final = "write"

CREATE: Final = "create"
"""In entries it is written ``<resource>:create``, and stands on the collection."""

"""Permissions that the library's own services ask for."""

from typing import Final

PRIVATE: Final = "private"
"""Anybody who is authenticated."""

DYNAMIC: Final = "dynamic"
"""Whoever has the permission that the request's context requires."""

"""What a permission backend raises, besides ``BackendError``."""

from cliquet_like.drivers.errors import BackendError
from cliquet_like.permission.access import Permissions

__all__ = ["BackendError", "PermissionsChangedError"]


class PermissionsChangedError(Exception):
    """The permissions of an object are not as expected: nothing was written.

    ``current`` is what they are.
    """

    def __init__(self, current: Permissions) -> None:
        """Keep them."""
        super().__init__("The permissions of the object are not as expected.")
        self.current = current

"""The contract of a permission backend, whole."""

from cliquet_like.testing.contracts.permission_access import AccessContract
from cliquet_like.testing.contracts.permission_decisions import DecisionsContract, PatternsContract
from cliquet_like.testing.contracts.permission_entries import EntriesContract, GroupsContract
from cliquet_like.testing.contracts.permission_numbers import NumbersContract
from cliquet_like.testing.contracts.permission_texts import TextsContract
from cliquet_like.testing.contracts.permission_threads import ThreadsContract
from cliquet_like.testing.contracts.permission_writing import ReplacingContract, WritingContract


class PermissionContract(
    GroupsContract,
    EntriesContract,
    DecisionsContract,
    PatternsContract,
    AccessContract,
    ReplacingContract,
    WritingContract,
    ThreadsContract,
    TextsContract,
    NumbersContract,
):
    """All that a permission backend promises, except how it fails (``PermissionFailuresContract``).

    Subclass it with a name that pytest collects, and say in ``make_backend`` how yours is made::

        class TestMyPermission(PermissionContract):
            def make_backend(self):
                return my_permission.Permission()
    """

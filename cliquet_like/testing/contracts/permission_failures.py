"""Contract of a permission backend whose server cannot be reached; apart, for not every one has a server."""

from collections.abc import Callable
from typing import Any

from cliquet_like.permission.access import Pair, SharedQuestion
from cliquet_like.permission.base import PermissionBase
from cliquet_like.permission.heartbeat import heartbeat
from cliquet_like.testing.contracts.failures import FailuresContract

SHARED = SharedQuestion(frozenset({"bob"}), (Pair("/*", "read"),), (Pair("/", "read"),))

CALLS: dict[str, Callable[[PermissionBase], Any]] = {
    "flush": lambda backend: backend.flush(),
    "add_user_principal": lambda backend: backend.add_user_principal("alice", "group:x"),
    "remove_user_principal": lambda backend: backend.remove_user_principal("alice", "group:x"),
    "remove_principal": lambda backend: backend.remove_principal("group:x"),
    "user_principals": lambda backend: backend.user_principals("alice"),
    "add_principal_to_ace": lambda backend: backend.add_principal_to_ace("/a", "read", "alice"),
    "remove_principal_from_ace": lambda backend: backend.remove_principal_from_ace("/a", "read", "alice"),
    "object_permission_principals": lambda backend: backend.object_permission_principals("/a", "read"),
    "object_permissions": lambda backend: backend.object_permissions("/a"),
    "object_permissions, named": lambda backend: backend.object_permissions("/a", ["read"]),
    "replace_object_permissions": lambda backend: backend.replace_object_permissions("/a", {"read": ["x"]}),
    "replace, nothing": lambda backend: backend.replace_object_permissions("", {"write": []}),
    "write_object_permissions": lambda backend: backend.write_object_permissions("/a", {"read": ["x"]}),
    "write, nothing": lambda backend: backend.write_object_permissions("/a", {}),
    "write, added": lambda backend: backend.write_object_permissions("/a", {}, added={"read": ["x"]}),
    "write, whole": lambda backend: backend.write_object_permissions("/a", {}, whole=True),
    "write, expected": lambda backend: backend.write_object_permissions("/a", {"read": ["x"]}, expected={}),
    "delete_object_permissions": lambda backend: backend.delete_object_permissions("/a", "/b"),
    "delete, empty id": lambda backend: backend.delete_object_permissions(""),
    "authorized": lambda backend: backend.object_permission_authorized_principals("/a", "read"),
    "authorized, bound": lambda backend: backend.object_permission_authorized_principals(
        "/a", "read", lambda *pair: [pair, ("/", "write")]
    ),
    "check_permission": lambda backend: backend.check_permission("/a", "read", ["alice"]),
    "accessible": lambda backend: backend.principals_accessible_objects(["alice"], "read"),
    "accessible, matching": lambda backend: backend.principals_accessible_objects(["alice"], "read", "/*"),
    "read_access, objects": lambda backend: backend.read_access(["/a"]),
    "read_access, user": lambda backend: backend.read_access([], user_id="alice"),
    "read_access, shared": lambda backend: backend.read_access([], shared=SHARED),
    "read_access, all": lambda backend: backend.read_access(["/a"], user_id="alice", shared=SHARED),
}


class PermissionFailuresContract(FailuresContract[PermissionBase]):
    """A failing server leaves every method as ``BackendError``."""

    calls = CALLS
    make_ping = staticmethod(heartbeat)

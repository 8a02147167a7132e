"""Contract of a permission backend: texts as names."""
# ruff: noqa: D102 - the name of a test is its sentence

import random
import string
from collections.abc import Callable
from typing import Any

import pytest

from cliquet_like.permission.access import MAX_ENTRY_BYTES, Pair, SharedQuestion
from cliquet_like.permission.base import PermissionBase
from cliquet_like.testing.contracts.permission_base import PermissionSuite, give, join

TEXTS = [
    "", " ", "  ", "a", "A", "a ", " a", "a b", "\t", "\n", "a\n", "\x01", "\x1f", "\x7f", "\x80", "/", "//",
    ":", "::", "a:b", "a:b:c", ":a", "a:", ".", "-", "--", "+", "#", "!", "=", ",", ";", "|", "'", "''", '"',
    "`", "\\", "\\\\", "\\n", "%", "%%", "%s", "_", "*", "a*", "?", "[a]", "[^a]", "(a)", "{}", "{1}", "$1",
    "$", "&", "~", "@", "NULL", "null", "None", "0", "1", "01", "-1", "1.0", "true", '["a"]', '{"a":1}', "é",
    "e\u0301", "É", "ß", "SS", "\u0131", "\u2028", "\ud7ff", "\ue000", "\ufeff", "\ufeffa", "\uffff",
    "\U0001f600", "\U0010ffff", "system.Everyone", "group:x", "basicauth:alice", "/books/1", "read", "write",
]  # fmt: skip
UNSTORABLE = ["\0", "a\0b", "a\0", "\ud800", "a\udfff", "\ud83d"]
NOBODY_S = [*UNSTORABLE, "x" * 60_000, "\U0001f600" * 20_000]

STORING: dict[str, Callable[[PermissionBase, str], Any]] = {
    "user of a group": lambda backend, text: backend.add_user_principal(text, "x"),
    "group": lambda backend, text: backend.add_user_principal("x", text),
    "object of an entry": lambda backend, text: backend.add_principal_to_ace(text, "x", "x"),
    "permission of an entry": lambda backend, text: backend.add_principal_to_ace("x", text, "x"),
    "principal of an entry": lambda backend, text: backend.add_principal_to_ace("x", "x", text),
    "object replaced": lambda backend, text: backend.replace_object_permissions(text, {"x": ["x"]}),
    "permission replaced": lambda backend, text: backend.replace_object_permissions("x", {text: ["x"]}),
    "principal replaced": lambda backend, text: backend.replace_object_permissions(
        "x", {"y": [], "x": ["x", text]}
    ),
    "object written": lambda backend, text: backend.write_object_permissions(text, {}, added={"x": ["x"]}),
    "permission added": lambda backend, text: backend.write_object_permissions("x", {}, added={text: ["x"]}),
    "principal added": lambda backend, text: backend.write_object_permissions(
        "x", {"x": []}, added={"x": [text]}, whole=True
    ),
}


class TextsContract(PermissionSuite):
    """Any text names anything, and itself only."""

    def test_every_text_names_itself_only(self, permission: PermissionBase) -> None:
        for text in TEXTS:
            permission.add_user_principal(text, text)
            permission.add_principal_to_ace(text, text, text)

        for text in TEXTS:
            assert permission.user_principals(text) == {text}
            assert permission.object_permissions(text) == {text: {text}}
            assert permission.object_permission_authorized_principals(text, text) == {text}
            assert permission.principals_accessible_objects([text], text) == {text}

    def test_every_text_may_be_beside_every_other(self, permission: PermissionBase) -> None:
        permission.write_object_permissions("/a", {text: TEXTS for text in TEXTS[:20]})
        permission.write_object_permissions("/b", {text: ["x", text] for text in TEXTS})
        for text in TEXTS:
            permission.add_user_principal("alice", text)

        for text in TEXTS[::2]:
            permission.remove_user_principal("alice", text)
            permission.remove_principal_from_ace("/b", text, text)

        assert permission.object_permissions("/a") == {text: set(TEXTS) for text in TEXTS[:20]}
        assert permission.user_principals("alice") == set(TEXTS[1::2])
        assert permission.object_permissions("/b") == {
            **{text: {"x", text} for text in TEXTS},
            **{text: {"x"} for text in TEXTS[::2]},
        }

    def test_every_text_may_be_replaced_or_deleted_alone(self, permission: PermissionBase) -> None:
        for text in TEXTS:
            give(permission, text, (text, text))

        permission.delete_object_permissions(*TEXTS[::2])
        for text in TEXTS[1::2]:
            permission.write_object_permissions(text, {text: ["new"]}, expected={text: {text}})

        found = permission.read_access(TEXTS).permissions
        assert found == {
            **{text: {} for text in TEXTS[::2]},
            **{text: {text: {"new"}} for text in TEXTS[1::2]},
        }

    def test_where_one_text_ends_and_another_begins_matters(self, permission: PermissionBase) -> None:
        splits = ["a:b|c|d", "a|b:c|d", "a|b|c:d", "a:b:c|d|", "|a:b|c:d"]
        for separator in (":", "/", "\n", "\x1f", " ", ","):
            permission.flush()
            entries = [split.replace(":", separator).split("|") for split in splits]

            for object_id, name, principal in entries:
                permission.add_principal_to_ace(object_id, name, principal)
                permission.add_user_principal(name, principal)

            for object_id, name, principal in entries:
                assert permission.object_permission_principals(object_id, name) == {principal}
                assert permission.principals_accessible_objects([principal], name) == {object_id}
                assert permission.user_principals(name) == {principal}

    def test_a_principal_may_be_named_as_a_user_or_a_permission(self, permission: PermissionBase) -> None:
        join(permission, {"alice": ["read"], "read": ["alice"]})
        give(permission, "alice", ("read", "alice"), ("alice", "read"))

        permission.remove_principal("alice")
        permission.remove_principal_from_ace("alice", "alice", "read")

        assert permission.user_principals("alice") == {"read"}
        assert permission.user_principals("read") == set()
        assert permission.object_permissions("alice") == {"read": {"alice"}}

    @pytest.mark.parametrize("shares", [(1, 0, 0), (0, 1, 0), (0, 0, 1), (2, 3, 1)], ids=str)
    def test_an_entry_may_be_so_long_and_no_longer(
        self, permission: PermissionBase, shares: tuple[int, ...]
    ) -> None:
        object_id, name, principal = (long_text(share * MAX_ENTRY_BYTES // sum(shares)) for share in shares)
        principal += "x" * (MAX_ENTRY_BYTES - len(object_id + name + principal))
        question = SharedQuestion(frozenset({principal}), (Pair(object_id + "*", name),))

        permission.add_principal_to_ace(object_id, name, principal)
        for owner, text in [(object_id, name + "x"), (object_id + "x", name)]:
            with pytest.raises(ValueError, match=str(MAX_ENTRY_BYTES)):
                permission.add_principal_to_ace(owner, text, principal)

        assert permission.read_access([object_id], shared=question).shared == {object_id}
        answer = permission.write_object_permissions(object_id, {}, expected={name: {principal}})
        assert answer == {name: {principal}}
        permission.delete_object_permissions(object_id)
        assert permission.object_permissions(object_id) == {}

    def test_a_membership_may_be_so_long_and_no_longer(self, permission: PermissionBase) -> None:
        user, group = long_text(MAX_ENTRY_BYTES - 1000), "é" * 500

        permission.add_user_principal(user, group)
        with pytest.raises(ValueError, match=str(MAX_ENTRY_BYTES)):
            permission.add_user_principal(user, group + "x")

        assert permission.user_principals(user) == {group}
        permission.remove_principal(group)
        assert permission.user_principals(user) == set()

    @pytest.mark.parametrize(
        "text", [*UNSTORABLE, "x" * MAX_ENTRY_BYTES, "é" * 1250], ids=lambda t: ascii(t)[:12]
    )
    @pytest.mark.parametrize("place", STORING)
    def test_what_cannot_be_stored_is_a_value_error_and_nothing_is(
        self, permission: PermissionBase, place: str, text: str
    ) -> None:
        join(permission, {"x": ["old"]})
        give(permission, "x", ("x", "old"), ("y", "old"))

        with pytest.raises(ValueError, match=r"stored|longer"):
            STORING[place](permission, text)

        assert permission.user_principals("x") == {"old"}
        assert permission.object_permissions("x") == {"x": {"old"}, "y": {"old"}}
        assert permission.principals_accessible_objects(["x"], "x") == set()

    @pytest.mark.parametrize("text", NOBODY_S, ids=lambda text: ascii(text)[:12])
    def test_elsewhere_nobody_has_what_cannot_be_stored(self, permission: PermissionBase, text: str) -> None:
        join(permission, {"alice": ["group:x"]})
        give(permission, "/a", ("read", "alice"))

        permission.remove_user_principal(text, "group:x")
        permission.remove_user_principal("alice", text)
        permission.remove_principal(text)
        permission.remove_principal_from_ace(text, "read", "alice")
        permission.remove_principal_from_ace("/a", text, "alice")
        permission.remove_principal_from_ace("/a", "read", text)
        permission.delete_object_permissions(text)
        permission.replace_object_permissions(text, {})
        permission.replace_object_permissions("/a", {text: []})

        assert permission.user_principals(text) == set()
        assert permission.object_permissions(text) == permission.object_permissions("/a", [text]) == {}
        assert permission.object_permission_principals(text, "read") == set()
        bound = [(text, "read"), ("/a", text), ("/a", "read")]
        assert permission.check_permission("/a", "read", [text], lambda *_: bound) is False
        assert permission.check_permission("/a", "read", [text, "alice"]) is True
        assert permission.user_principals("alice") == {"group:x"}
        assert permission.object_permissions("/a") == {"read": {"alice"}}

    @pytest.mark.parametrize("text", NOBODY_S, ids=lambda text: ascii(text)[:12])
    def test_what_cannot_be_stored_reaches_nothing_and_hides_nothing(
        self, permission: PermissionBase, text: str
    ) -> None:
        join(permission, {"alice": ["group:x"]})
        give(permission, "/a", ("read", "alice"))
        pairs = (Pair(text, "read"), Pair("/" + text, "read"), Pair(text + "*", "read"), Pair("*", text))

        for pattern, name in pairs:
            assert permission.principals_accessible_objects(["alice"], name, pattern) == set()
        assert permission.principals_accessible_objects([text], "read") == set()
        assert permission.principals_accessible_objects(["alice", text], "read", f"*{text}") == set()
        question = SharedQuestion(frozenset({"alice", text}), (*pairs, Pair("*", "read")), pairs)
        access = permission.read_access([text, "/a"], user_id=text, shared=question)
        assert access.permissions == {text: {}, "/a": {"read": {"alice"}}}
        assert access.groups == set()
        assert access.shared == {"/a"}


def long_text(size: int) -> str:
    """Text of so many characters that does not compress, the same each time."""
    return "".join(random.Random(size).choices(string.printable[:94], k=size))

"""Random operations and questions on two permission backends at once."""

from dataclasses import replace
from typing import Any, ClassVar, Final

from hypothesis import event
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from cliquet_like.permission.access import Pair, Permissions, SharedQuestion
from tests.contracts.agreement import permission_values as v
from tests.contracts.agreement.permission_backends import PermissionPair

expectations: Final = st.sampled_from(
    [None] * 5 + ["right", "right", "right", "none", "fewer", "more", "other"]
)
bound: Final = st.none() | st.none() | st.lists(v.pairs, max_size=3)
bound_patterns: Final = st.none() | st.none() | st.lists(v.among, max_size=3)

Entries = dict[str, list[str]]


class PermissionAgreement(RuleBasedStateMachine):
    """Whatever is done to memory and to another backend, they answer alike.

    Subclass it with the ``pair``.
    """

    pair: ClassVar[PermissionPair]

    def __init__(self) -> None:
        super().__init__()
        self.pair.call("flush")
        self.agreed = True

    def ask(self, method: str, *args: Any, **kwargs: Any) -> Any:
        """Ask both, and note for the statistics how it went."""
        self.agreed = False
        answer = self.pair.call(method, *args, **kwargs)
        self.agreed = True
        event(f"{method}: {answer[0] if isinstance(answer, tuple) else bool(answer)}")
        return answer

    def expected_of(self, object_id: str, wish: str | None) -> Permissions | None:
        """Permissions of an object, as a caller would expect them."""
        if wish is None or wish == "none":
            return {} if wish else None
        current: Permissions = self.ask("object_permissions", object_id)
        if wish == "fewer" and current:
            name = min(current)
            return {**current, name: set(sorted(current[name])[1:])}
        if wish == "more":
            return {**current, "read": current.get("read", set()) | {"carol"}}
        if wish == "other":
            return {**current, "a\0": {"alice"}}
        return current

    @initialize(held=st.lists(st.tuples(v.object_ids, v.entries), min_size=3, max_size=6))
    def stock(self, held: list[tuple[str, Entries]]) -> None:
        for object_id, permissions in held:
            self.ask("replace_object_permissions", object_id, permissions)
        for user, group, object_id in zip(v.USERS, v.GROUPS, v.OBJECTS, strict=True):
            self.ask("add_user_principal", user, group)
            self.ask("add_principal_to_ace", object_id, "read", group)

    @rule(added=st.sampled_from([True, True, False]), user=v.users, principal=v.principals)
    def change_groups(self, added: bool, user: str, principal: str) -> None:
        self.ask("add_user_principal" if added else "remove_user_principal", user, principal)
        self.ask("user_principals", user)

    @rule(
        method=st.sampled_from(["add_principal_to_ace"] * 3 + ["remove_principal_from_ace"]),
        object_id=v.object_ids, permission=v.permissions, principal=v.principals,
    )  # fmt: skip
    def change_one(self, method: str, object_id: str, permission: str, principal: str) -> None:
        self.ask(method, object_id, permission, principal)

    @rule(group=st.none() | v.principals, object_ids=st.lists(v.object_ids, max_size=2))
    def remove(self, group: str | None, object_ids: list[str]) -> None:
        if group is None:
            self.ask("delete_object_permissions", *object_ids)
        else:
            self.ask("remove_principal", group)

    @rule(object_id=v.object_ids, permissions=v.entries)
    def replace(self, object_id: str, permissions: Entries) -> None:
        self.ask("replace_object_permissions", object_id, permissions)

    @rule(
        object_id=v.object_ids, permissions=v.entries, added=st.none() | v.entries, whole=st.booleans(),
        wish=expectations,
    )  # fmt: skip
    def write(
        self, object_id: str, permissions: Entries, added: Entries | None, whole: bool, wish: str | None
    ) -> None:
        expected = self.expected_of(object_id, wish)
        answer = self.ask(
            "write_object_permissions", object_id, permissions, added=added, whole=whole, expected=expected
        )
        if isinstance(answer, dict):
            assert answer == self.ask("object_permissions", object_id), "the answer is not what there is"

    @rule(object_id=v.object_ids, names=st.none() | st.lists(v.permissions, max_size=3))
    def look(self, object_id: str, names: list[str] | None) -> None:
        self.ask("object_permissions", object_id, names)
        for name in names or ():
            self.ask("object_permission_principals", object_id, name)

    @rule(object_id=v.object_ids, permission=v.permissions, principals=v.several, bound=bound)
    def decide(
        self, object_id: str, permission: str, principals: list[str], bound: list[Pair] | None
    ) -> None:
        get_bound = None if bound is None else lambda *pair: [pair, *bound][len(bound) % 2 :]
        self.ask("object_permission_authorized_principals", object_id, permission, get_bound)
        self.ask("check_permission", object_id, permission, principals, get_bound)

    @rule(
        principals=v.several, permission=v.permissions, pattern=st.none() | v.patterns, bound=bound_patterns
    )
    def accessible(
        self, principals: list[str], permission: str, pattern: str | None, bound: list[Pair] | None
    ) -> None:
        get_bound = None if bound is None else lambda *pair: [pair, *bound][len(bound) % 2 :]
        self.ask("principals_accessible_objects", principals, permission, pattern, get_bound)

    @rule(object_ids=st.lists(v.object_ids, max_size=4), user=st.none() | v.users)
    def read_access(self, object_ids: list[str], user: str | None) -> None:
        access = self.ask("read_access", object_ids, user_id=user)
        assert access.permissions.keys() == set(object_ids)

    @rule(user=st.sampled_from([*v.USERS, None]) | v.users, shared=v.questions)
    def shared(self, user: str | None, shared: SharedQuestion) -> None:
        access = self.ask("read_access", [], user_id=user, shared=shared)
        for object_id in sorted(access.shared)[:2]:
            decisive = (Pair("/b/none", "read"), Pair(object_id, shared.patterns[0].permission))
            self.ask("read_access", [object_id], user_id=user, shared=replace(shared, unless=decisive))
        self.ask("read_access", [], user_id=user, shared=replace(shared, principals=frozenset()))

    def teardown(self) -> None:
        """Compare all that is left, unless there was a difference already."""
        if not self.agreed:
            return
        self.pair.call("initialize_schema")
        for user in (*v.USERS, *v.ODD):
            self.pair.call("user_principals", user)
        everybody = (*v.USERS, *v.GROUPS, *v.PERMISSIONS, *v.ODD)
        every_name = (*v.PERMISSIONS, *v.ODD)
        held = set[str]()
        for pattern in v.PATTERNS:
            held |= self.pair.call(
                "principals_accessible_objects", everybody, "", pattern,
                lambda object_id, _: [(object_id, name) for name in every_name],
            )  # fmt: skip
        self.pair.call("read_access", sorted(held))

"""Every permission backend answers as memory does, at random."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from cliquet_like.permission import memory
from cliquet_like.permission.access import Access, Entry, Pair, matches
from tests.contracts.agreement.permission_backends import OTHERS, PermissionPair, opened
from tests.contracts.agreement.permission_machine import PermissionAgreement

# The contracts cover the same lines; counting each pass through them took three times as long.
pytestmark = [pytest.mark.once, pytest.mark.usefixtures("uncounted")]

EXAMPLES = 30
EXAMPLES_OF_BROKEN = 500
MET = {
    "PermissionsChangedError": 5,
    "ValueError": 3,
    "write_object_permissions: something": 10,
    "object_permissions: something": 20,
    "user_principals: something": 20,
    "check_permission: something": 3,
    "principals_accessible_objects: something": 20,
}
"""Outcomes without which a run would have shown little, and how often they come at least."""


def agree_at_random(pair: PermissionPair, *, is_broken: bool = False) -> None:
    """Run the machine. Raises ``AssertionError`` with the steps, few of them.

    For one that is broken on purpose it takes the first steps that are found, and looks longer.
    """
    machine = type("Run", (PermissionAgreement,), {"pair": pair})
    budget = settings(
        max_examples=EXAMPLES_OF_BROKEN if is_broken else EXAMPLES,
        stateful_step_count=40,
        phases=[Phase.generate] if is_broken else [Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    run_state_machine_as_test(machine, settings=budget)


@pytest.mark.parametrize("name", OTHERS)
def test_random_operations_have_the_same_outcomes(name: str, tmp_path: Path) -> None:
    with opened(name, tmp_path) as other:
        pair = PermissionPair(memory.Permission(), other)

        agree_at_random(pair)

    assert {kind for kind, least in MET.items() if pair.seen.get(kind, 0) < least} == set(), pair.seen


class Hasty(memory.Permission):
    """Expects nothing."""

    def _replace_entries(self, object_id: str, names: Any, wanted: Any, expected: Any) -> frozenset[Entry]:
        return super()._replace_entries(object_id, names, wanted, None)


class Additive(memory.Permission):
    """Replaces by adding."""

    def _replace_entries(self, object_id: str, names: Any, wanted: Any, expected: Any) -> frozenset[Entry]:
        return super()._replace_entries(object_id, frozenset(), wanted, expected)


class Thorough(memory.Permission):
    """Removes the entries of a group with the group."""

    def _remove_principal(self, principal: str) -> None:
        super()._remove_principal(principal)
        for object_id, entries in list(self._by_object.items()):
            for entry in [entry for entry in entries if entry.principal == principal]:
                self._remove_entry(object_id, entry)


class Sloppy(memory.Permission):
    """Takes any character for an underscore."""

    def _accessible(self, principals: Any, pairs: Any) -> set[str]:
        every = super()._accessible(principals, [Pair("*", pair.permission) for pair in pairs])
        found = super()._accessible(principals, pairs)
        alike = [Pair(pair.object_id.replace("/_", "/1"), "") for pair in pairs]
        return found | {key for key in every if any(matches(key, pair.object_id) for pair in alike)}


class Indifferent(memory.Permission):
    """Finds nothing decisive."""

    def _read_access(self, object_ids: Any, user_id: Any, shared: Any) -> Access:
        undecided = shared and type(shared)(shared.principals, shared.patterns)
        return super()._read_access(object_ids, user_id, undecided)


class Lonely(memory.Permission):
    """Forgets the groups of the user among the principals."""

    def _read_access(self, object_ids: Any, user_id: Any, shared: Any) -> Access:
        access = super()._read_access(object_ids, None, shared)
        return Access(super()._read_access([], user_id, None).groups, access.permissions, access.shared)


@pytest.mark.parametrize("broken", [Hasty, Additive, Thorough, Sloppy, Indifferent, Lonely])
def test_a_broken_rule_is_found(broken: type[memory.Permission]) -> None:
    pair = PermissionPair(memory.Permission(), broken())

    with pytest.raises(AssertionError, match="The backends differ"):
        agree_at_random(pair, is_broken=True)

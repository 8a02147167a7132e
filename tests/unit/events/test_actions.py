"""The names of actions."""

import pytest

from cliquet_like.events import ACTIONS


def test_actions_are_read_by_their_names_in_their_order():
    assert ACTIONS.from_string_list(["update", "create", "read", "delete"]) == (
        ACTIONS.UPDATE,
        ACTIONS.CREATE,
        ACTIONS.READ,
        ACTIONS.DELETE,
    )


def test_there_may_be_no_action():
    assert ACTIONS.from_string_list([]) == ()


def test_what_is_an_action_already_is_taken():
    assert ACTIONS.from_string_list([ACTIONS.READ, "create"]) == (ACTIONS.READ, ACTIONS.CREATE)


@pytest.mark.parametrize("name", ["fly", "CREATE", "", " read"], ids=repr)
def test_an_unknown_action_is_an_error_that_quotes_it(name):
    with pytest.raises(ValueError, match=f"'{name}'"):
        ACTIONS.from_string_list(["create", name])


def test_there_are_four():
    assert {action.name: action.value for action in ACTIONS} == {
        "CREATE": "create",
        "DELETE": "delete",
        "READ": "read",
        "UPDATE": "update",
    }

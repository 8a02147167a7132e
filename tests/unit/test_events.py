import pytest

from cliquet_like.events import ACTIONS


def test_actions_are_read_by_their_names() -> None:
    assert ACTIONS.from_string_list(["create", "read"]) == (ACTIONS.CREATE, ACTIONS.READ)
    assert ACTIONS.from_string_list([]) == ()


def test_an_unknown_action_is_an_error() -> None:
    with pytest.raises(ValueError, match="fly"):
        ACTIONS.from_string_list(["fly"])

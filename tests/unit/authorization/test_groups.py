"""Groups of users."""

from types import SimpleNamespace

from cliquet_like.authorization import groupfinder
from cliquet_like.authorization.groups import keep_groups, known_groups


class Groups:
    """A permission backend of which only the groups are asked; it counts the questions."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def user_principals(self, user_id: str) -> set[str]:
        self.asked.append(user_id)
        return {f"group-of-{user_id}"}


def test_without_backend_there_are_no_groups() -> None:
    assert groupfinder("ada", SimpleNamespace(registry=SimpleNamespace())) == []


def test_groups_are_asked_for_once_a_request_and_user() -> None:
    backend = Groups()
    request = SimpleNamespace(
        registry=SimpleNamespace(permission=backend), bound_data={}, authn_type="basicauth"
    )

    found = [groupfinder(user, request) for user in ("ada", "ada", "bob")]

    assert found == [["group-of-basicauth:ada"]] * 2 + [["group-of-basicauth:bob"]]
    assert backend.asked == ["basicauth:ada", "basicauth:bob"]


def test_groups_are_known_to_all_requests_that_share_the_bound_data() -> None:
    one = SimpleNamespace(bound_data={})
    other = SimpleNamespace(bound_data=one.bound_data)

    keep_groups(one, "basicauth:ada", ["group:cooks"])

    assert known_groups(other, "basicauth:ada") == ["group:cooks"]
    assert known_groups(other, "basicauth:bob") is None


def test_without_bound_data_groups_are_known_to_the_batch_of_the_request() -> None:
    batch = SimpleNamespace()
    request, other = (SimpleNamespace(parent=batch) for _ in range(2))

    assert keep_groups(request, "basicauth:ada", ["group:cooks"]) == ["group:cooks"]
    assert known_groups(other, "basicauth:ada") == ["group:cooks"]
    assert known_groups(SimpleNamespace(), "basicauth:ada") is None


def test_what_is_known_first_stays() -> None:
    request = SimpleNamespace(bound_data={})
    keep_groups(request, "basicauth:ada", [])

    kept = keep_groups(request, "basicauth:ada", ["late"])

    assert kept == known_groups(request, "basicauth:ada") == []

"""What a request shares with its batch."""

from types import SimpleNamespace
from typing import Any

from pyramid.request import Request

from cliquet_like.web.subrequests import shared_by


def test_requests_share_the_bound_data() -> None:
    bound: dict[str, Any] = {}
    batch = SimpleNamespace(bound_data=bound)
    inner = SimpleNamespace(bound_data=bound, parent=batch)

    assert shared_by(batch) is shared_by(inner) is bound


def test_without_bound_data_attributes_of_the_outermost_request_serve() -> None:
    outermost = Request.blank("/")
    inner = Request.blank("/")
    innermost = Request.blank("/")
    inner.parent, innermost.parent = outermost, inner

    shared_by(innermost)["fact"] = 1

    assert outermost.fact == 1
    assert [shared_by(request)["fact"] for request in (outermost, inner, innermost)] == [1, 1, 1]
    assert "fact" not in vars(inner)


def test_requests_of_their_own_share_nothing() -> None:
    one, other = Request.blank("/"), Request.blank("/")

    shared_by(one)["fact"] = 1

    assert "fact" not in shared_by(other)

"""Who sends a request, as far as anybody has asked."""

from types import SimpleNamespace

import pytest

from cliquet_like.kernel.identity import selected_user


@pytest.mark.parametrize(
    ("request_", "user"),
    [
        (SimpleNamespace(authn_type="basicauth", selected_userid="ada"), "basicauth:ada"),
        (SimpleNamespace(authn_type=None, selected_userid=None), None),
        (SimpleNamespace(), None),
    ],
    ids=["known", "refused", "not asked for"],
)
def test_a_user_goes_by_the_policy_that_knew_it(request_, user):
    found = selected_user(request_)

    assert found == user

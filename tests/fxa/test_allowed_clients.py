"""To which client a token was given, where the settings care."""

import pytest

from tests.fxa.signing import bearer

KINDS = ("opaque", "jwt")
OTHER = "0123456789abcdef"


@pytest.mark.parametrize("kind", KINDS)
def test_a_token_of_a_client_that_is_not_listed_is_nobodys(app_with, server, kind):
    app = app_with(allowed_client_ids=f"{OTHER} {server.client_id}0")
    headers = bearer(server.issue_token(kind=kind))

    # The second time it is taken from the cache.
    answers = [app.get("/v1/notes", headers=headers, status="*") for _ in range(2)]

    assert [(answer.status_int, answer.json["errno"]) for answer in answers] == [(401, 104)] * 2


@pytest.mark.parametrize("kind", KINDS)
def test_a_token_of_a_listed_client_is_its_users(app_with, server, kind):
    app = app_with(allowed_client_ids=f"{OTHER}\n{server.client_id}")
    token = server.issue_token("alice", kind=kind)

    user = app.get("/v1/", headers=bearer(token)).json["user"]

    assert user == {"id": f"fxa:{server.user_id('alice')}"}

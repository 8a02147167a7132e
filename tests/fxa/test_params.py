"""What a client is told, that gets its tokens itself."""

from tests.fxa.signing import app_for


def test_anybody_learns_where_to_get_a_token_for_what(server):
    app = app_for(server, required_scope="profile  https://example.com/scope", requested_scope="other")

    assert app.get("/v1/fxa-oauth/params").json == {
        "client_id": server.client_id,
        "oauth_uri": server.url,
        "scope": "profile https://example.com/scope",
    }


def test_the_secret_is_not_told(server):
    assert server.client_secret not in app_for(server).get("/v1/fxa-oauth/params").text


def test_pages_of_other_origins_may_ask(server):
    response = app_for(server).get("/v1/fxa-oauth/params", headers={"Origin": "https://app.example.com"})

    assert response.headers["Access-Control-Allow-Origin"] in ("*", "https://app.example.com")


def test_a_client_id_of_digits_stays_a_text(server):
    app = app_for(server, client_id="5882386012345e12")

    assert app.get("/v1/fxa-oauth/params").json["client_id"] == "5882386012345e12"

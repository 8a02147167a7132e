"""What a client is told, that gets its tokens itself."""


def test_anybody_learns_where_to_get_a_token_for_what(app_with, server):
    app = app_with(required_scope="profile  https://example.com/scope", requested_scope="other")

    assert app.get("/v1/fxa-oauth/params").json == {
        "client_id": server.client_id,
        "oauth_uri": server.url,
        "scope": "profile https://example.com/scope",
    }


def test_the_secret_is_not_told(app_with, server):
    assert server.client_secret not in app_with().get("/v1/fxa-oauth/params").text


def test_pages_of_other_origins_may_ask(app_with):
    response = app_with().get("/v1/fxa-oauth/params", headers={"Origin": "https://app.example.com"})

    assert response.headers["Access-Control-Allow-Origin"] in ("*", "https://app.example.com")


def test_a_client_id_of_digits_stays_a_text(app_with):
    app = app_with(client_id="5882386012345e12")

    assert app.get("/v1/fxa-oauth/params").json["client_id"] == "5882386012345e12"

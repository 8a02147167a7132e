"""What an operator hears when the server refuses to trade a code."""

import json
import logging

import pytest

from cliquet_like_fxa.oauth import PyFxAServer, Refused, ServerUnavailable
from cliquet_like_fxa.settings import parse_settings
from tests.fxa.signing import app_for, begin, http_answer, raw_server, settings_for, sign_in


def refusing(errno, status="400 Bad Request"):
    """Server that refuses each trade, with the secret of the client and the code in its text."""
    body = json.dumps({"code": 400, "errno": errno, "error": "s3cret", "message": "s3cret c0de"}).encode()
    return raw_server(lambda connection, request: connection.sendall(http_answer(body, status=status)))


def trade_at(url, code="c0de"):
    settings = {"fxa-oauth.oauth_uri": url, "fxa-oauth.client_secret": "s3cret"}
    return PyFxAServer(parse_settings(settings)).trade(code, None)


def said(caplog):
    """Levels and texts of the log, which has nothing of what was sent or answered."""
    assert "s3cret" not in caplog.text
    assert "c0de" not in caplog.text
    return [(record.levelname, record.getMessage()) for record in caplog.records if "OAuth" in record.msg]


@pytest.mark.parametrize(
    ("errno", "reason"), [(101, "client_id"), (102, "client_secret"), (103, "address of return")]
)
def test_a_service_that_is_set_up_wrongly_is_an_error_in_the_log_and_of_no_use(errno, reason, caplog):
    with refusing(errno) as url, pytest.raises(ServerUnavailable):
        trade_at(url)

    ((level, text),) = said(caplog)
    assert level == "ERROR"
    assert f"errno={errno}" in text
    assert reason in text


@pytest.mark.parametrize("errno", [105, 107, 117])
def test_a_refused_code_is_a_warning_in_the_log(errno, caplog):
    with refusing(errno) as url, pytest.raises(Refused):
        trade_at(url)

    ((level, text),) = said(caplog)
    assert level == "WARNING"
    assert f"errno={errno}" in text


def test_a_challenge_beside_a_secret_is_named_in_the_log(caplog):
    with refusing(109) as url, pytest.raises(Refused):
        trade_at(url)

    ((level, text),) = said(caplog)
    assert level == "WARNING"
    assert "errno=109" in text
    assert "challenge beside a secret" in text


@pytest.mark.parametrize("errno", ["s3cret", -1, 0, 10**30, True, 105.5, None, ["s3cret"], {}], ids=range(9))
def test_what_is_no_number_of_a_refusal_is_not_in_the_log(errno, caplog):
    with refusing(errno) as url, pytest.raises(Refused):
        trade_at(url)

    ((level, text),) = said(caplog)
    assert level == "WARNING"
    assert "errno=None" in text


def test_a_wrong_secret_is_told_by_the_real_answers(server, caplog):
    app = app_for(server, client_secret="wr0ng")
    back = sign_in(server, begin(app))

    response = app.get(back, status=503)

    assert response.headers["Retry-After"] == "30"
    (record,) = [record for record in caplog.records if "refuses this service" in record.msg]
    assert record.levelname == "ERROR"
    assert "errno=102" in record.getMessage()
    assert "wr0ng" not in caplog.text
    assert server.client_secret not in caplog.text


@pytest.mark.parametrize("answer", [["access_token"], "access_token", {"access_token": 7}], ids=str)
def test_an_answer_without_a_token_is_a_server_of_no_use(answer, caplog):
    def nonsense(connection, request):
        connection.sendall(http_answer(json.dumps(answer).encode()))

    with raw_server(nonsense) as url, pytest.raises(ServerUnavailable):
        trade_at(url)

    ((level, text),) = said(caplog)
    assert level == "ERROR"
    assert "no token" in text


def test_a_refused_token_is_everyday_business(server, caplog):
    asked = PyFxAServer(parse_settings(settings_for(server)))

    with caplog.at_level(logging.WARNING), pytest.raises(Refused):
        asked.verify("abc", ["profile"])

    assert caplog.records == []


def test_each_challenge_is_another_one_and_no_question(server):
    asked = PyFxAServer(parse_settings(settings_for(server)))

    one, two = asked.challenge(), asked.challenge()

    assert one.parameters["code_challenge_method"] == "S256"
    assert one.verifier != two.verifier
    assert one.verifier not in one.parameters.values()
    assert server.calls == []

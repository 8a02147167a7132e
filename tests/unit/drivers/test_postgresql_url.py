import psycopg2.extensions
import pytest
from pyramid.exceptions import ConfigurationError

from cliquet_like.drivers.postgresql.url import parse_url


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_a_url_is_read_as_libpq_does(scheme):
    parameters = parse_url(f"{scheme}://ann:p%40ss@db.example:5433/shelf?sslmode=require", kind="storage")

    assert parameters == {
        "user": "ann",
        "password": "p@ss",
        "host": "db.example",
        "port": "5433",
        "dbname": "shelf",
        "sslmode": "require",
        "connect_timeout": "10",
        "application_name": "cliquet_like",
        "keepalives_idle": "30",
        "keepalives_interval": "10",
        "tcp_user_timeout": "10000",
        "client_encoding": "UTF8",
    }


def test_several_hosts_are_kept_in_their_order():
    parameters = parse_url("postgresql://one:5433,two/shelf", kind="storage")

    assert (parameters["host"], parameters["port"]) == ("one,two", "5433,")


def test_a_directory_of_sockets_is_a_host():
    encoded = parse_url("postgresql://%2Frun%2Fpostgresql/shelf", kind="storage")
    as_option = parse_url("postgresql:///shelf?host=/run/postgresql", kind="storage")

    assert encoded == as_option
    assert encoded["host"] == "/run/postgresql"


def test_a_url_overrides_our_defaults_but_not_the_encoding():
    parameters = parse_url(
        "postgresql:///?connect_timeout=3&application_name=shelf&client_encoding=latin1"
        "&keepalives_idle=0&tcp_user_timeout=0",
        kind="storage",
    )

    assert parameters["connect_timeout"] == "3"
    assert (parameters["keepalives_idle"], parameters["tcp_user_timeout"]) == ("0", "0")
    assert parameters["application_name"] == "shelf"
    assert parameters["client_encoding"] == "UTF8"


@pytest.mark.parametrize(
    ("query", "options"),
    [
        ("options=-c%20statement_timeout%3D2000", "-c statement_timeout=2000"),
        ("statement_timeout=2000", "-c statement_timeout=2000"),
        ("statement_timeout=0&sslmode=disable", "-c statement_timeout=0"),
        ("sslmode=disable&statement_timeout=15", "-c statement_timeout=15"),
        (
            "options=-c%20work_mem%3D8MB&statement_timeout=5&sslmode=disable",
            "-c work_mem=8MB -c statement_timeout=5",
        ),
    ],
)
def test_a_statement_timeout_is_an_option_of_the_session(query, options):
    parameters = parse_url(f"postgresql://localhost/shelf?{query}", kind="storage")

    assert parameters["options"] == options
    assert psycopg2.extensions.make_dsn(**parameters)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "redis://:sesame@localhost",
        "postgresql+psycopg2://ann:sesame@localhost/shelf",
        "host=localhost password=sesame",
        "postgresql://ann:sesame@[::1/shelf",
        "postgresql://ann:sesame%zz@localhost/shelf",
        "postgresql://ann:sesame\x00@localhost/shelf",
        "postgresql://ann:sesame\ud800@localhost/shelf",
        "postgresql://ann:sesame@localhost/shelf?unheard_of=1",
        "postgresql://ann:sesame@localhost:port/shelf",
        "postgresql://ann:sesame@localhost:65536/shelf",
        "postgresql://ann:sesame@localhost,other:port/shelf",
        "postgresql://ann:sesame@localhost/shelf?sslmode=please",
        "postgresql://ann:sesame@localhost/shelf?connect_timeout=soon",
        "postgresql://ann:sesame@localhost/shelf?keepalives_idle=soon",
        "postgresql://ann:sesame@localhost/shelf?keepalives_interval=-1",
        "postgresql://ann:sesame@localhost/shelf?tcp_user_timeout=10s",
        "postgresql://ann:sesame@localhost/shelf?statement_timeout=2s",
        "postgresql://ann:sesame@localhost/shelf?statement_timeout=",
        "postgresql://ann:sesame@localhost/shelf?statement_timeout=2147483648",
        "postgresql://ann:sesame@localhost/shelf?statement_timeout=1&statement_timeout=2",
    ],
)
def test_a_malformed_url_is_refused_without_showing_the_password(url):
    with pytest.raises(ConfigurationError) as refusal:
        parse_url(url, kind="cache")

    assert "Setting cache_url:" in str(refusal.value)
    assert "sesame" not in str(refusal.value)
    assert refusal.value.__cause__ is None
    assert refusal.value.__suppress_context__ or refusal.value.__context__ is None

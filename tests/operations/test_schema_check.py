"""What the start of a service says about the tables of its backends."""

import logging

import pytest
from pyramid.paster import bootstrap

from cliquet_like.scripts.cliquet_like import main
from tests.migrating import BOOKS, YEARS

pytestmark = pytest.mark.once


@pytest.fixture
def start(caplog):
    """Starts a service; level and text of each line that the start logs."""

    def start(ini):
        caplog.clear()
        with bootstrap(ini) as env:
            env["registry"].storage.database.close()
        return [(record.levelno, record.getMessage()) for record in caplog.records]

    return start


def test_missing_tables_are_an_error_that_names_the_command(ini, package, start):
    package.write(BOOKS)

    ((level, text),) = start(ini)

    assert level == logging.ERROR
    assert "tables of storage are missing or too old (001_books.sql)" in text
    assert "`cliquet-like migrate --ini YOUR.ini`" in text


def test_older_tables_are_an_error(ini, package, start):
    package.write(BOOKS)
    main(["migrate", "--ini", ini])
    package.write(YEARS)

    ((level, text),) = start(ini)

    assert level == logging.ERROR
    assert "(002_years.sql)" in text


def test_tables_that_are_up_to_date_are_not_spoken_of(ini, package, start):
    package.write(BOOKS)
    main(["migrate", "--ini", ini])

    assert start(ini) == []


def test_newer_tables_are_a_warning(ini, package, start):
    package.write(YEARS)
    main(["migrate", "--ini", ini])
    package.write(BOOKS)

    ((level, text),) = start(ini)

    assert level == logging.WARNING
    assert "storage are at version 2" in text


def test_a_server_that_does_not_answer_is_a_warning(write_ini, package, start):
    package.write(BOOKS)

    ((level, text),) = start(write_ini("postgresql://postgres@127.0.0.1:1/shelf"))

    assert level == logging.WARNING
    assert "tables of storage could not be checked" in text


def test_the_command_that_mends_it_does_not_complain_first(ini, package, caplog):
    package.write(BOOKS)

    main(["migrate", "--ini", ini])

    assert caplog.records == []

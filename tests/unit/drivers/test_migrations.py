"""Migrations on real databases: run once, as a whole, and never backwards."""

from importlib import import_module
from threading import Barrier, Thread

import pytest
from pyramid.config import Configurator

from cliquet_like.drivers.errors import BackendError
from cliquet_like.drivers.migrations import (
    Migrated,
    Migrations,
    NewerSchema,
    installed_version,
    migrate,
    pending,
    script_of,
    split_statements,
)
from tests.ledger import Ledger
from tests.migrating import BOOKS, BROKEN, YEARS, importable_package

MIGRATIONS = Migrations("shelf", "shelf_migrations")


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path):
    """An empty database."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/shelf.db"
    else:
        url = request.getfixturevalue("postgresql_url")
    client = import_module(f"cliquet_like.drivers.{request.param}.client")
    made = client.client_from_config(Configurator(settings={"storage_url": url}), "storage")
    yield made
    made.close()


@pytest.fixture
def package(tmp_path):
    """A package of migrations, empty at first."""
    with importable_package(tmp_path) as made:
        yield made


def books(database):
    return database.read("SELECT * FROM shelf_books")


def test_a_fresh_database_is_at_version_0(database):
    assert installed_version(database, "shelf") == 0


def test_a_component_that_was_never_migrated_is_at_version_0(database, package):
    package.write(BOOKS)
    migrate(database, MIGRATIONS)

    assert installed_version(database, "other") == 0


def test_what_is_pending_is_run_in_its_order(database, package):
    package.write(YEARS)

    names = migrate(database, MIGRATIONS)

    assert names == ["001_books.sql", "002_years.sql"]
    assert books(database) == [(1, "Dune", 1965)]
    assert installed_version(database, "shelf") == 2


def test_a_second_time_nothing_is_left_to_do(database, package):
    package.write(BOOKS)
    migrate(database, MIGRATIONS)

    assert migrate(database, MIGRATIONS) == []
    assert pending(database, MIGRATIONS) == []
    assert books(database) == [(1, "Dune")]


def test_an_upgrade_runs_only_what_is_new(database, package):
    package.write(BOOKS)
    migrate(database, MIGRATIONS)
    database.write("INSERT INTO shelf_books (id, title) VALUES (2, 'Emma')")
    package.write(YEARS)

    names = migrate(database, MIGRATIONS)

    assert names == ["002_years.sql"]
    assert sorted(books(database)) == [(1, "Dune", 1965), (2, "Emma", 1965)]


def test_two_components_of_one_database_have_versions_of_their_own(database, package):
    package.write(BOOKS)
    migrate(database, MIGRATIONS)

    assert [migration.name for migration in pending(database, Migrations("other", package.name))] == [
        "001_books.sql"
    ]


def test_a_failing_migration_undoes_all_of_them(database, package):
    package.write(BROKEN)

    with pytest.raises(BackendError, match="nowhere"):
        migrate(database, MIGRATIONS)

    assert installed_version(database, "shelf") == 0
    assert not database.has_table("shelf_books")
    assert not database.has_table("shelf_more")


def test_a_failing_upgrade_leaves_the_version_as_it_was(database, package):
    package.write(BOOKS)
    migrate(database, MIGRATIONS)
    package.write(BROKEN)

    with pytest.raises(BackendError):
        migrate(database, MIGRATIONS)

    assert installed_version(database, "shelf") == 1
    assert books(database) == [(1, "Dune")]


def test_a_database_of_a_later_version_is_left_alone(database, package):
    package.write(YEARS)
    migrate(database, MIGRATIONS)
    package.write(BOOKS)

    with pytest.raises(NewerSchema, match=r"shelf are at version 2, .* knows 1"):
        migrate(database, MIGRATIONS)

    assert installed_version(database, "shelf") == 2
    assert books(database) == [(1, "Dune", 1965)]


def test_of_many_at_once_one_does_the_work(database, package):
    package.write(YEARS)
    together, results = Barrier(8), []

    def run():
        together.wait()
        results.append(migrate(database, MIGRATIONS))

    threads = [Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(results) == [[]] * 7 + [["001_books.sql", "002_years.sql"]]
    assert books(database) == [(1, "Dune", 1965)]


def test_the_script_is_what_a_migration_runs(database, package):
    package.write(YEARS)

    statements = script_of(MIGRATIONS, pending(database, MIGRATIONS))
    with database.writing() as session:
        database.lock_schema(session)
        for statement in statements:
            session.run(statement)

    assert books(database) == [(1, "Dune", 1965)]
    assert pending(database, MIGRATIONS) == []
    assert script_of(MIGRATIONS, []) == []


def test_a_migrated_backend_prepares_itself(database, package):
    class Shelf(Migrated):
        migrations = MIGRATIONS

    package.write(BOOKS)
    shelf = Shelf()
    shelf.database = database

    shelf.initialize_schema()

    assert books(database) == [(1, "Dune")]


@pytest.mark.parametrize(
    "names",
    [
        [],
        ["002_late.sql"],
        ["001_books.sql", "003_gap.sql"],
        ["001_books.sql", "001_twin.sql"],
        ["000_zero.sql", "001_books.sql"],
    ],
    ids=["none", "not-from-one", "gap", "twin", "zero"],
)
def test_files_are_numbered_from_one_without_gap_or_twin(package, names):
    package.write(dict.fromkeys(names, "SELECT 1;"))

    with pytest.raises(ValueError, match="shelf_migrations are numbered"):
        MIGRATIONS.read()


def test_other_files_are_no_migrations(package):
    package.write({**BOOKS, "README.md": "", "1_short.sql": "", "001_books.sql~": ""})

    assert [migration.name for migration in MIGRATIONS.read()] == ["001_books.sql"]


@pytest.mark.parametrize("name", ["", "Storage", "a'b", "a-b"])
def test_a_component_is_a_plain_word(name):
    with pytest.raises(ValueError, match="no name of a component"):
        Migrations(name, "shelf_migrations")


def test_a_database_that_cannot_tell_its_tables_has_no_migrations():
    with pytest.raises(NotImplementedError):
        installed_version(Ledger(), "shelf")


def test_statements_end_at_semicolons_that_end_lines():
    text = "-- one;\nSELECT ';' ;\n\nSELECT 2; SELECT 3;  \n  -- two\nSELECT\r\n  4\n"

    statements = split_statements(text)

    assert statements == ("SELECT ';'", "SELECT 2; SELECT 3", "SELECT\n  4")


@pytest.mark.parametrize("text", ["", ";\n;\n", "-- nothing;\n"])
def test_a_file_may_have_no_statement(text):
    assert split_statements(text) == ()

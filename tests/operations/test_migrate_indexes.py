"""The command ``cliquet-like migrate`` and declared indexes, on the storages themselves."""

import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from pyramid.paster import bootstrap

from cliquet_like.drivers.errors import BackendError
from cliquet_like.initialization.schema_check import without_schema_check
from cliquet_like.scripts.cliquet_like import main
from cliquet_like.storage.indexes import DeclaredIndex

pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[2]
TITLE = DeclaredIndex("book", ("title",)).name
YEAR = DeclaredIndex("book", ("-year", "title")).name
VALID = f"SELECT indisvalid FROM pg_index WHERE indexrelid = '{TITLE}'::regclass"
NAMES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE name = 'of_stamps'",
    "postgresql": "SELECT indexname FROM pg_indexes WHERE indexname = 'of_stamps'",
}


@pytest.fixture
def write_service(write_ini):
    """Writes the file of a service whose storage is that of its URL; its path."""

    def write(url, **settings):
        path = Path(write_ini(url, **settings))
        text = path.read_text().replace("tests.migrated_app\n", f"cliquet_like.storage.{kind_of(url)}\n")
        path.write_text(text)
        return str(path)

    return write


def kind_of(url):
    return url.partition(":")[0]


def with_isolation(url, level):
    return f"{url}{'&' if '?' in url else '?'}options=-c%20default_transaction_isolation%3D{level}"


def run(ini, *options):
    return main(["migrate", "--ini", ini, *options])


@contextmanager
def opened(ini):
    """Storage of a service."""
    with without_schema_check(), bootstrap(ini) as env:
        storage = env["registry"].storage
        try:
            yield storage
        finally:
            storage.database.close()


def indexes(ini):
    with opened(ini) as storage:
        return storage.existing_indexes()


def run_in_processes(ini, count):
    """Exit codes and outputs of so many commands at once, which may take a minute."""
    command = [sys.executable, "-m", "cliquet_like", "migrate", "--ini", ini]
    processes = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for _ in range(count)
    ]
    try:
        outputs = [process.communicate(timeout=60)[0] for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.wait()
    return [process.returncode for process in processes], outputs


def test_declared_indexes_are_made_and_told(write_service, url, capsys):
    ini = write_service(url, indexed="title -year+title")

    code = run(ini)

    assert code == 0
    tables, started, done, started_second, done_second, cache = capsys.readouterr().out.splitlines()
    assert tables == "storage: ran 001_records.sql"
    assert started == "storage: index on book (title) ..."
    assert done.startswith("storage: index on book (title): done in ")
    assert started_second == "storage: index on book (-year, title) ..."
    assert done_second.startswith("storage: index on book (-year, title): done in ")
    assert cache == "cache: nothing to do"
    assert indexes(ini) == {TITLE, YEAR}


def test_an_index_that_is_there_is_not_made_again(write_service, url, capsys):
    ini = write_service(url, indexed="title")
    run(ini)
    capsys.readouterr()

    run(ini)

    assert capsys.readouterr().out.splitlines() == ["storage: nothing to do", "cache: nothing to do"]


def test_a_dry_run_prints_the_indexes_and_makes_nothing(write_service, url, capsys):
    ini = write_service(url, indexed="title")

    code = run(ini, "--dry-run")
    first = capsys.readouterr().out
    run(write_service(url))
    capsys.readouterr()
    run(write_service(url, indexed="title"), "--dry-run")

    assert code == 0
    assert "CREATE TABLE records" in first
    assert f" {TITLE} ON records " in first
    assert f" {TITLE} ON records " in capsys.readouterr().out
    assert indexes(ini) == set()


def test_an_index_that_is_no_longer_declared_is_dropped_and_no_other_one(write_service, url, capsys):
    ini = write_service(url, indexed="title")
    run(ini)
    with opened(ini) as storage:
        storage.database.write("CREATE INDEX of_stamps ON records (last_modified)")
    ini = write_service(url)
    capsys.readouterr()

    run(ini, "--dry-run")
    code = run(ini)

    assert code == 0
    out = capsys.readouterr().out.splitlines()
    concurrently = " CONCURRENTLY" if kind_of(url) == "postgresql" else ""
    assert f"DROP INDEX{concurrently} IF EXISTS {TITLE};" in out
    assert f"storage: dropped index {TITLE}, no longer declared" in out
    with opened(ini) as storage:
        assert storage.existing_indexes() == set()
        assert storage.database.read(NAMES[kind_of(url)]) == [("of_stamps",)]


def test_processes_at_once_make_each_index_once(write_service, url):
    ini = write_service(url, indexed="title -year+title")

    codes, outputs = run_in_processes(ini, 2)

    assert codes == [0, 0], outputs
    assert sorted("index on book" in output for output in outputs) == [False, True]
    assert indexes(ini) == {TITLE, YEAR}


def leave_unfinished(ini):
    """Interrupt the making of the index on titles: what is left is not valid."""
    with opened(ini) as storage:
        for _ in range(2):
            storage.create("book", "ada", {"title": "Dune"})
        with pytest.raises(BackendError, match="UniqueViolation"):
            storage.database.write(f"CREATE UNIQUE INDEX CONCURRENTLY {TITLE} ON records (parent_id)")
        assert storage.database.read(VALID) == [(False,)]


def test_an_index_that_was_left_unfinished_is_replaced(write_service, postgresql_url, capsys):
    ini = write_service(postgresql_url)
    run(ini)
    leave_unfinished(ini)
    ini = write_service(postgresql_url, indexed="title")

    code = run(ini)

    assert code == 0
    assert "storage: index on book (title): done in " in capsys.readouterr().out
    with opened(ini) as storage:
        assert storage.existing_indexes() == {TITLE}
        assert storage.create("book", "ada", {"title": "Dune"})["title"] == "Dune"


def test_an_unfinished_index_that_nobody_declares_is_dropped(write_service, postgresql_url, capsys):
    ini = write_service(postgresql_url)
    run(ini)
    leave_unfinished(ini)

    run(ini, "--dry-run")
    code = run(ini)

    assert code == 0
    out = capsys.readouterr().out.splitlines()
    assert f"DROP INDEX CONCURRENTLY IF EXISTS {TITLE};" in out
    assert f"storage: dropped index {TITLE}, no longer declared" in out
    with opened(ini) as storage:
        assert storage.unfinished_indexes() == set()


@pytest.mark.parametrize("level", ["repeatable%5C%20read", "serializable"])
def test_a_stricter_default_isolation_stops_nobody(write_service, postgresql_url, level):
    ini = write_service(with_isolation(postgresql_url, level), indexed="title")

    codes, outputs = run_in_processes(ini, 2)

    assert codes == [0, 0], outputs
    assert sorted("storage: ran 001_records.sql" in output for output in outputs) == [False, True]
    assert indexes(ini) == {TITLE}


def test_a_pool_of_one_connection_is_enough(write_service, postgresql_url, capsys):
    pool = {"storage_pool_size": 1, "storage_maxoverflow": 0, "storage_pool_timeout": 0}
    ini = write_service(postgresql_url, indexed="title", **pool)

    code = run(ini)

    assert code == 0, capsys.readouterr().err
    assert indexes(ini) == {TITLE}

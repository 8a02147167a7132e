"""The command ``cliquet-like migrate``, on real databases."""

import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from pyramid.paster import bootstrap

from cliquet_like.scripts.cliquet_like import init_schema, main
from tests.migrating import BOOKS, BROKEN, YEARS

pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[2]


def run(ini, *options):
    return main(["migrate", "--ini", ini, *options])


def stored(ini, statement="SELECT * FROM shelf_books"):
    """Rows in the database of a service."""
    with bootstrap(ini) as env:
        database = env["registry"].storage.database
        rows = database.read(statement)
        database.close()
    return rows


def table_exists(ini):
    with bootstrap(ini) as env:
        database = env["registry"].storage.database
        found = database.has_table("shelf_books")
        database.close()
    return found


def test_a_fresh_database_is_brought_up_to_date_line_by_line(ini, package, capsys):
    package.write(YEARS)

    code = run(ini)

    assert code == 0
    output = capsys.readouterr()
    assert output.out.splitlines() == [
        "storage: ran 001_books.sql",
        "storage: ran 002_years.sql",
        "cache: nothing to do",
    ]
    assert output.err == ""
    assert stored(ini) == [(1, "Dune", 1965)]


def test_a_second_run_does_nothing(ini, package, capsys):
    package.write(BOOKS)
    run(ini)
    capsys.readouterr()

    code = run(ini)

    assert code == 0
    assert capsys.readouterr().out.splitlines() == ["storage: nothing to do", "cache: nothing to do"]


def test_an_upgrade_runs_what_is_new(ini, package, capsys):
    package.write(BOOKS)
    run(ini)
    package.write(YEARS)
    capsys.readouterr()

    code = run(ini)

    assert code == 0
    assert capsys.readouterr().out.splitlines()[0] == "storage: ran 002_years.sql"
    assert stored(ini) == [(1, "Dune", 1965)]


def test_a_failing_migration_says_so_in_one_line_and_leaves_nothing(ini, package, capsys):
    package.write(BROKEN)

    code = run(ini)

    assert code == 1
    output = capsys.readouterr()
    assert output.out == ""
    assert len(output.err.splitlines()) == 1
    assert output.err.startswith("cliquet-like: ")
    assert "nowhere" in output.err
    assert not table_exists(ini)


def test_a_table_of_another_application_is_left_alone_and_told_in_one_line(ini, package, capsys):
    package.write({"001_theirs.sql": "CREATE TABLE shelf_books (isbn text);"})
    run(ini)
    package.write({**BOOKS, "001_books.sql": "SELECT 1;", "002_books.sql": BOOKS["001_books.sql"]})
    capsys.readouterr()

    code = run(ini)

    assert code == 1
    output = capsys.readouterr()
    assert output.err.startswith("cliquet-like: ")
    assert "shelf_books" in output.err
    assert "already exists; if another application has a table of that name, give" in output.err
    assert len(output.err.splitlines()) == 1
    assert stored(ini) == []


def test_a_newer_database_is_left_alone(ini, package, capsys):
    package.write(YEARS)
    run(ini)
    package.write(BOOKS)
    capsys.readouterr()

    code = run(ini)

    assert code == 1
    output = capsys.readouterr()
    assert "storage are at version 2" in output.err
    assert len(output.err.splitlines()) == 1
    assert stored(ini) == [(1, "Dune", 1965)]


def test_a_dry_run_prints_the_sql_and_changes_nothing(ini, package, capsys):
    package.write(BOOKS)

    code = run(ini, "--dry-run")

    assert code == 0
    out = capsys.readouterr().out
    assert out.startswith("-- storage\nCREATE TABLE IF NOT EXISTS cliquet_like_schema")
    assert "INSERT INTO shelf_books (id, title) VALUES (1, 'Dune');\n" in out
    assert out.endswith("-- cache: nothing to do\n")
    assert not table_exists(ini)


def test_a_dry_run_and_a_start_make_no_file(write_ini, tmp_path, package):
    package.write(BOOKS)
    ini = write_ini(f"sqlite:///{tmp_path}/new.db")

    code = run(ini, "--dry-run")
    found = table_exists(ini)

    assert (code, found) == (0, False)
    assert not (tmp_path / "new.db").exists()


def test_a_dry_run_of_what_is_up_to_date_prints_no_sql(ini, package, capsys):
    package.write(BOOKS)
    run(ini)
    capsys.readouterr()

    run(ini, "--dry-run")

    assert capsys.readouterr().out.splitlines() == ["-- storage: nothing to do", "-- cache: nothing to do"]


def test_processes_at_once_do_not_collide(ini, package):
    package.write(YEARS)
    command = [sys.executable, "-m", "cliquet_like", "migrate", "--ini", ini]

    processes = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for _ in range(3)
    ]
    outputs = [process.communicate(timeout=60)[0] for process in processes]

    assert [process.returncode for process in processes] == [0, 0, 0], outputs
    assert sorted("ran 001_books.sql" in output for output in outputs) == [False, False, True]
    assert stored(ini) == [(1, "Dune", 1965)]


def test_a_server_that_does_not_answer_is_named_in_one_line(write_ini, package, capsys):
    package.write(BOOKS)

    code = run(write_ini("postgresql://postgres@127.0.0.1:1/shelf"))

    assert code == 1
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith("cliquet-like: OperationalError: ")
    assert len(output.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("absent.ini", "FileNotFoundError"),
        ("shelf.ini#other", "No section 'other'"),
        ("shelf.toml", "LoaderNotFound"),
        ("broken.ini", "ModuleNotFoundError: No module named 'shelf_absent'"),
        ("wrong.ini", "ConfigurationError: "),
        ("percent.ini", "'%' must be followed by '%' or '('"),
        ("headless.ini", "MissingSectionHeaderError: "),
        ("syntax.ini", "SyntaxError: "),
    ],
)
def test_a_file_without_a_service_is_refused_in_one_line(write_ini, tmp_path, capsys, file, message):
    text = Path(write_ini("sqlite:///shelf.db")).read_text()
    (tmp_path / "shelf.toml").write_text("")
    (tmp_path / "broken.ini").write_text(text.replace("call:tests.migrated_app", "call:shelf_absent"))
    (tmp_path / "wrong.ini").write_text(
        text.replace("storage_backend = tests.migrated_app", "storage_backend = 3")
    )
    (tmp_path / "percent.ini").write_text(text + "shelf.motto = 50% off\n")
    (tmp_path / "headless.ini").write_text(text.replace("[app:main]", ""))
    (tmp_path / "shelf_mistyped.py").write_text("def main(:\n")
    (tmp_path / "syntax.ini").write_text(text.replace("call:tests.migrated_app", "call:shelf_mistyped"))

    code = run(str(tmp_path / file))

    assert code == 1
    error = capsys.readouterr().err
    assert f"{file} cannot be loaded: " in error
    assert message in error
    assert len(error.splitlines()) == 1


@pytest.mark.parametrize(
    "arguments",
    [[], ["migrate"], ["upgrade", "--ini", "a.ini"], ["migrate", "--ini", "a.ini", "--force"]],
    ids=["nothing", "no-file", "unknown-command", "unknown-option"],
)
def test_arguments_that_are_not_understood_are_a_usage_error(arguments, capsys):
    with pytest.raises(SystemExit) as leaving:
        main(arguments)

    assert leaving.value.code == 2
    assert "usage: cliquet-like" in capsys.readouterr().err


def test_the_package_is_the_command(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["cliquet_like", "migrate", "--help"])

    with pytest.raises(SystemExit) as leaving:
        runpy.run_module("cliquet_like", run_name="__main__")

    assert leaving.value.code == 0
    assert "--dry-run" in capsys.readouterr().out


def test_in_read_only_mode_storage_is_left_alone(write_ini, url, package, capsys, caplog):
    package.write(BOOKS)

    code = run(write_ini(url, readonly="true"))

    assert code == 0
    assert capsys.readouterr().out == "cache: nothing to do\n"
    assert "read-only" in caplog.text
    assert not table_exists(write_ini(url))


def test_a_service_may_prepare_its_backends_itself(ini, package):
    package.write(BOOKS)

    with bootstrap(ini) as env:
        init_schema(env)
        env["registry"].storage.database.close()

    assert stored(ini) == [(1, "Dune")]


def test_a_service_without_backends_has_nothing_to_do(tmp_path, capsys):
    (tmp_path / "bare_service.py").write_text(
        "from pyramid.config import Configurator\n"
        "def main(global_config, **settings):\n"
        "    return Configurator(settings=settings).make_wsgi_app()\n"
    )
    (tmp_path / "bare.ini").write_text("[app:main]\nuse = call:bare_service:main\n")

    assert run(str(tmp_path / "bare.ini")) == 0
    assert capsys.readouterr().out == ""

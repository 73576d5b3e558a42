"""The publication in PostgreSQL: the marts to the last digit, old or new and never a mix, and no secret told."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import psycopg
import pytest

from assets import postgres
from assets.marts import published_contracts
from assets.postgres import LoadError, forget, load, type_in_postgres
from assets.resources.warehouse import Warehouse
from models.contract import glossary
from pipelines.postgres import without
from tests.publications.hostile_book import BEYOND, manifest_of, tables_of
from tests.publications.postgres_server import PASSWORD, QUOTED, needs_postgres, running
from tests.typed import typed

pytestmark = needs_postgres
VERSIONS = r"select nspname from pg_namespace where nspname like 'receivables\_2%' order by 1"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with running() as url:
        yield url


@pytest.fixture
def database(server: str) -> Iterator[Any]:
    with psycopg.connect(server, autocommit=True) as connection:
        yield connection


@pytest.fixture
def other(server: str) -> Iterator[Any]:
    """Somebody else's connection."""
    with psycopg.connect(server, autocommit=True) as connection:
        yield connection


@pytest.fixture(autouse=True)
def empty(request: pytest.FixtureRequest) -> None:
    """No publication is there before a test that loads one."""
    if "database" in request.fixturenames:
        connection = request.getfixturevalue("database")
        for (name,) in rows(connection, "select nspname from pg_namespace where nspname like 'receivables%'"):
            connection.execute(f'drop schema "{name}" cascade')


def rows(connection: Any, sql: str) -> list[tuple[Any, ...]]:
    return connection.execute(sql).fetchall()


def put(connection: Any, place: Path, run_id: str = "") -> postgres.Loaded:
    """Load the publication, as that of another run where one is named."""
    manifest = manifest_of(place)
    with tables_of(place) as tables:
        return load(connection, tables, manifest | ({"run_id": run_id} if run_id else {}), "receivables", "readers")


def test_every_table_is_there_to_the_last_digit(database: Any, place: Path) -> None:
    loaded = put(database, place)
    assert loaded.tables == len(published_contracts()) and loaded.totals > 100
    for promised in published_contracts():
        names = ", ".join(promised.column_types())
        wanted = pl.read_parquet(place / "tables" / f"{promised.table}.parquet").rows()
        found = rows(database, f"select {names} from receivables.{promised.table}")
        assert sorted(map(repr, found)) == sorted(map(repr, wanted)), promised.table
    held = rows(database, "select max(open_amount)::text from receivables.aging_detail")
    assert held == [(f"{BEYOND}00",)], "sixteen digits, and four places"
    assert rows(database, "select as_of::text, status from receivables.publication") == [
        ("2026-02-28", "passed_with_warnings")
    ]


def test_types_keys_and_meanings_come_from_the_contracts(database: Any, place: Path) -> None:
    loaded = put(database, place)
    kinds = dict(
        rows(
            database,
            "select attname, format_type(atttypid, atttypmod) from pg_attribute where attnum > 0 and attrelid ="
            f" '{loaded.version}.aging'::regclass",
        )
    )
    assert kinds["open_amount"] == "numeric(38,4)" and kinds["as_of"] == "date" and kinds["is_policy_view"] == "boolean"
    assert type_in_postgres("DOUBLE") == "double precision"
    said = rows(database, "select obj_description('receivables.aging'::regclass)")[0][0]
    assert said.startswith("Open items by customer and ageing bucket") and said.endswith("currency and bucket.")
    (meaning,) = rows(
        database,
        "select col_description('receivables.aging'::regclass, attnum) from pg_attribute"
        " where attrelid = 'receivables.aging'::regclass and attname = 'open_amount'",
    )
    assert meaning[0].startswith(glossary()["open_amount"].meaning)
    keys = rows(
        database,
        f"select count(*) from pg_constraint where contype = 'p' and connamespace = '{loaded.version}'::regnamespace",
    )
    assert keys[0][0] == len([promised for promised in published_contracts() if promised.key])


def test_readers_see_the_old_or_the_new(
    database: Any, other: Any, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until the load ends, others see the publication before, whole; views that they built on it show the new one then."""
    put(database, place, "a" * 16)
    other.execute("create view receivables.mine as select count(*) as held from receivables.aging")
    seen: list[str] = []
    swap = postgres._swap

    def watched(*given: Any) -> None:
        seen.extend(told(other))
        swap(*given)

    monkeypatch.setattr(postgres, "_swap", watched)
    put(database, place, "b" * 16)
    assert seen == ["a" * 16] and told(other) == ["b" * 16]
    held = rows(other, "select held from receivables.mine")
    assert held == rows(database, "select count(*) from receivables.aging")
    assert [name[-12:] for (name,) in rows(database, VERSIONS)] == ["a" * 12, "b" * 12]


def told(connection: Any) -> list[str]:
    return [run_id for (run_id,) in rows(connection, "select run_id from receivables.publication")]


def test_the_version_before_stays_and_older_ones_go(database: Any, place: Path) -> None:
    for letter in "abc":
        loaded = put(database, place, letter * 16)
    assert forget(database, loaded) == [f"receivables_20260228_{'a' * 12}"]
    assert [name[-1] for (name,) in rows(database, VERSIONS)] == ["b", "c"]
    again = put(database, place, "c" * 16)
    assert again.was_there and again.totals == loaded.totals, "it is read back all the same"


def test_what_is_not_what_was_published_is_not_shown(
    database: Any, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(database, place, "a" * 16)
    export = Warehouse.export_csv

    def short(bundle: Warehouse, sql: str, path: Path) -> None:
        export(bundle, sql, path)
        if path.stem == "aging_detail":
            path.write_text(path.read_text(encoding="utf-8").replace("250.5000", "250.5001"), encoding="utf-8")

    monkeypatch.setattr(Warehouse, "export_csv", short)
    with pytest.raises(LoadError, match=r"aging_detail is not what was published: total of \w+ [\d.]+, published"):
        put(database, place, "b" * 16)
    assert told(database) == ["a" * 16]
    assert [name[-1] for (name,) in rows(database, VERSIONS)] == ["a"], "nothing is left of it"
    monkeypatch.undo()
    put(database, place, "b" * 16)
    database.execute(f"delete from receivables_20260228_{'b' * 12}.dso")
    with pytest.raises(LoadError, match="dso is not what was published: rows 0, published"):
        put(database, place, "b" * 16)


def test_a_table_that_is_gone_is_no_longer_shown(database: Any, place: Path) -> None:
    put(database, place, "a" * 16)
    manifest = manifest_of(place) | {"run_id": "b" * 16}
    manifest["outputs"] = [output for output in manifest["outputs"] if output["table"] != "dso"]
    with tables_of(place) as tables:
        load(database, tables, manifest, "receivables", "readers")
    shown = {name for (name,) in rows(database, "select viewname from pg_views where schemaname = 'receivables'")}
    assert "aging" in shown and "dso" not in shown


def test_the_reader_reads_the_views_and_nothing_else(database: Any, server: str, place: Path) -> None:
    loaded = put(database, place)
    database.execute("drop role if exists ada")
    database.execute("create role ada login password 'ada' in role readers")
    with psycopg.connect(server.replace(f"finance:{QUOTED}", "ada:ada"), autocommit=True) as reading:
        assert rows(reading, "select count(*) from receivables.aging")[0][0] > 0
        for sql in (
            "delete from receivables.aging",
            f"select * from {loaded.version}.aging",
            "create table receivables.mine (n int)",
            "drop view receivables.aging",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                reading.execute(sql)


def test_the_command_takes_its_address_from_the_environment(
    database: Any, server: str, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECEIVABLES_POSTGRES_URL", server)
    said = typed("postgres", "--home", str(place.parents[2]))
    assert (said.code, said.error) == (0, "")
    assert f"verified   {len(published_contracts())} tables" in said.out and "s3cret" not in said.out
    assert rows(database, "select count(*) from pg_roles where rolname = 'receivables_reader'") == [(1,)]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://finance:wrong-one@127.0.0.1:{port}/postgres", "password authentication failed"),
        ("postgresql://finance:wrong-one@127.0.0.1:1/postgres", "PostgreSQL: "),
        ("host=127.0.0.1 port={port} dbname=nothing user=finance password=wrong-one", "PostgreSQL: "),
        ("mysql://finance:wrong-one@there/db", "URL cannot be read"),
        ("wrong-one", "URL cannot be read"),
    ],
)
def test_no_error_tells_a_password(server: str, place: Path, url: str, said: str) -> None:
    port = server.rpartition(":")[2].split("/")[0]
    home = str(place.parents[2])
    code, _, error = typed("postgres", "--home", home, "--url", url.format(port=port))
    assert code == 1 and said in error and error.count("\n") == 1
    assert "wrong-one" not in error and PASSWORD not in error


def test_a_name_that_is_no_name_is_refused(server: str, place: Path) -> None:
    words = ("postgres", "--home", str(place.parents[2]), "--url", server, "--schema", 'x"; drop')
    code, _, error = typed(*words)
    assert code == 1 and "is no name of a schema" in error
    assert without(f"at {server} with {PASSWORD}", [PASSWORD, server]) == "at *** with ***"

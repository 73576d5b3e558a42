"""A copy of a publication for whoever should not know its customers: nothing of theirs in it, and it still joins."""

import json
from pathlib import Path

import polars as pl
import pytest

from assets.pseudonyms import KEPT, WITHHELD, NoKey, pseudonym, replaced_columns, write_copy
from assets.published import MANIFEST, Published
from models.contract import contract, glossary
from tests.publications.hostile_book import CLOSING, FORMULA, MARKUP
from tests.typed import typed

SECRET = "a secret of more than sixteen"


@pytest.fixture(scope="module")
def published(place: Path) -> Published:
    """The publication of the hostile book."""
    return Published(place, json.loads((place / MANIFEST).read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def copy(published: Published, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its copy under a key."""
    out = tmp_path_factory.mktemp("copies") / "copy"
    write_copy(published, SECRET, out)
    return out


def texts(frame: pl.DataFrame) -> set[str]:
    """Every text of a table."""
    columns = [frame[name] for name, kind in frame.schema.items() if kind == pl.String]
    return {value for column in columns for value in column.to_list() if value}


def test_no_name_and_no_id_is_in_the_copy(published: Published, copy: Path) -> None:
    """Whatever stands in a replaced column of the publication stands nowhere in the copy, in whole or in part."""
    theirs, ours = {"Ada", "Ben", "Cleo"}, set()
    for output in published.manifest["outputs"]:
        if output["table"] not in WITHHELD:
            frame = published.table(output["table"])
            columns = replaced_columns(contract(f"marts.{output['table']}"))
            theirs |= texts(frame.select(columns))
            ours |= texts(frame.drop(columns))
    # the hostile book calls a segment what it calls an invoice
    theirs -= ours
    assert {FORMULA, MARKUP} <= theirs and CLOSING in ours
    for path in sorted((copy / "tables").glob("*.parquet")):
        held = texts(pl.read_parquet(path))
        assert [text for text in theirs if any(text == one or (len(text) > 3 and text in one) for one in held)] == []


def test_it_joins_and_adds_up_as_the_publication_does(published: Published, copy: Path) -> None:
    theirs, ours = published.table("aging_detail"), pl.read_parquet(copy / "tables" / "aging_detail.parquet")
    assert ours.schema == theirs.schema
    assert ours["open_amount"].to_list() == theirs["open_amount"].to_list()
    by = theirs.group_by("customer_id").agg(pl.col("open_amount").sum())
    named = {pseudonym(SECRET.encode(), name): amount for name, amount in by.iter_rows()}
    assert dict(ours.group_by("customer_id").agg(pl.col("open_amount").sum()).iter_rows()) == named
    trends = pl.read_parquet(copy / "tables" / "payment_trends.parquet")
    assert set(ours["payer_id"]) <= set(trends["payer_id"])


def test_what_is_withheld_and_replaced_is_said(published: Published, copy: Path) -> None:
    told = json.loads((copy / "export.json").read_text(encoding="utf-8"))
    assert told["withheld"] == ["rejected_rows"] and not (copy / "tables" / "rejected_rows.parquet").exists()
    (detail,) = [table for table in told["tables"] if table["table"] == "aging_detail"]
    assert detail["replaced"] == ["customer_id", "payer_id", "document_id", "instalment"]
    assert detail["rows"] == published.table("aging_detail").height
    assert SECRET not in (copy / "export.json").read_text(encoding="utf-8")
    assert {path.stat().st_mode & 0o777 for path in copy.rglob("*") if path.is_file()} == {0o640}


def test_one_key_gives_one_copy_and_another_key_another(published: Published, copy: Path, tmp_path: Path) -> None:
    told = json.loads((copy / "export.json").read_text(encoding="utf-8"))
    assert write_copy(published, SECRET, tmp_path / "again") == told
    other = write_copy(published, SECRET + "!", tmp_path / "other")
    assert other["key"] != told["key"]
    (ours, theirs) = (
        pl.read_parquet(folder / "tables" / "payment_trends.parquet")["payer_id"]
        for folder in (copy, tmp_path / "other")
    )
    assert not set(ours) & set(theirs)


def test_a_text_that_nobody_thought_of_is_replaced() -> None:
    """Only what is listed stays; a personal column never does."""
    assert "collector" in replaced_columns(contract("marts.collection_metrics"))
    kept_ids = [name for name in KEPT if name.endswith("_id") and name not in ("entity_id", "run_id")]
    assert kept_ids == []
    assert KEPT - glossary().keys() == set()


def test_without_a_key_or_into_a_folder_that_is_there_nothing_is_written(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = ("export", str(tmp_path / "out"), "--home", str(place.parents[2]))
    monkeypatch.delenv("RECEIVABLES_PSEUDONYM_KEY", raising=False)
    code, _, said = typed(*command)
    assert code == 1 and "set RECEIVABLES_PSEUDONYM_KEY" in said
    monkeypatch.setenv("RECEIVABLES_PSEUDONYM_KEY", SECRET)
    code, printed, said = typed(*command)
    assert (code, said) == (0, "")
    assert "no rejected_rows" in printed and SECRET not in printed
    code, _, said = typed(*command)
    assert code == 1 and "is there already" in said and said.count("\n") == 1
    with pytest.raises(NoKey, match="fewer than 16"):
        write_copy(Published(place, {}), "short", tmp_path / "none")

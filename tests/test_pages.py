"""The pages are true: every block of code runs as it stands, and says what stands below it."""

import re
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from anonymizer import anonymize
from anonymizer.checks.figures.thresholds import load_thresholds
from anonymizer.masking.masks import MASKS
from examples import made_up
from scripts.site import build
from tests.pages import Reader, blocks

pytestmark = pytest.mark.usefixtures("_brief_training")

ROOT = Path(__file__).parents[1]
TUTORIALS = ROOT / "docs" / "tutorials"
ENGLISH = [page for page in sorted(TUTORIALS.glob("*.md")) if "." not in page.stem]
CHINESE = sorted([*ROOT.glob("*.zh.md"), *TUTORIALS.glob("*.zh.md")])
FOLLOWED = {  # here; translations are what their originals are
    *("README.md", "docs/checks.md", "docs/datasets.md", "docs/howto.md", "docs/jobs.md"),
    *("docs/certificates.md", "docs/masking.md", "docs/relations.md", "docs/sequences.md"),
    *(page.relative_to(ROOT).as_posix() for page in [*ENGLISH, *CHINESE]),
}
# What asks for a server, a cluster, peers or a long training is in `bash` or `py`. Each such block
# of a page, from top to bottom, is the matter of one of these.
ELSEWHERE = {
    "CONTRIBUTING.md": ["benchmarks/peer.py"],
    "docs/checks.md": ["tests/checks/privacy/test_canaries.py"],
    "docs/datasets.md": ["tests/datasets/test_synthesis.py"],
    "docs/federated.md": ["tests/federated/test_party.py"],
    "docs/jobs.md": ["tests/spark/test_files.py"],
    "docs/sequences.md": [
        "tests/spark/test_distributor.py",
        "tests/sequences/generation/test_rules.py",
        "tests/spark/test_sequences.py",
    ],
    "docs/stores.md": ["tests/stores/server.py", "tests/stores/test_postgresql.py"],
}


def text_of(page: str) -> str:
    """What stands on a page."""
    return (ROOT / page).read_text("utf-8")


def test_every_block_is_run_somewhere() -> None:
    """On any page of the site, by its language."""
    pages = {name: text.decode() for name, text in build.files().items() if name.endswith(".md")}
    of = {name: re.findall(r"^```(\w+)$", text, re.MULTILINE) for name, text in pages.items()}
    assert {name for name, found in of.items() if {"python", "sh"} & {*found}} == FOLLOWED
    others = {name: sum(each in {"py", "bash"} for each in found) for name, found in of.items()}
    assert {name: n for name, n in others.items() if n} == {k: len(v) for k, v in ELSEWHERE.items()}
    languages = {each for found in of.values() for each in found}
    assert languages == {"python", "sh", "py", "bash", "text", "yaml", "json", "toml"}
    files = {file for each in ELSEWHERE.values() for file in each}
    assert {file for file in files if not (ROOT / file).is_file()} == set()


BY_THEMSELVES = [*ENGLISH, *(ROOT / "docs" / f"{name}.md" for name in ("howto", "certificates"))]


@pytest.mark.parametrize("page", BY_THEMSELVES, ids=lambda page: page.stem)
def test_a_page_by_itself_can_be_followed(page: Path, reader: Reader) -> None:
    """From its first block to its last."""
    reader.follow(page.read_text("utf-8"))


@pytest.mark.parametrize("page", CHINESE, ids=lambda page: page.stem)
def test_a_translation_runs_as_its_original_does(page: Path) -> None:
    """Block by block the same code, but for comments: of the README some, of tutorials all."""
    original = _code(page.with_name(page.name.replace(".zh", "")))
    translated = _code(page)
    if page.parent == TUTORIALS:
        assert translated == original
    else:
        assert [block for block in translated if block not in original] == []


def _code(page: Path) -> list[tuple[str, str]]:
    """The blocks of a page without their comments."""
    return [
        (language, re.sub(r"(^|\s+)#.*$", "", code, flags=re.MULTILINE))
        for language, code in blocks(page.read_text("utf-8"), "python", "sh", "text", "yaml")
    ]


def test_the_chinese_readme_names_every_mask() -> None:
    """As the README does."""
    rows = re.findall(r"^\| `(\w+)` \|", text_of("README.zh.md"), re.MULTILINE)
    assert sorted(rows) == sorted(MASKS)


def make_shop() -> None:
    """The tables that pages on datasets speak of."""
    Path("shop").mkdir()
    made_up.customers().drop("zip").write_csv("shop/customers.csv")
    made_up.orders().write_csv("shop/orders.csv")


def test_the_readme_and_jobs_can_be_followed(reader: Reader) -> None:
    """What a newcomer pastes masks two spellings alike, synthesises, scores, recommends, checks."""
    make_shop()
    reader.follow(text_of("README.md"))
    reader.follow(text_of("docs/jobs.md"))
    names = reader.names
    masked = names["masked"]
    assert masked["name"][0] == masked["name"][1]
    assert not set(masked["name"]) & {"Ann Lee", "A. Lee", "Bo Ek"}
    assert names["synthetic"].schema == names["train"].schema
    assert names["done"]["rows"] == 541_909
    assert names["risks"] == []
    assert names["report"].verdict in {"green", "amber", "red"}
    assert {path.name for path in Path().iterdir()} == {
        *("examples", "shop", "shop_masked", "dataset.yaml"),
        *("payments.csv", "rules.yaml", "rules.yaml.bak", "masked.csv"),
        *("model", "orders.parquet", "orders.parquet.json", "report.html"),
    }


def test_the_example_of_histories_can_be_followed(reader: Reader) -> None:
    """The fit says what stands there and no more, and Python gives what commands wrote."""
    page = text_of("docs/sequences.md")
    reader.follow(page)
    ((_, shown),) = blocks(page, "text")
    fitted = reader.said.partition("anonymizer: 200 histories written")[0].splitlines()
    progress = re.compile(r"anonymizer: (learning$| +\d+ s  )")
    assert shown.splitlines() == [line for line in fitted if not progress.match(line)]
    for name, file in (("synthetic", "synthetic"), ("scored", "scored"), ("following", "next")):
        assert_frame_equal(reader.names[name], pl.read_parquet(f"{file}.parquet"))


NIGHTLY = """version: 1
source: shop
target: nightly
entity: customers.id
foreign_keys: {orders.customer_id: customers.id}
tables:
  customers: {columns: {id: token, email: encrypt, "*": drop}}
  orders: {columns: {id: token, ordered: drop, "*": keep}}
incremental: {customers: {key: id, watermark: joined}, orders: {key: id, watermark: ordered}}
"""


def test_datasets_can_be_followed(reader: Reader) -> None:
    """From tables to the attacks on what became of them; nights; back, and on to another key."""
    make_shop()
    first_run, _, later = text_of("docs/datasets.md").partition("\n## Every night\n")
    reader.follow(first_run)
    masked = {path.name for path in Path("shop_masked").iterdir()}
    assert masked == {"customers.csv", "orders.csv"}
    Path("dataset.yaml").write_text(NIGHTLY, "utf-8")
    reader.follow(later)
    back = pl.read_parquet("BACK/customers/*.parquet")
    assert set(back["email"]) == set(made_up.customers()["email"])
    assert "anonymizer: orders.id: 1,440 tokens" in reader.said


def test_checks_can_be_followed(reader: Reader) -> None:
    """Audits say what stands beside them, and the thresholds are some."""
    page = text_of("docs/checks.md")
    reader.follow(page)
    assert reader.names["report"].figures["k"].estimate.value == 1
    (thresholds,) = (code for _yaml, code in blocks(page, "yaml") if "green:" in code)
    Path("limits.yaml").write_text(thresholds, "utf-8")
    load_thresholds("limits.yaml").require_names(["amount"])


def test_masking_can_be_followed(reader: Reader) -> None:
    """Nights, warnings, and spellings that are one."""
    history = made_up.orders().select(customer="customer_id", order_time="ordered", amount="amount")
    last = pl.col("order_time").dt.date() == history["order_time"].dt.date().max()
    history.filter(~last).write_parquet("history.parquet")
    history.filter(last).write_parquet("tonight.parquet")
    page = text_of("docs/masking.md")
    (rules,) = (code for _yaml, code in blocks(page, "yaml") if "batches: held_back" in code)
    Path("rules.yaml").write_text(f"version: 1\n{rules}", "utf-8")
    reader.names = {
        "pl": pl, "anonymize": anonymize, "key": "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
        "payments": pl.DataFrame({"iban": ["TR33 0006 1005"], "payee_iban": ["tr3300061005"]}),
        "rules": {"version": 1, "columns": {"*iban": {"mask": "token", "domain": "iban"}}},
    }  # fmt: skip
    reader.follow(page)


def test_relations_can_be_followed(reader: Reader) -> None:
    """The orders of the example are there."""
    orders = made_up.orders().rename({"ordered": "order_time"})
    reader.names = {"orders": orders, "other_orders": orders.head(100)}
    reader.follow(text_of("docs/relations.md"))
    assert reader.names["found"].found

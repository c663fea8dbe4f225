"""The whole road on real purchases: clean, mask, synthesise, check.

The purchases are UCI Online Retail (Chen 2015, CC BY 4.0). The published set has customer numbers
and no persons, so the demo attaches fictional ones, made with Faker.
"""

import tempfile
import textwrap
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np
import polars as pl
from faker import Faker

from anonymizer.checks.figures.figure import WORDS, worst_first
from anonymizer.checks.figures.formats import count, interval, shown
from anonymizer.checks.pages.check_page import sentence
from anonymizer.checks.reports.check_report import Report
from anonymizer.composition import check
from anonymizer.errors import FileError
from anonymizer.files.table_files import sink
from anonymizer.keys import Key
from anonymizer.masking.run.files import mask_file
from anonymizer.provenance import FileRecord, stamp_of_sample
from anonymizer.sequences.model.sequence_model import SequenceModel

SAMPLE = "synthetic.parquet"
SEED = 20_101_201  # the first day of the data
# Public, since the persons are fictional and the output should be the same for everybody.
DEMO_KEY = "a key for people who never lived"

# Towns and postcode areas that belong together; the streets and house numbers are Faker's.
TOWNS = (
    ("London", "SE"), ("London", "NW"), ("Birmingham", "B"), ("Leeds", "LS"), ("Glasgow", "G"),
    ("Sheffield", "S"), ("Edinburgh", "EH"), ("Liverpool", "L"), ("Manchester", "M"),
    ("Bristol", "BS"), ("Cardiff", "CF"), ("Leicester", "LE"), ("Nottingham", "NG"),
    ("Newcastle upon Tyne", "NE"), ("Brighton", "BN"), ("Plymouth", "PL"), ("Belfast", "BT"),
    ("Swansea", "SA"), ("Aberdeen", "AB"), ("Norwich", "NR"),
)  # fmt: skip

# What is learned from: enough to see all columns agree, little enough for a minute on two cores.
BESTSELLERS = 60  # items, by how many customers bought them
CUSTOMERS = 600  # of those who bought some of them, by chance
MOST_TOLD = 4  # figures that are not good

Working = Callable[[str], AbstractContextManager[Callable[[str], None]]]


@dataclass(frozen=True)
class Outcome:
    """What the demo wrote and found."""

    folder: Path
    lines: int
    customers: int
    synthetic: pl.DataFrame
    taken: list[str]
    report: Report


def run(folder: Path, working: Working) -> Outcome:
    """Mask, synthesise and check; everything lands in `folder`, the raw table does not.

    Args:
        folder: created if absent; files of an earlier run are replaced.
        working: opens the display of one piece of work.

    Raises:
        FileError: the folder cannot be used, or the data file is missing.
    """
    prepare(folder)
    with working("1/5 Reading purchases and inventing persons"):
        raw = raw_table()
    with working("2/5 Masking names, addresses and dates"):
        mask(raw, folder)
    train, holdout = halves(learned_lines(pl.read_parquet(folder / "masked.parquet")))
    with working("3/5 Learning the histories of half the customers") as say:
        model = SequenceModel.fit(
            train, entity="customer_id", time="order_time", seed=SEED, progress=say
        )
        model.save(folder / "model")
    with working("4/5 Sampling customers who do not exist"):
        entities = train["customer_id"].n_unique()
        synthetic = model.sample(entities, seed=SEED)
        made = FileRecord(role="synthetic", name=SAMPLE, undigested="self", entities=entities)
        stamp = stamp_of_sample("anonymizer.demo", folder / "model", made, SEED)
        sink(synthetic.lazy(), folder / SAMPLE, overwrite=True, metadata=stamp)
    with working("5/5 Checking against the other half") as say:
        report = check(
            real=train,
            synthetic=folder / SAMPLE,
            holdout=holdout,
            entity="customer_id",
            time="order_time",
            seed=SEED,
            progress=say,
        )
        report.write_html(folder / "report.html")
        report.write_json(folder / "report.json")
    customers = raw["customer_id"].n_unique()
    return Outcome(folder, len(raw), customers, synthetic, model.told, report)


def prepare(folder: Path) -> None:
    """Make the folder, or make sure that it is one."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(f"cannot use {folder} as a folder: {error.strerror}") from error


def raw_table() -> pl.DataFrame:
    """Cleaned purchase lines with a fictional person at each customer number."""
    lines = clean(pl.read_parquet(data_file()))
    return lines.join(persons(lines["customer_id"]), on="customer_id", maintain_order="left")


def data_file() -> Path:
    """The purchases, inside the installed package or beside it in a checkout."""
    packed = Path(str(files("anonymizer"))) / "data" / "online_retail.parquet"
    beside = Path(__file__).parents[1] / "examples" / "data" / "online_retail.parquet"
    found = next((path for path in (packed, beside) if path.is_file()), None)
    if found is None:
        raise FileError("the demo's data is missing: install the package again")
    return found


def clean(lines: pl.DataFrame) -> pl.DataFrame:
    """Sales to known customers: no cancellations, no corrections, no free samples."""
    sales = pl.col("Quantity").gt(0) & pl.col("UnitPrice").gt(0)
    return (
        lines.filter(pl.col("CustomerID").is_not_null(), sales)
        .filter(~pl.col("InvoiceNo").str.starts_with("C"))
        .select(
            customer_id="CustomerID",
            order_id="InvoiceNo",
            order_time="InvoiceDate",
            item="StockCode",
            description="Description",
            quantity="Quantity",
            unit_price="UnitPrice",
            country="Country",
        )
    )


def persons(customers: pl.Series) -> pl.DataFrame:
    """One fictional person per customer: customer_id, name, email, phone, address."""
    fake = Faker("en_GB", use_weighting=False)
    fake.seed_instance(SEED)
    rng = np.random.default_rng(SEED)
    rows = []
    for number in customers.unique().sort():
        first, last = fake.first_name(), fake.last_name()
        mail = f"{first}.{last}{rng.integers(10, 99)}@{fake.free_email_domain()}".lower()
        rows.append((number, f"{first} {last}", mail, fake.phone_number(), address(fake, rng)))
    schema = ["customer_id", "name", "email", "phone", "address"]
    return pl.DataFrame(rows, schema, orient="row").cast({"customer_id": customers.dtype})


def address(fake: Faker, rng: np.random.Generator) -> str:
    """A fictional street in a real town."""
    town, area = TOWNS[rng.integers(len(TOWNS))]
    letters = "".join(rng.choice(list("ABDEFGHJLNPQRSTUWXYZ"), 2))
    postcode = f"{area}{rng.integers(1, 10)} {rng.integers(1, 10)}{letters}"
    return f"{rng.integers(1, 200)} {fake.street_name()}, {town}, {postcode}"


def mask(raw: pl.DataFrame, folder: Path) -> None:
    """Mask with the `ecommerce` pack; the raw table lives in a temporary folder meanwhile."""
    with tempfile.TemporaryDirectory() as hidden:
        source = Path(hidden) / "raw.parquet"
        raw.write_parquet(source)
        mask_file(
            source,
            folder / "masked.parquet",
            "ecommerce",
            key=Key(DEMO_KEY),
            manifest=folder / "manifest.json",
            overwrite=True,
        )


def learned_lines(lines: pl.DataFrame) -> pl.DataFrame:
    """Purchases of bestsellers by some customers: all columns but what only says who they are."""
    buyers = lines.group_by("item").agg(buyers=pl.col("customer_id").n_unique())
    best = buyers.sort("buyers", "item", descending=[True, False]).head(BESTSELLERS)["item"]
    sold = lines.filter(pl.col("item").is_in(best.implode()))
    some = sold["customer_id"].unique().sort().shuffle(SEED).head(CUSTOMERS)
    return (
        sold.filter(pl.col("customer_id").is_in(some.implode()))
        .drop("name", "email", "phone")
        .rename({"address": "region"})
        .sort("customer_id", "order_time", maintain_order=True)
    )


def halves(lines: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Half of the customers to learn from, the other half to judge with."""
    customers = lines["customer_id"].unique().sort().shuffle(SEED)
    first = customers.head(len(customers) // 2).implode()
    chosen = pl.col("customer_id").is_in(first)
    return lines.filter(chosen), lines.filter(~chosen)


def summary(outcome: Outcome) -> str:
    """What a newcomer wants to know: what was written, what was kept, what leaked, what next."""
    utility, privacy = outcome.report.utility, outcome.report.privacy
    auc, found = utility["detector_auc"], utility["detector_ap"]
    ratio = utility["detector_ap_ratio"]
    copied, close = privacy["copies"].estimate.value, privacy["dcr_share"].estimate
    made, where = outcome.synthetic["customer_id"].n_unique(), outcome.folder
    useless = (ratio.baseline or 0) >= ratio.estimate.value
    order = ":\n        these anomalies hardly need the order of events" if useless else ""
    broken, asked = _broken(outcome.report)
    return f"""
Written to {where}/
  masked.parquet     {outcome.lines:,} purchase lines of {outcome.customers:,} customers: names, \
e-mail, phone,
                     address and dates masked; the fictional persons are Faker's, the
                     purchases are UCI Online Retail (CC BY 4.0)
  synthetic.parquet  {len(outcome.synthetic):,} purchase lines of {made:,} customers who do not \
exist,
                     learned from as many, of {BESTSELLERS} bestsellers, with all their columns
  manifest.json      what was done to each column, for the auditor
  model/             the model that made them
  report.html        open it in a browser; report.json has the same figures

{_taken(outcome.taken)}
Kept    One anomaly detector, trained three times, tested on customers nobody trained on:
                                   ROC AUC   average precision
          trained on real        {auc.ceiling:9.3f} {found.ceiling:13.3f}
          trained on synthetic   {auc.estimate.value:9.3f} {found.estimate.value:13.3f}
          trained on shuffled    {auc.baseline:9.3f} {found.baseline:13.3f}
        Of the average precision above chance that real histories teach, synthetic ones teach
        {_percent(ratio.estimate.value)} and histories with shuffled columns \
{_percent(ratio.baseline or 0)}{order}.
        Of {asked} rules that real rows keep, synthetic rows break {broken} too often.
Leaked  {_percent(copied, 1)} of the synthetic histories copy a real one; \
{_percent(close.value, 1)} are closer to a
        training customer than to any other (50 % is chance; \
{_percent(close.low, 1)} to {_percent(close.high, 1)}).
        Masked data stays personal data: who knows some purchases can find a customer in it.
{_verdict(outcome.report)}
Next    anonymizer mask YOURS.parquet MASKED.parquet --rules ecommerce --dry-run"""


def _taken(lines: list[str]) -> str:
    """What columns were taken for, a paragraph for each kind."""
    return _under("Found", lines)


def _verdict(report: Report) -> str:
    """The verdict in words, and what is not good and by how much, the worst first."""
    bad = {n: f for n, f in worst_first(report.figures).items() if f.colour in ("red", "amber")}
    lines = [f"{sentence(report)}: {count(report.figures.values())}."]
    for figure in list(bad.values())[:MOST_TOLD]:
        found = shown(figure.estimate.value, figure.unit)
        if span := interval(figure.estimate, figure.unit).strip("–"):
            found += f" ({span})"
        lines.append(f"{figure.title}: {found}, {WORDS[figure.colour or 'red']}")
    if bad:
        few = f"Of {CUSTOMERS // 2} customers little can be learned, and what is learned differs"
        lines.append(f"{few} from run to run; report.html begins with what to do.")
    return _under("Verdict", lines)


def _under(head: str, lines: list[str]) -> str:
    """Lines beside a word, those that are long folded."""
    wrapped = [textwrap.fill(line, 92, subsequent_indent="  ") for line in lines]
    return head + textwrap.indent("\n".join(wrapped), " " * 8)[len(head) :]


def _broken(report: Report) -> tuple[int, int]:
    """How many rules are not kept well enough, and how many there are."""
    return sum(colour != "green" for colour in report.rule_colours), len(report.rules)


def _percent(share: float, digits: int = 0) -> str:
    return f"{100 * share:.{digits}f} %"

"""What sites tell is protected at each of them, and all come to the same of it."""

import json
from collections.abc import Mapping
from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from anonymizer.errors import DataError
from anonymizer.sequences.derived.times.cadence import Cadence
from anonymizer.sequences.histories.protection import protected_counts
from anonymizer.sequences.histories.roles import split
from anonymizer.sequences.model.joint.agreement import CODEC, COUNTED, PRIORS, VERDICT, Agreement
from anonymizer.sequences.model.joint.turns import NOBODY
from anonymizer.sequences.priors.frequencies import Frequencies
from anonymizer.sequences.priors.prior import Seen, Size
from anonymizer.sequences.priors.registry import Priors
from anonymizer.sequences.scoring.judge import Calibration
from anonymizer.sequences.tokens.bins import Grid
from anonymizer.sequences.tokens.heads import CLOCK, FIELDS
from anonymizer.sequences.tokens.times import DAY
from anonymizer.sequences.tokens.values import Categories, Numbers
from anonymizer.sequences.training.fit import HELD_OUT, parts_of
from tests.sequences.conftest import make_shop
from tests.sequences.model.joint.sites import K, local, shops, told
from tests.sequences.stub import untrained


@pytest.fixture(scope="module", name="agreed")
def an_agreement() -> Agreement:
    """Of shops of different sizes."""
    return told(shops(60, 40, 30))


def test_one_codec_for_all(agreed: Agreement) -> None:
    """Roles, window, words and grids hold what any site tells."""
    codec = agreed.codec
    assert codec.roles.context == ("country",)
    assert set(codec.roles.fields) == {"item", "score", "amount"}
    assert set(codec.fields["item"].values) == {f"item {n}" for n in range(6)}  # type: ignore[union-attr]
    amount = codec.fields["amount"]
    assert isinstance(amount, Numbers)
    assert {495, 995, 2000} <= set((amount.grid.atoms * amount.stride).tolist())
    for frame in shops(60, 40, 30).values():
        histories, _ = agreed.derivation.read(frame)
        assert (agreed.priors.encode(histories).tokens < np.array(codec.head_sizes)).all()


def test_counts_are_those_of_all_sites(agreed: Agreement) -> None:
    """Frequencies of tokens are near those that one table of all would have."""
    whole = pl.concat(
        frame.with_columns(pl.col("customer") + 1_000 * n)
        for n, frame in enumerate(shops(60, 40, 30).values())
    )
    histories, _ = agreed.derivation.read(whole)
    seen = Seen(histories, agreed.codec.encode(histories), K)
    known = Priors.learn(agreed.codec, seen).of(Frequencies)
    pairs = zip(agreed.priors.of(Frequencies).heads, known.heads, strict=True)
    for head, (ours, theirs) in enumerate(pairs):
        # Clocks of a site are told in few bins, and nothing of them is told once more.
        most = 0.3 if head == CLOCK else 0.2
        assert np.abs(np.exp(ours) - np.exp(theirs)).sum() < most


def with_a_cure(holders: Mapping[str, int]) -> dict[str, pl.DataFrame]:
    """At each site so many customers, of those learned from, hold what nobody else does."""
    found = {}
    for name, frame in shops(30, 30, 30).items():
        inside, _ = split(30, HELD_OUT, 0)
        some = pl.col("customer").is_in(inside[: holders[name]].tolist())
        found[name] = frame.with_columns(
            item=pl.when(some).then(pl.lit("rare cure")).otherwise("item"),
            amount=pl.when(some).then(98_765.43).otherwise("amount"),
        )
    return found


def test_what_k_of_all_sites_hold_is_known_and_nobody_says_who_holds_it() -> None:
    """Two customers of each of three sites are more than k in all, and too few of each site."""
    agreed = told(with_a_cure({"east": 2, "north": 2, "south": 2}))
    by_site = json.dumps([dict(stage) for stage in agreed.board if NOBODY not in stage])
    assert "cure" not in by_site
    assert "98765" not in by_site.replace(".", "")
    item, amount = (agreed.codec.fields[name] for name in ("item", "amount"))
    assert isinstance(item, Categories)
    assert isinstance(amount, Numbers)
    assert {"rare cure", "item 1"} <= set(item.values)
    assert 9_876_543 in amount.grid.atoms * amount.stride
    head = FIELDS + list(agreed.codec.fields).index("item")
    often = np.exp(agreed.priors.of(Frequencies).heads[head])
    token = item.encode(pl.Series(["rare cure"]))[0]
    rows = pl.concat(with_a_cure({"east": 2, "north": 2, "south": 2}).values())
    true = (rows["item"] == "rare cure").mean()
    assert isinstance(true, float)
    assert true / 3 < often[token] < true  # who holds it is counted once


def test_what_all_sites_but_one_tell_is_not_what_that_one_has() -> None:
    """Of what two sites tell themselves only the third's would be counted, which is too few."""
    with_it, without = (told(with_a_cure({"east": 8, "north": 8, "south": few})) for few in (3, 0))
    for agreed in (with_it, without):
        item = agreed.codec.fields["item"]
        assert isinstance(item, Categories)
        assert "rare cure" in item.values
        assert "cure" not in str(agreed.board[COUNTED])
    assert with_it.common.told == without.common.told


@pytest.mark.parametrize("column", ["item", "amount", "title"])
def test_what_a_site_tells_is_the_same_whether_it_holds_what_was_counted(column: str) -> None:
    """Three of its customers have it, or what nobody else has: no difference tells which."""

    def tables(*, east_too: bool) -> dict[str, pl.DataFrame]:
        found = {}
        for name, frame in shops(60, 60, 60).items():
            inside, _ = split(60, HELD_OUT, 0)
            # Enough have things of their own for it to be told how many these are.
            own, some = (
                pl.col("customer").is_in(part)
                & (pl.col("customer").cum_count().over("customer") == 1)
                for part in (inside[10:22].tolist(), inside[:3].tolist())
            )
            cure, price = ("odd cure", 98_765.43)
            if name == "east" and not east_too:
                cure, price = ("own cure", 98_765.41)
            rest = pl.when(own).then(pl.format("{} {}", pl.lit(name), "customer")).otherwise("item")
            found[name] = frame.with_columns(
                item=pl.when(some).then(pl.lit(cure)).otherwise(rest),
                amount=pl.when(some).then(price).otherwise("amount"),
            ).drop(*{"item", "amount"} - {column.replace("title", "item")})
            if column == "title":
                found[name] = found[name].with_columns(title=pl.format("the {}", "item"))
        return found

    with_it, without = told(tables(east_too=True)), told(tables(east_too=False))
    assert "cure" in str(with_it.board) or "9876543" in str(with_it.board).replace(".", "")
    for ours, theirs in zip(with_it.board, without.board, strict=True):
        if NOBODY not in ours:
            assert ours["east"] == theirs["east"]


def test_what_fewer_of_all_sites_hold_is_told_by_none() -> None:
    """Four customers, wherever they are."""
    agreed = told(with_a_cure({"east": 2, "north": 2, "south": 0}))
    text = json.dumps([dict(stage) for stage in agreed.board])
    assert "cure" not in text
    assert "98765" not in text.replace(".", "")
    item = agreed.codec.fields["item"]
    assert isinstance(item, Categories)
    assert "rare cure" not in item.values


def test_a_prior_of_one_site_is_its_own() -> None:
    """Pooling what one site has learned changes nothing of it."""
    frame = make_shop(120)
    model = untrained(frame, stirred=False)
    known, codec = model.priors, model.codec
    histories, _ = model.derivation.read(frame)
    inside = histories.select(parts_of(histories, 0, K).inside)
    data = codec.encode(inside)
    counts = [
        protected_counts(tokens, owner, size, K)
        for each, owner, sizes in (
            (data.tokens, data.owner, codec.head_sizes),
            (data.profile, np.arange(len(data.profile)), codec.profile.sizes),
        )
        for tokens, size in zip(each.T, sizes, strict=True)
    ]
    size = Size(120.0, 900.0, tuple(counts))
    assert Priors.pooled(codec, [(known, size)], {}, {}).to_dict() == known.to_dict()


def test_what_is_missing_to_a_whole_is_of_k_entities() -> None:
    """Three customers of a site have a country of their own: how many is nobody's to subtract."""
    frames = shops(60, 60, 60)
    inside, _ = split(60, HELD_OUT, 0)
    some = pl.col("customer").is_in(inside[:3].tolist())
    odd = pl.when(some).then(pl.lit("Andorra")).otherwise("country").alias("country")
    agreed = told({name: frame.with_columns(odd) for name, frame in frames.items()})
    assert "Andorra" in agreed.codec.profile.context["country"].values  # type: ignore[union-attr]
    for site in agreed.sites:
        counts = [agreed.board[CODEC][site]["columns"]["country"][1]]
        counts += agreed.board[PRIORS][site]["profile"].values()
        missing = [len(inside) - sum(each) for each in counts]
        assert all(each == 0 or each >= K for each in missing)
        assert missing[0] > K


def test_how_often_tokens_come_is_told_once() -> None:
    """Of two grids of the same values the difference of two bins is what hardly anybody has."""
    agreed = told(shops(60, 40, 30))
    for site in agreed.sites:
        own = agreed.board[PRIORS][site]
        assert "frequencies" not in own["priors"]
        assert set(own) == {"priors", "weekdays", "profile"}
        assert set(own["profile"]) == {str(p) for p in agreed.codec.profile.weekdays}


def test_weights_of_a_catalogue_are_rough() -> None:
    """Beside how often a code comes they would tell how often it leads elsewhere."""
    titled = {
        n: f.with_columns(title=pl.format("the {}", "item")) for n, f in shops(60, 60, 60).items()
    }
    agreed = told(titled, 4)
    weights = [
        np.log2(catalogue["weights"])
        for site in agreed.sites
        for catalogue in agreed.board[VERDICT][site]["catalogues"]
        if catalogue
    ]
    assert weights
    assert all((each == each.round()).all() for each in weights)


def test_samples_lie_in_the_window_of_all_sites() -> None:
    """One of them opened two years later, and is not the one of most customers."""
    frames = shops(40, 30, 30)
    frames["south"] = frames["south"].with_columns(pl.col("time").dt.offset_by("2y"))
    agreed = told(frames)
    (cadence,) = (s for s in agreed.derivation.steps if isinstance(s, Cadence))
    first = agreed.timeline.epoch // DAY
    assert cadence.window == (first, first + agreed.timeline.days - 1)
    assert agreed.timeline.days > 700


def test_columns_that_a_site_lacks_are_left_out() -> None:
    """And it is said at which sites they are."""
    frames = shops(30, 30, 30)
    frames["north"] = frames["north"].drop("score")
    agreed = told(frames)
    assert "score" not in agreed.schema
    assert agreed.left_out == ["column 'score' is left out, as it is at east, south alone"]


def test_types_that_go_together_become_one() -> None:
    """Dates beside datetimes, whole numbers beside fractions; text beside numbers is refused."""
    frames = shops(30, 30, 30)
    frames["north"] = frames["north"].with_columns(pl.col("amount").cast(pl.Int64))
    frames["south"] = frames["south"].with_columns(pl.col("customer").cast(pl.Int32))
    agreed = told(frames)
    assert agreed.schema["amount"] == pl.Float64
    assert agreed.schema["customer"] == pl.Int64
    frames["north"] = frames["north"].with_columns(pl.lit("a lot").alias("amount"))
    with pytest.raises(DataError, match=r"column 'amount' is .*String at north.*cast it"):
        _ = told(frames, 1).schema


def test_a_number_in_another_unit_is_said() -> None:
    """Cents beside euros."""
    frames = shops(30, 30, 30)
    frames["south"] = frames["south"].with_columns(pl.col("amount") * 100)
    assert [line[:17] for line in told(frames).units] == ["'amount' at south"]
    assert not told(shops(30, 30, 30)).units


def test_settings_that_differ_are_refused() -> None:
    """All sites protect by the same k."""
    frames = shops(30, 30, 30)
    sites = [local(name, frame) for name, frame in frames.items()]
    board = [{site.site: site.tell(Agreement([])) for site in sites}]
    board[0]["north"] |= {"min_entities": 2}
    with pytest.raises(DataError, match=r"differ in min_entities.*2 at north"):
        _ = Agreement(board).k


def test_windows_are_laid_together() -> None:
    """A site of another year makes the window longer, and days without events are not busy."""
    frames = shops(40, 40, 40)
    frames["south"] = frames["south"].with_columns(pl.col("time") + timedelta(days=366))
    line = told(frames).timeline
    assert 400 < line.days < 600
    assert line.activity.mean() == pytest.approx(1, abs=0.01)


def test_what_a_site_refutes_falls() -> None:
    """What follows from what is kept where it holds at all sites, with what any of them knows."""
    names = {f"item {n}": f"Item number {n}" for n in range(6)}
    frames = {
        name: frame.with_columns(
            label=pl.col("item").replace_strict(names),
            tax=(pl.col("amount") * 0.2).round(2),
        )
        for name, frame in shops(60, 40, 40).items()
    }
    agreed = told(frames, 4)
    assert {"label", "tax"} <= agreed.derivation.given
    frames["south"] = frames["south"].with_columns(
        tax=pl.Series(np.random.default_rng(0).random(len(frames["south"])).round(2))
    )
    agreed = told(frames, 4)
    assert "label" in agreed.derivation.given
    assert "tax" not in agreed.derivation.given
    assert "tax" in agreed.written.fields


def test_a_catalogue_knows_what_any_site_knows() -> None:
    """An article that one shop alone sells keeps its name."""
    names = {f"item {n}": f"Item number {n}" for n in range(6)} | {"wine": "A red one"}
    frames = shops(60, 40, 40)
    frames["south"] = frames["south"].with_columns(
        item=pl.when(pl.col("item") == "item 3").then(pl.lit("wine")).otherwise("item")
    )
    labelled = {
        name: frame.with_columns(label=pl.col("item").replace_strict(names))
        for name, frame in frames.items()
    }
    told_of = told(labelled, 4).derivation.told_by(pl.Series("item", ["wine", "item 1"]))
    assert told_of["label"].to_list() == ["A red one", "Item number 1"]


def test_the_lead_may_leave() -> None:
    """Where the largest site is gone before it told what follows from what, nothing does."""
    frames = shops(60, 40, 40)
    board = [*told(frames, 2).board]
    board[1] = {site: told for site, told in board[1].items() if site != "east"}
    left = Agreement(board)
    assert left.sites == ["north", "south"]
    assert not left.proposed.steps


@pytest.mark.parametrize("digits", [0, 2])
def test_numbers_of_several_sites(digits: int) -> None:
    """The finest digits that hardly any lack, and atoms that are common in all."""
    rng, owner = np.random.default_rng(0), np.arange(400)
    parts = []
    for decimals in (2, 2, digits):
        values = np.where(rng.random(400) < 0.3, 20.0, rng.gamma(3, 7, 400)).round(decimals)
        codec = Numbers.learn(pl.Series("x", values), owner, K, told=True)
        tokens = codec.encode(pl.Series("x", values))
        parts.append((codec, np.bincount(tokens, minlength=codec.size).astype(float)))
    found = Numbers.pooled(parts, K)
    assert found.decimals == 2
    assert found.stride == 1
    assert 2000 in found.grid.atoms
    assert found.grid.high.max() <= 20_000


def test_values_that_stand_for_others_are_spread_like_them() -> None:
    """Quantiles of a grid's stand-ins are near those that it was learned from."""
    rng = np.random.default_rng(0)
    values = np.rint(rng.gamma(2, 500, 5_000)).astype(np.int64)
    grid = Grid.learn(values, np.arange(5_000), K)
    counts = np.bincount(grid.encode(values), minlength=grid.size).astype(float)
    shares = [0.1, 0.25, 0.5, 0.75, 0.9]
    near = np.quantile(grid.stands_for(counts), shares) / np.quantile(values, shares)
    assert np.abs(near - 1).max() < 0.02


def test_limits_of_several_sites() -> None:
    """The mean of what they know, by how many entities each has; who knows none has no say."""
    some, other = (
        Calibration(4.0, [0.01, 0.1], [8.0, 4.0]),
        Calibration(2.0, [0.01, 0.1], [4.0, 2.0]),
    )
    found = Calibration.pooled([(some, 30.0), (other, 10.0), (Calibration(), 50.0)])
    assert found.scores == [7.0, 3.5]
    assert found.doubt == 3.5
    assert Calibration.pooled([(Calibration(), 1.0)]) == Calibration()


def test_a_number_of_one_entity_stands_for_no_rare_code() -> None:
    """Where hardly anybody has a number that follows from a code, rare codes have none."""
    frames = {
        name: frame.with_columns(
            label=pl.when(pl.col("customer") == 1).then(pl.lit("rare thing")).otherwise("item"),
            weight=pl.when(pl.col("customer") == 1).then(987_654.21),
        )
        for name, frame in shops(60, 40, 40).items()
    }
    agreed = told(frames)
    assert "987654" not in json.dumps([dict(stage) for stage in agreed.board])


def test_one_entity_decides_on_no_role() -> None:
    """A column varies where it does so for k entities; fewer could be asked after by name."""
    frames = shops(40, 30, 30)
    frames["east"] = frames["east"].with_columns(
        country=pl.when(pl.col("customer") == 4, pl.int_range(pl.len()) % 2 == 0)
        .then(pl.lit("Italy"))
        .otherwise("country")
    )
    assert frames["east"].group_by("customer").agg(pl.col("country").n_unique()).max()[0, 1] == 2
    agreed = told(frames, 4)
    assert agreed.roles.context == ("country",)
    assert "country" not in agreed.board[3]["east"]["varies"]


def test_a_site_of_few_tells_nothing_at_all() -> None:
    """Not even how many events there are; nor does one without rows."""
    with pytest.raises(DataError, match="there are 4 entities"):
        told(shops(30, 4, 30), 1)
    frames = shops(30, 30, 30)
    frames["south"] = frames["south"].clear()
    with pytest.raises(DataError, match="no row has both"):
        told(frames, 1)


def test_what_no_table_has_is_refused() -> None:
    """A site that says it has a thousand million million entities takes nobody's memory."""
    board = [{name: dict(each) for name, each in told(shops(30, 30, 30), 1).board[0].items()}]
    for claim in ({"entities": 10**15}, {"entities": -1}, {"events": 1e300}, {"entities": 10**8}):
        lying = [{**board[0], "north": board[0]["north"] | claim}]
        with pytest.raises(DataError, match="site north says that it has what no table has"):
            _ = Agreement(lying).sizes


def test_zones_that_differ_are_said() -> None:
    """By column and site."""
    frames = shops(30, 30, 30)
    for name, zone in (("east", "UTC"), ("north", "Europe/Paris"), ("south", "UTC")):
        frames[name] = frames[name].with_columns(pl.col("time").dt.replace_time_zone(zone))
    with pytest.raises(DataError, match=r"column 'time' is .*Paris.* at north.*cast it"):
        _ = told(frames, 1).schema

"""Identifiers are made anew: in the pattern of the real ones, one for one, never one of them."""

import json
import re
import uuid
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from anonymizer.relations.base.features import Feature
from anonymizer.relations.kinds.dependencies import Determines
from anonymizer.relations.kinds.identifiers import Names, Unique
from anonymizer.sequences.derived.base.step import Draws, Table
from anonymizer.sequences.derived.naming.identifiers import Identifier
from anonymizer.sequences.derived.naming.patterns import iban, luhn, permuted

KEY = Unique("id")


def shop(ids: Sequence[object] | pl.Series, each: int = 4) -> pl.DataFrame:
    """Rows of entities with four visits, two rows in each."""
    who = np.arange(len(ids)) // each
    days = [
        date(2024, 1, 1) + timedelta(days=int(i % each // 2 + 3 * w)) for i, w in enumerate(who)
    ]
    return pl.DataFrame({"who": who, "day": days, "id": ids})


def learned(
    rows: pl.DataFrame, relation: Unique | Names = KEY, **rest: object
) -> Identifier | None:
    """The step that these rows teach, at k = 5."""
    return Identifier.learn(relation, Table(rows, "who", "day", 5), **rest)  # type: ignore[arg-type]


def laid(step: Identifier, rows: pl.DataFrame, seed: int = 1, first: int = 0) -> pl.Series:
    """What is laid on rows in place of the identifiers, of histories from the first number on."""
    rest = rows.drop("id").with_columns(step.take_off(rows))
    owner = rows["who"].rle_id().cast(pl.Int64).to_numpy() + first
    draws = Draws(seed, owner, np.zeros_like(owner))
    [made] = step.lay_on(rest, draws)
    assert made.dtype == rows["id"].dtype
    return made


def luhned(payload: str) -> str:
    """Digits with the one that checks them."""
    text = np.array([[*payload, "0"]])
    return payload + str(luhn(text)[0, 0])


def ibans(count: int) -> list[str]:
    """German accounts."""
    rng = np.random.default_rng(3)
    raw = [f"DE00{rng.integers(10**17, 10**18)}" for _ in range(count)]
    text = np.array([list(each) for each in raw])
    return [each[:2] + "".join(c) + each[4:] for each, c in zip(raw, iban(text), strict=True)]


RNG = np.random.default_rng(0)
KINDS: dict[str, tuple[list[Any], str]] = {
    "counter": ([f"{i + 536_365}" for i in range(400)], r"[1-9]\d{5}"),
    "padded": ([f"ORD-2024-{i:06}" for i in range(400)], r"ORD-2024-\d{6}"),
    "leading zeros": ([f"{i:08}" for i in range(400)], r"\d{8}"),
    "widths": ([f"B{i}" for i in range(1, 401)], r"B[1-9]\d*"),
    "a letter": ([f"A{i}" for i in range(1, 401)], r"A[1-9]\d*"),
    "a mark": ([f"#{i}" for i in range(1, 401)], r"#[1-9]\d*"),
    "letters that vary": (
        [f"{c}Z-{i}{'xa'[i % 2]}" for i, c in enumerate(RNG.choice(list("ABC"), 400))],
        r"[A-Z]Z-\d+[a-z]",
    ),
    "two widths": ([f"{i + 10 ** (4 + i % 2 * 2)}" for i in range(400)], r"[1-9]\d+"),
    "uuid": (
        [str(uuid.UUID(bytes=RNG.bytes(16), version=4)) for _ in range(400)],
        r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
    ),
    "hex": ([RNG.bytes(6).hex() for _ in range(400)], r"[0-9a-f]{12}"),
    "card": ([luhned(f"4{RNG.integers(10**13, 10**14)}") for _ in range(400)], r"4\d{15}"),
    "iban": (ibans(400), r"DE\d{20}"),
    "full width": ([f"{i:06}".translate({48 + d: 0xFF10 + d for d in range(10)})
                    for i in range(400)], "[０-９]{6}"),
    "code": (
        ["".join(RNG.choice(list("ABCDEFGH2345678"), 6)) for _ in range(400)], "[0-9A-Z]{6,7}",
    ),
    "int": (list(range(10_001, 10_401)), r"[1-9]\d{4}"),
    "large int": ([2**63 - 2 - i for i in range(400)], r"[1-9]\d{18}"),
    "a digit more": ([10**18 - 11 + 3 * i for i in range(400)], r"1\d{18}"),
    "negative": ([-10_001 - i for i in range(400)], r"-[1-9]\d{4}"),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_identifiers_are_new_and_look_like_the_real_ones(kind: str) -> None:
    """One for one, none real, none in what is kept; the same for those who come first."""
    ids, form = KINDS[kind]
    rows = shop(ids)
    step = learned(rows)
    assert step is not None
    made = laid(step, rows)
    assert made.null_count() == 0
    assert made.n_unique() == len(rows)
    assert not set(made) & set(ids)
    assert [each for each in made.cast(pl.String) if not re.fullmatch(form, each)] == []
    kept = json.dumps(step.to_dict())
    assert [each for each in ids if re.search(rf"(?<!\d){re.escape(str(each))}(?!\d)", kept)] == []
    assert Identifier.from_dict(json.loads(kept)) == step
    assert laid(step, rows[:40]).to_list() == made[:40].to_list()
    assert laid(step, rows[40:], first=10).to_list() == made[40:].to_list()
    assert not set(laid(step, rows, first=100)) & set(made)
    assert laid(step, rows, seed=2).to_list() != made.to_list()


@pytest.mark.parametrize("kind", ["card", "iban"])
def test_check_digits_are_right(kind: str) -> None:
    """Of cards by Luhn, of accounts by ISO 7064 mod 97-10."""
    rows = shop(KINDS[kind][0])
    step = learned(rows)
    assert step is not None
    for each in laid(step, rows):
        if kind == "card":
            assert each == luhned(each[:-1])
        else:
            assert int("".join(str(int(c, 36)) for c in each[4:] + each[:4])) % 97 == 1


def test_a_large_sample_holds_no_real_one() -> None:
    """200,000 invoices of 2,000 real ones, whose numbers then have a digit more."""
    rows = shop([f"C{i + 99_000}" for i in range(2_000)])
    step = learned(rows)
    assert step is not None
    many = pl.DataFrame({"who": np.arange(200_000) // 4, "day": [date(2024, 1, 1)] * 200_000})
    owner = many["who"].to_numpy()
    [made] = step.lay_on(many, Draws(5, owner, owner * 0, {}))
    assert made.n_unique() == 200_000
    assert not set(made) & set(rows["id"])


def test_the_first_letters_follow_from_the_sign() -> None:
    """What is taken back has a C before it, in every row, also of quantities never seen."""
    amounts = [(-1) ** (i % 3 == 0) * (1 + i % 7) for i in range(400)]
    ids = [f"{'C' * (a < 0)}{536_365 + i}" for i, a in enumerate(amounts)]
    rows = shop(ids).with_columns(amount=pl.Series(amounts))
    decides = Determines((Feature("amount", "sign"),), Feature("id", "letters"))
    step = learned(rows, decides=decides)
    assert step is not None
    assert step.needed == ("amount",)
    other = rows.with_columns(amount=pl.col("amount").reverse() * 100)
    made = laid(step, other)
    assert (made.str.starts_with("C") == (other["amount"] < 0)).all()
    assert decides.kept(other.with_columns(made)).all()


def test_a_visit_has_one_identifier_and_its_date() -> None:
    """The date in an identifier is that of the synthetic row."""
    rows = shop(list(range(800)))
    visit = pl.struct("who", "day").rank("dense")
    rows = rows.with_columns(
        id=pl.format(
            "INV-{}-{}", pl.col("day").dt.strftime("%Y%m%d"), visit.cast(pl.String).str.zfill(4)
        )
    )
    step = learned(rows, Names("id", ("who", "day")))
    assert step is not None
    later = rows.with_columns(pl.col("day") + timedelta(days=1000))
    made = later.with_columns(laid(step, later))
    assert step.kept(made).all()
    assert (made["id"].str.slice(4, 8) == made["day"].dt.strftime("%Y%m%d")).all()
    assert step.needed == ("day",)


def test_an_entity_has_several_of_its_own_and_some_rows_none() -> None:
    """The network writes which; a null stays one."""
    rows = shop([None if i % 5 == 0 else 70_000 + 3 * (i // 4) + i % 2 for i in range(400)])
    relation = Names("id", ("who",), both=False)
    step = learned(rows, relation)
    assert step is not None
    [which] = step.take_off(rows)
    assert set(which) == {None, 0, 1}
    made = rows.with_columns(laid(step, rows))
    assert relation.kept(made).all()
    assert made["id"].is_null().equals(rows["id"].is_null())
    assert made.with_columns(step.take_off(made))[which.name].equals(which)
    words = which.cast(pl.String).fill_null("OTHER").to_frame()
    [text] = step.lay_on(words, Draws(1, rows["who"].to_numpy(), rows["who"].to_numpy() * 0, {}))
    assert text.null_count() == 0


def test_identifiers_rise_where_the_real_ones_do() -> None:
    """Within an entity; from one to the next they jump."""
    rows = shop([f"{i + 1:07}" for i in range(400)])
    step = learned(rows)
    assert step is not None
    made = rows.with_columns(laid(step, rows).cast(pl.Int64))
    steps = made.select(x=pl.col("id").diff().over("who"))["x"].drop_nulls()
    assert (steps > 0).all()
    assert abs(np.corrcoef(made["who"], made["id"])[0, 1]) < 0.3


def test_rows_without_an_identifier_keep_their_share() -> None:
    """Whether there is one is written."""
    rows = shop([None if i % 7 == 0 else f"{i:07}" for i in range(400)])
    step = learned(rows)
    assert step is not None
    assert step.written == ("id known",)
    assert laid(step, rows).is_null().equals(rows["id"].is_null())


def test_what_one_person_has_is_not_told() -> None:
    """Letters of a single entity are neither kept nor made."""
    rows = shop([f"SECRET-{i}" if i < 4 else f"{i + 1000}" for i in range(400)])
    step = learned(rows)
    assert step is not None
    assert "S" not in json.dumps(step.to_dict()["patterns"])
    assert not laid(step, rows).str.contains("S").any()


@pytest.mark.parametrize(
    "ids",
    [
        pl.Series(range(100), dtype=pl.Int8),
        pl.Series([chr(65 + i % 26) for i in range(26)]),
        pl.Series([f"{'x' * i}!{'y' * (200 - i)}" for i in range(200)]),
        pl.Series([""] * 40),
        pl.Series([None] * 40, dtype=pl.String),
        pl.Series([1.5 * i for i in range(40)]),
    ],
)
def test_without_room_or_pattern_a_column_stays_as_it_is(ids: pl.Series) -> None:
    """There is nothing to make new ones from."""
    assert learned(shop(ids)) is None


def test_a_damaged_pattern_is_refused() -> None:
    """When it is read, not when it is used."""
    step = learned(shop(KINDS["counter"][0]))
    assert step is not None
    data = step.to_dict()
    with pytest.raises(ValueError, match="damaged"):
        Identifier.from_dict(data | {"patterns": []})
    with pytest.raises(ValueError, match="damaged"):
        Identifier.from_dict(data | {"patterns": [data["patterns"][0] | {"widened": 9}]})


def test_numbers_never_grow_into_those_of_other_forms() -> None:
    """Of three digits and of five, both with zeros before them: the next are of six."""
    ids = [f"{i:03}-DE" if i < 350 else f"{i:05}-DE" for i in range(700)]
    rows = shop(ids)
    step = learned(rows)
    assert step is not None
    made = laid(step, pl.concat([rows.with_columns(pl.col("who") + 1000 * i) for i in range(30)]))
    assert made.n_unique() == 21_000
    assert not set(made) & set(ids)


def test_few_bits_are_given_out_in_order() -> None:
    """There blocks of numbers would run out where identifiers need not: of some of 16 bits all."""
    rows = shop(pl.Series(range(10_001, 10_401), dtype=pl.Int16))
    step = learned(rows)
    assert step is not None
    assert step.counted
    rest, owner, issued = rows.drop("id"), rows["who"].to_numpy(), dict[str, int]()
    made = [step.lay_on(rest, Draws(1, owner, owner * 0, issued))[0] for _ in range(50)]
    assert issued == {"id": 20_000}
    together = pl.concat(made)
    assert together.n_unique() == 20_000
    assert not set(together) & set(rows["id"])


@pytest.mark.parametrize("size", [1, 2, 3, 10, 1000])
def test_a_permutation_meets_every_number(size: int) -> None:
    """Once."""
    assert sorted(permuted(np.arange(size), size, 7)) == list(range(size))


def test_how_many_identifiers_few_have_is_not_told() -> None:
    """Neither that one entity has others, nor how many it has."""
    usual = [f"A{i + 1_000_000}" for i in range(400)]
    rows = [shop(usual), shop([*usual, *(f"Q-{i}" for i in range(4))])]
    long = shop([f"A{i + 1_000_000}" for i in range(460)])
    rows.append(long.with_columns(who=pl.col("who").clip(upper_bound=99)))
    steps = [step for each in rows if (step := learned(each)) is not None]
    assert len(steps) == 3
    assert steps[0].to_dict() == steps[1].to_dict()
    assert steps[0].patterns[0].share == steps[2].patterns[0].share

"""Two releases of the same people: who of one is found again in the other.

Each release alone may tell nobody, and both together a great deal: other keys, other shifts and
other samples leave what people do as it is, and whoever holds two releases has both histories
(composition; Ganta et al. 2008). Tried are the tokens themselves, profiles, to which shifts make no
difference, and the words of what somebody does, which see rare items best.
"""

from typing import Final, NamedTuple

import numpy as np
import polars as pl

from anonymizer.checks.attacks.alignment import (
    MASKED_ENTITY,
    ValueKind,
    comparable,
    comparable_columns,
)
from anonymizer.checks.attacks.linkage import MIN_ENTITIES_LINKED, link_owned
from anonymizer.checks.attacks.profiles import Owned
from anonymizer.checks.attacks.windows import link_windows
from anonymizer.checks.audit.attack_figures import found_by
from anonymizer.checks.audit.case import Case, Findings
from anonymizer.checks.figures.figure import exact
from anonymizer.checks.figures.statistics import Estimate, share

MAX_PERSONS: Final = 100_000  # of both releases; fewer rivals only help the attacker

# Names of our own; no column may begin with a null character.
_PERSON, _TOKEN, _NAME = "\0person", "\0token", "\0name"
_WHICH, _DAY, _HOUR = "\0release", "\0day", "\0hour"


class Relinked(NamedTuple):
    """How often the right one is named.

    Attributes:
        share: of those looked for.
        chance: what guessing reaches.
        by: the attack, in words.
    """

    share: Estimate
    chance: float
    by: str


def relink(case: Case, earlier: Case, found: Findings) -> None:
    """Add how many entities of an audited table are found again in an earlier release.

    Args:
        case: what is audited, with its truth.
        earlier: raw and masked table of the earlier release, likewise.
        found: gets the figure, or a note where there is none.
    """
    why = next((f"of {name}: {c.alignment.note}" for name, c in _named(case, earlier)), None)
    if why is not None:
        found.gaps.append(f"both releases together, as nobody knows whose rows are whose {why}")
        return
    columns = comparable_columns(earlier.masked.schema, case.masked.schema, [case.entity])
    before, after = _known(_released(earlier, columns), _released(case, columns), case.seed)
    both = after.filter(pl.col(_PERSON).is_in(before[_PERSON].implode()))[_PERSON].n_unique()
    if both < MIN_ENTITIES_LINKED or not columns:
        found.notes.append(f"releases were not linked: {both:,} entities are in both")
        return
    timed = case.basis.time if case.timed and earlier.timed else None
    tried = [_by_profile(before, after, columns, timed, case.seed)]
    if not (case.alignment.rotating or earlier.alignment.rotating):
        tried.append(_by_words(before, after, columns, timed, case.seed))
    tried.append(_by_token(before, after, both))
    best = max(tried, key=lambda each: each.share.value)
    found.figures["relinked"] = found_by(
        "Found again in the earlier release",
        (exact(1.0), best.share),
        best.chance,
        f"Of {both:,} entities that are in both releases, whatever their token, {{after}} are given"
        f" the right one of {before[_PERSON].n_unique():,} in the earlier one, {best.by}. "
        "Whoever holds both joins the histories of these.",
    )


def _named(case: Case, earlier: Case) -> list[tuple[str, Case]]:
    """Which of the two do not tell the truth."""
    both = (("this one", case), ("the earlier one", earlier))
    return [(name, each) for name, each in both if each.alignment.note is not None]


def _released(case: Case, columns: dict[str, ValueKind]) -> pl.DataFrame:
    """Masked rows, whose they really are, and their token."""
    rows = case.alignment.rows
    masked = case.masked[rows["row"]]
    return masked.select(list(columns)).with_columns(
        case.raw[case.entity][rows["row"]].cast(pl.String).alias(_PERSON),
        masked[case.entity].cast(pl.String).alias(_NAME),
        rows[MASKED_ENTITY].alias(_TOKEN),
    )


def _known(
    before: pl.DataFrame, after: pl.DataFrame, seed: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Both releases of at most `MAX_PERSONS` persons."""
    people = pl.concat([before[_PERSON], after[_PERSON]]).unique().sort()
    if len(people) <= MAX_PERSONS:
        return before, after
    known = pl.col(_PERSON).is_in(people.sample(MAX_PERSONS, seed=seed).implode())
    return before.filter(known), after.filter(known)


def _by_token(before: pl.DataFrame, after: pl.DataFrame, both: int) -> Relinked:
    """By tokens that are the same in both, as one key makes them."""
    named = [each.select(_PERSON, _NAME).unique() for each in (before, after)]
    same = named[0].join(named[1], on=[_PERSON, _NAME])[_PERSON].n_unique()
    chance = 1 / before[_PERSON].n_unique()
    return Relinked(share(same, both), chance, "by their tokens, which are the same")


def _by_profile(
    before: pl.DataFrame,
    after: pl.DataFrame,
    columns: dict[str, ValueKind],
    time: str | None,
    seed: int,
) -> Relinked:
    """By numbers, intervals and bags of values, weighed on persons whom the attacker knows."""
    there, here = before.select(pl.col(_PERSON).unique().sort()), _tokens(after)
    numbered = there.with_row_index("at", 0).with_columns(pl.col("at").cast(pl.Int64))
    truth = here.join(numbered, on=_PERSON, how="left", maintain_order="left")["at"].fill_null(-1)
    owners = [
        each.select(pl.col(key).rank("dense").cast(pl.Int64) - 1).to_series()
        for each, key in ((before, _PERSON), (after, _TOKEN))
    ]
    linked = link_owned(
        Owned(before, owners[0]),
        Owned(after, owners[1]),
        truth.to_numpy(),
        columns,
        time,
        rng=np.random.default_rng(seed),
    )
    helped = f" ({', '.join(linked.helped[:3])})" if linked.helped else ""
    return Relinked(linked.first, linked.chance, f"by profiles{helped}")


def _tokens(release: pl.DataFrame) -> pl.DataFrame:
    """Each token of a release in order, and whose it is."""
    return release.group_by(_TOKEN).agg(pl.col(_PERSON).first()).sort(_TOKEN)


def _by_words(
    before: pl.DataFrame,
    after: pl.DataFrame,
    columns: dict[str, ValueKind],
    time: str | None,
    seed: int,
) -> Relinked:
    """By what both do in common, as tokens of two windows are linked; releases are the windows."""
    parts = [
        each.select(
            *(_word(c, each.schema[c], kind) for c, kind in columns.items() if c != time),
            *_habits_of_time(time),
            pl.col(_PERSON),
            pl.format("{} {}", pl.lit(number), _TOKEN).alias(_TOKEN),
            pl.date(2000, 1, 1 + number).alias(_WHICH),
        )
        for number, each in enumerate((after, before))  # the first window asks for the second
    ]
    events = pl.concat(parts, how="vertical_relaxed")
    known = [c for c in events.columns if c not in {_PERSON, _TOKEN, _WHICH}]
    linked = link_windows(events, _PERSON, _TOKEN, _WHICH, known, seed=seed)
    return Relinked(linked.share, linked.chance, "by what they do in common")


def _word(name: str, dtype: pl.DataType, kind: ValueKind) -> pl.Expr:
    """A column in a type that both releases have; whole numbers, which may be codes, stay whole."""
    return pl.col(name) if kind == "number" else comparable(name, dtype, kind)


def _habits_of_time(time: str | None) -> list[pl.Expr]:
    """Day of the week and hour, which a shift by whole weeks leaves."""
    if time is None:
        return []
    moved = pl.col(time).cast(pl.Datetime("us"))
    return [moved.dt.weekday().alias(_DAY), moved.dt.hour().alias(_HOUR)]

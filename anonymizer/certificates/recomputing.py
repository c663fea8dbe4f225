"""Figures measured anew, as a certificate says they were, and compared with what it says."""

from collections.abc import Iterator, Mapping
from math import inf
from pathlib import Path
from typing import Any, Final, NamedTuple, cast

from anonymizer.certificates.statement import figures_of, is_audit, measured
from anonymizer.checks.reports.check_report import OF_MODEL
from anonymizer.composition import Progress, audit, check
from anonymizer.errors import UsageError
from anonymizer.files.reading import CsvSource

_NEVER: Final = ("shadows", "canar", "relinked")  # begin figures that take more than is given here
_ROUNDING: Final = 1e-6  # of the larger of a value and 1: sums in another order differ by less


class Given(NamedTuple):
    """The files that whoever checks a certificate has, and how they are read.

    Attributes:
        output: what was released.
        raw: what it was made from; None where only the signature is checked.
        holdout: of synthetic histories, the one that they were judged with.
        model: of synthetic histories, the folder of the model.
        csv: how CSV files are written.
    """

    output: str | Path
    raw: str | Path | None
    holdout: str | Path | None
    model: str | Path | None
    csv: CsvSource | None


def measured_again(
    statement: Mapping[str, Any], given: Given, progress: Progress
) -> dict[str, dict[str, Any]]:
    """The figures of a release, measured by the assumptions, the seed and the share it names.

    Raises:
        UsageError: a holdout or a model is given and not needed, or the other way round.
    """
    output, raw, holdout, model, csv = given
    how: dict[str, Any] = {
        **statement["assumptions"],
        "csv": csv,
        "share": statement["share"],
        "seed": statement["provenance"]["seed"],
        "progress": progress,
    }
    if is_audit(statement):
        if holdout or model:
            raise UsageError("a masked table is judged by the raw one alone: leave out the rest")
        return figures_of(audit(raw=cast("Path", raw), masked=output, **how).to_dict())
    if holdout is None:
        raise UsageError("synthetic histories are judged with a holdout: give the one of then")
    sets: dict[str, Any] = {"real": raw, "synthetic": output, "holdout": holdout}
    return figures_of(check(**sets, model=model, **how).to_dict())


def left_out(certified: Mapping[str, Any], *, model: bool) -> tuple[str, ...]:
    """How the names of figures begin that cannot be measured anew.

    Args:
        certified: the figures by name.
        model: whether the folder of the model is there.
    """
    of_release = ("not_looked_at",) if "relinked" in certified else ()  # it may be of that one
    return (*_NEVER, *of_release, *(() if model else OF_MODEL))


def differences(
    certified: Mapping[str, Mapping[str, Any]],
    now: Mapping[str, Mapping[str, Any]],
    unmeasured: tuple[str, ...],
) -> Iterator[str]:
    """Figures that are not what a certificate says, each a line that begins with its place.

    Args:
        certified: figures by name, as the certificate has them.
        now: as they are.
        unmeasured: how the names of those begin that need not be there now.
    """
    for name, figure in certified.items():
        if name in now:
            if said := _difference(figure, now[name]):
                yield f"statement/figures/{name}: {said}"
        elif not name.startswith(unmeasured):
            yield f"statement/figures/{name}: is not measured of these files"
    for name in now:
        if name not in certified:
            yield f"statement/figures/{name}: is measured of these files, and not certified"


def _difference(certified: Mapping[str, Any], now: Mapping[str, Any]) -> str | None:
    """What is exact must be the same; else each value has to lie in the other's interval.

    An audit is exact, as its seed is known. What is judged may differ by the length of the interval
    that is measured now, as the certified one may have been widened.
    """
    was, is_ = measured(certified), measured(now)
    same = _same if "after" in now else _alike
    if not same(was, is_):
        return f"is {_text(is_['value'])}, certified is {_text(was['value'])}"
    length = 0 if "after" in now else _length(is_)
    if _apart(certified["judged"], now["judged"]) > length + _slack(now["judged"]):
        return f"judged is {_text(now['judged'])}, certified is {_text(certified['judged'])}"
    if certified["limits"] is None and _is_judged(now):
        return f"is {now['colour']}, certified as one that is not judged"
    before, raw = certified.get("before"), now.get("before")
    if (before is None) != (raw is None) or (before and raw and not same(before, raw)):
        return f"was {_text(raw and raw['value'])} in the raw table, which is certified otherwise"
    return None


def _is_judged(now: Mapping[str, Any]) -> bool:
    """Of trained models only what is not green, as an interval may be short enough by chance."""
    return bool(now["limits"] if "after" in now else now["colour"] in {"red", "amber"})


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Value and both ends, but for rounding."""
    return all(
        _apart(one[end], other[end]) <= _slack(other[end]) for end in ("value", "low", "high")
    )


def _alike(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return _within(one, other["value"]) and _within(other, one["value"])


def _within(interval: Mapping[str, Any], value: float | None) -> bool:
    if value is None or interval["value"] is None:
        return value is None and interval["value"] is None
    slack = _slack(value)
    low, high = (interval["value"] if end is None else end for end in _ends(interval))
    return bool(low - slack <= value <= high + slack)


def _ends(interval: Mapping[str, Any]) -> tuple[float | None, float | None]:
    return interval["low"], interval["high"]


def _length(interval: Mapping[str, Any]) -> float:
    low, high = _ends(interval)
    return 0 if low is None or high is None else high - low


def _apart(one: float | None, other: float | None) -> float:
    if one is None or other is None:
        return 0 if one is other else inf
    return abs(one - other)


def _slack(value: float | None) -> float:
    return _ROUNDING * max(1, abs(value or 0))


def _text(value: float | None) -> str:
    return "not to be measured" if value is None else f"{value:.6g}"

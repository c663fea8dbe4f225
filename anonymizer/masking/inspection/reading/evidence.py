"""What the values of a column say of its content: for which kinds, how much, and why.

Reasons hold shares and counts, never a value.
"""

from collections.abc import Iterator
from functools import cache
from typing import Final

import polars as pl

from anonymizer.masking.inspection.reading.kinds import Kind
from anonymizer.masking.inspection.reading.lists import (
    answers,
    chinese_surnames,
    cities,
    countries,
    first_names,
    last_names,
)
from anonymizer.masking.inspection.reading.names import HINT, LIKELY, SURE, Says
from anonymizer.masking.inspection.reading.national_numbers import NATIONAL, is_iban
from anonymizer.masking.inspection.reading.values import Values
from anonymizer.masking.places.parsers import PARSERS
from anonymizer.masking.places.table import load_table
from anonymizer.masking.recognition import find
from anonymizer.masking.recognition.phones import is_valid

_FEW: Final = 5  # of so few distinct values nothing is concluded but that they are few


def percent(share: float) -> str:
    """A share as it stands in a reason."""
    return f"{share:.0%}"


def read_values(values: Values) -> list[Says]:
    """The kinds that values speak for by themselves."""
    if values.sample.is_empty():
        return []
    found: list[Says] = []
    for reader in (_typed, _formed, _checked, _called, _sorted_out, _named, _placed, _written):
        found += reader(values)
    return found


def _typed(values: Values) -> Iterator[Says]:
    """What the dtype and the range say."""
    if values.dtype == pl.Boolean:
        yield Says("flag", SURE, "true and false only")
    elif values.is_binary:
        yield Says("flag", LIKELY, "0 and 1 only")
    if values.is_time or values.dtype == pl.Time:
        yield Says("time", LIKELY, "the type is a time")
    years = values.years
    if len(years) >= 20 and _look_like_births(values):
        yield Says("birth_date", LIKELY + 0.4, "the years span lifetimes and end before adulthood")
    if values.forms["date"] > 0.8 or values.forms["packed_date"] > 0.9:
        yield Says(
            "time",
            LIKELY,
            f"{percent(max(values.forms['date'], values.forms['packed_date']))} are dates",
        )
    if values.forms["clock"] > 0.9:
        yield Says("time", LIKELY, f"{percent(values.forms['clock'])} are times of the day")


def _look_like_births(values: Values) -> bool:
    low, high = values.years.quantile(0.05) or 0, values.years.quantile(0.95) or 0
    whole_days = values.dtype != pl.Datetime or bool((values.sample.dt.hour() == 0).all())
    return whole_days and high - low >= 35 and low >= 1900 and high <= 2012


def _formed(values: Values) -> Iterator[Says]:
    """What a form says that nothing else has."""
    shares = values.forms
    own: tuple[tuple[Kind, float, str], ...] = (
        ("email", shares["email"], "have the form of e-mail addresses"),
        ("ip_address", shares["ip"] + shares["ip6"], "have the form of IP addresses"),
        ("device_id", shares["mac"], "have the form of MAC addresses"),
        (
            "url",
            max(shares["url"], shares["path"], shares["domain"]),
            "have the form of web addresses",
        ),
        ("user_agent", shares["agent"], "have the form of user agents"),
        ("secret", shares["secret"], "have the form of keys or password hashes"),
    )
    for kind, share, what in own:
        if share >= 0.6:
            yield Says(kind, SURE + 1, f"{percent(min(share, 1.0))} {what}")
    if shares["pair"] > 0.8:
        yield Says("coordinates", SURE, f"{percent(shares['pair'])} are pairs of coordinates")
    if shares["uuid"] + shares["hex"] > 0.8:
        yield Says(
            "other_id", HINT, f"{percent(shares['uuid'] + shares['hex'])} are UUIDs or digests"
        )
    if shares["blood"] > 0.8 and len(values.unique) > 1:
        yield Says("health", SURE, f"{percent(shares['blood'])} are blood groups")
    if shares["icd"] > 0.8 and len(values.unique) >= 10 and values.share_distinct < 0.8:
        yield Says("health", LIKELY, f"{percent(shares['icd'])} have the form of ICD codes")
    if shares["vin"] > 0.9 and shares["digits"] < 0.1 and shares["has_letter"] > 0.9:
        yield Says(
            "vehicle_id", LIKELY, f"{percent(shares['vin'])} have the form of vehicle numbers"
        )


def _checked(values: Values) -> Iterator[Says]:
    """What check digits say; at chance alone no column of some length passes."""
    if len(values.text) < _FEW or values.forms["has_digit"] < 0.6:
        return
    enough = len(values.text) >= 20
    ibans = values.passing(is_iban) if values.forms["has_letter"] > 0.6 else 0.0
    if ibans > 0.6:
        yield Says("bank_account", SURE + 1, f"{percent(ibans)} are IBANs with right checksums")
    if values.forms["card_form"] > 0.6 and enough:
        cards = values.passing(lambda text: bool(find(text, ("card",))))
        if cards > 0.8:
            yield Says(
                "card_number", SURE + 0.5, f"{percent(cards)} pass the check of card numbers"
            )
    for number in NATIONAL if enough else ():
        share = values.passing(number.passes)
        if share > 0.8:
            sure = (
                SURE + 1 if number.chance < 0.05 or number.words.startswith("Chinese") else LIKELY
            )
            yield Says("national_id", sure, f"{percent(share)} are {number.words}")


def _called(values: Values) -> Iterator[Says]:
    """What numbering plans say of phone numbers."""
    shares = values.forms
    if shares["phone_form"] < 0.6 or len(values.text) < _FEW or shares["date"] > 0.5:
        return
    plus, gaps = shares["phone_plus"], shares["phone_gaps"]
    mobile = values.passing(
        lambda text: len(text) == 11 and text[0] == "1" and is_valid(text, "CN")
    )
    sized = float(values.lengths.is_between(9, 13).mean() or 0)  # type: ignore[arg-type]
    if gaps + plus < 0.5 and (sized < 0.8 or values.distinct <= 20):
        return
    region, share = values.phone_region
    if plus > 0.5 or (share > 0.6 and gaps > 0.5):
        yield Says("phone", SURE, f"{percent(max(plus, share))} have the form of phone numbers")
    elif mobile > 0.9 and values.distinct > 20:
        yield Says("phone", LIKELY, f"{percent(mobile)} are Chinese mobile numbers")
    elif share > 0.8:
        yield Says("phone", HINT, f"{percent(share)} could be phone numbers of {region}")


def _sorted_out(values: Values) -> Iterator[Says]:
    """What lists of answers say: sex, marital status, yes and no."""
    if values.is_text and values.distinct <= 40:
        for kind, known in answers().items():
            share = values.listed(known)
            if share > 0.7 and len(values.unique) > 1:
                yield Says(kind, LIKELY + 0.5, f"{percent(share)} of the values are words for it")
        letters = set(values.folded.to_list())
        if (
            letters
            and letters <= {"M", "F", "W", "D", "X", "U", "H"}
            and len(letters & {"M", "F", "W", "H"}) == 2
        ):
            yield Says("sex", LIKELY + 0.2, "the values are the letters for two sexes")
        if len(letters) == 2 and letters in (
            {"Y", "N"},
            {"J", "N"},
            {"S", "N"},
            {"O", "N"},
            {"T", "F"},
        ):
            yield Says("flag", LIKELY, "two letters for yes and no")


def _named(values: Values) -> Iterator[Says]:
    """What lists of first and last names say."""
    if (
        not values.is_text
        or len(values.text) < _FEW
        or values.forms["has_digit"] > 0.2
        or values.is_few
    ):
        return
    if values.forms["cjk"] > 0.8:
        yield from _chinese_names(values)
        return
    if values.forms["titled"] > 0.6:
        yield Says("person_name", SURE, f"{percent(values.forms['titled'])} begin with a title")
    names = values.folded.to_frame("name").select(pl.col("name").str.split(" "))["name"]
    sizes = names.list.len()
    first = float(names.list.first().is_in(sorted(first_names())).mean() or 0)  # type: ignore[arg-type]
    last = float(names.list.last().is_in(sorted(last_names())).mean() or 0)  # type: ignore[arg-type]
    if float((sizes == 1).mean() or 0) > 0.7:  # type: ignore[arg-type]  # (a share)
        if first > 0.5 and first > last:
            yield Says("first_name", LIKELY, f"{percent(first)} are known first names")
        elif last > 0.4:
            yield Says("last_name", LIKELY, f"{percent(last)} are known last names")
    elif float(sizes.is_between(2, 4).mean() or 0) > 0.7:  # type: ignore[arg-type]  # (a share)
        anywhere = max(first, float(names.list.last().is_in(sorted(first_names())).mean() or 0))  # type: ignore[arg-type]
        if anywhere > 0.4 and (last > 0.15 or anywhere > 0.6):
            yield Says(
                "person_name",
                LIKELY + 0.5,
                f"{percent(anywhere)} begin or end with known first names",
            )


def _chinese_names(values: Values) -> Iterator[Says]:
    lengths, beginning = values.lengths, values.text.str.head(1)
    short = float(lengths.is_between(2, 4).mean() or 0)  # type: ignore[arg-type]  # (a share)
    known = float(beginning.is_in(sorted(chinese_surnames())).mean() or 0)  # type: ignore[arg-type]
    if short > 0.9 and known > 0.8 and values.distinct > 30:
        yield Says("person_name", LIKELY + 0.5, f"{percent(known)} begin with Chinese surnames")


def _placed(values: Values) -> Iterator[Says]:
    """What tables of places say."""
    if not values.is_text or not len(values.text):
        return
    shares = values.forms
    for form in ("gb_postcode", "ca_postcode", "nl_postcode", "br_postcode", "us_postcode"):
        if shares[form] > 0.8 and len(values.text) >= _FEW:
            yield Says("postcode", SURE, f"{percent(shares[form])} have the form of postcodes")
    nations = values.listed(countries()) if shares["has_digit"] < 0.2 else 0.0
    long = float(values.lengths.mean() or 0) > 3.5  # type: ignore[arg-type]  # (a number)
    if nations > 0.7 and len(values.unique) > 1 and long:
        yield Says("country", LIKELY + 0.5, f"{percent(nations)} are names of countries")
    code, share = _states(values)
    if share > 0.7 and len(values.unique) > 4 and shares["has_digit"] < 0.2:
        points = LIKELY + 0.5 if long or values.forms["cjk"] > 0.8 else HINT
        yield Says("region", points, f"{percent(share)} are states or provinces of {code}")
    large = values.listed(cities())
    if large > 0.5 and len(values.unique) > 4:
        yield Says("city", LIKELY + 0.5, f"{percent(large)} are known cities")
    if shares["house"] > 0.6 and shares["road"] > 0.3 and values.distinct > 20:
        whole = max(values.regions.values(), default=0.0)
        full = whole > 0.5 and values.words > 3 and shares["full_address"] > 0.5
        kind: Kind = "address" if full else "street_address"
        yield Says(kind, SURE, f"{percent(shares['house'])} have the form of addresses")


@cache
def _state_words() -> dict[str, frozenset[str]]:
    return {code: frozenset(load_table(code).words) for code in PARSERS}


def _states(values: Values) -> tuple[str, float]:
    shares = {code: values.listed(known) for code, known in _state_words().items()}
    best = max(shares, key=lambda code: shares[code])
    return best, shares[best]


def _written(values: Values) -> Iterator[Says]:
    """What the length of texts says."""
    repeats = values.is_few or (values.share_distinct < 0.1 and values.filled > 1_000)
    if values.is_text and values.words >= 1.5 and repeats and not values.forms["date"] > 0.5:
        yield Says("item", 0.8, "texts that repeat")
    if values.is_text and values.words >= 4.5 and not repeats and values.forms["date"] < 0.5:
        yield Says("free_text", HINT + 0.3, f"{values.words:.0f} words per value")
    if values.forms["money"] > 0.8:
        yield Says("amount", LIKELY, f"{percent(values.forms['money'])} have a currency")

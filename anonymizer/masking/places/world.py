"""An address from anywhere → its country, and its state where a parser knows the country.

The evidence in its order: the name of a country as the last part of the text; postcodes that only
one country writes; the name without the postcode beside it, or as the last words; an earlier part
that is nothing but a country's name; the name of a state that no two countries have; a script that
only one country writes. Where nothing tells the country, it is null.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Final

import polars as pl

from anonymizer.masking.places import china
from anonymizer.masking.places.parsers import PARSERS
from anonymizer.masking.places.table import Level, Output, load, load_table, only
from anonymizer.masking.places.text import folded, in_steps, in_turns, tidy
from anonymizer.masking.primitives.bulk.lookup import looked_up

# Who writes the sovereign after the territory means the territory. In France and China they are
# regions like others.
_TERRITORIES: Final = {
    "AU": "CC CX HM NF",
    "DK": "FO GL",
    "FI": "AX",
    "GB": "AI BM FK GG GI GS IM IO JE KY MS PN SH TC VG",
    "NL": "AW BQ CW SX",
    "NO": "BV SJ",
    "NZ": "CK NU TK",
    "US": "AS GU MP PR UM VI",
}
# They have American ZIPs and codes of their own.
_POST_OF_TERRITORY: Final = ["AS", "FM", "GU", "MH", "MP", "PR", "PW", "VI"]

# States whose names are those of other places, too.
_NOT_ONLY_A_STATE: Final = {
    "ACRE", "AMAZONAS", "DISTRITO FEDERAL", "GALICIA", "JURA", "LA RIOJA", "LIMBURG", "MARCHE",
    "MONTANA", "PARA", "PARANA", "SANTA CATARINA", "VICTORIA", "VIRGIN ISLANDS", "WASHINGTON",
}  # fmt: skip
_SIGNS_OF_US_GEORGIA: Final = r"\b(?:ATLANTA|SAVANNAH|AUGUSTA|MACON|ATHENS)\b|\b\d{5}\b"
_SIGNS_OF_COUNTRY_GEORGIA: Final = (
    r"\b(?:T'?BILISI|BATUMI|KUTAISI|RUSTAVI|GORI|ZUGDIDI|POTI|TELAVI)\b|\b0\d{3}\b"
)

_PART_SEPARATOR: Final = "\x1f"
_STATE_SIGN: Final = "="  # before the name of a state; folded texts have no signs
_BETWEEN_PARTS: Final = r"[,;\n\r\t|/()\[\]、，。]+|\s[-–—]\s"
_IN_PART: Final = r"[^,;\n\r\t|/()\[\]]"
_LAST_PART: Final = rf"[,;\n\r\t|/()\[\]]({_IN_PART}*)$"
_PART_BEFORE: Final = rf"({_IN_PART}*)[,;\n\r\t|/()\[\]]+{_IN_PART}*$"
_END_WORD: Final = "([^ ]+)$"
_HONOURS: Final = (
    r"(?:^| )(?:THE )?(?:(?:ISLAMIC|FEDERAL|DEMOCRATIC|SOCIALIST|PEOPLE S|UNITED|COOPERATIVE|"
    r"FEDERATIVE|PLURINATIONAL|BOLIVARIAN|INDEPENDENT|GRAND|SOVEREIGN) )*"
    r"(?:REPUBLIC|KINGDOM|STATE|STATES|PRINCIPALITY|COMMONWEALTH|SULTANATE|DUCHY|UNION|"
    r"REPUBLICA|REPUBLIQUE|REPUBBLICA|REPUBLIK|REINO|ROYAUME) "
    r"(?:OF|DE|DU|D|DEL|DI|DO|DA) (?:THE |LA |L )?|(?:^| )(?:جمهورية|دولة|مملكة|سلطنة) |^THE "
)
_DIGITS_BEFORE: Final = r"^[\d ]+ "
_DIGITS_AFTER: Final = r" \d[\dA-Z]*(?: \d[\dA-Z]*)*$"
_CODE_AFTER: Final = r" [A-Z]{1,3}$"
_LAST_WORDS: Final = tuple(rf"(?:^| )((?:[^ ]+ ){{{n}}}[^ ]+)$" for n in (6, 5, 4, 3, 2, 1))
_LAST_WORD: Final = r" ([^ ]{4,})$"
_STREET_NAMED_AFTER_COUNTRY: Final = (  # a street that has its name from a country
    r"(?:^| )(?:DE|DU|DES|D|LA|DI|DEL|DELLA|DELL|DA|DO|DOS|OF|RUE|AVENUE|CALLE|VIA|RUA|AVENIDA|"
    r"PLAZA|PIAZZA|PLACE|NEW|LITTLE|OLD) [^ ]+$| (?:ISLAND|HOLLAND)$"
)

_EIR: Final = "[AC-FHKNPRTV-Y]"

# Postcodes that one country writes: pattern → its code.
_POSTCODES_OF_ONE_COUNTRY: Final = {
    r"\b[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z][ -]?\d[ABCEGHJ-NPRSTV-Z]\d\b": "CA",
    r"\bJE\d{1,2} ?\d[A-Z]{2}\b": "JE",
    r"\bGY\d{1,2} ?\d[A-Z]{2}\b": "GG",
    r"\bIM\d{1,2} ?\d[A-Z]{2}\b": "IM",
    r"\bGX11 ?1AA\b": "GI",
    r"\bFIQQ ?1ZZ\b": "FK",
    r"\b(?:STHL|ASCN|TDCU) ?1ZZ\b": "SH",
    r"\bTKCA ?1ZZ\b": "TC",
    r"\bPCRN ?1ZZ\b": "PN",
    r"\bSIQQ ?1ZZ\b": "GS",
    r"\bAI-2640\b": "AI",
    r"\bVG ?11\d\d\b": "VG",
    r"\bKY[1-3]-\d{4}\b": "KY",
    r"\bMSR ?\d{4}\b": "MS",
    r"\bBB ?\d{5}\b": "BB",
    r"\bAD ?[1-7]00\b": "AD",
    r"\b[A-Z]{2} ?\d{2} ?BX\b": "BM",
    rf"\b{_EIR}\d[\dW] ?(?:{_EIR}\w{{3}}|\d{_EIR}\w\w|\d\d{_EIR}\w|\d{{3}}{_EIR})\s*$": "IE",
    r"\b[A-HJ-NP-Z]\d{4}[A-Z]{3}\b": "AR",
    r"\b\d{5}-\d{3}\b": "BR",
    r"\b\d{4}-\d{3} \p{L}": "PT",
    r"[,\n] ?\d{2}-\d{3} \p{L}": "PL",
    r"^日本|〒|(?:東京都|北海道|京都府|大阪府|\p{Han}{2,3}県)": "JP",
    r"^(?:中国|中國|中华人民共和国)": "CN",
}
_DUTCH_POSTCODE: Final = r"(?:^|[,\n]) ?[1-9]\d{3} ?([A-Z]{2}) [A-Z' -]+$"
_NO_DUTCH_LETTERS: Final = (  # 1347 Le Sentier, 1200 NE Couch Street, 8517 So Nashville
    "LE|LA|LO|EL|AL|OS|AS|DE|DI|DA|DO|DU|ST|MT|FT|NE|NW|NO|SO|WE|IL|DR|RD|LN|CT|PL|AV|RT"
)
_BRITISH_POSTCODE: Final = r"\b([A-Z]{1,2})\d[A-Z\d]? ?\d[ABD-HJLNP-UW-Z]{2}\b"
_AMERICAN_ZIP: Final = r"\b(?<state>[A-Z]{2})[ ,.]+(?<zip>\d{5})(?:-\d{4})?\W*$"
_PLAIN_AMERICAN_ZIP: Final = r"[ ,]([A-Za-z]{2})[ ,.]+([0-9]{5})(?:-[0-9]{4})?$"
_POSTCODE_WITH_CAR_SIGN: Final = r"(?:^|[\s,])([A-Z]{1,3})-\d{3,5}(?: \d\d)? \p{L}"
_CAR_SIGNS: Final = (
    "A=AT B=BE CH=CH D=DE DK=DK E=ES F=FR FIN=FI FI=FI GR=GR H=HU HR=HR HU=HU I=IT IS=IS L=LU "
    "LI=LI FL=LI LT=LT LV=LV MC=MC N=NO NL=NL NO=NO PL=PL RO=RO S=SE SE=SE SI=SI SK=SK SLO=SI "
    "CZ=CZ EE=EE EST=EE BG=BG AT=AT BE=BE DE=DE ES=ES FR=FR IT=IT LU=LU MD=MD UA=UA CY=CY"
)
_SCRIPTS_OF_ONE_COUNTRY: Final = {
    r"\p{Hangul}": "KR",
    r"[\p{Hiragana}\p{Katakana}]": "JP",
    r"\p{Thai}": "TH",
    r"\p{Georgian}": "GE",
    r"\p{Armenian}": "AM",
    r"\p{Hebrew}": "IL",
    r"\p{Khmer}": "KH",
    r"\p{Lao}": "LA",
    r"\p{Myanmar}": "MM",
    r"\p{Sinhala}": "LK",
    r"\p{Thaana}": "MV",
}


def levels(text: pl.Expr, wanted: tuple[Level, ...], output: Output) -> pl.Expr:
    """A struct of the levels, each as it is shown."""
    with_states = "state" in wanted
    parts = pl.struct(text=text).struct.with_fields(country=country(text))
    if with_states:
        places = pl.struct(pl.field("country"), pl.field("text"))
        states = _States({code: _state_in(code) for code in PARSERS})
        state = places.map_batches(states, return_dtype=pl.String, is_elementwise=True)
        parts = parts.struct.with_fields(state=state)
    if output == "code":
        return parts
    names = {"country": load("world")["names"]} | ({"state": _state_names()} if with_states else {})
    shown = {level: looked_up(pl.field(level), name_of) for level, name_of in names.items()}
    return parts.struct.with_fields(**shown)


def country(text: pl.Expr) -> pl.Expr:
    """The code of the country of each address; null where none is read."""
    each = pl.col("text")
    return in_turns(text, _named_last(each), in_turns(each, _with_state(each), _weighed(each)))


def _named_last(text: pl.Expr) -> pl.Expr:
    """The country that the last part names, or its territory where one stands before."""
    last, code, before = (pl.field(name) for name in ("last", "code", "before"))
    whole = ~last.str.contains(_BETWEEN_PARTS) & ~last.str.ends_with(" OF")
    sovereign = code.is_in(list(_TERRITORIES))
    ends_otherwise = ~before.str.extract(_END_WORD).is_in(_ends_of_territories())
    return in_steps(
        text,
        {"last": tidy(pl.field("text").str.extract(_LAST_PART))},
        {"code": looked_up(folded(pl.when(whole).then(last)), _names())},
        {"before": tidy(pl.when(sovereign).then(pl.field("text")).str.extract(_PART_BEFORE))},
        {"before": folded(pl.when(~before.str.contains(_BETWEEN_PARTS)).then(before))},
        {"inner": looked_up(before, _names())},
        result=pl.when(code == "GE")
        .then(None)
        .when(~sovereign)
        .then(code)
        .when(pl.field("inner").is_not_null() | ends_otherwise)  # no part is unknown, too
        .then(_or_territory(code, pl.field("inner"), before)),
    )


def _with_state(text: pl.Expr) -> pl.Expr:
    """The country of an American state before one of its own ZIPs, at the end of the text."""
    parts = pl.field("parts").struct
    state = parts.field("1").str.to_uppercase()
    return in_steps(
        text,
        {"parts": pl.field("text").str.extract_groups(_PLAIN_AMERICAN_ZIP)},
        result=_of_state(parts.field("2"), state),
    )


def _weighed(text: pl.Expr) -> pl.Expr:
    """The country for which there is most evidence."""
    last, before, third = (pl.field("parts").list.get(n, null_on_oob=True) for n in (-1, -2, -3))
    first, rest, known = (pl.field(name) for name in ("first", "rest", "known"))
    turned = pl.when(last.str.ends_with(" OF")).then(last + " " + before)  # Korea, Republic of
    only_digits = ~last.str.contains(r"\p{L}")
    clean, clean_before, clean_first = pl.field("clean"), *map(_without_digits, (before, first))
    return in_steps(
        tidy(text),
        {"parts": _parts(pl.field("text"))},
        {"first": pl.field("parts").list.get(0, null_on_oob=True), "clean": _without_digits(last)},
        {
            "known": _first_known(*_both(turned), *_both(last)),
            "before": _first_known(*_both(before)),
        },
        {"known": _or_territory(known, pl.field("before"), before)},
        {"rest": pl.when(known.is_null()).then(pl.field("text"))},
        {"known": pl.coalesce(known, _by_postcode(rest))},
        {"rest": pl.when(known.is_null()).then(pl.field("text"))},
        {
            "found": _first_known(
                *_both(clean),
                *_both(clean.str.replace(_CODE_AFTER, "")),
                *_both(pl.when(only_digits).then(clean_before)),
            )
        },
        {"found": pl.coalesce(pl.field("found"), _in_last_words(clean))},
        {
            "else": _first_known(
                _STATE_SIGN + clean,
                _STATE_SIGN + before,
                *_both(before),
                *_both(third),
                *_both(clean_first),
            )
        },
        {"known": pl.coalesce(known, pl.field("found"), pl.field("else"), _by_script(last, rest))},
        result=_but_georgia(known, pl.field("text")),
    )


@dataclass(frozen=True)
class _States:
    """A function from texts with the codes of their countries to the states.

    Attributes:
        readers: code of a country → the state in it, of the column `text`.
    """

    readers: dict[str, pl.Expr] = field(repr=False)

    def __call__(self, places: pl.Series) -> pl.Series:
        """The state of each text; null where none is read, or the country has no reader."""
        rows = places.rechunk().struct.unnest().with_row_index()
        none = rows.clear().select("index", state=pl.lit(None, pl.String))
        countries = set(rows["country"].unique())
        found = [
            rows.filter(country=code).select("index", state=reader)
            for code, reader in self.readers.items()
            if code in countries
        ]
        states = pl.concat([none, *found])
        return rows.join(states, on="index", how="left", maintain_order="left")["state"]


def _state_in(code: str) -> pl.Expr:
    """The state of the addresses of one country, of the column `text`."""
    states = load_table(code).labels("state", "code", code)
    shown = {region: f"{code}-{state}" for region, state in states.items()}
    return looked_up(PARSERS[code].region(pl.col("text")), shown)


def _parts(text: pl.Expr) -> pl.Expr:
    """The parts between commas, folded; what is empty is left out."""
    parts = text.str.replace_all(_BETWEEN_PARTS, _PART_SEPARATOR).str.split(_PART_SEPARATOR)
    parts = parts.list.eval(folded(pl.element()))
    return parts.list.eval(pl.element().filter(pl.element() != ""))


def _first_known(*candidates: pl.Expr) -> pl.Expr:
    """The code of the first candidate that is the name of a country."""
    known = pl.concat_list(*candidates).list.eval(looked_up(pl.element(), _names()))
    return known.list.drop_nulls().list.first()


def _both(part: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """A part as it is written, and without `Republic of`."""
    return part, part.str.replace(_HONOURS, " ").str.strip_chars_start(" ")


def _or_territory(code: pl.Expr, inner: pl.Expr, before: pl.Expr) -> pl.Expr:
    """The territory that stands before the country it belongs to.

    Args:
        code: of the country.
        inner: the code that the part before is the name of.
        before: that part.
    """
    american = only(before.str.extract(r"^([A-Z]{2}) \d{5}"), _POST_OF_TERRITORY)
    territories = {
        f"{sovereign}-{territory}": territory
        for sovereign, territories_of in _TERRITORIES.items()
        for territory in territories_of.split()
    }
    return pl.coalesce(looked_up(code + "-" + pl.coalesce(inner, american), territories), code)


def _without_digits(part: pl.Expr) -> pl.Expr:
    return part.str.replace(_DIGITS_BEFORE, "").str.replace(_DIGITS_AFTER, "")


def _in_last_words(part: pl.Expr) -> pl.Expr:
    """The country that is named after something else, searched where any name ends so."""
    each = pl.col("text")
    no_name = pl.when(~each.str.extract(_END_WORD).is_in(_ends_of_names())).then(pl.lit(""))
    return in_turns(part, no_name, _first_known(*_last_words(each)))


def _last_words(part: pl.Expr) -> list[pl.Expr]:
    """A name after the town: `10 Main Street Nassau Bahamas`, but not `Rue de France`."""
    several = [
        before + text.str.extract(pattern)
        for text in _both(part)
        for pattern in _LAST_WORDS
        for before in (pl.lit(""), pl.lit(_STATE_SIGN))
    ]
    plain = _both(part)[1]
    return [
        *several,
        pl.when(~plain.str.contains(_STREET_NAMED_AFTER_COUNTRY)).then(
            plain.str.extract(_LAST_WORD)
        ),
    ]


def _by_postcode(text: pl.Expr) -> pl.Expr:
    """The country that alone writes such a postcode."""
    american = text.str.extract_groups(_AMERICAN_ZIP).struct
    british = only(text.str.extract(_BRITISH_POSTCODE), load_table("GB").prefixes)
    dutch = text.str.extract(_DUTCH_POSTCODE)
    return pl.coalesce(
        _of_state(american.field("zip"), american.field("state")),
        *_where(text, _POSTCODES_OF_ONE_COUNTRY),
        pl.when(british.is_not_null()).then(pl.lit("GB")),
        pl.when(~dutch.is_in(_NO_DUTCH_LETTERS.split("|"))).then(pl.lit("NL")),
        looked_up(
            text.str.extract(_POSTCODE_WITH_CAR_SIGN),
            dict(sign.split("=") for sign in _CAR_SIGNS.split()),
        ),
    )


def _of_state(zipcode: pl.Expr, state: pl.Expr) -> pl.Expr:
    """The United States or their territory, where the ZIP is one of the state's own."""
    table = load_table("US")
    confirmed = pl.when(table.region_of(zipcode) == state).then(state)
    states = dict.fromkeys(table.regions, "US") | {code: code for code in _POST_OF_TERRITORY}
    return looked_up(confirmed, states)


def _by_script(last: pl.Expr, text: pl.Expr) -> pl.Expr:
    """The country that alone writes so; among Han characters, names of Chinese divisions."""
    each = pl.col("text")
    not_chinese = pl.when(~each.str.contains(r"\p{Han}")).then(pl.lit(""))
    region = in_turns(text, not_chinese, china.region(each))
    province = pl.field("text").str.head(2)
    apart = {"71": "TW", "81": "HK", "82": "MO"}
    part = pl.coalesce(
        looked_up(province, apart), pl.when(province.is_not_null()).then(pl.lit("CN"))
    )
    return pl.coalesce(
        *_where(pl.when(text.is_not_null()).then(last), _SCRIPTS_OF_ONE_COUNTRY),
        in_steps(region, result=part),
    )


def _where(text: pl.Expr, patterns: Mapping[str, str]) -> Iterator[pl.Expr]:
    for pattern, code in patterns.items():
        yield pl.when(text.str.contains(pattern)).then(pl.lit(code))


def _but_georgia(code: pl.Expr, text: pl.Expr) -> pl.Expr:
    """The country, or null for Georgia, which is also a state, without a town or a postcode."""
    doubtful = (code == "GE") & text.str.contains("GEORGIA", literal=True)
    american, georgian = (
        text.str.contains(_SIGNS_OF_US_GEORGIA),
        text.str.contains(_SIGNS_OF_COUNTRY_GEORGIA),
    )
    which = pl.when(georgian).then(pl.lit("GE")).when(american).then(pl.lit("US"))
    return pl.when(doubtful).then(which).otherwise(code)


@cache
def _names() -> dict[str, str]:
    """Names of countries, those codes that are no state's, and names of states behind a sign."""
    codes = {code for country in ("AU", "CA", "US") for code in load_table(country).regions}
    codes |= {"SE", "ST"}  # south-east and street
    words: dict[str, str] = load("world")["words"]
    names = {code: code for code in load("world")["names"] if code not in codes} | words
    return names | {_STATE_SIGN + word: code for word, code in _states(names).items()}


def _states(names: Mapping[str, str]) -> dict[str, str]:
    """Names of states that no other country has → their country."""
    countries_of: dict[str, set[str]] = defaultdict(set)
    for code in PARSERS:
        for word, state in load_table(code).words.items():
            if len(word) > 4 and word not in names and word not in _NOT_ONLY_A_STATE:
                countries_of[word].add(
                    state if code == "US" and state in _POST_OF_TERRITORY else code
                )
    return {word: min(codes) for word, codes in countries_of.items() if len(codes) == 1}


@cache
def _ends_of_names() -> list[str]:
    """The last words of all names."""
    return sorted({name.split()[-1].removeprefix(_STATE_SIGN) for name in _names()})


@cache
def _ends_of_territories() -> list[str]:
    """The last words of the names of those that belong to another country."""
    codes = {code for territories in _TERRITORIES.values() for code in territories.split()}
    return sorted({name.split()[-1] for name, code in _names().items() if code in codes})


@cache
def _state_names() -> dict[str, str]:
    return {
        f"{code}-{state}": name
        for code in PARSERS
        for state, name in load_table(code).regions.items()
    }

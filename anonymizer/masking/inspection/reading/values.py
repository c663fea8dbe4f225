"""What the values of a column say of its content: shares of a sample, never a value.

Forms are tested with Polars on the distinct values of a sample; what only a scalar function can
test (check digits, numbering plans) sees at most `_TESTED` of them.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import polars as pl

from anonymizer.masking.free_text.recognition.contacts.phones import is_valid
from anonymizer.masking.free_text.recognition.finding import find
from anonymizer.masking.places.parsers import PARSERS
from anonymizer.masking.places.text import folded
from anonymizer.masking.primitives.normal_forms import nfkc

_TESTED_DISTINCT: Final = 1_000  # values of a sample that forms are tested on
_PHONE_SCREENED_VALUES: Final = 30  # values that choose among numbering plans
_SCALAR_TESTED_VALUES: Final = 150  # values that scalar tests see
_PHONE_REGIONS: Final = (
    "US", "CN", "DE", "GB", "FR", "IT", "ES", "BR", "NL", "AU", "CH", "AT", "CA", "IN", "JP", "MX",
    "PL", "SE",
)  # fmt: skip

_LENIENT_PHONE_REGIONS: Final = ("DE", "AT", "JP", "IN")  # their plans take numbers of many lengths

_REACHING: Final = frozenset({"email", "iban", "id", "ssn", "card", "phone"})
_MAY_REACH: Final = r"@|(?:\d\D{0,3}){7}"
# Without a letter around it: other digits are codes, ranges and numbers of articles.
_DIALLED: Final = (
    r"^\s*(?:\+|\(?0\d+[-/ .)]|1[3-9]\d{9}\s*$|\(?\d{3}\)?[-. ]\d{3}[-. ]\d{4}\s*$"
    r"|(?:\d{4}[ -]){3}\d{1,4}\s*$|\d{3}-\d\d-\d{4}\s*$|\d{16,18}[\dX]\s*$)"
)

_FORMS: Final[dict[str, str]] = {
    "email": r"(?i)^\s*[\w.+%'-]+@[\w-]+(?:\.[\w-]+)+\s*$",
    "ip": r"^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?::\d+|/\d+)?$",
    "ip6": r"(?i)^(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}(?:/\d+)?$|^[0-9a-f:]*::[0-9a-f:.]*(?:/\d+)?$",
    "mac": r"(?i)^(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}$",
    "url": r"(?i)^(?:https?|ftp|wss?)://\S+$|^www\.\S+$",
    "path": r"^/[\w.%-]*(?:/[\w.%-]*)+(?:\?\S*)?$",
    "domain": (
        r"(?i)^(?:[a-z0-9-]+\.)+(?:com|net|org|io|co|info|biz|edu|gov|eu|uk|de|fr|es|it|nl|br|cn|ch|"
        r"at|au|jp|kr|in|pl|se|app|dev|ai)$"
    ),
    "uuid": r"(?i)^\{?[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\}?$",
    "hex": r"(?i)^(?:[0-9a-f]{24}|[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})$",
    "agent": r"^(?:Mozilla|Opera|curl|okhttp|Dalvik|python-requests)/\d",
    "secret": r"^(?:sk|pk|ghp|xox[bp])[_-]\w{16,}$|^eyJ[\w-]+\.[\w-]+\.|^\$2[aby]\$|^\$argon2",
    "pair": r"^\W?\s*[+-]?\d{1,3}\.\d{2,}\s*[,;\s]\s*[+-]?\d{1,3}\.\d{2,}\s*\W?$",
    "number": r"^\s*[+-]?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?(?:[eE][+-]?\d+)?\s*$",
    "comma_number": r"^\s*[+-]?(?:\d+|\d{1,3}(?:\.\d{3})+),\d{1,4}\s*$",
    "money": (
        r"(?i)^\s*[+-]?(?:[$€£¥₹]|r\$|usd|eur|gbp|rmb|cny|chf)\s?[\d.,]+[km]?|"
        r"^[\d.,]+\s?(?:[$€£¥元]|usd|eur|chf|zł|kr)\s*$"
    ),
    "digits": r"^\d+$",
    "has_digit": r"\d",
    "has_letter": r"\p{L}",
    "cjk": r"\p{Han}",
    "date": (
        r"^\s*(?:(?:1[89]|20|21)\d\d[-/.年년]\s?[01]?\d[-/.月월]\s?[0-3]?\d[日일]?|"
        r"[0-3]?\d[-/. ](?:[0-3]?\d|[A-Za-zéû]{3,9})[-/. ](?:(?:1[89]|20|21)\d\d|\d\d)|"
        r"[A-Za-z]{3,9}\.? [0-3]?\d, (?:1[89]|20|21)\d\d)(?:[T ,].*)?\s*$"
    ),
    "packed_date": (
        r"^(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
        r"(?:T?(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d)?(?:Z|[+-]\d\d:?\d\d)?)?$"
    ),
    "clock": r"^[0-2]?\d:[0-5]\d(?::[0-5]\d(?:\.\d+)?)?\s*(?i:[ap]m)?$",
    "month": r"^(?:0[1-9]|1[0-2])[/.-](?:19|20)\d\d$|^(?:19|20)\d\d[-/](?:0[1-9]|1[0-2])$",
    "period": (
        r"^(?:19|20)\d\d(?:[-/ ](?:\d\d|Q[1-4]|(?:19|20)\d\d))?$|^(?:0[1-9]|1[0-2])/(?:19|20)\d\d$"
    ),
    "phone_form": r"^\s*(?:\+|00)?[\d\s().\-/]{6,22}(?:\s?(?:x|ext\.?)\s?\d+)?\s*$",
    "phone_plus": r"^\s*(?:\+|\(\+|00)\s?\d[\d\s().\-/]{6,20}",
    "phone_gaps": r"\d[\s().\-/]+\d",
    "card_form": r"^\s*\d(?:[ -]?\d){11,18}\s*$",
    "blood": r"(?i)^(?:a|b|ab|o|0)\s?(?:rh)?[+-]$|^(?:ab|a|b|o)型$",
    "full_address": r",|\n|\d.*\b\d{4,6}\b|\b\d{5}\b|\p{Han}",
    "icd": r"(?i)^[A-TV-Z]\d[0-9A-B](?:\.[0-9A-TV-Z]{1,4})?$",
    "vin": r"^[A-HJ-NPR-Z0-9]{17}$",
    "gb_postcode": r"(?i)^[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}$",
    "ca_postcode": r"(?i)^[A-Z]\d[A-Z][ -]?\d[A-Z]\d$",
    "nl_postcode": r"(?i)^\d{4}\s?[A-Z]{2}$",
    "br_postcode": r"^\d{5}-\d{3}$",
    "us_postcode": r"^\d{5}-\d{4}$",
    "titled": (
        r"(?i)^(?:dr|prof|mr|mrs|ms|miss|herr|frau|mme|mlle|m|monsieur|madame|sr|sra|srta|don|"
        r"do[ñn]a|sig|sigra|sig\.ra|dott|dott\.ssa|ing|dhr|mevr)\.?\s+\p{L}"
    ),
    "initials": (
        r"^\p{Lu}[\p{L}'’-]+,? \p{Lu}\.(?: ?\p{Lu}\.)?$|"
        r"^\p{Lu}\. ?(?:\p{Lu}\. ?)?(?:\p{Ll}+ )*\p{Lu}[\p{L}'’-]+$"
    ),
    "capitals": r"^\p{Lu}\S*(?:[ -]\S+){0,2}[ -]\p{Lu}\S*$|^\p{Lo}",
    "house": (
        r"(?i)^\d+[a-z]?(?:[-/]\d+)?,?\s+\p{L}|\p{L}[\p{L}.\s'’-]+,?\s\d{1,4}\s?[a-z]?(?:\s|,|$)|"
        r"\p{Han}.*(?:路|街|道|巷|弄|村|镇|区|县).*(?:号|座|栋|室|\d)"
    ),
    "road": (
        r"(?i)\b(?:street|st|road|rd|avenue|ave|lane|ln|drive|dr|court|ct|place|pl|way|blvd|"
        r"boulevard|close|crescent|circuit|terrace|parkway|highway|apt|suite|rue|chemin|impasse|"
        r"quai|all[ée]e|calle|avenida|avda|paseo|plaza|via|viale|piazza|corso|strada|vicolo|rua|"
        r"travessa|pra[çc]a|estrada|laan|straat|weg|gracht|ulica|ul)\b|"
        r"(?:stra(?:ß|ss)e|str\.|weg|platz|gasse|allee|ring|straat|laan)\b|路|街|巷|弄|大道"
    ),
}


@dataclass(frozen=True)
class Values:
    """What is known of a column's values.

    Attributes:
        name: of the column.
        dtype: of its values; elements where it is a list.
        rows: of the table.
        nulls: rows without a value.
        distinct: how many values there are, approximately.
        sample: values of the sampled rows without nulls.
    """

    name: str
    dtype: pl.DataType
    rows: int
    nulls: int
    distinct: int
    sample: pl.Series = field(repr=False)

    @property
    def filled(self) -> int:
        """How many rows of the table have a value."""
        return max(self.rows - self.nulls, 0)

    @property
    def share_distinct(self) -> float:
        """Distinct values per row with a value, at most 1."""
        return min(self.distinct / self.filled, 1.0) if self.filled else 0.0

    @property
    def is_text(self) -> bool:
        """Whether the values are text: String, Categorical or Enum."""
        return self.dtype in (pl.String, pl.Categorical, pl.Enum)

    @property
    def holds_integers(self) -> bool:
        """Whether the values are integers, also where a float holds them: pandas has no others."""
        dtype = self.dtype
        return dtype.is_integer() or ((dtype.is_float() or dtype.is_decimal()) and self.is_whole)

    @property
    def is_time(self) -> bool:
        """Whether the values are dates or datetimes."""
        return self.dtype in (pl.Date, pl.Datetime)

    @cached_property
    def unique(self) -> pl.Series:
        """Up to 1,000 distinct values of the sample; text without blanks at the ends."""
        if not self.is_text:
            return self.sample.unique(maintain_order=True).head(_TESTED_DISTINCT)
        text = self.sample.cast(pl.String).str.strip_chars()
        return text.filter(text != "").unique(maintain_order=True).head(_TESTED_DISTINCT)

    @cached_property
    def text(self) -> pl.Series:
        """The distinct values as NFKC text, integers as digits; empty for all other dtypes."""
        if self.is_text:
            frame = self.unique.alias("text").to_frame()
            return frame.select(nfkc(pl.col("text")))["text"]
        if self.holds_integers:
            return self.unique.cast(pl.Int128, strict=False).drop_nulls().cast(pl.String)
        return pl.Series("text", [], dtype=pl.String)

    @cached_property
    def forms(self) -> dict[str, float]:
        """Form → share of the distinct values that have it."""
        if self.text.is_empty():
            return dict.fromkeys(_FORMS, 0.0)
        text = pl.col("text")
        shares = (
            self.text.alias("text")
            .to_frame()
            .select(
                text.str.contains(pattern).mean().alias(form) for form, pattern in _FORMS.items()
            )
        )
        return {form: float(share or 0) for form, share in shares.row(0, named=True).items()}

    @cached_property
    def numbers(self) -> pl.Series:
        """The sample as numbers; empty where it has none."""
        if self.dtype.is_numeric():
            numbers = self.sample.cast(pl.Float64, strict=False)
        elif self.is_text and self.forms["number"] > 0.95:
            plain = self.sample.cast(pl.String).str.strip_chars().str.replace_all(",", "")
            numbers = plain.cast(pl.Float64, strict=False)
        elif self.is_text and self.forms["comma_number"] + self.forms["digits"] > 0.95:
            plain = self.sample.cast(pl.String).str.strip_chars().str.replace_all(r"\.", "")
            numbers = plain.str.replace(",", ".").cast(pl.Float64, strict=False)
        else:
            return pl.Series("numbers", [], dtype=pl.Float64)
        return numbers.filter(numbers.is_finite()).alias("numbers")

    @cached_property
    def is_whole(self) -> bool:
        """Whether there are numbers, and all of them are integers."""
        return not self.numbers.is_empty() and bool((self.numbers == self.numbers.floor()).all())

    @cached_property
    def lengths(self) -> pl.Series:
        """How many characters each of the distinct values has."""
        return self.text.str.len_chars()

    def within(self, low: float, high: float) -> float:
        """The share of the numbers in a range."""
        inside = self.numbers.is_between(low, high)
        return float(inside.mean() or 0) if len(inside) else 0.0  # type: ignore[arg-type]  # (a share)

    def passing(self, test: Callable[[str], bool]) -> float:
        """The share of some distinct values for which a scalar test holds."""
        texts = self.text.head(_SCALAR_TESTED_VALUES).to_list()
        return sum(map(test, texts)) / len(texts) if texts else 0.0

    def listed(self, known: frozenset[str]) -> float:
        """The share of distinct values that a list knows, folded."""
        return float(self.folded.is_in(sorted(known)).mean() or 0) if len(self.folded) else 0.0  # type: ignore[arg-type]  # (a share)

    @cached_property
    def folded(self) -> pl.Series:
        """The distinct texts in capitals without accents and punctuation."""
        frame = self.text.alias("text").to_frame()
        return frame.select(folded(pl.col("text")))["text"]

    @cached_property
    def words(self) -> float:
        """Words per value; two Chinese characters count as one."""
        if self.text.is_empty() or not self.is_text:
            return 0.0
        counts = self.text.str.count_matches(r"[^\s\p{Han}]+|\p{Han}{1,2}")
        return float(counts.mean() or 0)  # type: ignore[arg-type]  # (a number)

    @cached_property
    def phone_region(self) -> tuple[str, float]:
        """The country whose numbering plan knows the most values, and their share."""
        if self.forms["phone_form"] < 0.5:
            return "US", 0.0
        texts = self.text.head(_PHONE_SCREENED_VALUES).to_list()
        hits = {
            region: 1.0 * sum(is_valid(text, region) for text in texts) for region in _PHONE_REGIONS
        }
        for region in _LENIENT_PHONE_REGIONS:
            hits[region] *= 0.8
        best = max(hits, key=lambda region: hits[region])
        return best, self.passing(lambda text: is_valid(text, best))

    @cached_property
    def regions(self) -> dict[str, float]:
        """Country → share of the distinct texts from which its parser reads a region."""
        text = pl.col("text")
        texts = self.text.head(_SCALAR_TESTED_VALUES * 2).alias("text").to_frame()
        if texts.is_empty():
            return {}
        shares = texts.select(
            parser.region(text).is_not_null().mean().alias(code) for code, parser in PARSERS.items()
        )
        return {code: float(share or 0) for code, share in shares.row(0, named=True).items()}

    @cached_property
    def years(self) -> pl.Series:
        """Years of dates, whatever they are written in."""
        if self.is_time:
            return self.sample.dt.year().cast(pl.Float64)
        if self.forms["date"] > 0.6 or self.forms["packed_date"] > 0.8:
            text = self.sample.cast(pl.String)
            return text.str.extract(r"((?:1[89]|20|21)\d\d)").cast(pl.Float64).drop_nulls()
        return pl.Series("years", [], dtype=pl.Float64)

    @cached_property
    def is_binary(self) -> bool:
        """Whether there are no values but 0 and 1."""
        return not self.numbers.is_empty() and bool(self.numbers.is_in([0.0, 1.0]).all())

    @cached_property
    def reaching(self) -> int:
        """How many of some distinct texts hold a phone number, mail, card, account or id."""
        code = ~self.text.str.contains(r"[\p{L}@]") & ~self.text.str.contains(_DIALLED)
        told = self.text.filter(self.text.str.contains(_MAY_REACH) & ~code)
        found = (find(text) for text in told.head(_SCALAR_TESTED_VALUES))
        return sum(any(span.pii_type in _REACHING for span in spans) for spans in found)

    @property
    def has_digits(self) -> bool:
        """Whether more than a few of the texts have digits."""
        return self.forms["has_digit"] > 0.2

    @property
    def is_few(self) -> bool:
        """Whether the values repeat so often that they rather sort things than name them."""
        return self.distinct <= max(12, min(200, self.filled // 20))

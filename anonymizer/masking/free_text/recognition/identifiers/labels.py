"""What only a word tells from other codes: passports, licences, numbers of customers."""

from typing import Final

from anonymizer.masking.free_text.basis.announced.words import HOLDER, number
from anonymizer.masking.free_text.basis.finder import BY_WORD, Finder, Scores
from anonymizer.masking.free_text.recognition.identifiers.states.checks import luhn

_PASSPORT: Final = (
    r"\d{2} ?\d{2},? (?:номер|№|n|no|nr|numer|numero) ?\d{6}|"
    r"(?=(?:[ -]?[0-9A-Za-z]){6})(?=(?:[ -]?[A-Za-z]){0,4}[ -]?\d)(?:[A-Za-z]{1,3}[ "
    r"-]?)?(?=[0-9A-Za-z]*\d)[0-9A-Za-z]{2,10}(?:[ -]?\d{3,7})?(?:[ -]?[A-Z])?"
)
_LICENCE: Final = (
    r"(?=(?:[ ./-]?[0-9A-Za-z*]){5})[A-Za-z]{0,7}[ "
    r"-]?\d[0-9A-Za-z*]*(?:[./-][0-9A-Za-z*]+)*(?: "
    r"(?=[A-Za-z]{0,2}\d)[0-9A-Za-z]+(?:[-/][0-9A-Za-z]+)*)*"
)
_CUSTOMER: Final = (
    r"(?=(?:[ ./#_-]?[0-9A-Za-z]){3})[#]?(?:[A-Za-z]{1,8}[ "
    r"./_-]?)?(?=[0-9A-Za-z]*\d)[0-9A-Za-z]+(?:[./_-][0-9A-Za-z]+|[ ]\d{2,})*"
)
# Nouns of everyday announce it: a year or a count of three digits is none.
_HOLDER: Final = (
    r"(?:\d{1,3}|[IVX]{1,4}) [A-Z][A-Za-z]{0,3} \d{1,6}/\d{2,4}|"  # `12 C 345/23` of a court
    r"(?=(?:[ ./#_-]?[A-Za-z]){0,8}(?:[ ./#_-]?\d){4}|"
    r"(?=[A-Z]*\d[A-Z]*\d)(?=\d*[A-Z])[A-Z0-9]{6,8}(?![0-9A-Za-z])|"
    r"(?=[0-9]{0,9}[A-Za-z])[A-Za-z]{0,8}[ ./_-]?\d[0-9A-Za-z./_-]*\d[0-9A-Za-z./_-]*\d)"
    + _CUSTOMER
)
_PIN: Final = (
    r"(?:[A-Z]-)?\d(?:[ -]?\d){3,7}"
    r"(?!\s?(?:g|kg|mm|cm|m|ml|l|pcs|x|€|eur|usd|stück|szt|kpl)\b|[.,]\d)"
)
# Letters and digits, which is no word that a sentence goes on with.
_SIGN: Final = r"[^\s\"'“”«»„`,;<>()]"
_MIXED: Final = (
    rf"(?={_SIGN}{{0,40}}\d)(?={_SIGN}{{0,40}}[^\W\d_]){_SIGN}{{4,62}}"
    r"[^\s\"'“”«»„`,;<>().!?:。！？，]"
)
_WALLET_VALUE: Final = r"(?=[0-9A-Za-z]*\d)(?=[0-9A-Za-z]*[A-Za-z])[0-9A-Za-z]{25,64}"
_PLATE_FORMS: Final = (
    # GB, FR, IT, ES, NL, DE, PL, FI, SE, PT, BE, BR, IN, TR, AT, CH, IE, DK, NO, AU, US, MX, ZA
    "AA99 AAA | AA99AAA | A999 AAA | A999AAA | AA-999-AA | AA 999 AA | AA999AA |"
    " 9999 AAA | 9999-AAA | 9999AAA | 99-AAA-9 | 9-AAA-99 | AA-999-A | "
    "A-999-AA | 99-AA-99 | AA-99-AA | 99-99-AA | AA-AA-99 | 9-AAA-999 | 9 AAA 999 |"
    " AAA-999 | AAA 999 | AAA999 | AAA 99A | AAA99A | "
    "A-A 999 | A-A 9999 | A-AA 9 | A-AA 99 | A-AA 999 | A-AA 9999 | AA-A 99 |"
    " AA-A 999 | AA-A 9999 | AA-AA 9 | AA-AA 99 | AA-AA 999 | AA-AA 9999 | AAA-A 99 |"
    " AAA-A 999 | AAA-A 9999 | AAA-AA 9 | AAA-AA 99 | AAA-AA 999 | AAA-AA 9999 | "
    "A AA 999 | A AA 9999 | A A 9999 | AA AA 999 | AA AA 9999 | AA A 999 | AA A 9999 |"
    " A-AA999 | A-AA9999 | A-A9999 | AA-AA999 | AAAA9999 | AAAA999 | AA A999 | "
    "AA 99999 | AA 9999A | AA 999AA | AA99999 | AAA 99AA | AAA 9999 | AAA9999 |"
    " AAA-9999 | AAA9A99 | AAA-9A99 | AAA 9A99 | "
    "AA 99 AA 9999 | AA99AA9999 | AA-99-AA-9999 | AA 99 A 9999 | AA99A9999 |"
    " 99 AAA 999 | 99 AA 9999 | 99 A 9999 | 99 AA 999 | 99 AAA 99 | 99AAA999 |"
    " 99AA9999 | A-99999A | A-9999AA | AA-999A | AA-999AA | AA-9999A | "
    "AA 999999 | AA-999999 | AA 99 999 | 999-A-9999 | 99-A-99999 | 999 A 9999 |"
    " AA 99 AAA | AAA-99-99 | 999-AAA | 999 AAA | 9AAA999 | 9AAA 999 | AA 99 AA AA |"
    " AAA 999 AA | AA 99 AA AA | AAA-99A | AAA-999-A | AA 999-999 | A 999 AA 99 |"
    " 999 AAA 99 | 9999 AA 99"
)

_PLATE: Final = (
    r"(?=[0-9A-Z·. -]{4,11}(?![0-9A-Za-z]))(?=[^0-9]{0,8}\d)(?=[^A-Z]{0,8}[A-Z])"
    r"[0-9A-Z]{1,7}(?:[·. -]{1,3}[0-9A-Z]{1,5}){0,3}"
)


def _sim(value: str) -> bool:
    """Whether the number of a SIM card begins as those of telephony do and has its check digit."""
    return value.startswith("89") and luhn(value)


LABELS: Final[tuple[Finder, ...]] = (
    number(
        "passport",
        "passports",
        "",
        None,
        kind="passport",
        scores=BY_WORD,
        common="99 99 999999",
        value=_PASSPORT,
    ),
    number(
        "licence",
        "driving licences",
        "",
        None,
        kind="licence",
        scores=BY_WORD,
        value=_LICENCE,
    ),
    number(
        "customer",
        "numbers of customers",
        "",
        None,
        kind="customer",
        scores=BY_WORD,
        value=_CUSTOMER,
    ),
    number(
        HOLDER,
        "numbers of members, patients, contracts and cases",
        kind="customer",
        scores=BY_WORD,
        value=_HOLDER,
    ),
    number(
        "imei",
        "IMEI numbers",
        "99-999999-999999-9 | 99 999999 999999 9",
        luhn,
        common="999999999999999 | 999999-99-999999-9 | 999999 99 999999 9",
        kind="imei",
        value=r"[0-9A-Fa-f]{2}[0-9A-Fa-f -]{11,26}[0-9A-Fa-f]",
    ),
    number(
        "vin_word",
        "vehicle numbers",
        "",
        None,
        kind="vin",
        scores=BY_WORD,
        value=(
            r"(?=[A-Z0-9 -]*\d)[A-Za-z0-9]{3}[ -]?[A-Za-z0-9]{6}[ -]?[A-Za-z0-9]{8}|"
            r"(?=\w*\d)[A-Z0-9]{11,17}"
        ),
    ),
    number(
        "plate",
        "number plates",
        common=_PLATE_FORMS,
        kind="plate",
        scores=Scores(0.2),
        value=_PLATE,
    ),
    number(
        "plate_near",
        "number plates",
        common=_PLATE_FORMS,
        kind="plate",
        scores=BY_WORD,
        value="(?!)",
    ),
    number(
        "iccid",
        "SIM cards",
        kind="imei",
        check=_sim,
        forms=(
            "9999999999999999999 | 99999999999999999999 | 99 99 9999 9999 9999 9999 9 |"
            " 9999 9999 9999 9999 999"
        ),
        value=r"\d(?:[ -]?\d){17,20}",
    ),
    number("pin", "PINs and codes for once", kind="secret", scores=BY_WORD, value=_PIN),
    number("password", "passwords", kind="secret", scores=BY_WORD, value=_MIXED),
    number("wallet_word", "wallets", "", None, kind="wallet", scores=BY_WORD, value=_WALLET_VALUE),
)

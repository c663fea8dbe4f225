"""Numbers by which the states of the Americas, Asia, Africa and Oceania know people and firms.

Each check takes the value without separators, in capitals, in one of the forms of its row.
"""

import re
from collections.abc import Iterator
from typing import Final

from anonymizer.masking.free_text.basis.announced.words import number
from anonymizer.masking.free_text.basis.finder import (
    BY_WORD,
    STRONG,
    WEAK,
    Finder,
    Scores,
)
from anonymizer.masking.free_text.basis.folding import Span
from anonymizer.masking.free_text.basis.lists import listed
from anonymizer.masking.free_text.recognition.identifiers.states.checks import (
    both,
    complement,
    digits_of,
    dot,
    is_day,
    like,
    luhn,
    verhoeff,
    weighted,
    year_first,
)


def _receita(digits: list[int], count: int) -> int:
    """A check digit of Brazil's Receita Federal: 11 minus the weighted sum, 0 for 10 and 11."""
    weights = [place % 8 + 2 if count > 10 else place + 2 for place in range(count)][::-1]
    rest = dot(weights, digits) % 11
    return 0 if rest < 2 else 11 - rest


def cpf(value: str) -> bool:
    """Whether a Brazilian CPF has both check digits and is not one digit repeated."""
    digits = digits_of(value)
    return len(set(value)) > 1 and digits[9:] == [_receita(digits, 9), _receita(digits, 10)]


def cnpj(value: str) -> bool:
    """Whether a Brazilian CNPJ has both check digits."""
    digits = digits_of(value)
    return any(digits) and digits[12:] == [_receita(digits, 12), _receita(digits, 13)]


_MEXICAN: Final = "0123456789ABCDEFGHIJKLMN&OPQRSTUVWXYZ "


_MEXICAN_STATES: Final = listed(
    "AS BC BS CC CH CL CM CS DF DG GR GT HG JC MC MN MS NE NL NT OC PL QR QT SL SP SR TC TL TS VZ "
    "YN ZS"
)


def curp(value: str) -> bool:
    """Whether a Mexican CURP has a day of birth, a sex and its check digit."""
    total = dot(range(18, 1, -1), map(_MEXICAN.index, value[:17]))
    born = is_day(value[6:8], value[8:10]) and value[11:13] in _MEXICAN_STATES
    return born and value[10] in "HMX" and -total % 10 == int(value[17])


def rfc(value: str) -> bool:
    """Whether a Mexican RFC has a day; the tax office itself gave out wrong check characters."""
    born = re.match(r"[A-Z]{3,4}\d\d(\d\d)(\d\d)", value)
    return born is not None and is_day(born[1], born[2])


def rut(value: str) -> bool:
    """Whether a Chilean RUT has its check character modulo 11."""
    *digits, last = list(value)
    rest = -dot((2, 3, 4, 5, 6, 7) * 2, map(int, reversed(digits))) % 11
    return int("".join(digits)) > 0 and last == "0123456789K"[rest]


def cuit(value: str) -> bool:
    """Whether an Argentine CUIT or CUIL has a known beginning and its check digit."""
    known = value[:2] in {"20", "23", "24", "25", "26", "27", "30", "33", "34", "50", "51", "55"}
    return known and complement((5, 4, 3, 2, 7, 6, 5, 4, 3, 2), 11, low=9)(value)


def nit(value: str) -> bool:
    """Whether a Colombian NIT has its check digit modulo 11."""
    *digits, last = digits_of(value)
    rest = dot((3, 7, 13, 17, 19, 23, 29, 37, 41, 43, 47, 53, 59), reversed(digits)) % 11
    return last == (rest if rest < 2 else 11 - rest)


_MBI: Final = (
    r"[1-9][AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y]\d[AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y]"
    r"\d[AC-HJKMNP-RT-Y]{2}\d\d"
)


def sin(value: str) -> bool:
    """Whether a Canadian insurance number begins as they do and has its check digit."""
    return value[0] not in "08" and luhn(value)


def tfn(value: str) -> bool:
    """Whether an Australian tax file number of eight or nine digits is divided by 11."""
    weights = (1, 4, 3, 7, 5, 8, 6, 9, 10) if len(value) == 9 else (10, 7, 8, 4, 6, 3, 5, 1)
    return weighted(weights, 11)(value)


def _abn(value: str) -> bool:
    digits = digits_of(value)
    return (
        value >= "11"
        and dot((10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19), [digits[0] - 1, *digits[1:]]) % 89 == 0
    )


def medicare(value: str) -> bool:
    """Whether an Australian Medicare number begins as they do and has its check digit."""
    digits = digits_of(value)
    return value[0] in "23456" and dot((1, 3, 7, 9) * 2, digits) % 10 == digits[8]


def aadhaar(value: str) -> bool:
    """Whether an Indian Aadhaar number has Verhoeff's check and does not read both ways."""
    return value[0] in "23456789" and value != value[::-1] and verhoeff(value)


_ALPHANUMERIC: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


_PAN_HOLDERS: Final = "ABCFGHJKLPT"  # persons, firms, trusts …


def _gstin(value: str) -> bool:
    state = int(value[:2])
    if not (1 <= state <= 38 or state in (97, 99)) or value[5] not in _PAN_HOLDERS:
        return False
    total = 0
    for place, char in enumerate(value[:14]):
        product = _ALPHANUMERIC.index(char) * (1 + place % 2)
        total += product // 36 + product % 36
    return _ALPHANUMERIC[-total % 36] == value[14] and value[13] == "Z"


_PROVINCE: Final = r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])"


def resident_id(value: str) -> bool:
    """Whether a Chinese id has a province, a day of birth and its check character (GB 11643)."""
    if len(value) == 15:  # given out until 1999, without a check character
        return re.match(_PROVINCE, value) is not None and is_day(value[8:10], value[10:12])
    if not re.match(_PROVINCE + r"\d{4}(?:19\d|20[0-2])\d", value):
        return False
    total = dot([2 ** (17 - place) % 11 for place in range(17)], map(int, value[:17]))
    return is_day(value[10:12], value[12:14]) and "10X98765432"[total % 11] == value[17]


_USCC: Final = re.compile(
    r"(?<![0-9A-Za-z])[1-9ANY][1-59]\d{6}[0-9A-HJ-NPQRTUWXY]{10}(?![0-9A-Za-z])"
)
_USCC_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def firms(text: str, _region: str) -> Iterator[Span]:
    """Chinese credit codes of firms and traders, with a right check character (GB 32100)."""
    for match in _USCC.finditer(text):
        values = [_USCC_ALPHABET.index(char) for char in match[0]]
        weights = [3**place % 31 for place in range(17)]
        if not match[0].isdigit() and (dot(weights, values) + values[17]) % 31 == 0:
            yield Span(*match.span(), "id", match[0])


def hkid(value: str) -> bool:
    """Whether the digit in brackets of a Hong Kong id is right modulo 11."""
    padded = value.rjust(9)
    values = [36 if char == " " else int(char, 36) for char in padded[:8]]
    last = 10 if padded[8] == "A" else int(padded[8], 36)
    return last <= 10 and (dot(range(9, 1, -1), values) + last) % 11 == 0


def taiwanese(value: str) -> bool:
    """Whether a Taiwanese id, the letter read as two digits, is divided by ten."""
    if value[1] not in "1289":
        return False
    letter = "ABCDEFGHJKLMNPQRSTUVXYWZIO".index(value[0]) + 10
    digits = [letter // 10, letter % 10, *digits_of(value)]
    return dot((1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1), digits) % 10 == 0


def nric(value: str) -> bool:
    """Whether the last letter of a Singaporean NRIC or FIN is right."""
    if value[0] not in "STFGM":
        return False
    offset = {"T": 4, "G": 4, "M": 3}.get(value[0], 0)
    rest = (dot((2, 7, 6, 5, 4, 3, 2), digits_of(value)) + offset) % 11
    return {"F": "XWUTRQPNMLK", "G": "XWUTRQPNMLK", "M": "XWUTRQPNJLK"}.get(
        value[0], "JZIHGFEDCBA"
    )[rest] == value[8]


def _malaysian(value: str) -> bool:
    """Whether a Malaysian number has a day of birth and a place that is given out."""
    return year_first(value) and value[6:8] not in {
        "00",
        "17",
        "18",
        "19",
        "20",
        "69",
        "70",
        "73",
        "80",
        "81",
        "94",
        "95",
        "96",
        "97",
    }


def thai(value: str) -> bool:
    """Whether the last digit of a Thai number is right modulo 11."""
    *digits, last = digits_of(value)
    return value[0] in "12345678" and (11 - dot(range(13, 1, -1), digits) % 11) % 10 == last


def _indonesian(value: str) -> bool:
    day = int(value[6:8])
    return "11" <= value[:2] <= "96" and is_day(value[8:10], f"{day - 40 if day > 40 else day:02d}")


def rrn(value: str) -> bool:
    """Whether a Korean number has a day of birth and a sex (since 2020 no check digit)."""
    return year_first(value) and value[6] != "9"


def my_number(value: str) -> bool:
    """Whether the last digit of a Japanese My Number is right modulo 11."""
    *digits, last = digits_of(value)
    rest = dot((6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2), digits) % 11
    return any(digits) and last == (0 if rest < 2 else 11 - rest)


def south_african(value: str) -> bool:
    """Whether a South African number has a day of birth, a status and its check digit."""
    return year_first(value) and value[10] in "012" and luhn(value)


def _egyptian(value: str) -> bool:
    return value[0] in "23" and is_day(value[3:5], value[5:7]) and 1 <= int(value[7:9]) <= 88


def routing(value: str) -> bool:
    """Whether an American routing number begins as they do and has its check digit."""
    begins = (
        value[:2] <= "12"
        or "21" <= value[:2] <= "32"
        or "61" <= value[:2] <= "72"
        or value[:2] == "80"
    )
    return len(value) == 9 and begins and weighted((3, 7, 1) * 3, 10)(value)


def _doctor(value: str) -> bool:
    """Whether an American NPI has its check digit behind 80840, or a DEA number its own."""
    if value.isdigit():
        return luhn(f"80840{value}")
    return dot((1, 2) * 3, digits_of(value)) % 10 == int(value[8])


WORLD: Final = (
    number("cn_uscc", "Chinese credit codes", "", None, scores=BY_WORD, value=r"[0-9A-Z]{15,18}"),
    number(
        "ae_id",
        "Emirates ids",
        "999-9999-9999999-9 | 999 9999 9999999 9",
        both(like("784.*"), luhn),
        common="999999999999999",
        scores=STRONG,
    ),
    number(
        "ar_cuit",
        "Argentine CUIT or CUIL numbers",
        "99-99999999-9",
        cuit,
        common="99999999999 | 99 99999999 9",
        scores=STRONG,
    ),
    number(
        "au_tfn",
        "Australian tax file numbers",
        "",
        tfn,
        common="999 999 999 | 999999999 | 99999999 | 999-999-999 | 99 999 999",
        scores=WEAK,
    ),
    number(
        "au_medicare",
        "Australian Medicare numbers",
        "9999 99999 9 | 9999 99999 9-9 | 9999 99999 9/9 | 9999 99999 9 9 | 9999-99999-9",
        medicare,
        common="9999999999 | 99999999999",
        scores=Scores(checked=0.55),
    ),
    number("au_abn", "Australian business numbers", "99 999 999 999", _abn, common="99999999999"),
    number(
        "br_cpf",
        "Brazilian CPF numbers",
        "999.999.999-99 | 999 999 999-99 | 999999999-99 | 999.999.999/99",
        cpf,
        common="99999999999 | 999 999 999 99 | 999-999-999-99 | 999.999.999.99",
        scores=STRONG,
    ),
    number(
        "br_cnpj",
        "Brazilian CNPJ numbers",
        "99.999.999/9999-99 | 99999999/9999-99",
        cnpj,
        common="99999999999999",
        scores=STRONG,
    ),
    number(
        "br_rg",
        "Brazilian identity cards",
        "",
        None,
        common="99.999.999-9 | 99.999.999-A | 9.999.999 | 999.99999.99-9",
        scores=BY_WORD,
    ),
    number(
        "ca_sin",
        "Canadian insurance numbers",
        "",
        sin,
        common="999 999 999 | 999-999-999 | 999999999",
        scores=WEAK,
    ),
    number(
        "cl_rut",
        "Chilean RUT numbers",
        "99.999.999-9 | 99.999.999-A | 9.999.999-9 | 9.999.999-A",
        rut,
        common="99999999-9 | 99999999-A | 9999999-9 | 9999999-A | 999999999 | 99999999A",
        scores=STRONG,
    ),
    number(
        "cn_id",
        "Chinese resident ids",
        "999999999999999999 | 99999999999999999A | 999999 99999999 9999 |"
        " 999999 99999999 999A | 999999-99999999-9999 | 999999-99999999-999A",
        resident_id,
        common="999999999999999",
        scores=STRONG,
    ),
    number(
        "co_nit",
        "Colombian numbers",
        "999.999.999-9",
        nit,
        common="999999999-9 | 9.999.999.999 | 99.999.999 | 9999999999",
        scores=Scores(checked=0.8),
    ),
    number("do_cedula", "Dominican numbers", "999-9999999-9", luhn, scores=Scores(checked=0.7)),
    number("eg_id", "Egyptian numbers", "", _egyptian, common="99999999999999", scores=WEAK),
    number(
        "hk_hkid",
        "Hong Kong ids",
        "A999999(9) | A999999(A) | AA999999(9) | AA999999(A) | A999999 (9) |"
        " A999999 (A) | AA999999 (9)",
        hkid,
        common=(
            "A9999999 | A999999A | A999999-9 | AA9999999 | A999999-A | AA999999A |"
            " A999999 9 | A 999999 9"
        ),
        scores=STRONG,
    ),
    number(
        "id_nik",
        "Indonesian numbers",
        "",
        _indonesian,
        common="9999999999999999 | 99.999.999.9-999.999 | 999999 999999 9999",
        scores=WEAK,
    ),
    number(
        "il_id",
        "Israeli numbers",
        "",
        luhn,
        common="999999999 | 99999999-9 | 9 9999999 9",
        scores=WEAK,
    ),
    number(
        "in_aadhaar",
        "Indian Aadhaar numbers",
        "9999 9999 9999 | 9999-9999-9999",
        aadhaar,
        common="999999999999",
        scores=Scores(checked=0.55),
    ),
    number(
        "in_pan", "Indian PAN numbers", "AAAAA9999A", like(r"[A-Z]{3}[ABCFGHJKLPT][A-Z]\d{4}[A-Z]")
    ),
    number(
        "in_voter",
        "Indian voter and health ids",
        "",
        None,
        common="AAA9999999 | 99-9999-9999-9999",
        scores=BY_WORD,
    ),
    number(
        "in_gstin",
        "Indian GST numbers",
        "99AAAAA9999A9AA | 99AAAAA9999A9A9 | 99AAAAA9999AAA9 | 99AAAAA9999AAAA",
        _gstin,
        scores=STRONG,
    ),
    number(
        "jp_my",
        "Japanese My Numbers",
        "",
        my_number,
        common="9999 9999 9999 | 9999-9999-9999 | 999999999999",
        scores=WEAK,
    ),
    number(
        "kr_rrn",
        "Korean resident numbers",
        "999999-9999999",
        rrn,
        common="9999999999999 | 999999 9999999",
        scores=Scores(checked=0.8),
    ),
    number("kr_brn", "Korean firm numbers", "", None, common="999-99-99999", scores=BY_WORD),
    number(
        "lk_nic",
        "Sri Lankan numbers",
        "",
        like(r"\d{2}[0-8]\d{6}[VX]"),
        common="999999999A | 999999999999",
        scores=WEAK,
    ),
    number(
        "mx_curp",
        "Mexican CURP codes",
        "AAAA999999AAAAAA99 | AAAA999999AAAAAAA9",
        curp,
        scores=STRONG,
    ),
    number(
        "mx_rfc",
        "Mexican RFC codes",
        " | ".join(
            f"{head}{gap}999999{gap}{tail}"
            for head in ("AAAA", "AAA")
            for gap in ("", "-")
            for tail in ("999", "A99", "9A9", "99A", "AA9", "A9A", "9AA", "AAA")
        ),
        rfc,
        common="AAAA999999",
    ),
    number(
        "mx_nss",
        "Mexican social security numbers",
        "",
        luhn,
        common="99999999999 | 99 99 99 9999 9",
        scores=WEAK,
    ),
    number(
        "my_nric",
        "Malaysian numbers",
        "999999-99-9999 | 999999 99 9999",
        _malaysian,
        common="999999999999",
        scores=Scores(checked=0.7),
    ),
    number("ng_nin", "Nigerian numbers", "", None, common="99999999999", scores=BY_WORD),
    number(
        "nz_ird",
        "New Zealand numbers",
        "",
        None,
        common="99-999-999 | 999-999-999 | 999 999 999 | AAA9999 | AAA99AA",
        scores=BY_WORD,
    ),
    number("pe_dni", "Peruvian numbers", "", None, common="99999999 | 99999999999", scores=BY_WORD),
    number(
        "ph_id",
        "Philippine numbers",
        "",
        None,
        common="99-9999999-9 | 99-999999999-9 | 999-999-999-999",
        scores=BY_WORD,
    ),
    number(
        "pk_cnic",
        "Pakistani numbers",
        "99999-9999999-9",
        like(r"[1-8]\d{12}"),
        common="9999999999999",
    ),
    number(
        "sa_id", "Saudi numbers", "", both(like("[12].*"), luhn), common="9999999999", scores=WEAK
    ),
    number(
        "sg_nric",
        "Singaporean NRIC or FIN numbers",
        "A9999999A | A 9999999 A | A-9999999-A",
        nric,
        scores=STRONG,
    ),
    number(
        "th_pin",
        "Thai numbers",
        "9-9999-99999-99-9 | 9 9999 99999 99 9",
        thai,
        common="9999999999999",
        scores=STRONG,
    ),
    number("tw_id", "Taiwanese ids", "A999999999", taiwanese, scores=Scores(checked=0.55)),
    number(
        "us_ssn",
        "US social security numbers with hyphens",
        "999-99-9999",
        like(r"(?!000|666|9)\d{3}(?!00)\d\d(?!0000)\d{4}"),
        common="999 99 9999 | 999999999 | 999.99.9999",
        kind="ssn",
        scores=Scores(checked=0.9),
    ),
    number(
        "us_itin",
        "US taxpayer numbers",
        "999-99-9999",
        like(r"9\d\d(?:5\d|6[0-5]|7\d|8[0-8]|9[0-24-9])\d{4}"),
        common="999999999 | 999 99 9999",
        scores=Scores(checked=0.8),
    ),
    number(
        "us_ein", "US employer numbers", "", None, common="99-9999999 | 999999999", scores=BY_WORD
    ),
    number(
        "us_mbi",
        "US Medicare numbers",
        " | ".join(
            f"9A{one}9{gap}A{two}9{gap}AA99"
            for one in "9A"
            for two in "9A"
            for gap in ("-", "", " ")
        ),
        like(_MBI),
        scores=Scores(checked=0.8),
    ),
    number(
        "us_npi",
        "US numbers of doctors",
        "",
        _doctor,
        common="9999999999 | AA9999999",
        scores=WEAK,
    ),
    number(
        "uy_ci",
        "Uruguayan numbers",
        "9.999.999-9",
        weighted((2, 9, 8, 7, 6, 3, 4, 1), 10),
        common="99999999 | 9999999-9",
    ),
    number(
        "ve_ci",
        "Venezuelan numbers",
        "A-99.999.999 | A-99999999-9",
        like(r"[VEJGP]\d{8,9}"),
        common="A-9999999 | A-99999999",
        scores=Scores(checked=0.55),
    ),
    number(
        "vn_id", "Vietnamese numbers", "", None, common="999999999999 | 999999999", scores=BY_WORD
    ),
    number(
        "za_id",
        "South African numbers",
        "9999999999999 | 999999 9999 999 | 999999 9999 99 9 | 999999-9999-999",
        south_african,
        scores=Scores(checked=0.7),
    ),
)

FIRMS: Final = Finder.coded(
    "id", firms, name="cn_firm", gate="[0-9a-z]{18}", sieve=lambda seen: seen.runs(18)
)

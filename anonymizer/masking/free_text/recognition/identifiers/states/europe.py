"""Numbers by which the states of Europe know people and firms.

Each check takes the value without separators, in capitals, in one of the forms of its row. Sources
are the decrees and standards that introduce the numbers; `python-stdnum` agrees, which tests hold.
"""

import re
from typing import Final

from anonymizer.masking.free_text.basis.announced.words import number
from anonymizer.masking.free_text.basis.finder import BY_WORD, STRONG, WEAK, Scores
from anonymizer.masking.free_text.recognition.identifiers.states.checks import (
    both,
    complement,
    day_first,
    digits_of,
    dot,
    either,
    is_day,
    letters_731,
    like,
    luhn,
    mod_11_10,
    part,
    remainder,
    weighted,
)
from anonymizer.masking.primitives.check_digits import luhn_valid


def dni(value: str) -> bool:
    """Whether the letter of a Spanish DNI or NIE is the remainder of 23."""
    if not re.fullmatch(r"[XYZ\d]\d{7}[A-Z]", value):
        return False
    number = int(value[:8].translate(str.maketrans("XYZ", "012")))
    return "TRWAGMYFPDXBNJZSQVHLCKE"[number % 23] == value[8]


def cif(value: str) -> bool:
    """Whether the last character of a Spanish CIF is right: a digit or its letter."""
    if not re.fullmatch(r"[ABCDEFGHJNPQRSUVW]\d{7}[0-9A-J]", value):
        return False
    check = next(digit for digit in range(10) if luhn_valid(f"{value[1:8]}{digit}"))
    return value[8] in f"{check}{'JABCDEFGHI'[check]}"


def _spanish_security(value: str) -> bool:
    """Whether the last two digits are the remainder of 97 (a short second part has no zeros)."""
    second = int(value[2:-2])
    number = int(value[:2]) * (10**7 if second < 10**7 else 10**8) + second
    return 0 < int(value[:2]) < 67 and number % 97 == int(value[-2:])


def nir(value: str) -> bool:
    """Whether a French social security number has the check of 97, and a month and a place."""
    plain = value.replace("2A", "19").replace("2B", "18")
    return (
        re.fullmatch(r"[1-478]\d\d(?:0[1-9]|1[0-2]|[2-46-9]\d|5[0-9])\d{10}", plain) is not None
        and 97 - int(plain[:13]) % 97 == int(plain[13:])
    )  # fmt: skip


_OMOCODIA: Final = "LMNPQRSTUV"
_OMOCODIA_DIGITS: Final = str.maketrans(_OMOCODIA, "0123456789")
_ODD_VALUES: Final = (
    1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23,
)  # fmt: skip


def codice_fiscale(value: str) -> bool:
    """Whether the last letter of an Italian fiscal code is its check (D.M. 23/12/1976)."""
    if not re.fullmatch(
        r"[A-Z]{6}[\dL-NP-V]{2}[A-EHLMPRST][\dL-NP-V]{2}[A-Z][\dL-NP-V]{3}[A-Z]", value
    ):
        return False
    digits = value.translate(_OMOCODIA_DIGITS)
    if int(digits[9:11]) % 40 not in range(1, 32):  # of women 40 more
        return False
    values = [int(char, 36) - (0 if char.isdigit() else 10) for char in value[:15]]
    odd, even = values[::2], values[1::2]
    return chr(65 + (sum(_ODD_VALUES[each] for each in odd) + sum(even)) % 26) == value[15]


def _codice_forms() -> str:
    """With digits, and with letters in place of the last ones, which tell namesakes apart."""
    places, forms = (14, 13, 12, 10, 9, 7, 6), []
    for count in range(len(places) + 1):
        form = list("AAAAAA99A99A999A")
        for place in places[:count]:
            form[place] = "A"
        forms.append("".join(form))
    return "|".join([*forms[:-1], "AAAAAA 99A99 A999A", "AAA AAA 99A99 A999A"])


def steuer_id(value: str) -> bool:
    """Whether eleven digits are a German tax id: of the first ten one stands twice or thrice."""
    counts = sorted(value[:10].count(digit) for digit in set(value[:10]))
    repeated = counts[-1] in (2, 3) and counts[-2] == 1
    return value[0] != "0" and repeated and mod_11_10(value)


def _german_pension(value: str) -> bool:
    """Whether the digits of a German pension number add up: letters count as two digits."""
    digits = digits_of(f"{value[:8]}{ord(value[8]) - 64:02d}{value[9:11]}")
    products = [a * b for a, b in zip((2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1), digits, strict=True)]
    return (
        is_day(value[4:6], f"{int(value[2:4]) % 50 or 1:02d}")
        and sum(number // 10 + number % 10 for number in products) % 10 == int(value[11])
    )  # fmt: skip


def _german_health(value: str) -> bool:
    """Whether the digits of a German health insurance number add up (letter as two digits)."""
    return luhn_valid_from_left(f"{ord(value[0]) - 64:02d}{value[1:]}")


def luhn_valid_from_left(digits: str) -> bool:
    """Whether the last digit is the sum of digits with weights 1, 2, 1, 2 … modulo ten."""
    *some, last = digits_of(digits)
    products = [digit * (1 + place % 2) for place, digit in enumerate(some)]
    return sum(number // 10 + number % 10 for number in products) % 10 == last


def _ahv(value: str) -> bool:
    """Whether a Swiss or Liechtenstein insurance number has the check of EAN-13."""
    digits = digits_of(value)
    return value.startswith("756") and dot((1, 3) * 7, digits) % 10 == 0


def _austrian(value: str) -> bool:
    digits = digits_of(value)
    rest = dot((3, 7, 9, 0, 5, 8, 4, 2, 1, 6), digits) % 11
    return value[0] != "0" and rest == digits[3] and 1 <= int(value[4:6]) <= 31


def nino(value: str) -> bool:
    """Whether the letters of a British insurance number are ones that are given out."""
    return (
        re.fullmatch(r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]", value) is not None
        and value[:2] not in {"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"}
    )  # fmt: skip


def nhs(value: str) -> bool:
    """Whether the last digit of an NHS number is right modulo 11."""
    return weighted((10, 9, 8, 7, 6, 5, 4, 3, 2, 1), 11)(value)


def _utr(value: str) -> bool:
    digits = digits_of(value)
    return "21987654321"[dot((6, 7, 8, 9, 10, 5, 4, 3, 2), digits[1:]) % 11] == value[0]


def _pps(value: str) -> bool:
    """Whether the letter of an Irish PPS number is right modulo 23, with a second letter or not."""
    second = ord(value[8]) - 64 if len(value) == 9 and value[8] not in "WTX" else 0
    total = dot((8, 7, 6, 5, 4, 3, 2), digits_of(value)) + 9 * second
    return value[8:] in ("", *"ABCDEFGHIWTX") and "WABCDEFGHIJKLMNOPQRSTUV"[total % 23] == value[7]


def bsn(value: str) -> bool:
    """Whether nine digits, or eight and a zero in front, pass the Dutch test of eleven."""
    return weighted((9, 8, 7, 6, 5, 4, 3, 2, -1), 11)(value.zfill(9))


def _belgian(value: str) -> bool:
    """Whether the last two digits are 97 minus the remainder, of either century.

    Days that ran out or that nobody knew are counted on; those of foreigners have other months.
    """
    born = int(value[2:4]) % 20 <= 12
    number, check = int(value[:9]), int(value[9:])
    centuries = (0, 2 * 10**9) if value[:2] < "30" else (0,)
    return born and any(97 - (head + number) % 97 == check for head in centuries)


def _portuguese_card(value: str) -> bool:
    total = 0
    for place, char in enumerate(reversed(value)):
        number = int(char, 36) * (1 + place % 2)
        total += number - 9 if place % 2 and number > 9 else number
    return total % 10 == 0


def pesel(value: str) -> bool:
    """Whether a Polish PESEL has a day of birth and its check digit."""
    month = int(value[2:4]) % 20
    return is_day(f"{month:02d}", value[4:6]) and weighted((1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1), 10)(
        value
    )


def regon(value: str) -> bool:
    """Whether a Polish REGON of nine or fourteen digits has its check digits."""
    short = remainder((8, 9, 2, 3, 4, 5, 6, 7), 11, ten=0)(value[:9])
    long = remainder((2, 4, 8, 5, 0, 9, 7, 3, 6, 1, 2, 4, 8), 11, ten=0)(value)
    return short if len(value) == 9 else short and long


def _polish_card(value: str) -> bool:
    values = [int(char, 36) for char in value]
    return dot((7, 3, 1, 9, 7, 3, 1, 7, 3), values) % 10 == 0


def hetu(value: str) -> bool:
    """Whether the last character of a Finnish personal code is the remainder of 31."""
    number = int(value[:6] + value[-4:-1])
    return day_first(value) and "0123456789ABCDEFHJKLMNPRSTUVWXY"[number % 31] == value[-1]


def personnummer(value: str) -> bool:
    """Whether a Swedish personal number has a day of birth (of some 60 more) and a check digit."""
    plain = value[-10:]
    day = int(plain[4:6])
    return (
        value[:-10] in ("", "18", "19", "20")
        and is_day(plain[2:4], f"{day - 60 if day > 60 else day:02d}")
        and luhn_valid(plain)
    )


def fodselsnummer(value: str) -> bool:
    """Whether a Norwegian number has a day of birth and both check digits modulo 11."""
    day, month = int(value[:2]), int(value[2:4])
    born = is_day(f"{month % 40 % 40:02d}", f"{day % 40:02d}")
    # Up to 499 stand those born until 1999, from 900 on those born from 1940 on as well, and
    # between them those born before 1900 and after 1999.
    serial, year = int(value[6:9]), int(value[4:6])
    given_out = not 500 <= serial < 900 or year < 40 or (serial < 750 and year >= 54)
    first = complement((3, 7, 6, 1, 8, 9, 4, 5, 2), 11, low=-1)(value[:10])
    return (
        born
        and given_out
        and first
        and complement((5, 4, 3, 2, 7, 6, 5, 4, 3, 2), 11, low=-1)(value)
    )


def _baltic(value: str) -> bool:
    """Whether an Estonian or Lithuanian code has a day of birth and its check digit."""
    *digits, last = digits_of(value)
    rest = dot((1, 2, 3, 4, 5, 6, 7, 8, 9, 1), digits) % 11
    if rest == 10:
        rest = dot((3, 4, 5, 6, 7, 8, 9, 1, 2, 3), digits) % 11 % 10
    return value[0] in "12345678" and is_day(value[3:5], value[5:7]) and rest == last


def _latvian(value: str) -> bool:
    *digits, last = digits_of(value)
    rest = (1101 - dot((1, 6, 3, 7, 9, 10, 5, 8, 4, 2), digits)) % 11
    return day_first(value) and rest == last


def _birth_number(value: str) -> bool:
    """Whether a Czech or Slovak birth number has a day of birth and is divided by 11."""
    month = int(value[2:4]) % 50
    born = is_day(f"{month - 20 if month > 20 else month:02d}", value[4:6])
    if len(value) == 9:  # until 1953, and not before 1880
        return born and not "53" < value[:2] < "80"
    return born and int(value[:9]) % 11 % 10 == int(value[9])


def _cnp(value: str) -> bool:
    """Whether a Romanian number has a day of birth, a county and its check digit."""
    born = value[0] != "0" and is_day(value[3:5], value[5:7])
    county = int(value[7:9])
    known = 1 <= county <= 52 or county in (70, 80, 81, 82, 83)
    return born and known and remainder((2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9), 11, ten=1)(value)


def _egn(value: str) -> bool:
    month = int(value[2:4])
    month -= 40 if month > 40 else 20 if month > 20 else 0
    return is_day(f"{month:02d}", value[4:6]) and (
        remainder((2, 4, 8, 5, 10, 9, 7, 3, 6), 11, ten=0)(value)
    )


def _afm(value: str) -> bool:
    *digits, last = digits_of(value)
    return any(digits) and dot((256, 128, 64, 32, 16, 8, 4, 2), digits) % 11 % 10 == last


def _jmbg(value: str) -> bool:
    """Whether a number of former Yugoslavia has a day of birth and its check digit."""
    return day_first(value) and complement((7, 6, 5, 4, 3, 2) * 2, 11)(value)


def _tckn(value: str) -> bool:
    """Whether a Turkish identity number or a tax number of ten digits has its check digits."""
    digits = digits_of(value)
    if len(value) == 10:
        return _vkn(digits)
    tenth = (7 * sum(digits[:9:2]) - sum(digits[1:8:2])) % 10
    return value[0] != "0" and digits[9] == tenth and sum(digits[:10]) % 10 == digits[10]


def _vkn(digits: list[int]) -> bool:
    """Whether the last of ten digits is right: each with its place is raised by powers of two."""
    total = 0
    for place, digit in enumerate(digits[:9]):
        shifted = (digit + 9 - place) % 10
        total += (shifted * 2 ** (9 - place) % 9 or 9) if shifted else 0
    return -total % 10 == digits[9]


def _inn(value: str) -> bool:
    """Whether a Russian tax number of ten or twelve digits has its check digits."""
    digits = digits_of(value)

    def right(weights: tuple[int, ...]) -> bool:
        return dot(weights, digits) % 11 % 10 == digits[len(weights)]

    last = (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)
    return right(last[2:]) if len(value) == 10 else right(last[1:]) and right(last)


def _snils(value: str) -> bool:
    rest = dot(range(9, 0, -1), digits_of(value)) % 101 % 100
    return rest == int(value[9:])


def _kennitala(value: str) -> bool:
    return (
        value[9] in "089"
        and is_day(value[2:4], f"{int(value[:2]) % 40:02d}")
        and (complement((3, 2, 7, 6, 5, 4, 3, 2), 11, low=-1)(value[:9]))
    )


def french_vat(value: str) -> bool:
    """Whether the key of a French VAT number fits its firm."""
    key, firm = value[:2], value[2:]
    return luhn(firm) and (not key.isdigit() or (int(firm) * 100 + 12) % 97 == int(key))


def _iva(value: str) -> bool:
    """Whether an Italian VAT number has a firm, its province and its check digit."""
    province = int(value[7:10])
    known = 1 <= province <= 100 or province in (120, 121, 888, 999)
    return int(value[:7]) > 0 and known and luhn(value)


def _nif(value: str) -> bool:
    """Whether a Portuguese tax number of nine, or insurance number of eleven digits is right."""
    if len(value) == 11:
        *digits, last = digits_of(value)
        return (
            value[0] in "12" and 9 - dot((29, 23, 19, 17, 13, 11, 7, 5, 3, 2), digits) % 10 == last
        )
    return value[0] != "0" and complement((9, 8, 7, 6, 5, 4, 3, 2), 11)(value)


def _dutch_vat(value: str) -> bool:
    plain = "".join(str(int(char, 36)) for char in f"NL{value}")
    return value[9] == "B" and (bsn(value[:9]) or int(plain) % 97 == 1)


def _british_vat(value: str) -> bool:
    rest = dot((8, 7, 6, 5, 4, 3, 2, 10, 1), digits_of(value)) % 97
    return rest in (0, 42)


_VAT: Final = {
    "AT": lambda value: value[0] == "U" and _austrian_vat(value[1:]),
    "BE": lambda value: value[0] in "01" and 97 - int(value[:8]) % 97 == int(value[8:]),
    "DE": mod_11_10,
    "DK": weighted((2, 7, 6, 5, 4, 3, 2, 1), 11),
    "EL": _afm,
    "ES": either(dni, cif),
    "FI": complement((7, 9, 10, 5, 8, 4, 2), 11, low=-1),
    "FR": french_vat,
    "GB": _british_vat,
    "IE": _pps,
    "IT": _iva,
    "NL": _dutch_vat,
    "PL": remainder((6, 5, 7, 2, 3, 4, 5, 6, 7), 11),
    "PT": _nif,
    "SE": both(part(luhn, 0, 10), like(r"\d{10}01")),
}


def _austrian_vat(value: str) -> bool:
    *digits, last = digits_of(value)
    total = sum(d if place % 2 == 0 else d // 5 + d * 2 % 10 for place, d in enumerate(digits))
    return (6 - total) % 10 == last


def vat(value: str) -> bool:
    """Whether a VAT number has the check digits of the country in front of it."""
    check = _VAT.get(value[:2])
    try:
        return check is not None and check(value[2:])
    except (ValueError, IndexError):
        return False  # of another country's form


_BY_FORM: Final = Scores(alone=0.6)
EUROPE: Final = (
    number(
        "at_svnr",
        "Austrian insurance numbers",
        "9999 999999 | 9999-999999 | 9999/999999",
        _austrian,
        common="9999999999",
        scores=Scores(checked=0.6),
    ),
    number(
        "be_nn",
        "Belgian national numbers",
        "99.99.99-999.99 | 99.99.99 999 99 | 99 99 99 999 99 | 999999-999-99 | 999999-999.99",
        _belgian,
        common="99999999999",
    ),
    number("bg_egn", "Bulgarian EGN numbers", "", _egn, common="9999999999"),
    number(
        "ch_ahv",
        "Swiss AHV numbers",
        "999.9999.9999.99 | 999 9999 9999 99 | 9999999999999 | 999-9999-9999-99",
        _ahv,
        scores=STRONG,
    ),
    number(
        "ch_uid",
        "Swiss firm numbers",
        "AAA-999.999.999 | AAA999999999 | AAA-999999999 | AAA 999.999.999",
        lambda value: (
            value.startswith("CHE") and complement((5, 4, 3, 2, 7, 6, 5, 4), 11, low=-1)(value)
        ),
        scores=STRONG,
    ),
    number(
        "cz_rc",
        "Czech and Slovak birth numbers",
        "999999/9999 | 999999/999",
        _birth_number,
        common="9999999999 | 999999999",
    ),
    number(
        "de_idnr",
        "German tax ids",
        "99 999 999 999",
        steuer_id,
        common="99999999999 | 999 999 999 99 | 99-999-999-999 | 99/999/999/999",
    ),
    number(
        "de_stnr",
        "German tax numbers",
        "",
        None,
        common="99/999/99999 | 999/999/99999 | 999/9999/9999 | 9999999999999",
        scores=Scores(0.3),
    ),
    number(
        "de_rvnr",
        "German pension numbers",
        "99 999999 A 999 | 99999999A999 | 99 999999 A999 | 99-999999-A-999 | 99 999999A999",
        _german_pension,
    ),
    number(
        "de_kvnr",
        "German health insurance numbers",
        "A999999999 | A999 999 999 | A 999 999 999 | A99999 9999",
        _german_health,
        scores=WEAK,
    ),
    number(
        "de_card",
        "German identity cards",
        "",
        letters_731,
        common="A99AA99A99 | A99A99A999",
        scores=WEAK,
    ),
    number(
        "dk_cpr",
        "Danish CPR numbers",
        "999999-9999",
        day_first,
        common="9999999999 | 999999 9999",
        scores=Scores(checked=0.55),
    ),
    number(
        "ee_ik",
        "Estonian and Lithuanian personal codes",
        "",
        _baltic,
        common="99999999999",
        scores=WEAK,
    ),
    number(
        "es_dni",
        "Spanish DNI or NIE numbers",
        "99999999A | 99999999-A | 99.999.999-A | 99.999.999A | 99.999.999 A |"
        " 99 999 999 A | 99999999 A | 99 999 999-A | "
        "A9999999A | A-9999999-A | A-9999999A | A9999999-A | A 9999999 A |"
        " A-9.999.999-A | A9.999.999A",
        dni,
    ),
    number(
        "es_cif",
        "Spanish firm numbers",
        "",
        cif,
        common="A99999999 | A-99999999 | A9999999A | A-9999999-A | A99.999.999 | A-99.999.999",
        scores=WEAK,
    ),
    number(
        "es_nss",
        "Spanish social security numbers",
        "99/9999999999 | 99 9999999999 | 99/99999999/99 | 99-9999999999 |"
        " 99 99999999 99 | 99-99999999-99 | 99 9999 9999 99",
        _spanish_security,
        common="999999999999",
    ),
    number(
        "eu_vat",
        "VAT numbers",
        "AA999999999 | AA99999999999 | AAA99999999 | AA9999999999 | AA999999999A99 |"
        " AA99999999 | AAA9999999A | AAA99999999 | AA99999999A | AA9999999A |"
        " AA9999999AA | AA999999999999 | "
        "AA 999999999 | AA 999 999 999 | AA 99 999999999 | AAA 99999999 |"
        " AA 9999.999.999 | AA9999.999.999 | AA 999 9999 99 | AA999 9999 99 |"
        " AA 9999 999 999 | AA 999999999A99 | AA 999 99 99 999 | AA 99 999 999 999",
        vat,
        scores=Scores(checked=0.6),
        value=r"[A-Z]{2,3}[ -]?\d[0-9A-Z]*(?:[ .-][0-9A-Z]*\d[0-9A-Z]*){0,5}",
    ),
    number(
        "fi_hetu",
        "Finnish personal codes",
        "999999-9999 | 999999-999A | 999999+9999 | 999999+999A | 999999A9999 | 999999A999A",
        both(hetu, like(r"\d{6}[A-FU-Y]?\d{3}[0-9A-Y]")),
        scores=STRONG,
    ),
    number(
        "fr_nir",
        "French social security numbers",
        "999999999999999 | 9 99 99 99 999 999 99 | 9 99 99 99 999 999-99 |"
        " 9 9999 99999 999 99 | 9999999999999 99 | 9 99 99 9A 999 999 99 |"
        " 999999A99999999 | 9-99-99-99-999-999-99 | 9.99.99.99.999.999.99 |"
        " 9 99 99 99999 999 99 | 9 99 99 99 999 999 - 99 | 9 99 99 99 999 999/99",
        nir,
        common="9 99 99 99 999 999 | 9999999999999",
        scores=STRONG,
    ),
    number(
        "fr_spi",
        "French tax and firm numbers",
        "",
        None,
        common="99 99 999 999 999 | 9999999999999 | 999 999 999 | 999 999 999 99999",
        scores=BY_WORD,
    ),
    number(
        "gb_nino",
        "British national insurance numbers",
        "AA999999A | AA 99 99 99 A | AA 999999 A | AA-99-99-99-A | AA999999 A | AA 99 99 99A",
        nino,
    ),
    number(
        "gb_nhs",
        "NHS numbers",
        "",
        nhs,
        common="999 999 9999 | 9999999999 | 999-999-9999 | 999 9999999",
        scores=WEAK,
    ),
    number(
        "gb_utr",
        "British tax references",
        "",
        _utr,
        common="99999 99999 | 9999999999 | 999 99999 99",
        scores=WEAK,
    ),
    number(
        "gr_amka",
        "Greek social security numbers",
        "",
        both(day_first, luhn),
        common="99999999999",
        scores=WEAK,
    ),
    number("gr_afm", "Greek tax numbers", "", _afm, common="999999999", scores=WEAK),
    number("hr_oib", "Croatian OIB numbers", "", mod_11_10, common="99999999999", scores=WEAK),
    number(
        "hu_taj",
        "Hungarian numbers",
        "",
        None,
        common="999 999 999 | 999-999-999 | 9999999999 | 9-999999-9999",
        scores=BY_WORD,
    ),
    number(
        "ie_pps",
        "Irish PPS numbers",
        "9999999A | 9999999AA | 999 9999 A | 9999999 A",
        _pps,
        scores=Scores(checked=0.5),
    ),
    number(
        "is_kt", "Icelandic numbers", "999999-9999 | 999999 9999", _kennitala, common="9999999999"
    ),
    number(
        "it_cf",
        "Italian fiscal codes",
        _codice_forms(),
        codice_fiscale,
        scores=STRONG,
    ),
    number(
        "it_iva",
        "Italian VAT numbers",
        "",
        _iva,
        common="99999999999",
        scores=WEAK,
    ),
    number("lv_pk", "Latvian personal codes", "999999-99999", _latvian, common="99999999999"),
    number(
        "nl_bsn",
        "Dutch BSN numbers",
        "",
        bsn,
        common=(
            "999999999 | 9999.99.999 | 999 999 999 | 999.999.999 | 999-999-999 |"
            " 9999 99 999 | 99999999"
        ),
        scores=WEAK,
    ),
    number(
        "no_fnr",
        "Norwegian personal numbers",
        "99999999999 | 999999 99999 | 999999-99999",
        fodselsnummer,
    ),
    number(
        "pl_pesel",
        "Polish PESEL numbers",
        "",
        pesel,
        common="99999999999 | 999999-99999 | 999999 99999",
        scores=WEAK,
    ),
    number(
        "pl_nip",
        "Polish tax numbers",
        "999-999-99-99 | 999-99-99-999 | 999 999 99 99",
        remainder((6, 5, 7, 2, 3, 4, 5, 6, 7), 11),
        common="9999999999 | 999 99 99 999",
        scores=Scores(checked=0.55),
    ),
    number(
        "pl_regon",
        "Polish REGON numbers",
        "",
        regon,
        common="999999999 | 99999999999999",
        scores=WEAK,
    ),
    number(
        "pl_card",
        "Polish identity cards",
        "",
        _polish_card,
        common="AAA999999 | AAA 999999 | AAA 999 999",
        scores=WEAK,
    ),
    number(
        "pt_cc",
        "Portuguese citizen cards",
        "99999999 9 AA9 | 999999999AA9 | 99999999 9AA9 | 999999999 AA9",
        _portuguese_card,
        scores=Scores(checked=0.6),
    ),
    number(
        "pt_nif",
        "Portuguese tax and insurance numbers",
        "",
        _nif,
        common="999999999 | 999 999 999 | 99999999999",
        scores=WEAK,
    ),
    number("ro_cnp", "Romanian personal codes", "", _cnp, common="9999999999999", scores=WEAK),
    number(
        "rs_jmbg", "Numbers of former Yugoslavia", "", _jmbg, common="9999999999999", scores=WEAK
    ),
    number(
        "ru_inn",
        "Russian tax numbers",
        "",
        _inn,
        common="9999999999 | 999999999999",
        scores=WEAK,
    ),
    number(
        "ru_snils",
        "Russian insurance numbers",
        "999-999-999 99 | 999-999-999-99 | 999 999 999 99",
        _snils,
        common="99999999999",
    ),
    number(
        "se_pnr",
        "Swedish personal numbers",
        "999999-9999 | 999999+9999 | 99999999-9999 | 999999999999 | 99999999 9999",
        personnummer,
        common="9999999999 | 999999 9999",
        scores=Scores(checked=0.8),
    ),
    number(
        "tr_tckn",
        "Turkish identity numbers",
        "",
        _tckn,
        common="99999999999 | 999 999 999 99 | 9999999999",
        scores=WEAK,
    ),
    number("ua_rnokpp", "Ukrainian tax numbers", "", None, common="9999999999", scores=BY_WORD),
    number("id_number", "numbers of persons", "", None, scores=BY_WORD),
)

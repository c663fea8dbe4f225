"""Numbers by which the states of the Americas, Asia, Africa and Oceania know people and firms.

Each check takes the value without separators, in capitals, in one of the forms of its row.
"""

import re
from typing import Final

from anonymizer.masking.free_text.recognition.finder import (
    BY_WORD,
    STRONG,
    WEAK,
    Finder,
    Scores,
)
from anonymizer.masking.free_text.recognition.identifiers.checks import (
    both,
    complement,
    digits_of,
    dot,
    is_day,
    like,
    luhn,
    mod_11_10,
    part,
    remainder,
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


def curp(value: str) -> bool:
    """Whether a Mexican CURP has a day of birth, a sex and its check digit."""
    total = dot(range(18, 1, -1), map(_MEXICAN.index, value[:17]))
    return is_day(value[6:8], value[8:10]) and value[10] in "HMX" and -total % 10 == int(value[17])


def rfc(value: str) -> bool:
    """Whether a Mexican RFC has a day and its check character."""
    padded = value.rjust(13)
    if not is_day(padded[6:8], padded[8:10]):
        return False
    rest = (11 - dot(range(13, 1, -1), map(_MEXICAN.index, padded[:12])) % 11) % 11
    return "0123456789A"[rest] == value[-1]


def rut(value: str) -> bool:
    """Whether a Chilean RUT has its check character modulo 11."""
    *digits, last = value
    rest = -dot((2, 3, 4, 5, 6, 7) * 2, map(int, reversed(digits))) % 11
    return int("".join(digits)) > 0 and last == "0123456789K"[rest]


def cuit(value: str) -> bool:
    """Whether an Argentine CUIT or CUIL has a known beginning and its check digit."""
    known = value[:2] in {"20", "23", "24", "25", "26", "27", "30", "33", "34"}
    return known and complement((5, 4, 3, 2, 7, 6, 5, 4, 3, 2), 11, low=9)(value)


def nit(value: str) -> bool:
    """Whether a Colombian NIT has its check digit modulo 11."""
    *digits, last = digits_of(value)
    rest = dot((3, 7, 13, 17, 19, 23, 29, 37, 41, 43, 47, 53, 59), reversed(digits)) % 11
    return last == (rest if rest < 2 else 11 - rest)


_MBI: Final = r"[1-9][AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y]\d[AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y]\d[AC-HJKMNP-RT-Y]{2}\d\d"


def sin(value: str) -> bool:
    """Whether a Canadian insurance number begins as they do and has its check digit."""
    return value[0] not in "08" and luhn(value)


def tfn(value: str) -> bool:
    """Whether an Australian tax file number of eight or nine digits is divided by 11."""
    weights = (1, 4, 3, 7, 5, 8, 6, 9, 10) if len(value) == 9 else (10, 7, 8, 4, 6, 3, 5, 1)
    return weighted(weights, 11)(value)


def _abn(value: str) -> bool:
    digits = digits_of(value)
    return dot((10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19), [digits[0] - 1, *digits[1:]]) % 89 == 0


def medicare(value: str) -> bool:
    """Whether an Australian Medicare number begins as they do and has its check digit."""
    digits = digits_of(value)
    return value[0] in "23456" and dot((1, 3, 7, 9) * 2, digits) % 10 == digits[8]


def aadhaar(value: str) -> bool:
    """Whether an Indian Aadhaar number has Verhoeff's check and does not read both ways."""
    return value[0] in "23456789" and value != value[::-1] and verhoeff(value)


_ALPHANUMERIC: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _gstin(value: str) -> bool:
    total = 0
    for place, char in enumerate(value[:14]):
        product = _ALPHANUMERIC.index(char) * (1 + place % 2)
        total += product // 36 + product % 36
    return _ALPHANUMERIC[-total % 36] == value[14] and value[13] == "Z"


_PROVINCE: Final = r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])"


def resident_id(value: str) -> bool:
    """Whether a Chinese id has a province, a day of birth and its check character (GB 11643)."""
    if not re.match(_PROVINCE + r"\d{4}(?:19\d|20[0-2])\d", value):
        return False
    total = dot([2 ** (17 - place) % 11 for place in range(17)], map(int, value[:17]))
    return is_day(value[10:12], value[12:14]) and "10X98765432"[total % 11] == value[17]


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
    return {"F": "XWUTRQPNMLK", "G": "XWUTRQPNMLK", "M": "XWUTRQPNJLK"}.get(value[0], "JZIHGFEDCBA")[rest] == value[8]


def _malaysian(value: str) -> bool:
    """Whether a Malaysian number has a day of birth and a place that is given out."""
    return year_first(value) and value[6:8] not in {"00", "17", "18", "19", "20", "69", "70", "73", "80", "81", "94", "95", "96", "97"}


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
    begins = value[:2] <= "12" or "21" <= value[:2] <= "32" or "61" <= value[:2] <= "72" or value[:2] == "80"
    return begins and weighted((3, 7, 1) * 3, 10)(value)


WORLD: Final = (
    Finder.number("ae_id", "Emirates ids", "999-9999-9999999-9 | 999 9999 9999999 9", both(like("784.*"), luhn), "emirates id, eid", common="999999999999999", scores=STRONG),
    Finder.number("ar_cuit", "Argentine CUIT or CUIL numbers", "99-99999999-9", cuit, "cuit, cuil, c.u.i.t., c.u.i.l.", common="99999999999 | 99 99999999 9", scores=STRONG),
    Finder.number("au_tfn", "Australian tax file numbers", "", tfn, "tfn, tax file number, tax file no, tax file", common="999 999 999 | 999999999 | 99999999 | 999-999-999 | 99 999 999", scores=WEAK),
    Finder.number("au_medicare", "Australian Medicare numbers", "9999 99999 9 | 9999 99999 9-9 | 9999 99999 9/9 | 9999 99999 9 9 | 9999-99999-9", medicare, "medicare*, medicare number, medicare card, irn", common="9999999999 | 99999999999", scores=Scores(checked=0.55)),
    Finder.number("au_abn", "Australian business numbers", "99 999 999 999", _abn, "abn", common="99999999999"),
    Finder.number("br_cpf", "Brazilian CPF numbers", "999.999.999-99 | 999 999 999-99 | 999999999-99 | 999.999.999/99", cpf, "cpf, c.p.f., cpf mf, cadastro de pessoa fisica, cpf/mf", common="99999999999 | 999 999 999 99 | 999-999-999-99 | 999.999.999.99", scores=STRONG),
    Finder.number("br_cnpj", "Brazilian CNPJ numbers", "99.999.999/9999-99 | 99999999/9999-99", cnpj, "cnpj", common="99999999999999", scores=STRONG),
    Finder.number("br_rg", "Brazilian identity cards", "", None, "rg, r.g., registro geral, identidade, cartao sus, cns, titulo de eleitor, pis, pasep, nis, ctps", common="99.999.999-9 | 99.999.999-A | 9.999.999 | 999.99999.99-9", scores=BY_WORD),
    Finder.number("ca_sin", "Canadian insurance numbers", "", sin, "sin, s.i.n., social insurance number, social insurance no, nas, numero d assurance sociale, assurance sociale, health card, ohip, carte sante, phn, bc phn, ramq", common="999 999 999 | 999-999-999 | 999999999", scores=WEAK),
    Finder.number("cl_rut", "Chilean RUT numbers", "99.999.999-9 | 99.999.999-A | 9.999.999-9 | 9.999.999-A", rut, "rut, r.u.t., run, rol unico tributario", common="99999999-9 | 99999999-A | 9999999-9 | 9999999-A | 999999999 | 99999999A", scores=STRONG),
    Finder.number("cn_id", "Chinese resident ids", "999999999999999999 | 99999999999999999A | 999999 99999999 9999 | 999999 99999999 999A | 999999-99999999-9999 | 999999-99999999-999A", resident_id, "身份证号, 身份证号码, 身份证, 公民身份号码, chinese id, resident id*", common="999999999999999", scores=STRONG),
    Finder.number("co_nit", "Colombian numbers", "999.999.999-9", nit, "nit, cedula de ciudadania, cedula, c.c., cc, tarjeta de identidad", common="999999999-9 | 9.999.999.999 | 99.999.999 | 9999999999", scores=Scores(checked=0.8)),
    Finder.number("do_cedula", "Dominican numbers", "999-9999999-9", luhn, "cedula", scores=Scores(checked=0.7)),
    Finder.number("eg_id", "Egyptian numbers", "", _egyptian, "national id, الرقم القومي, رقم قومي", common="99999999999999", scores=WEAK),
    Finder.number("hk_hkid", "Hong Kong ids", "A999999(9) | A999999(A) | AA999999(9) | AA999999(A) | A999999 (9) | A999999 (A) | AA999999 (9)", hkid, "hkid, hk id, hkid no, hong kong id*, h.k.i.d., 香港身份證, 香港身份证", common="A9999999 | A999999A | A999999-9 | AA9999999 | A999999-A | AA999999A | A999999 9 | A 999999 9", scores=STRONG),
    Finder.number("id_nik", "Indonesian numbers", "", _indonesian, "nik, ktp, no ktp, nomor induk kependudukan, npwp, kartu keluarga, bpjs", common="9999999999999999 | 99.999.999.9-999.999 | 999999 999999 9999", scores=WEAK),
    Finder.number("il_id", "Israeli numbers", "", luhn, "teudat zehut, ת.ז., ת\"ז, תעודת זהות, מספר זהות, israeli id", common="999999999 | 99999999-9 | 9 9999999 9", scores=WEAK),
    Finder.number("in_aadhaar", "Indian Aadhaar numbers", "9999 9999 9999 | 9999-9999-9999", aadhaar, "aadhaar*, aadhar*, adhar*, uidai, uid no, आधार*, आधार", common="999999999999", scores=Scores(checked=0.55)),
    Finder.number("in_pan", "Indian PAN numbers", "AAAAA9999A", like(r"[A-Z]{3}[ABCFGHJLPT][A-Z]\d{4}[A-Z]"), "pan, pan card, pan no, pan number, permanent account number, पैन"),
    Finder.number("in_voter", "Indian voter and health ids", "", None, "voter id*, epic, epic no, abha, abha id, ration card, uan, esic", common="AAA9999999 | 99-9999-9999-9999", scores=BY_WORD),
    Finder.number("in_gstin", "Indian GST numbers", "99AAAAA9999A9AA | 99AAAAA9999A9A9 | 99AAAAA9999AAA9 | 99AAAAA9999AAAA", _gstin, "gstin, gst, gst no", scores=STRONG),
    Finder.number("jp_my", "Japanese My Numbers", "", my_number, "マイナンバー, 個人番号", common="9999 9999 9999 | 9999-9999-9999 | 999999999999", scores=WEAK),
    Finder.number("kr_rrn", "Korean resident numbers", "999999-9999999", rrn, "주민등록번호, 주민번호, 외국인등록번호, rrn, resident registration", common="9999999999999 | 999999 9999999", scores=Scores(checked=0.8)),
    Finder.number("kr_brn", "Korean firm numbers", "", None, "사업자등록번호", common="999-99-99999", scores=BY_WORD),
    Finder.number("lk_nic", "Sri Lankan numbers", "", like(r"\d{2}[0-8]\d{6}[VX]"), "nic, nic no", common="999999999A | 999999999999", scores=WEAK),
    Finder.number("mx_curp", "Mexican CURP codes", "AAAA999999AAAAAA99 | AAAA999999AAAAAAA9", curp, "curp, c.u.r.p., clave unica de registro", scores=STRONG),
    Finder.number("mx_rfc", "Mexican RFC codes", " | ".join(f"{head}{gap}999999{gap}{tail}" for head in ("AAAA", "AAA") for gap in ("", "-") for tail in ("999", "A99", "9A9", "99A", "AA9", "A9A", "9AA", "AAA")), rfc, "rfc, r.f.c., registro federal de contribuyentes", common="AAAA999999"),
    Finder.number("mx_nss", "Mexican social security numbers", "", luhn, "nss, imss, numero de seguridad social, issste, ine, clave de elector, credencial de elector", common="99999999999 | 99 99 99 9999 9", scores=WEAK),
    Finder.number("my_nric", "Malaysian numbers", "999999-99-9999 | 999999 99 9999", _malaysian, "nric, mykad, ic no, ic number, i/c, no kp, kad pengenalan, no ic", common="999999999999", scores=Scores(checked=0.7)),
    Finder.number("ng_nin", "Nigerian numbers", "", None, "nin, national identification number, bvn, bank verification number", common="99999999999", scores=BY_WORD),
    Finder.number("nz_ird", "New Zealand numbers", "", None, "ird, ird number, ird no, nhi, nhi number", common="99-999-999 | 999-999-999 | 999 999 999 | AAA9999 | AAA99AA", scores=BY_WORD),
    Finder.number("pe_dni", "Peruvian numbers", "", None, "ruc, dni, carnet de extranjeria", common="99999999 | 99999999999", scores=BY_WORD),
    Finder.number("ph_id", "Philippine numbers", "", None, "sss, sss no, philhealth, umid, pag ibig, tin", common="99-9999999-9 | 99-999999999-9 | 999-999-999-999", scores=BY_WORD),
    Finder.number("pk_cnic", "Pakistani numbers", "99999-9999999-9", like(r"[1-8]\d{12}"), "cnic, nicop", common="9999999999999"),
    Finder.number("sa_id", "Saudi numbers", "", both(like("[12].*"), luhn), "iqama*, national id, رقم الهوية, الهوية الوطنية, الإقامة", common="9999999999", scores=WEAK),
    Finder.number("sg_nric", "Singaporean NRIC or FIN numbers", "A9999999A | A 9999999 A | A-9999999-A", nric, "nric, fin, nric no, nric/fin, singpass", scores=STRONG),
    Finder.number("th_pin", "Thai numbers", "9-9999-99999-99-9 | 9 9999 99999 99 9", thai, "thai id, เลขประจำตัวประชาชน, บัตรประชาชน, เลขบัตรประชาชน", common="9999999999999", scores=STRONG),
    Finder.number("tw_id", "Taiwanese ids", "A999999999", taiwanese, "身分證字號, 身分證, 身份證字號, 統一證號, 居留證, taiwan id", scores=Scores(checked=0.55)),
    Finder.number("us_ssn", "US social security numbers with hyphens", "999-99-9999", like(r"(?!000|666|9)\d{3}(?!00)\d\d(?!0000)\d{4}"), "ssn, s.s.n., social security*, social security number, social security no, social sec*, soc sec*, ss number, ss no", common="999 99 9999 | 999999999 | 999.99.9999", kind="ssn", scores=Scores(checked=0.9)),
    Finder.number("us_itin", "US taxpayer numbers", "999-99-9999", like(r"9\d\d(?:5\d|6[0-5]|7\d|8[0-8]|9[0-24-9])\d{4}"), "itin, i.t.i.n., atin, individual taxpayer*", common="999999999 | 999 99 9999", scores=Scores(checked=0.8)),
    Finder.number("us_ein", "US employer numbers", "", None, "ein, fein, employer identification*, employer id", common="99-9999999 | 999999999", scores=BY_WORD),
    Finder.number("us_mbi", "US Medicare numbers", " | ".join(f"9A{one}9{gap}A{two}9{gap}AA99" for one in "9A" for two in "9A" for gap in ("-", "", " ")), like(_MBI), "mbi, medicare beneficiary*, medicare id, hicn, medicaid*, medicaid id", scores=Scores(checked=0.8)),
    Finder.number("us_npi", "US numbers of doctors", "", lambda value: luhn(f"80840{value}"), "npi, national provider*, dea, dea number, dea no", common="9999999999 | AA9999999", scores=WEAK),
    Finder.number("uy_ci", "Uruguayan numbers", "9.999.999-9", weighted((2, 9, 8, 7, 6, 3, 4, 1), 10), "cedula de identidad, c.i., ci", common="99999999 | 9999999-9"),
    Finder.number("ve_ci", "Venezuelan numbers", "A-99.999.999 | A-99999999-9", like(r"[VEJGP]\d{8,9}"), "cedula, rif, c.i.", common="A-9999999 | A-99999999", scores=Scores(checked=0.55)),
    Finder.number("vn_id", "Vietnamese numbers", "", None, "cccd, cmnd, so cccd, so cmnd, can cuoc*, chung minh*", common="999999999999 | 999999999", scores=BY_WORD),
    Finder.number("za_id", "South African numbers", "9999999999999 | 999999 9999 999 | 999999 9999 99 9 | 999999-9999-999", south_african, "sa id, rsa id, south african id, id nommer, sars", scores=Scores(checked=0.7)),
)

"""Made-up numbers, addresses and secrets as people write them, valid by python-stdnum.

Secrets have the prefix by which a real one is known and a random body.
"""

import random
import re
import string
from collections.abc import Callable, Mapping
from hashlib import sha256
from importlib import import_module
from typing import Any, NamedTuple

from stdnum import iban as ibans
from stdnum import imei, luhn
from stdnum.ar import cuit
from stdnum.au import tfn
from stdnum.br import cnpj, cpf
from stdnum.ca import sin
from stdnum.ch import ssn as ahv
from stdnum.cl import rut
from stdnum.cn import ric, uscc
from stdnum.de import idnr
from stdnum.es import nie
from stdnum.es import nif as spanish
from stdnum.fi import hetu
from stdnum.fr import nir, siret
from stdnum.gb import nhs, utr
from stdnum.in_ import aadhaar
from stdnum.it import codicefiscale, iva
from stdnum.mx import curp
from stdnum.nl import bsn
from stdnum.pl import nip, pesel, regon
from stdnum.pt import nif
from stdnum.se import personnummer
from stdnum.us import rtn

Valid = Callable[[str], bool]
ALPHABETS = {
    "#": string.digits,
    "@": string.ascii_uppercase,
    "&": string.ascii_lowercase,
    "?": string.ascii_uppercase + string.digits,
    "%": string.hexdigits[:16],
    "*": string.ascii_letters + string.digits,
    "~": "CFGHJKLMNPRTVWXYZ0123456789",  # German cards and passports: no vowels
}


def drawn(pattern: str, draw: random.Random) -> str:
    """The pattern with its signs of `ALPHABETS` drawn; `{date}` is yymmdd, a backslash quotes."""
    day = f"{draw.randint(40, 99)}{draw.randint(1, 12):02}{draw.randint(1, 28):02}"
    pattern = pattern.replace("{date}", day)
    pattern = pattern.replace("{yearday}", f"19{day}")
    pattern = pattern.replace("{dayfirst}", f"{day[4:]}{day[2:4]}{day[:2]}")

    def one(match: re.Match[str]) -> str:
        sign = match[0]
        return sign[1:] or draw.choice(ALPHABETS[sign])

    return re.sub(r"\\.|[#@&?%*~]", one, pattern)


def laid_out(form: str, signs: str) -> str:
    """The signs at the places of `_` in the form; all of them where it has none."""
    rest = iter(signs)
    return re.sub("_", lambda _: next(rest), form) if "_" in form else signs


class Kind(NamedTuple):
    """How values of one kind are drawn and written.

    `bare` values are known by their form alone; others need a word before them. `checked` values
    have check digits, and are also written with wrong ones after their word.
    """

    group: str
    patterns: tuple[str, ...]
    forms: tuple[str, ...] = ("",)
    valid: Valid | None = None
    bare: bool = False

    def value(self, draw: random.Random, *, wrong: bool = False) -> str:
        """A value, or one with a wrong last check digit."""
        valid = self.valid or (lambda _: True)
        pattern = draw.choice(self.patterns)
        while not valid(signs := drawn(pattern, draw)):
            pass
        while wrong and valid(signs):
            likely = string.digits if signs[-1].isdigit() else string.ascii_uppercase
            signs = signs[:-1] + draw.choice(likely)
        return laid_out(draw.choice(self.forms), signs)


def national(*patterns: str, forms: tuple[str, ...] = ("",), valid: Valid | None = None) -> Kind:
    """A national or bank number that needs a word before it."""
    return Kind("national", patterns, forms, valid)


def telling(*patterns: str, forms: tuple[str, ...] = ("",), valid: Valid | None = None) -> Kind:
    """A national or bank number whose form is known without a word."""
    return Kind("national", patterns, forms, valid, bare=True)


def other(*patterns: str, bare: bool = False) -> Kind:
    """An identifier of another kind."""
    return Kind("other", patterns, bare=bare)


def described(entry: Mapping[str, Any]) -> Kind:
    """A kind that a file of templates describes; `valid` is the name of a module of stdnum."""
    valid = import_module(f"stdnum.{entry['valid']}").is_valid if "valid" in entry else None
    forms = tuple(entry.get("forms", ("",)))
    return Kind(entry["group"], tuple(entry["patterns"]), forms, valid)


def hong_kong(signs: str) -> bool:
    """The check digit of a Hong Kong identity card, eight places with a blank before the letter."""
    weighed = sum(w * int(c, 36) for w, c in zip(range(8, 1, -1), signs[:7], strict=True))
    digit = (-(9 * 36 + weighed)) % 11
    return signs[7:] == ("A" if digit == 10 else str(digit))


# Signs after the check digits. Some countries have inner ones: what is invalid is drawn anew.
IBANS = {
    "de": ("DE", "##################"),
    "fr": ("FR", "#######################"),
    "es": ("ES", "####################"),
    "it": ("IT", "@######################"),
    "nl": ("NL", "INGB##########"),
    "pt": ("PT", "#####################"),
    "fi": ("FI", "##############"),
    "pl": ("PL", "########################"),
    "en": ("GB", "BARC##############"),
    "zh": ("CH", "#################"),
}


def iban(language: str, draw: random.Random, *, wrong: bool) -> str:
    """An IBAN of the language's country, in groups, in one or with hyphens."""
    country, pattern = IBANS[language]
    while True:
        body = drawn(pattern, draw)
        signs = f"{country}{ibans.calc_check_digits(f'{country}00{body}')}{body}"
        if ibans.is_valid(signs):
            break
    if wrong:
        signs = f"{country}{(int(signs[2:4]) + draw.randint(1, 50)) % 97:02}{body}"
    groups = re.findall(".{1,4}", signs)
    return draw.choice([signs, " ".join(groups), " ".join(groups), "-".join(groups)])


PASSPORTS = {
    "en": ("#########", "@########"),
    "de": ("C~~~~~~~#", "C\\0\\1~~~~~#"),
    "fr": ("##@@#####",),
    "es": ("@@@######", "@@######"),
    "it": ("Y@#######", "YB #######"),
    "nl": ("N@?@####@", "NW@#@#@##"),
    "pt": ("C@######", "@@######", "P######"),
    "fi": ("F@#######", "P@#######"),
    "pl": ("E@#######", "ZS#######", "E@ #######"),
    "zh": ("E########", "E@#######", "G########"),
}
CARDS = {
    "de": ("L~~~~~~~##", "T########"),
    "fr": ("############",),
    "it": ("C@#####@@", "AX#######"),
    "pl": ("@@@######", "@@@ ######"),
    "pt": ("########", "######## # ZZ#"),
    "nl": ("S@?@####@",),
}
LICENCES = {
    "en": ("@#######", "@@@@@######@@#@@", "@###-####-####"),
    "de": ("B###@@#@#@#", "@#?#?@@##@#"),
    "fr": ("############", "##AA#####"),
    "it": ("U1@######@", "@@#######@"),
    "nl": ("5#########", "3#########"),
    "pl": ("#####/##/####",),
    "pt": ("###########", "P-####### #"),
    "fi": ("##@@####", "########"),
    "zh": ("3101########", "4403########"),
}
PLATES = {
    "en": ("@@6# @@@", "@@1#@@@", "#@@@###", "@@@-####"),
    "de": ("B-@@ ####", "M @@ ###", "HH-@@###", "KA @ ####E"),
    "fr": ("@@-###-@@", "@@ ### @@", "### @@@ 75"),
    "es": ("####-BCD", "#### FGH", "####JKL"),
    "it": ("@@###@@", "@@ ### @@", "@@-###-@@"),
    "nl": ("@@-###-@", "##-@@@-#", "@-###-@@"),
    "pt": ("AA-##-@@", "##-@@-##", "ABC#D##", "@@@-####"),
    "fi": ("@@@-###", "@@-###", "@@@ ###"),
    "pl": ("WA #####", "KR #@@##", "PO#@@##", "GD ####@"),
    "zh": ("京A#####", "沪B·#####", "粤B#####", "浙A D#####"),
}
ACCOUNTS = {
    "en": ("########", "##########", "####-####-##", "00########"),
    "de": ("##########", "#######", "### ### ###"),
    "fr": ("###########", "#####@#####"),
    "es": ("####-####-##-##########", "##########"),
    "it": ("############", "@@##########"),
    "nl": ("#########", "##.##.##.###"),
    "pt": ("#####-#", "########", "###########-#"),
    "fi": ("######-########", "######-######"),
    "pl": ("##########", "## #### #### #### #### #### ####"),
    "zh": ("6222###############", "6217 #### #### #### ###", "###############"),
}
PHONES = {
    "en": (
        "+44 7### ######",
        "020 7946 0###",
        "(415) 555-01##",
        "+1 212-555-01##",
        "07### ### ###",
    ),
    "de": (
        "+49 170 #######",
        "030/########",
        "0151-########",
        "0049 89 #######",
        "(040) ### ## ##",
    ),
    "fr": ("06 ## ## ## ##", "+33 6 ## ## ## ##", "01.##.##.##.##", "06########"),
    "es": ("+34 6## ### ###", "6## ## ## ##", "91 ### ## ##", "6########"),
    "it": ("+39 347 #######", "347 ### ####", "06 ########", "02-########"),
    "nl": ("06-########", "+31 6 ########", "020-### ####", "06 ## ## ## ##"),
    "pt": ("+351 91# ### ###", "91# ### ###", "(11) 9####-####", "+55 21 9####-####"),
    "fi": ("040 ### ####", "+358 50 ### ####", "050-#######", "09 ### ####"),
    "pl": ("+48 6## ### ###", "6## ### ###", "(22) ### ## ##", "5##-###-###"),
    "zh": ("138########", "+86 139 #### ####", "010-########", "186-####-####"),
}
SECRETS = (
    "AKIA????????????????",
    "ghp_************************************",
    "sk_live_************************",
    "xoxb-############-############-************************",
    "AIza***********************************",
    "glpat-********************",
    "sk-proj-****************************************",
    "npm_************************************",
    "SG.**********************.*******************************************",
    "eyJhbGciOiJIUzI1NiJ9.eyJ********************.*******************************************",
    "hf_**********************************",
)
PASSWORDS = ("&&&&&&-&&&&##", "@&&&&&##!", "*********", "@&&&####\\#", "&&&&&&&&&&", "@&&&&&&&&")

MAIL_NAMES = ("lena.brook", "t.okafor", "mirka82", "j_delgado", "info.paulsen", "huanli")
HOSTS = ("mailbox", "kanzlei-nord", "uni-west", "shopwerk", "telefonica-sur")
HANDLES = ("@lena_brook", "@tokafor82", "@MirkaPaints", "@j.delgado.foto", "@huan_li_")


BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def bitcoin(draw: random.Random) -> str:
    """A Bitcoin address of the old form with its check sum."""
    payload = bytes([draw.choice([0, 5]), *draw.randbytes(20)])
    payload += sha256(sha256(payload).digest()).digest()[:4]
    rest, signs = int.from_bytes(payload), ""
    while rest:
        rest, sign = divmod(rest, 58)
        signs = BASE58[sign] + signs
    return "1" * (len(payload) - len(payload.lstrip(b"\0"))) + signs


def segwit(draw: random.Random) -> str:
    """A Bitcoin address of the new form with its check sum (BIP 173)."""
    data = [0, *draw.choices(range(32), k=31), draw.choice([0, 16])]
    check = 1
    for each in [3, 3, 0, 2, 3, *data, *[0] * 6]:
        top, check = check >> 25, (check & 0x1FFFFFF) << 5 ^ each
        for i, factor in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            check ^= factor if top >> i & 1 else 0
    ends = [(check ^ 1) >> 5 * (5 - i) & 31 for i in range(6)]
    return "bc1" + "".join(BECH32[each] for each in data + ends)


def wallet(draw: random.Random) -> str:
    """An address of Bitcoin or Ethereum."""
    return draw.choice([bitcoin(draw), segwit(draw), drawn("0x" + "%" * 40, draw)])


def mail(draw: random.Random, pattern: str) -> str:
    """An address in the pattern: `{n}` the name before the at-sign, `{h}` the host's name."""
    return pattern.format(n=draw.choice(MAIL_NAMES), h=draw.choice(HOSTS))


def coordinates(draw: random.Random) -> str:
    """A place on the globe, in decimal degrees or minutes."""
    north, east = draw.uniform(36, 60), draw.uniform(0.5, 29)
    minutes = f"{int(north)}°{draw.randint(10, 59)}'{draw.randint(10, 59)}\"N"
    return draw.choice(
        [
            f"{north:.5f}, {east:.5f}",
            f"{north:.6f},{east:.6f}",
            f"{north:.4f}° N, {east:.4f}° E",
            f"{minutes} {int(east)}°{draw.randint(10, 59)}'{draw.randint(10, 59)}\"E",
        ]
    )


def address6(draw: random.Random) -> str:
    """An IPv6 address, in full or shortened."""
    full = ":".join(drawn("%%%%", draw).lower() for _ in range(8))
    return draw.choice(
        [full, drawn("2001:db8:%%%%::%%", draw), drawn("fe80::%%%%:%%%%:%%%%", draw)]
    )


def uuid(draw: random.Random) -> str:
    """A random UUID in small or capital letters."""
    plain = drawn("%%%%%%%%-%%%%-4%%%-a%%%-%%%%%%%%%%%%", draw)
    return draw.choice([plain, plain.upper()])


def vehicle(draw: random.Random) -> str:
    """A vehicle identification number with its check digit (49 CFR 565.15)."""
    letters = "ABCDEFGHJKLMNPRSTUVWXYZ"
    worth = dict(
        zip(letters, (1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, *range(2, 10)), strict=True)
    )
    signs = draw.choice(["WVW", "1HG", "VF1", "YV1", "ZFA"])
    signs += "".join(draw.choices(letters + string.digits, k=8)) + drawn("######", draw)
    weights = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
    rest = sum(
        w * worth.get(c, 0) if c.isalpha() else w * int(c)
        for w, c in zip(weights, signs, strict=True)
    )
    return f"{signs[:8]}{'X' if rest % 11 == 10 else rest % 11}{signs[9:]}"


KINDS: Mapping[str, Kind] = {
    # national and bank numbers
    "dni": telling("########@", forms=("", "________-_", "__.___.___-_"), valid=spanish.is_valid),
    "nie": telling("X#######@", "Y#######@", forms=("", "_-_______-_"), valid=nie.is_valid),
    "nir": telling(
        "1##0#75######" + "##",
        "2##0#69######" + "##",
        forms=("", "_ __ __ __ ___ ___ __", "_____________ __"),
        valid=nir.is_valid,
    ),
    "siret": national("##############", forms=("", "___ ___ ___ _____"), valid=siret.is_valid),
    "codice_fiscale": telling(
        "@@@@@@##A##@###@",
        "@@@@@@##T##@###@",
        valid=codicefiscale.is_valid,
        forms=("", "___ ___ _____ _____"),
    ),
    "partita_iva": national("###########", "IT###########", valid=iva.is_valid),
    "steuer_id": national("###########", forms=("", "__ ___ ___ ___"), valid=idnr.is_valid),
    "health_de": national("@#########"),
    "pension_de": national("##{dayfirst}@###", forms=("", "__ ______ _ ___")),
    "ahv": telling("756##########", forms=("", "___.____.____.__"), valid=ahv.is_valid),
    "nino": telling("AB######A", "JM######C", "PX######D", forms=("", "__ __ __ __ _")),
    "nhs": national("##########", forms=("", "___ ___ ____", "___-___-____"), valid=nhs.is_valid),
    "utr": national("##########", forms=("", "_____ _____"), valid=utr.is_valid),
    "pan": telling("@@@P@####@", "@@@C@####@"),
    "aadhaar": national("############", forms=("", "____ ____ ____"), valid=aadhaar.is_valid),
    "cpf": telling("###########", forms=("___.___.___-__",), valid=cpf.is_valid),
    "cpf_digits": national("###########", valid=cpf.is_valid),
    "cnpj": telling("########0001##", forms=("__.___.___/____-__",), valid=cnpj.is_valid),
    "nif_pt": national("2########", forms=("", "___ ___ ___"), valid=nif.is_valid),
    "personnummer": telling("{date}####", forms=("______-____",), valid=personnummer.is_valid),
    "hetu": telling("{dayfirst}-###?", valid=hetu.is_valid),
    "pesel": national("{date}#####", valid=pesel.is_valid),
    "nip": national("##########", forms=("", "___-___-__-__"), valid=nip.is_valid),
    "regon": national("#########", valid=regon.is_valid),
    "bsn": national("#########", forms=("", "____.__.___", "____ __ ___"), valid=bsn.is_valid),
    "ssn": telling("31#4####1", "52#7####8", forms=("___-__-____",)),
    "ssn_digits": national("41#2####3", "11#8####5", forms=("", "___ __ ____")),
    "sin": national("#########", forms=("", "___ ___ ___", "___-___-___"), valid=sin.is_valid),
    "tfn": national("#########", forms=("", "___ ___ ___"), valid=tfn.is_valid),
    "rfc": telling("@@@@{date}???"),
    "curp": telling("@@@@{date}HDF@@@0#", valid=curp.is_valid),
    "cuit": national("20#########", forms=("__-________-_",), valid=cuit.is_valid),
    "rut": telling("1########", forms=("__.___.___-_", "________-_"), valid=rut.is_valid),
    "chinese_id": telling("110105{yearday}####", "310104{yearday}####", valid=ric.is_valid),
    "hong_kong_id": telling("@######?", forms=("_______(_)",), valid=hong_kong),
    "uscc": telling("91110105MA########", valid=uscc.is_valid),
    "routing": national("#########", valid=rtn.is_valid),
    "sort_code": national("######", forms=("__-__-__", "__ __ __")),
    "bic": national("DEUTDE@@", "BNPAFR@@XXX", "INGBNL2A", "NDEAFIHH", "CHASUS33"),
    "card": telling("4" + "#" * 15, "51" + "#" * 14, "37" + "#" * 13, valid=luhn.is_valid),
    # others
    "mac": other("%%:%%:%%:%%:%%:%%", "%%-%%-%%-%%-%%-%%", "%%%%.%%%%.%%%%", bare=True),
    "imei": Kind("other", ("35" + "#" * 13,), ("", "__-______-______-_"), imei.is_valid),
    "iccid": other("8949" + "#" * 15, "89 44 #### #### #### ####"),
    "customer": other("########", "K-######", "@@#######", "##-####-##"),
    "member": other("#######", "M######", "@@-#####"),
    "patient": other("#######", "P########", "####/##"),
    "policy": other("@@-########", "##########", "### ####### ##"),
    "contract": other("V########", "##########", "@@@-####-###"),
    "employee": other("######", "E#####", "00####"),
    "cvv": other("###"),
    "pin": other("####", "######"),
    "password": other(*PASSWORDS),
    "secret": other(*SECRETS, bare=True),
    "ip": other("192.168.#.1##", "10.#.1##.##", "85.1##.#.##", bare=True),
}
MAILS = ("{n}@{h}.com", "{n}+news@{h}.co.uk", "{n}@{h}.de")
INTERNAL = ("{n}@{h}", "{n}@{h}.local", "{n}@corp.{h}.lan")
HIDDEN = (
    "{n} at {h} dot com",
    "{n}[at]{h}[dot]de",
    "{n} (at) {h}.com",
    "{n}(at){h}(dot)org",
    "{n} AT {h} DOT net",
)
MADE: Mapping[str, Callable[[random.Random], str]] = {
    "vin": vehicle,
    "uuid": uuid,
    "wallet": wallet,
    "coordinates": coordinates,
    "ipv6": address6,
    "handle": lambda draw: draw.choice(HANDLES),
    "email": lambda draw: mail(draw, draw.choice(MAILS)),
    "internal_mail": lambda draw: mail(draw, draw.choice(INTERNAL)),
    "hidden_mail": lambda draw: mail(draw, draw.choice(HIDDEN)),
    "expiry": lambda draw: f"{draw.randint(1, 12):02}/{draw.randint(26, 33)}",
}
LOCAL = {
    "passport": ("national", PASSPORTS),
    "identity_card": ("national", CARDS),
    "driving_licence": ("national", LICENCES),
    "account": ("national", ACCOUNTS),
    "plate": ("other", PLATES),
    "phone": ("other", PHONES),
}
BARE = {"iban", "phone", *MADE, *(name for name, kind in KINDS.items() if kind.bare)} - {"expiry"}


def group(kind: str) -> str:
    """`national` or `other`."""
    if kind == "iban":
        return "national"
    return LOCAL[kind][0] if kind in LOCAL else KINDS[kind].group if kind in KINDS else "other"


def checked(kind: str) -> bool:
    """Whether a value of this kind may have a wrong check digit."""
    return kind == "iban" or (kind in KINDS and KINDS[kind].valid is not None)


def value(kind: str, language: str, draw: random.Random, *, wrong: bool = False) -> str:
    """A value of the kind as it is written where the language is spoken."""
    if kind == "iban":
        return iban(language, draw, wrong=wrong)
    if kind in LOCAL:
        return drawn(draw.choice(LOCAL[kind][1][language]), draw)
    if kind in MADE:
        return MADE[kind](draw)
    if kind == "card":
        signs = KINDS[kind].value(draw, wrong=wrong)
        groups = re.fullmatch(r"(.{4})(.{4})(.{4})(.{4})|(.{4})(.{6})(.{5})", signs)
        parts = [each for each in groups.groups() if each] if groups else [signs]
        return draw.choice(["", " ", " ", "-"]).join(parts)
    return KINDS[kind].value(draw, wrong=wrong)

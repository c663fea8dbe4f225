"""Things that lead to who has them: devices, vehicles, and places on earth."""

import re
from collections.abc import Iterator
from typing import Final

from anonymizer.masking.free_text.basis.finder import Finder
from anonymizer.masking.free_text.basis.folding import Span
from anonymizer.masking.free_text.recognition.identifiers.states.checks import dot

_MAC: Final = re.compile(
    r"(?<![0-9A-Za-z-])(?<![0-9A-Fa-f]:)(?:[0-9A-Fa-f]{2}(?P<gap>[:-]))(?:[0-9A-Fa-f]{2}(?P=gap)){4}[0-9A-Fa-f]{2}"
    r"(?![0-9A-Za-z]|[:-][0-9A-Fa-f])|"
    r"(?<![0-9A-Za-z.])[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}(?![0-9A-Za-z]|\.\w)"
)
_UUID: Final = re.compile(
    r"(?<![0-9A-Za-z-])[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}(?![0-9A-Za-z-])"
)
_VIN: Final = re.compile(
    r"(?<![0-9A-Za-z-])(?=[A-Z0-9]*[A-Z])[A-HJ-NPR-Z0-9]{13}\d{4}(?![0-9A-Za-z-])"
)
_HAS_LETTERS: Final = re.compile("[A-Z].*[A-Z].*[A-Z]")


def macs(text: str, _region: str) -> Iterator[Span]:
    """Addresses of network cards: six pairs, or three groups of four."""
    if max(text.count(":"), text.count("-")) < 5 and text.count(".") < 2:
        return
    for match in _MAC.finditer(text):
        value = re.sub(r"\W", "", match[0]).lower()
        if any(map(str.isalpha, value)) or match["gap"] == ":":
            yield Span(*match.span(), "mac", value)


def uuids(text: str, _region: str) -> Iterator[Span]:
    """Universally unique identifiers; one of zeros alone names nothing."""
    for match in _UUID.finditer(text) if text.count("-") > 3 else ():
        if match[0].strip("0-"):
            yield Span(*match.span(), "uuid", match[0].lower())


def vins(text: str, _region: str) -> Iterator[Span]:
    """Vehicle numbers of 17 characters in capitals that end in four digits."""
    for match in _VIN.finditer(text):
        value = match[0]
        if vin(value) or (_HAS_LETTERS.search(value[:11]) and value[0] in "123456789JKLMSTVWXYZ"):
            yield Span(*match.span(), "vin", value, 0.95 if vin(value) else 0.6)


def vin(value: str) -> bool:
    """Whether the ninth character is the check of ISO 3779 as North America uses it."""
    values = [int(char) if char.isdigit() else _VIN_VALUES[char] for char in value]
    rest = dot((8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2), values) % 11
    return "0123456789X"[rest] == value[8]


_VIN_VALUES: Final = dict(
    zip("ABCDEFGHJKLMNPRSTUVWXYZ", map(int, "12345678123457923456789"), strict=True)
)

# --- coordinates ---------------------------------------------------------------------------------

_SIGNED: Final = r"[+-]?\d{1,3}\.\d{5,}"
_PAIR: Final = re.compile(
    rf"(?<![0-9A-Za-z_.+-])(?P<lat>{_SIGNED})°?\s?[NSns]?(?:\s?[,;/]\s?|"
    rf"\s)(?P<lon>{_SIGNED})°?(?:\s?[EWOewo](?![A-Za-z]))?(?![0-9A-Za-z_.]*\d)"
)
_DMS: Final = re.compile(
    r"(?<![0-9A-Za-z_.])\d{1,3}\s?°\s?\d{1,2}(?:\.\d+)?\s?['′]?\s?(?:\d{1,2}(?:[.,]\d+)"
    r"?\s?(?:\"|″|''|”)?)?\s?[NSEWO](?![A-Za-z])"
    r"(?:[,;/]?\s?\d{1,3}\s?°\s?\d{1,2}(?:\.\d+)?\s?['′]?\s?(?:\d{1,2}(?:[.,]\d+)"
    r"?\s?(?:\"|″|''|”)?)?\s?[NSEWO](?![A-Za-z]))?"
    r"|(?<![0-9A-Za-z_.])\d{1,2}\.\d{2,}\s?°\s?[NS][,;/]?\s?\d{1,3}\.\d{2,}\s?°\s?[EWO](?![A-Za-z])"
    r"|(?<![0-9A-Za-z_.])[NS]\s?\d{1,2}°\s?\d[\d.,'′″\"\s]*[,;]?\s?[EWO]"
    r"\s?\d{1,3}°\s?\d[\d.,'′″\"]*"
)
_GEO: Final = re.compile(r"\bgeo:-?\d{1,2}(?:\.\d+)?,-?\d{1,3}(?:\.\d+)?(?:,-?\d+(?:\.\d+)?)?")
_NAMED: Final = re.compile(
    r"(?i)\b(?P<what>lat(?:itude|itud|itudine|it|\.)?|breite(?:ngrad)?|leveysaste|"
    r"szerokość(?: geogr\w*)?|breedtegraad|"
    r"lon(?:gitude|gitud|gitudine|git|g|\.)?|lng|länge(?:ngrad)?|pituusaste|"
    r"długość(?: geogr\w*)?|lengtegraad|纬度|经度|緯度|経度)"
    r"[\"']?\s?[:=]?\s?[\"']?(?P<value>[+-]?\d{1,3}[.,]\d{2,})°?"
)
_COORDINATE_WORD: Final = re.compile(
    r"(?i)(?:coord\w*|koordinat\w*|koordinaat\w*|współrzędn\w*|gps|location|position|"
    r"standort|ubicación|posizione|"
    r"localisation|localiza\w*|sijainti|lokalizacja|坐标|位置|定位|座標|좌표)\W{0,3}(?:\w{1,8}\W{1,3}){0,2}$"
)
_SHORT_PAIR: Final = re.compile(
    r"(?<![0-9A-Za-z_.+-])(?P<lat>[+-]?\d{1,2}\.\d{2,})"
    r"\s?[,;/]\s?(?P<lon>[+-]?\d{1,3}\.\d{2,})(?![0-9A-Za-z_.]*\d)"
)


def coordinates(text: str, _region: str) -> Iterator[Span]:
    """Places on earth: pairs of decimals, degrees with minutes, `geo:`, and after their words."""
    if "." in text:
        for match in _PAIR.finditer(text):
            if _on_earth(match):
                yield _place(match)
        for match in _SHORT_PAIR.finditer(text):
            if _on_earth(match) and (
                len(match[0]) == len(text.strip())
                or _COORDINATE_WORD.search(text, max(0, match.start() - 32), match.start())
            ):
                yield _place(match)
        if "geo:" in text:
            yield from map(_place, _GEO.finditer(text))
    if "°" in text:
        yield from map(_place, _DMS.finditer(text))


def named_coordinates(text: str, _region: str) -> Iterator[Span]:
    """Degrees after the words for latitude and longitude."""
    for match in _NAMED.finditer(text):
        yield Span(*match.span("value"), "coordinates", match["value"], 0.9)


def _on_earth(match: re.Match[str]) -> bool:
    return abs(float(match["lat"])) <= 90 and abs(float(match["lon"])) <= 180


def _place(match: re.Match[str]) -> Span:
    return Span(*match.span(), "coordinates", re.sub(r"\s", "", match[0]), 0.8)


_CHINESE_PLATE: Final = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼港澳使领][A-HJ-NP-Z][·• "
    r"]?[A-HJ-NP-Z0-9]{4,5}[A-HJ-NP-Z0-9挂学警港澳](?![A-Za-z0-9])"
)
_RUSSIAN_PLATE: Final = re.compile(
    r"(?<!\w)[АВЕКМНОРСТУХ]\s?\d{3}\s?[АВЕКМНОРСТУХ]{2}\s?\d{2,3}(?!\w)"
)
_KOREAN_PLATE: Final = re.compile(r"(?<!\d)\d{2,3}[가-힣] ?\d{4}(?!\d)")
_JAPANESE_PLATE: Final = re.compile(
    r"[\u4e00-\u9fff]{2,3} ?\d{3} ?[ぁ-ん] ?(?:\d{2}-\d{2}|[・·]{1,3} ?\d{1,3})(?!\d)"
)


def eastern_plates(text: str, _region: str) -> Iterator[Span]:
    """Chinese, Japanese, Korean and Russian plates, which no other code looks like."""
    if not text.isascii():
        for pattern in (_CHINESE_PLATE, _RUSSIAN_PLATE, _KOREAN_PLATE, _JAPANESE_PLATE):
            for match in pattern.finditer(text):
                yield Span(*match.span(), "plate", re.sub(r"[\s·•]", "", match[0]), 0.8)


_PLATE_GATE: Final = (
    "[\u4e00-\u9fff][a-z][·• ]?[0-9a-z]{4}|[а-я]\\s?[0-9]{3}\\s?[а-я]|[가-힣] ?[0-9]{4}|"
    "[0-9]{3} ?[ぁ-ん]"
)
_DEGREES: Final = "lat|lon|lng|breit|läng|leve|pituus|szer|dług|breedte|lengte|纬度|经度|緯度|経度"
THINGS: Final = (
    Finder.coded(
        "mac",
        macs,
        gate=r"[0-9a-f]{2}[:-][0-9a-f]{2}[:-][0-9a-f]{2}[:-]|[0-9a-f]{4}\.[0-9a-f]{4}\.",
        sieve=lambda seen: seen.counts(":", 5) | seen.counts("-", 5) | seen.counts(".", 2),
    ),
    Finder.coded(
        "uuid", uuids, gate="[0-9a-f]{8}-[0-9a-f]{4}-", sieve=lambda seen: seen.counts("-", 4)
    ),
    Finder.coded("vin", vins, gate="[0-9a-z]{13}[0-9]{4}", sieve=lambda seen: seen.runs(17)),
    Finder.coded(
        "coordinates",
        coordinates,
        gate=r"\.[0-9]{5}|[0-9]\.[0-9]{2,}\s?[,;/]\s?[+-]?[0-9]{1,3}\.[0-9]{2}|°|geo:",
        sieve=lambda seen: seen.decimals | seen.has("°") | seen.contains("geo:"),
    ),
    Finder.coded(
        "coordinates",
        named_coordinates,
        name="degrees",
        gate="[0-9][.,][0-9]{2}",
        needs=_DEGREES,
        sieve=lambda seen: seen.decimals,
    ),
    Finder.coded(
        "plate",
        eastern_plates,
        name="eastern_plate",
        gate=_PLATE_GATE,
        sieve=lambda seen: seen.other,
    ),
)

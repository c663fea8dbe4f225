"""Chinese, Japanese and Korean addresses, which go from the large to the small without blanks."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from anonymizer.masking.free_text.recognition.addresses.streets import Core
from anonymizer.masking.free_text.recognition.addresses.words import WORDS
from anonymizer.masking.places.table import load_table

_HAN: Final = r"[\u4e00-\u9fff]"
_NUMBER: Final = r"[0-9A-Za-z一二三四五六七八九十百零〇-]{1,8}"
_DIVISION: Final = (
    r"(?:特别行政区|自治区|自治州|自治县|开发区|新区|地区|省|市|区|县|旗|盟|镇|"
    r"乡|街道|社区|村)"
)
_STREET: Final = r"(?:大道|大街|公路|胡同|环路|路|街|巷|弄|道|里)"
_PLACE: Final = (
    r"(?:创意园|创业园|文化园|科技城|商务园|园区|国际|厂区|工业园|科技园|产业园|"
    r"软件园|工业区|广场|大厦|大楼|公寓|花园|小区|家园|新村|中心|商城|市场|酒店|"
    r"宿舍|苑|庭|城)"
)
_INNER: Final = r"(?:号楼|号院|号|栋|幢|座|单元|层|楼|室|房|组|队|门|铺|档)"
# Pieces, each a few characters and the word that says what it is.
_PIECE: Final = (
    rf"(?:{_HAN}{{1,7}}?{_DIVISION}|{_HAN}{{1,6}}?{_STREET}(?:[东南西北中]段?|"
    rf"[一二三四五六七八九十]段)?|"
    rf"(?:{_HAN}|[A-Za-z0-9]){{1,12}}?{_PLACE}{{1,3}}(?:[东南西北]区|[A-Z]\d?区)?|"
    rf"{_HAN}{{1,10}}(?=[A-Za-z]?\d{{0,3}}(?:座|栋|号楼|层|楼|室))|\d{{1,3}}F(?![A-Za-z])|"
    rf"（[^（）]{{1,20}}）|(?:第|负|地下)?{_NUMBER}{_INNER}(?:之[一二三四五六七八九十\d]+)?|"
    rf"[东南西北](?=[0-9])|"
    rf"\d+-\d+(?:-\d+)*(?:室|号)?)"
)
_CHINESE: Final = re.compile(
    rf"(?:(?<![\d.])\d{{3}}(?:\d{{2,3}})? ?)?{_PIECE}(?:[ ,，、]?{_PIECE}){{0,12}}"
    rf"(?:[ ]?(?:[A-Z]?\d{{3,4}}|"
    rf"\d{{6}})(?![\d%]|\.\d))?"
)
_FIRST: Final = re.compile(rf"{_HAN}{{1,7}}?(?:{_DIVISION}|{_STREET}|{_PLACE})")
# Before an address, not of it: `请送到`, `住在`, `地址：`.
_LEADING: Final = re.compile(
    r"^.*(?:送到|寄到|寄往|发到|发往|送至|寄至|搬到|住在|位于|家住|"
    r"来自|地址是|地址为|改为|改成|到达|前往|请到|送|寄|住|在|到|至|为|"
    r"是|从|去|址)"
)
_UNITED: Final = re.compile(r"(?:邮编|邮政编码)\D{0,2}\d{6}|(?<!\d)\d{6}(?=[ ]?$)")
_SHI: Final = re.compile(rf"{_DIVISION}")


@cache
def _names() -> re.Pattern[str]:
    """Provinces and cities, with and without the word for what they are."""
    table = load_table("CN")
    names = {name for name, _ in table.cities.values()} | set(table.regions.values())
    names |= {name for name in table.counties if len(name) > 2} | WORDS.set("chinese_places")
    short = {
        re.sub("(?:特别行政区|(?:维吾尔|壮族|回族)?自治区|省|市)$", "", name) for name in names
    }
    some = sorted({n for n in names | short if len(n) > 1}, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, some)))


# Letters of Taiwan and Hong Kong as those of the mainland that stand for the same.
_SIMPLIFIED: Final = str.maketrans(
    "號樓縣區鄉鎮層棟棧單廳門廣場園邊東龍臺灣島橋莊頭關濱華興義蓮蘭雲屏鳳",
    "号楼县区乡镇层栋栈单厅门广场园边东龙台湾岛桥庄头关滨华兴义莲兰云屏凤",
)


def chinese(text: str) -> Iterator[Core]:
    """From the province to the room, of which at least a street and a number, or two divisions."""
    text = text.translate(_SIMPLIFIED)
    for match in _CHINESE.finditer(text):
        start = _begins(match)
        written = text[start : match.end()]
        evidence = _evidence(written)
        if evidence > 0:
            yield Core(start, match.end(), evidence)


def _begins(match: re.Match[str]) -> int:
    """Where an address begins in what may have words before it."""
    if match[0][0].isdigit():
        return match.start()
    known = _names().search(match[0][:14])
    if known and not _SHI.search(match[0][: known.start()]):
        return match.start() + known.start() - 2 * match[0].startswith("中国", known.start() - 2)
    first = _FIRST.match(match[0])
    lead = _LEADING.match(first[0][:-1]) if first else None
    return match.start() + (lead.end() if lead else 0)


def _evidence(written: str) -> float:
    known = _names().match(written) is not None
    divisions = len(_SHI.findall(written))
    street = re.search(rf"{_STREET}", written) is not None
    number = (
        re.search(
            rf"(?:{_STREET}|{_PLACE}|村|镇|区)[东南西北中]?段?{_NUMBER}(?:号|弄|栋|"
            rf"幢|座)",
            written,
        )
        is not None
    )
    room = re.search(r"\d(?:室|单元|栋|幢|房|号楼)", written) is not None
    if re.search(
        r"[\d一二三四五六七八九十]号|\d"
        r"",
        written,
    ) is None and not (known and divisions > 1):
        return 0.3 if known and divisions else 0
    evidence = 0.3 * known + 0.15 * min(divisions, 3) + 0.2 * street + 0.3 * number + 0.2 * room
    return evidence if known or number or divisions > 1 or (street and room) else 0.2


_JAPANESE: Final = re.compile(
    r"(?:〒? ?\d{3}-\d{4}[ 　\n]*)?(?:(?:東京都|北海道|京都府|大阪府|"
    r"[\u4e00-\u9fff]{2,3}県)[\u3040-\u30ff\u4e00-\u9fffヶ々]{1,12}?[市区町村郡]"
    r"[\u3040-\u30ff\u4e00-\u9fffヶ々]{0,14}|[\u4e00-\u9fff々ヶ]{1,6}[市区][\u3040-\u30ff\u4e00-"
    r"\u9fffヶ々]{1,12}(?=\d{1,3}(?:丁目|番)))"
    r"[A-Z\u3040-\u30ff\u4e00-\u9fff]{0,10}(?:\d{1,4}(?:丁目|番地?|号|-(?=\d)|"
    r"の(?=\d))?){1,4}(?:[ 　]?[\u3040-\u30ff\u4e00-\u9fffA-Za-z]{1,20}[ 　]?\d{2,4}号?室?)?"
)
_JAPANESE_POST: Final = re.compile(r"〒 ?\d{3}-?\d{4}")


def japanese(text: str) -> Iterator[Core]:
    """Prefecture, city, block and house; a postcode behind its sign."""
    for pattern in (_JAPANESE, _JAPANESE_POST):
        for match in pattern.finditer(text):
            yield Core(*match.span(), 0.8)


_KOREAN: Final = re.compile(
    r"(?:(?:서울|부산|대구|인천|광주|대전|울산|세종|경기|강원|충북|충남|전북|전남|경북|경남|"
    r"제주|충청[남북]|전라[남북]|경상[남북])"
    r"[가-힣]{0,6} )?(?:[가-힣]{1,5}[시군] )?(?:[가-힣]{1,5}[구읍면] )?[가-힣0-9]{1,10}(?:로|길|"
    r"동|리|가) ?(?:\d{1,3}번?길 ?|\d가 ?)?(?:지하)?\d{1,4}(?:-\d{1,4})?(?:번지)?"
    r"(?:,? ?[가-힣A-Za-z0-9]{1,14}(?:아파트|빌라|빌딩|타워|오피스텔|맨션))?(?:,? "
    r"?\d{1,4}동)?(?:,? ?\d{1,4}호)?(?: ?\([가-힣0-9, ]{2,20}\))?"
)
_KOREAN_PLACE: Final = re.compile(r"[시군구읍면] |번지|\d호|아파트")


def korean(text: str) -> Iterator[Core]:
    """City, district, road and number."""
    for match in _KOREAN.finditer(text):
        yield Core(*match.span(), 0.8 if _KOREAN_PLACE.search(match[0]) else 0.3)

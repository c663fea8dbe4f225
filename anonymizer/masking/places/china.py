"""China: province and city of an address as people write it.

Names of divisions are marked in the text, those that are no place are unmarked again, and the
first marks that are left are read from the outside in: 广东省 → 白云区 is 广州市's, 白云区 alone
is undetermined because several provinces have one.

A name in full (深圳市, 福田区) counts anywhere. A name without its last word counts where it is
likely to be a place: of a province or city (深圳) at the beginning, after another name and after
what ends a number (号); of a district or county's city (江阴) at the beginning and after another
name; what is a county's (嘉善) or a word as well (和平) only after another name. Before a road or a
building (南京西路, 鄂尔多斯大厦) it is none.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

import polars as pl

from anonymizer.masking.places import postcodes
from anonymizer.masking.places.table import Table, load_table
from anonymizer.masking.places.text import in_steps, tidy
from anonymizer.masking.primitives.bulk.lookup import looked_up

# A name in full, or the short form of a province or city, of a district, or what is a word as well.
NameForm = Literal["F", "S", "D", "W"]

_PEOPLES_NAMES: Final = (
    "柯尔克孜|维吾尔|哈萨克|达斡尔|塔吉克|鄂温克|鄂伦春|蒙古|布依|朝鲜|土家|哈尼|"
    "傈僳|拉祜|东乡|纳西|景颇|仫佬|布朗|撒拉|毛南|仡佬|锡伯|阿昌|普米|德昂|"
    "保安|裕固|独龙|回|藏|苗|彝|壮|满|侗|瑶|白|傣|黎|佤|畲|水|土|羌|怒|"
    "各"
)
_SELF_GOVERNED: Final = rf"(?:(?:{_PEOPLES_NAMES})族?)*自治.$"
_LAST_WORD: Final = r"(?:特别行政区|地区|新区|林区|特区|[省市区县州盟旗])$"
_SHORT_OF_MANY: Final = {"朝阳"}  # a city in 辽宁, and better known as a district of 北京
_TRADITIONAL: Final = dict(
    zip(
        "廣東蘇寧陝龍遼雲貴慶門澳灣臺內區縣號樓漢瀋陽長鄭濟無錫紹溫揚蕪廈連煙臨淮島順義觀鎮",
        "广东苏宁陕龙辽云贵庆门澳湾台内区县号楼汉沈阳长郑济无锡绍温扬芜厦连烟临淮岛顺义观镇",
        strict=True,
    )
)

_NAMES_THAT_ARE_WORDS: Final = (
    "东城|西城|南城|北城|新城|老城|城东|城西|城南|城北|城中|城关|港口|前进|"
    "东风|向阳|红旗|工农|建设|和平|长安|永安|东方|新华|新兴|开发|友好|安定|"
    "东湖|南湖|大东|河东|河西|河南|河北|江南|江北|江东|桥东|桥西"
)

_TO_ROAD: Final = r"[东西南北中外内]?(?:十?[一二三四五六七八九十]|\d*)[东西南北中]?"  # not 五一路
_NO_PLACE: Final = (
    "路|街|道|大街|大道|巷|弄|里|胡同|桥|立交|高架|高速|国道|隧道|大厦|大楼|"
    "大酒店|酒店|宾馆|饭店|饭庄|广场|商厦|商城|商场|商会|会馆|公馆|花园|花苑|"
    "公园|银行|集团|大学|学院|中学|小学|医院|山庄|新村|小区|家园|门|陵|湾|湖|"
    "寺|庙"
)
_SMALLER_DIVISIONS: Final = "镇|乡|村|街道|社区|屯|山|江|河|岛|国际|商务"
_ERASED: Final = (
    (rf"<[SDW][^>]*>{_TO_ROAD}(?:{_NO_PLACE})|<F[^>]*市>场", "一"),
    (r"<F[^>]*城市>(?:广场|公寓|花园)", "一"),
    (rf"<[DW][^>]*>(?:{_SMALLER_DIVISIONS})", "一"),
    (r"([\p{Han}--[号楼层室座栋]])<S[^>]*>", "$1"),
    (r"^<W([^>]*)>(?:经济|机场|火车站)", "<D$1>"),  # 嘉善经济开发区 is there, 永和开发区 anywhere
    (r"^<W[^>]*>(?:<[DW][^>]*>)*|([^>])(?:<[DW][^>]*>)+", "$1"),
)
_MARK: Final = r"<[FSDW][^>]+>"


@dataclass(frozen=True)
class Names:
    """What the names of Chinese divisions mean: codes of provinces, cities and counties.

    Attributes:
        marks: name → its mark, such as `<F深圳市>`.
        alone: name → code, where one city or at least one province is meant.
        within: two digits of a province and name → code.
    """

    marks: dict[str, str]
    alone: dict[str, str]
    within: dict[str, str]


def region(text: pl.Expr) -> pl.Expr:
    """The code of the city, or else the province, of addresses and postcodes."""
    names = load_names()
    code, marks = pl.field("code"), pl.field("marks")
    first, second, third = (_name(marks.list.get(i, null_on_oob=True)) for i in range(3))
    outside = _within(looked_up(second, names.alone), first, names)
    inside = [_within(code, mark, names) for mark in (second, third)]
    by_name = [pl.field(name) for name in ("inside", "code", "outside")]
    return in_steps(
        tidy(text),
        {"marks": _marked(pl.field("text"), names).str.extract_all(_MARK)},
        {"code": looked_up(first, names.alone), "outside": outside},
        {"inside": pl.when(code.str.ends_with("0000")).then(pl.coalesce(inside))},
        {"rest": pl.when(first.is_null()).then(pl.field("text"))},
        result=pl.coalesce(*by_name, postcodes.region(pl.field("rest"), "CN")),
    )


def area(text: pl.Expr) -> pl.Expr:
    """The first two digits of the postcode; null without a postcode."""
    return postcodes.area(text, "CN")


@cache
def load_names() -> Names:
    """Full and short names of the divisions of the table."""
    return _names(load_table("CN"))


def _marked(text: pl.Expr, names: Names) -> pl.Expr:
    """The text with a mark in the place of each name that is likely to be a place."""
    text = text.str.replace_all(r"[\s<>]", "").str.replace_many(_TRADITIONAL)
    text = text.str.replace(r"^(?:中国|中华人民共和国)", "")
    marked = text.str.replace_many(list(names.marks), list(names.marks.values()), leftmost=True)
    for pattern, kept in _ERASED:
        marked = marked.str.replace_all(pattern, kept)
    return marked


def _name(mark: pl.Expr) -> pl.Expr:
    return mark.str.strip_chars("<FSDW>")


def _within(code: pl.Expr, name: pl.Expr, names: Names) -> pl.Expr:
    """What a name means in the province of a code."""
    return looked_up(code.str.head(2) + name, names.within)


def _names(table: Table) -> Names:
    kinds: dict[str, NameForm] = {}
    codes: dict[str, set[str]] = defaultdict(set)
    for name, kind, meant in _spellings(table):
        if kind == "D" and kinds.get(name) == "W":
            kinds[name] = kind
        if kinds.setdefault(name, kind) == kind or kinds[name] + kind == "DW":
            codes[name].update(meant)
    longest_first = sorted(kinds, key=len, reverse=True)
    names = Names({name: f"<{kinds[name]}{name}>" for name in longest_first}, {}, {})
    for name in longest_first:
        _learn(name, codes[name], names)
    return names


def _learn(name: str, codes: set[str], names: Names) -> None:
    provinces = defaultdict(set)
    for code in codes:
        provinces[code[:2]].add(code)
    for province, cities in provinces.items():
        code = min(cities) if len(cities) == 1 else f"{province}0000"
        names.within[province + name] = code
        if len(provinces) == 1:
            names.alone[name] = code


def _spellings(table: Table) -> Iterator[tuple[str, NameForm, list[str]]]:
    """Name, form of the name and the codes that are meant, of every division."""
    provinces = {name: _own_city(code, table) for code, name in table.regions.items()}
    cities = {name: code for code, (name, _) in table.cities.items() if name not in provinces}
    for name, code in (provinces | cities).items():
        yield name, "F", [code]
    for name, codes in table.counties.items():
        yield name, "F" if len(name) > 2 else "D", codes
    short = {_short_of_province(name): code for name, code in provinces.items()}
    for name, code in (short | {"内蒙": "150000"}).items():
        yield name, "S", [code]
    directly_governed = {name: [code] for name, code in cities.items() if code[2:4] == "90"}
    for name, code in cities.items():
        if name not in directly_governed and _short(name) not in short.keys() | _SHORT_OF_MANY:
            yield _short(name), "S", [code]
    counties = table.counties | directly_governed
    counties |= {name: [code] for name, code in cities.items() if _short(name) in _SHORT_OF_MANY}
    for name, codes in counties.items():
        stem = _short(name)
        if len(stem) > 1:
            yield (
                stem,
                "D" if name[-1] in "市区" and stem not in _NAMES_THAT_ARE_WORDS.split("|") else "W",
                codes,
            )
        if len(stem) > 1 and not stem.endswith("城"):
            # Counties become districts and cities; a real name keeps its own meaning.
            for later in {stem + last for last in "市区县"} - table.counties.keys() - cities.keys():
                yield later, "F", codes


def _own_city(code: str, table: Table) -> str:
    """The code of the city that a municipality is; the code of any other province."""
    city = f"{code[:2]}0100"
    return city if table.cities.get(city, ("",))[0] == table.regions[code] else code


def _short_of_province(name: str) -> str:
    if name.endswith("自治区"):
        return name[:3] if name.startswith("内") else name[:2]
    return _short(name)


def _short(name: str) -> str:
    """A name without its last word, and without the peoples that govern there."""
    return re.sub(_SELF_GOVERNED if "自治" in name else _LAST_WORD, "", name)

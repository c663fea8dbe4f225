"""Chinese, Japanese and Korean names, which letters around them tell."""

import re
from collections.abc import Iterator
from typing import Final

from anonymizer.masking.free_text.recognition.people import words
from anonymizer.masking.free_text.recognition.people.names import Person


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_HAN: Final = r"[\u4e00-\u9fff]"
_GIVEN: Final = rf"(?:(?![{words.NO_GIVEN}]){_HAN})"
_SURNAME: Final = rf"(?:{words.COMPOUND_SURNAMES}|[{words.SURNAMES}])"
_FULL: Final = rf"{_SURNAME}(?!小姐){_GIVEN}(?:(?!小姐)(?![{words.NO_SECOND}]){_GIVEN})?"
_TITLED: Final = re.compile(rf"(?P<name>{_SURNAME}{_GIVEN}{{0,2}}?)(?:{words.CJK_TITLES})")
_KEYED: Final = re.compile(
    rf"(?:{words.CJK_KEYS})\s?(?P<sign>[:：,，\"'是为]{{0,4}})\s?[\"']?(?P"
    rf"<name>{_FULL})"
)
_DID: Final = re.compile(
    rf"(?:^|(?<=[\n，。；,;\s]))(?P<name>{_FULL})(?=(?:今天|昨天|刚才|刚刚|"
    rf"又|再次)?(?:{words.CJK_DONE}))"
)
_SIGNED: Final = re.compile(rf"[\n。！!][ \t]*(?P<name>{_FULL})[ \t]*$")
_SPOKEN: Final = re.compile(
    rf"(?m)^[ \t]*(?:[\[(]?[\0\d:. -]{{4,}}[\])]?[ "
    rf"\t]*)?(?P<name>{_FULL}|小{_HAN}|老[{words.SURNAMES}])(?:[ "
    rf"\t]*[(（]?[\0\d:]{{4,}}[)）]?)?[:：]"
)
_JAPANESE: Final = re.compile(
    rf"(?P<name>(?:{_HAN}|々){{1,4}}(?:[ 　](?:{_HAN}|[\u3041-\u3096]){{1,3}})?|"
    rf"[\u30a1-\u30faー]{{2,8}})(?:{words.JAPANESE_TITLES})(?!{_HAN})"
)
_KANA: Final = re.compile(r"[\u3040-\u30ff]")
_NO_JAPANESE: Final = _set(
    "お客 皆 奥 神 王 父 母 兄 姉 客 姫 若 同 彼氏 担当者 お嬢 娘 息子 患者 先生 各位 諸"
)
_KOREAN: Final = re.compile(
    rf"(?P<name>[\uac00-\ud7af]{{2,4}}) "
    rf"?(?:{words.KOREAN_TITLES})(?![\uac00-\ud7af]{{2}})"
)
_KOREAN_KEYED: Final = re.compile(
    r"(?:이름|성명|고객명|담당자|수령인|받는 분|환자명?|제 "
    r"이름은|저는)[은는]?\s?[:：]?\s?(?P<name>[\uac00-\ud7af]{3})(?"
    r"![\uac00-\ud7af]{3})"
)
_NO_KOREAN: Final = _set("고객 손님 선생 부모 아저 담당 관리 여러분 아가 회원 사장 교수 하나")


def east_asian(text: str) -> Iterator[Person]:
    """Before titles, behind words for people, at the beginning and the end."""
    for pattern, score in (
        (_TITLED, 0.85),
        (_DID, 0.6),
        (_SIGNED, 0.6),
        (_SPOKEN, 0.6),
        (_KEYED, 0.75),
    ):
        for match in pattern.finditer(text):
            if match["name"] not in words.CJK_ROLES:
                yield Person(*match.span("name"), score)
    if _KANA.search(text):
        for match in _JAPANESE.finditer(text):
            if match["name"] not in _NO_JAPANESE:
                yield Person(*match.span("name"), 0.75)
    for pattern in (_KOREAN, _KOREAN_KEYED):
        for match in pattern.finditer(text):
            if match["name"] not in _NO_KOREAN:
                yield Person(*match.span("name"), 0.75)

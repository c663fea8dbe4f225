"""Chinese, Japanese and Korean names, which letters around them tell."""

import re
from collections.abc import Iterator
from typing import Final

from anonymizer.masking.free_text.basis.words import WORDS as SHARED
from anonymizer.masking.free_text.recognition.people.names import Person
from anonymizer.masking.free_text.recognition.people.words import WORDS

_HAN: Final = r"[\u4e00-\u9fff]"
_GIVEN: Final = rf"(?:(?![{WORDS.pattern('no_given')}]){_HAN})"
_SURNAME: Final = rf"(?:{SHARED.pattern('compound_surnames')}|[{WORDS.pattern('surnames')}])"
_FULL: Final = rf"{_SURNAME}(?!小姐){_GIVEN}(?:(?!小姐)(?![{WORDS.pattern('no_second')}]){_GIVEN})?"
_TITLED: Final = re.compile(
    rf"(?!(?<={_HAN})任)(?P<name>{_SURNAME}{_GIVEN}{{0,2}}?)"
    rf"(?:{SHARED.pattern('cjk_titles')})(?!们)"
)
_KEYED: Final = re.compile(
    rf"(?:{WORDS.pattern('cjk_keys')})\s?[:：,，\"'是为]{{0,4}}\s?[\"']?(?P<name>{_FULL})"
)
_DID: Final = re.compile(
    rf"(?:^|(?<=[\n，。；,;\s]))(?P<name>{_FULL})(?=(?:今天|昨天|刚才|刚刚|"
    rf"又|再次)?(?:{WORDS.pattern('cjk_done')}))"
)
_SIGNED: Final = re.compile(rf"[\n。！!][ \t]*(?P<name>{_FULL})[ \t]*$")
_SPOKEN: Final = re.compile(
    rf"(?m)^[ \t]*(?:[\[(]?[\0\d:. -]{{4,}}[\])]?[ "
    rf"\t]*)?(?P<name>{_FULL}|小{_HAN}|老[{WORDS.pattern('surnames')}])(?:[ "
    rf"\t]*[(（]?[\0\d:]{{4,}}[)）]?)?[:：]"
)
_JAPANESE: Final = re.compile(
    rf"(?P<name>(?:{_HAN}|々){{1,4}}(?:[ 　](?:{_HAN}|[\u3041-\u3096]){{1,3}})?|"
    rf"[\u30a1-\u30faー]{{2,8}})(?:{SHARED.pattern('japanese_titles')})(?!{_HAN})"
)
_KANA: Final = re.compile(r"[\u3040-\u30ff]")
_NO_JAPANESE: Final = WORDS.set("no_japanese")
_ROLES: Final = WORDS.set("cjk_roles")
_KOREAN: Final = re.compile(
    rf"(?P<name>[\uac00-\ud7af]{{2,4}}) "
    rf"?(?:{SHARED.pattern('korean_titles')})(?![\uac00-\ud7af]{{2}})"
)
_KOREAN_KEYED: Final = re.compile(
    r"(?:이름|성명|고객명|담당자|수령인|받는 분|환자명?|제 "
    r"이름은|저는)[은는]?\s?[:：]?\s?(?P<name>[\uac00-\ud7af]{3})(?"
    r"![\uac00-\ud7af]{3})"
)
_NO_KOREAN: Final = WORDS.set("no_korean")


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
            if match["name"] not in _ROLES:
                yield Person(*match.span("name"), score)
    if _KANA.search(text):
        for match in _JAPANESE.finditer(text):
            if match["name"] not in _NO_JAPANESE:
                yield Person(*match.span("name"), 0.75)
    for pattern in (_KOREAN, _KOREAN_KEYED):
        for match in pattern.finditer(text):
            if match["name"] not in _NO_KOREAN:
                yield Person(*match.span("name"), 0.75)

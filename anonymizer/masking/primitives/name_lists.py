"""Versioned lists from which pseudonyms are drawn. Changing a list changes every pseudonym.

Telephone numbers come from the ranges that regulators keep free for films and books: the North
American 555-01xx, the drama numbers of Ofcom, the numbers for media productions of the
Bundesnetzagentur and those for audiovisual works of ARCEP. Spain and China have no such range:
there, numbers begin with digits that no subscriber's number begins with.
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

# Area codes of the United States; 555-0100 to 555-0199 is reserved for fiction in each of them.
_AREA_CODES_TEXT: Final = (
    "201 202 203 205 206 207 208 209 210 212 213 214 215 216 217 218 219 225 228 229 231 234 239 "
    "240 248 251 252 253 254 256 260 262 267 269 270 276 281 301 302 303 304 305 307 308 309 310 "
    "312 313 314 315 316 317 318 319 320 321 323 325 330 334 336 337 339 347 351 352 360 361 386 "
    "401 402 404 405 406 407 408 409 410 412 413 414 415 417 419 423 425 432 434 435 440 443 469 "
    "478 479 480 484 501 502 503 504 505 507 508 509 510 512 513 515 516 517 518 520 530 540 541 "
    "551 559 561 562 563 567 570 571 573 574 575 580 585 586 601 602 603 605 606 607 608 609 610 "
    "612 614 615 616 617 618 619 620 623 626 630 631 636 641 646 650 651 660 661 662 678 682 701 "
    "702 703 704 706 707 708 712 713 714 715 716 717 718 719 720 724 727 731 732 734 740 757 760 "
    "763 765 769 770 772 773 774 775 781 785 801 802 803 804 805 806 808 810 812 813 814 815 816 "
    "817 818 828 830 831 832 843 845 847 848 850 856 857 858 859 860 862 863 864 865 870 901 903 "
    "904 906 907 908 909 910 912 913 914 915 916 917 918 919 920 925 928 931 936 937 940 941 947 "
    "949 951 952 954 956 970 971 972 973 978 979 980 985 989"
)
AREA_CODES: Final = tuple(_AREA_CODES_TEXT.split())


_GB_AREAS: Final = ("113", "114", "115", "116", "117", "118", "121", "131", "141", "151", "161")
_DE_BLOCKS: Final = ("030 23125", "040 66969", "069 90009", "089 99998", "0221 4710")
_FR_BLOCKS: Final = ("01 99 00", "02 61 91", "03 53 01", "04 65 71", "05 36 49", "06 39 98")
_PHONES_OF_LOCALE: Final[dict[str, tuple[str, ...]]] = {
    "en_US": tuple(f"({area}) 555-01{line:02}" for area in AREA_CODES for line in range(100)),
    "en_GB": (
        *(f"020 7946 0{line:03}" for line in range(1000)),
        *(f"0{area} 496 0{line:03}" for area in _GB_AREAS for line in range(1000)),
        *(f"07700 900{line:03}" for line in range(1000)),
    ),
    "de_DE": tuple(f"{block} {line:03}" for block in _DE_BLOCKS for line in range(1000)),
    "fr_FR": tuple(
        f"{block} {line // 100:02} {line % 100:02}" for block in _FR_BLOCKS for line in range(10000)
    ),
}
# First number of nine digits that nobody has: subscribers in Spain begin with 5 to 9, mobile
# numbers in China with 13 to 19.
_UNUSED_PHONES_FROM: Final = {"es_ES": 400_000_000, "zh_CN": 12_000_000_000}
_UNUSED_PHONES_COUNT: Final = {"es_ES": 100_000_000, "zh_CN": 1_000_000_000}


# How columns say a sex; ISO/IEC 5218 has 1 and 2.
FEMALE: Final = (
    "f female woman mrs ms miss w weiblich frau femme féminin feminin mme mujer femenino femenina "
    "sra femmina femminile donna v vrouw vrouwelijk k kobieta kvinna kvinde kadın ж жен женский "
    "女 女性 2"
)
MALE: Final = (
    "m male man mr mann männlich herr h homme masculin hombre varón varon masculino masculina sr "
    "maschio maschile uomo mannelijk mężczyzna mand erkek м муж мужской 男 男性 1"
)


@dataclass(frozen=True)
class Phones:
    """Numbers that nobody has: a list, or a run of `count` numbers from `first` on."""

    listed: tuple[str, ...] = ()
    first: int = 0
    count: int = 0


def load_phones(locale: str) -> Phones:
    """The telephone numbers of a locale that nobody has."""
    if locale in _PHONES_OF_LOCALE:
        return Phones(_PHONES_OF_LOCALE[locale])
    return Phones(first=_UNUSED_PHONES_FROM[locale], count=_UNUSED_PHONES_COUNT[locale])


@dataclass(frozen=True)
class Names:
    """What a locale calls people, streets and companies.

    Attributes:
        first: first names.
        sex: a letter for each of them: f, m, or b where both sexes have it.
        last: last names.
        first_ascii: the same in the letters a to z, for e-mail addresses.
        last_ascii: the same.
        family_first: the last name stands first, without a blank.
        streets: names of streets.
        companies: names of companies.
        address: how street and number stand together.
    """

    first: tuple[str, ...]
    sex: str
    last: tuple[str, ...]
    first_ascii: tuple[str, ...]
    last_ascii: tuple[str, ...]
    family_first: bool
    streets: tuple[str, ...]
    companies: tuple[str, ...]
    address: str


@cache
def load_names(locale: str) -> Names:
    """The list of a locale, as it is shipped."""
    text = (
        files("anonymizer.masking.primitives")
        .joinpath("lists", f"{locale}.json")
        .read_text("utf-8")
    )
    content = json.loads(text)
    first, first_ascii = zip(*content["first"], strict=True)
    last, last_ascii = zip(*content["last"], strict=True)
    return Names(
        first,
        content["sex"],
        last,
        first_ascii,
        last_ascii,
        content["family_first"],
        tuple(content["streets"]),
        tuple(content["companies"]),
        content["address"],
    )

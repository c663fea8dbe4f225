"""Networks and domains of many texts at once are those of each text alone."""

import ipaddress
import random
import re
import sys
import unicodedata

import polars as pl
import pytest

from anonymizer import anonymize
from anonymizer.masking.primitives.bulk import networks
from anonymizer.masking.primitives.bulk.networks import Networks

RARE = ["::", "::1", "1::", "::ffff:5", "::ffff:1.2.3.4:80", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8"]
RARE += ["1:2:3:4::5:6:7:8", "[[1.2.3.4]]", "[1.2.3.4:80]", "1.2.3.4%5:80", "fe80::1%eth0", "a:b"]
RARE += [
    "01.2.3.4",
    "1.2.3.4.",
    "1.2.3",
    "256.1.1.1",
    "1.2.3.４",
    "\x1c1.2.3.4",
    "",
    " ",
    "%",
    "host",
]


def network(text: str, v4: int, v6: int) -> str | None:
    """The network of one address as the standard library reads it."""
    bare = text.strip()
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        address = ipaddress.ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address):
        address = inside(address) or address
    bits = v4 if address.version == 4 else v6
    return str(ipaddress.ip_network((address, bits), strict=False))


def inside(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 address carries."""
    if address in ipaddress.IPv6Network("64:ff9b::/96"):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None)


def quad(draw: random.Random) -> str:
    """An IPv4 address, one in ten of them not quite."""
    numbers = [str(draw.randrange(256)) for _ in range(4)]
    if draw.random() < 0.1:
        numbers[draw.randrange(4)] = draw.choice(["", "0", "00", "01", "255", "256", "1000"])
    return ".".join(numbers)


def groups(draw: random.Random) -> str:
    """An IPv6 address in one of the ways in which it may be written; some carry one of IPv4."""
    numbers = [draw.choice([0, 0, 1, 0xFFFF, draw.getrandbits(16)]) for _ in range(8)]
    begin = draw.choice(
        [[], [], [0x2002], [0x2001, 0], [0x64, 0xFF9B, *[0] * 4], [*[0] * 5, 0xFFFF]]
    )
    numbers[: len(begin)] = begin
    written = [f"{number:x}" for number in numbers]
    address = ipaddress.IPv6Address(":".join(written))
    first, last = sorted([draw.randrange(9), draw.randrange(9)])
    ways = [str(address), str(address).upper(), address.exploded, ":".join(written)]
    ways += [":".join(written[:first]) + "::" + ":".join(written[last:])]
    ways += [":".join(written[:6]) + ":" + quad(draw)]
    return draw.choice(ways)


def adorned(text: str, draw: random.Random) -> str:
    """With a port, a zone, brackets, blanks or a slip of the hand."""
    at = draw.randrange(len(text) + 1)
    slip = draw.choice(["", ":", "::", ".", "%", "[", "]", "g", "１", "0", " "])
    ways = [f"{text}:{draw.randrange(65536)}", f"[{text}]:80", f"{text}%eth1", f"::ffff:{text}"]
    ways += [f" {text}\n", f"\u2003{text}\x1f", text[:at] + slip + text[at + draw.randrange(2) :]]
    return draw.choice(ways)


@pytest.mark.parametrize(("v4", "v6"), [(24, 48), (0, 0), (31, 127), (13, 52), (16, 96)])
def test_networks_are_those_of_the_standard_library(v4: int, v6: int) -> None:
    """However addresses are written, alone and among others, and for what is none."""
    draw = random.Random(v4)
    texts: list[str | None] = [None, *RARE]
    for make in (quad, groups):
        plain = [make(draw) for _ in range(400)]
        texts += [*plain, *(adorned(text, draw) for text in plain)]
    draw.shuffle(texts)
    expected = [None if text is None else network(text, v4, v6) for text in texts]
    assert Networks(v4, v6)(pl.Series(texts, dtype=pl.String)).to_list() == expected
    each = [Networks(v4, v6)(pl.Series([text], dtype=pl.String)).item() for text in texts[:200]]
    assert each == expected[:200]


def test_networks_of_long_and_of_cut_columns() -> None:
    """Several slices, several chunks and no rows at all."""
    draw = random.Random(0)
    texts = pl.Series([quad(draw) if n % 3 else groups(draw) for n in range(40_000)])
    of = Networks(24, 48)
    whole = of(texts)
    assert whole[::500].to_list() == [network(text, 24, 48) for text in texts[::500]]
    chunks = pl.concat([texts[:7], texts[7:30_000], texts[30_000:]], rechunk=False)
    assert of(chunks).equals(whole)
    assert of(texts[123:456]).equals(whole[123:456])
    assert of(texts[:0]).to_list() == []


def test_blanks_are_those_of_python() -> None:
    """What `str.strip` takes off."""
    assert set(networks._BLANKS) == set(filter(str.isspace, map(chr, range(sys.maxunicode + 1))))


def test_domains_are_those_of_the_whole_address_in_lower_case() -> None:
    """However addresses are written, and for what is none."""
    draw = random.Random(3)
    letters = "abcXYZ1.._-+éßΣİσ \t@＠．ﬁ中ς\u2003"
    texts = ["x@ΑΣ.ΓΡΣ", "a@b@c.d", "@b.c", "a@.b", "a@b..c", " Ada@EXAMPLE.org\n"]
    for _ in range(3000):
        parts = ["".join(draw.choices(letters, k=draw.randrange(6))) for _ in range(3)]
        texts.append(f"{parts[0]}{draw.choice('@@@@＠ ')}{parts[1]}.{parts[2]}x")
    rules = {"version": 1, "columns": {"x": {"mask": "email_domain"}}}
    found = [re.search(r"^[^@\s]+@([^@\s]+\.[^@\s.]+)$", plain(text)) for text in texts]
    expected = [match and match[1] for match in found]
    assert sum(domain is not None for domain in expected) > 300
    assert anonymize(pl.DataFrame({"x": texts}), rules)["x"].to_list() == expected


def plain(text: str) -> str:
    """NFKC, without blanks at the ends, in lower case."""
    return unicodedata.normalize("NFKC", text).strip().lower()

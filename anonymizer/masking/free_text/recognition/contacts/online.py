"""E-mail addresses, URLs and IP addresses."""

import ipaddress
import re
from collections.abc import Iterator
from typing import Final

from anonymizer.masking.free_text.basis.folding import Span

# Letters that a name in front of an @ has; Chinese, which needs no blank before it, is not there.
_WORD: Final = r"0-9A-Za-z_À-ÖØ-öø-ɏͰ-ԯ"
_EMAIL: Final = re.compile(
    rf"(?<![{_WORD}.+%-])[{_WORD}][{_WORD}.%+'-]*@(?:[{_WORD}-]+\.)"
    rf"+[A-Za-zÀ-ÖØ-öø-ɏͰ-ԯ]{{2,24}}(?![{_WORD}])"
)
# name (at) host (dot) org
_SPELT_OUT: Final = re.compile(
    rf"(?i)(?<![{_WORD}.+%-])[{_WORD}][{_WORD}.%+'-]* ?[(\[{{] ?at ?[)\]}}] ?"
    rf"[{_WORD}-]+(?: ?(?:\.|[(\[{{] ?dot ?[)\]}}]) ?[{_WORD}-]+)+"
)
_NOT_IN_URL: Final = r"\s<>\"`|\0，。；：、！？）】」』》“”"
_SCHEME: Final = re.compile(
    rf"(?i)(?<![a-z0-9])(?:(?:https?|ftps?|sftp|wss?)://|www\d?\.(?=[{_WORD}]))[^{_NOT_IN_URL}]+"
)
# Domains without scheme or path. Those of the second list are words: small letters only.
_TOP_LEVEL_DOMAINS: Final = (
    "com org net edu gov mil int info biz name pro mobi app dev shop store online site web tech "
    "blog cloud xyz club live news io ai co eu uk de fr es pt nl lu ch dk fi ru ua by cz sk hu "
    "ro bg gr hr si ee lv lt ba mk al tr il ae sa eg ma tn za ng ke gh cn jp kr tw hk sg th vn "
    "ph id pk bd lk np ir au nz ca mx br ar cl pe ve ec uy bo cr cu gt pa pr cy mt li mc ad sm "
    "va kz uz ge az asia cat travel jobs museum"
)
_DOMAINS_THAT_ARE_WORDS: Final = "it is in me no so to at be my am as us se ie pl tv cc ws ly gg fm"
_BARE_DOMAIN: Final = re.compile(
    rf"(?i)(?<![{_WORD}@.\-/])(?!(?:asp|vb|ado)\.net\b)"
    rf"(?:[{_WORD}](?:[{_WORD}-]{{0,61}}[{_WORD}])?\.)+"
    rf"(?:(?P<word>{_DOMAINS_THAT_ARE_WORDS.replace(' ', '|')})|"
    rf"{_TOP_LEVEL_DOMAINS.replace(' ', '|')})"
    rf"(?![{_WORD}@-]|\.[{_WORD}])(?::\d{{2,5}}(?!\d))?(?:/[^{_NOT_IN_URL}]*)?"
)
_DOT: Final = re.compile(r"\.[^\W\d_]{2}")
_IP4: Final = re.compile(
    r"(?<![0-9A-Za-z_.])(?<!\d[,:-])(?:\d{1,3}\.){3}\d{1,3}(?![0-9A-Za-z_]|\.\d)(?:/\d{1,2}(?!\d)|:\d{1,5}(?!\d))?"
)
_IP6: Final = re.compile(
    r"(?i)(?<![0-9a-z_.])(?<![0-9a-f:]:)(?=[0-9a-f]|::)(?:[0-9a-f]{0,4}:){2,7}(?:(?:\d{1,3}\.){3}\d{1,3}|[0-9a-f]{0,4})"
    r"(?:%[0-9a-z_]+)?(?:/\d{1,3})?(?![0-9a-z_:])"
)
# A number with four parts after these words is no address, nor is one in `Chrome/120.0.0.0`.
_VERSION: Final = re.compile(
    r"[A-Z][A-Za-z]+/$|(?i:(?:\bv|version|firmware|release|build|rev\w*|section|chapter|"
    r"clause|article|update|"
    r"software|driver|kernel|sdk)\W{0,3}(?:is\s|to\s|no\W{0,2}|number\s)?)$"
)


_OF_ALL: Final = r"\.(?:com|co|org|net)$"


def emails(text: str, _region: str) -> Iterator[Span]:
    """Addresses with @, and those spelt out with (at)."""
    if "@" in text:
        for match in _EMAIL.finditer(text):
            yield Span(*match.span(), "email", match[0].casefold())
    if "(" in text or "[" in text or "{" in text:
        for match in _SPELT_OUT.finditer(text):
            plain = re.sub(r"(?i)[(\[{] ?(at|dot) ?[)\]}]", _spelt, match[0]).replace(" ", "")
            yield Span(*match.span(), "email", plain.casefold())


def _spelt(match: re.Match[str]) -> str:
    return "@" if match[1].lower() == "at" else "."


def addresses_with_scheme(text: str, _region: str) -> Iterator[Span]:
    """URLs that say so: with a scheme or www."""
    if "://" in text or "www" in text or "WWW" in text or "Www" in text:
        for match in _SCHEME.finditer(text):
            yield _url(match)


def bare_domains(text: str, _region: str) -> Iterator[Span]:
    """Domains without a scheme, with or without a path."""
    if _DOT.search(text) is None:
        return
    for match in _BARE_DOMAIN.finditer(text):
        host = match[0].split("/", maxsplit=1)[0].split(":")[0]
        label = host.split(".")[-2]
        # M.O.P and p.es. are none, x.com is one.
        short = len(label) == 1 and not ("/" in match[0] or re.search(_OF_ALL, host))
        readable = not short and not label.isdigit() and not host.split(".")[0].isdigit()
        if readable and (match["word"] is None or "/" in match[0] or host.islower()):
            yield _url(match)


def _url(match: re.Match[str]) -> Span:
    """Without what belongs to the sentence around it."""
    url = match[0]
    while url and (url[-1] in ".,;:!?'*]}" or (url[-1] == ")" and url.count("(") < url.count(")"))):
        url = url[:-1]
    canonical = re.sub(r"^[a-z]+://", "", url.casefold()).removeprefix("www.").rstrip("/")
    return Span(match.start(), match.start() + len(url), "url", canonical)


def internet_addresses(text: str, _region: str) -> Iterator[Span]:
    """IP addresses of both versions, with port or prefix length."""
    if text.count(".") >= 3:
        for match in _IP4.finditer(text):
            address = re.split("[/:]", match[0])[0]
            parts = [int(part) for part in address.split(".")]
            if max(parts) <= 255 and not _VERSION.search(
                text, max(0, match.start() - 24), match.start()
            ):
                yield Span(*match.span(), "ip", ".".join(map(str, parts)))
    if text.count(":") >= 2:
        for match in _IP6.finditer(text):
            address = re.split("[/%]", match[0])[0]
            if _is_ip6(address):
                yield Span(*match.span(), "ip", _canonical_ip6(address))


def _canonical_ip6(address: str) -> str:
    """In short, and as one of version 4 where it stands for one."""
    written = ipaddress.IPv6Address(address)
    return str(written.ipv4_mapped or written.compressed)


def _is_ip6(address: str) -> bool:
    """Whether a text is a valid IPv6 address with more groups than `a::b`."""
    try:
        ipaddress.IPv6Address(address)
    except ValueError:
        return False
    return address.count(":") > 3 or any(len(group) > 2 for group in address.split(":"))

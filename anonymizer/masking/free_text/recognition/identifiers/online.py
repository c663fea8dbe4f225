"""Names that people have on the net: handles, mail inside a house, addresses hidden from robots."""

import re
from collections.abc import Iterator
from typing import Final

from anonymizer.masking.free_text.basis.characters import Bools
from anonymizer.masking.free_text.basis.finder import Finder
from anonymizer.masking.free_text.basis.folding import Span
from anonymizer.masking.free_text.basis.glances import Glances
from anonymizer.masking.free_text.basis.lists import listed
from anonymizer.masking.free_text.basis.telling import Telling

_WORD: Final = r"0-9A-Za-zÀ-ÖØ-öø-ɏ"
# user@localhost, user@corp, user@host.local: hosts that the public net does not know.
_INSIDE: Final = re.compile(
    rf"(?<![{_WORD}_.+%@/-])[{_WORD}][{_WORD}_.%+'-]{{0,63}}@[A-Za-z]"
    rf"[0-9A-Za-z-]{{1,62}}(?:\.[A-Za-z][0-9A-Za-z-]{{0,62}}){{0,4}}"
    r"(?![0-9A-Za-z@(]|\.[0-9A-Za-z])"
)
_SUFFIXES: Final = (
    r"com|org|net|edu|gov|info|biz|io|co|eu|uk|de|fr|es|it|nl|be|at|ch|pt|br|fi|se|no|dk|pl|"
    r"cz|ru|us|ca|au|jp|cn|in|mx|ar|ie|gr|tr|me|tv|app|dev|local"
)
_AT: Final = (
    r"(?:\s?[(\[{<]\s?(?:at|AT|ät|arroba|chiocciola|apenstaartje|małpa|malpa|miukumauku|"
    r"ät-merkki|snabel-a|arobase|собака|@|a)\s?[)\]}>]\s?|"
    r"\s(?:at|AT|arroba|chiocciola|apenstaartje|małpa|malpa|miukumauku|arobase|snabel-a|"
    r"собака)\s|\s[-_*]+at[-_*]+\s|\s?[-_*]{2,}at[-_*]{2,}\s?)"
)
_DOT: Final = (
    r"(?:\s?[(\[{<]\s?(?:dot|DOT|punkt|point|punto|punt|ponto|piste|kropka|точка|\.)\s?[)\]}>]\s?|"
    r"\s(?:dot|DOT|punkt|point|punto|punt|ponto|piste|kropka|точка)\s|\.)"
)
_HIDDEN: Final = re.compile(
    rf"(?<![{_WORD}_.+%@-])(?P<user>[{_WORD}][{_WORD}_%+'-]*(?:(?:\.|{_DOT})"
    rf"[{_WORD}_%+'-]+){{0,3}}){_AT}"
    rf"(?P<host>[0-9A-Za-z-]+(?:{_DOT}[0-9A-Za-z-]+){{0,3}}){_DOT}(?P<end>{_SUFFIXES})"
    rf"(?![0-9A-Za-z])"
)
_MAY_BE_HIDDEN: Final = re.compile(
    r"[(\[{<]\s?(?:at|AT|ät|arroba|chiocciola|apenstaartje|małpa|malpa|miukumauku|"
    r"arobase|snabel-a|собака|@|a)\s?[)\]}>]|"
    r"(?:\b(?:at|AT|arroba|chiocciola|apenstaartje|małpa|malpa|miukumauku|arobase|"
    r"snabel-a|собака)\s[0-9A-Za-z-]+\s?(?:\.|[(\[{]|dot|DOT|punkt|point|punto|punt|"
    r"ponto|piste|kropka|точка))|[-_*]at[-_*]"
)
_BRACKETED: Final = re.compile(r"[(\[{<-]")
_HANDLE: Final = re.compile(
    rf"(?<![{_WORD}_.@/+-])@(?=[0-9A-Za-z_.]*[A-Za-z])"
    rf"[0-9A-Za-z_](?:[0-9A-Za-z_.-]{{1,38}}[0-9A-Za-z_])(?![0-9A-Za-z@/\[{{]|"
    rf"\([\"'a-z]*[=)\"']|\.[A-Za-z]|:\s?[{{(])"
)
# What programs and style sheets write with an @ in front.
_ANNOTATIONS: Final = listed(
    "param return returns throws see since version author deprecated override "
    "overrides test before after beforeeach aftereach autowired "
    "component service repository controller restcontroller bean configuration entity "
    "table column getter setter data builder value "
    "media import font-face keyframes supports charset page property staticmethod "
    "classmethod dataclass abstractmethod cached_property "
    "todo fixme brief file link code inheritdoc suppresswarnings nullable notnull "
    "nonnull transactional requestmapping getmapping "
    "postmapping pathvariable requestbody injectable input output ngmodule directive "
    "pipe types echo off if else end endif foreach "
    "extends section yield include csrf each all here channel everyone home work "
    "school noon midnight least most once"
)
_PROFILE: Final = re.compile(
    r"(?i)\b(?:instagram|insta|ig|twitter|telegram|tg|snapchat|snap|tiktok|skype|"
    r"discord|mastodon|threads|bluesky|github|gitlab|linkedin|facebook|fb|wechat id|"
    r"weixin|line id|kakaotalk|psn|xbox|steam|user ?name|username|user|login|handle|"
    r"nick(?:name)?|screen name|benutzername|nutzername|nom d'utilisateur|pseudo|"
    r"identifiant|usuario|nombre de usuario|nome utente|utente|gebruikersnaam|"
    r"nome de usuário|nome de utilizador|käyttäjätunnus|käyttäjänimi|nazwa użytkownika|"
    r"användarnamn|brugernavn|kullanıcı adı|логин|ник|用户名|微信号|账户名|昵称|"
    r"QQ号?|QQ|ユーザー名|アカウント|아이디|카카오톡)"
    r"(?:\s(?:id|name|handle|account|user|konto|is|ist|est|es|è|é|on|to|handle is|"
    r"name is))?[\"']?\s?(?::|=|：|(?<=is)|(?<=ist)|(?<=est)|"
    r"(?<=\ses))\s?[\"']?(?P<value>@?(?=[0-9A-Za-z_.#-]*[A-Za-z0-9])"
    r"[0-9A-Za-z_](?:[0-9A-Za-z_.-]{1,38}[0-9A-Za-z_])(?:#\d{4})?)(?![0-9A-Za-z@(]|://)"
)
_FEDIVERSE: Final = re.compile(r"(?<![\w.])(?:/?u/|r/u/)(?P<value>[0-9A-Za-z_-]{3,20})(?![\w/])")
_NO_NAMES: Final = listed(
    "null none true false undefined unknown anonymous guest admin root system not "
    "found the and error missing required invalid"
)


_LIKE_A_HANDLE: Final = re.compile(r"[a-z].*[\d_.@#]|[\d_.@#].*[a-z]|^\d{5,}$")


def inside_mails(text: str, _region: str) -> Iterator[Span]:
    """Mail addresses with a host of one name, or of a net inside a house."""
    for match in _INSIDE.finditer(text) if "@" in text else ():
        yield Span(*match.span(), "email", match[0].casefold(), 0.8)


def hidden_mails(text: str, _region: str) -> Iterator[Span]:
    """Addresses spelt out against robots: `name at host dot com`, `name [at] host.com`."""
    if _MAY_BE_HIDDEN.search(text):
        for match in _HIDDEN.finditer(text):
            if _is_hidden(match):
                plain = re.sub(_AT, "@", match[0], count=1)
                yield Span(*match.span(), "email", re.sub(_DOT, ".", plain).casefold(), 0.8)


def _is_hidden(match: re.Match[str]) -> bool:
    """Whether an address is meant: `at` in brackets, `dot` in words, or a user like no word."""
    said = match[0][match.end("user") - match.start() :]
    return (
        re.match(r"\s?[(\[{<*_-]|\s(?!at\s)", said) is not None
        or re.search(_SPOKEN_DOT, said) is not None
        or re.search(r"[0-9._]", match["user"]) is not None
    )


_SPOKEN_DOT: Final = re.compile(
    r"(?i)[\s(\[{<](?:dot|punkt|point|punto|punt|ponto|piste|kropka|точка)[\s)\]}>]"
)


def handles(text: str, _region: str) -> Iterator[Span]:
    """Names with an @ in front."""
    for match in _HANDLE.finditer(text) if "@" in text else ():
        if match[0][1:].lower() not in _ANNOTATIONS:
            yield Span(*match.span(), "handle", match[0].casefold(), 0.7)


def profiles(text: str, _region: str) -> Iterator[Span]:
    """Names after that of a network or after the word for a user."""
    for match in _PROFILE.finditer(text):
        value = match["value"].lower()
        said = match[0][: match.start("value") - match.start()].lower()
        named = "name" in said and (":" in said or "=" in said)
        if value not in _NO_NAMES and (named or _LIKE_A_HANDLE.search(value)):
            yield Span(*match.span("value"), "handle", match["value"].casefold(), 0.7)
    for match in _FEDIVERSE.finditer(text):
        yield Span(*match.span(), "handle", match[0].casefold(), 0.7)


_PROFILE_SIGNS: Final = (
    "insta|ig:|twitter|telegram|tg:|snap|tiktok|skype|discord|mastodon|threads|bluesky|"
    "github|gitlab|linkedin|facebook|fb:|wechat|weixin|"
    "line id|kakao|psn|xbox|steam|user|login|handle|nick|screen name|nutzername|"
    "utilisateur|pseudo|identifiant|usuario|usuário|utente|"
    "gebruikersnaam|utilizador|käyttäjä|nazwa użyt|användarnamn|brugernavn|kullanıcı|"
    "логин|ник|用户名|微信|账户名|昵称|qq|ユーザー名|アカウント|아이디|카카오톡|u/"
)
_HIDDEN_GATE: Final = (
    r"[(\[{<]\s?(?:at|arroba|chiocciola|apenstaartje|malpa|miukumauku|at-merkki|arobase|snabel-a|"
    r"собака|@|a)\s?[)\]}>]|"
    r"(?:^|[^a-z])(?:at|arroba|chiocciola|apenstaartje|malpa|miukumauku|arobase|snabel-a|собака)\s"
    r"[0-9a-z-]+\s?(?:\.|[(\[{]|dot|punkt|point|punto|punt|ponto|piste|kropka|точка)|[-_*]at[-_*]"
)
_AT_IN_WORDS: Final = Telling(
    listed("""
        at arroba chiocciola apenstaartje malpa miukumauku arobase snabel собака
    """)
)
_DOT_IN_WORDS: Final = Telling(
    end=listed("""
    dot punkt point punto punt ponto piste kropka точка
""")
)
_A: Final = Telling(["a"])
_IS: Final = Telling(["is", "ist", "est", "es", "u"])


def _may_hide(seen: Glances) -> Bools:
    bracketed = seen.has("([{<") & (seen.has("@") | seen.says(_A))
    dotted = seen.dotted | seen.has("([{<") | seen.says(_DOT_IN_WORDS)
    return (bracketed | seen.says(_AT_IN_WORDS)) & dotted


def _may_name_profiles(seen: Glances) -> Bools:
    return seen.has(":=/") | seen.other | seen.says(_IS)


ONLINE: Final = (
    Finder.coded("email", hidden_mails, name="hidden_email", gate=_HIDDEN_GATE, sieve=_may_hide),
    Finder.coded(
        "email", inside_mails, name="inside_email", needs="@", sieve=lambda seen: seen.has("@")
    ),
    Finder.coded("handle", handles, needs="@", sieve=lambda seen: seen.has("@")),
    Finder.coded(
        "handle", profiles, name="profile", needs=_PROFILE_SIGNS, sieve=_may_name_profiles
    ),
)

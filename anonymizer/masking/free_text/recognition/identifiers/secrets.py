"""What opens something: keys and tokens of services, passwords after their word, wallets.

Keys are known by the beginnings that services give them so that scanners find them.
"""

import hashlib
import re
from collections.abc import Iterator
from typing import Final

from anonymizer.masking.free_text.basis.characters import Bools
from anonymizer.masking.free_text.basis.finder import Finder
from anonymizer.masking.free_text.basis.folding import Span, plain
from anonymizer.masking.free_text.basis.glances import Glances
from anonymizer.masking.free_text.basis.lists import Lists, listed
from anonymizer.masking.free_text.basis.telling import Telling

_LISTS: Final = Lists(__package__)
# Beginnings as the services document them, and what follows.
_TOKENS: Final = re.compile(
    r"(?<![0-9A-Za-z])(?:"
    r"(?:sk|pk|rk)_(?:live|test)_[0-9A-Za-z]{8,}|whsec_[0-9A-Za-z+/=]{16,}|"  # Stripe
    r"sk-(?:proj-|ant-(?:api\d\d-)?|svcacct-|or-v1-)?[0-9A-Za-z_-]{16,}|"  # OpenAI, Anthropic
    r"gh[pousr]_[0-9A-Za-z]{16,}|github_pat_[0-9A-Za-z_]{20,}|"  # GitHub
    r"gl(?:pat|ptt|dt|rt|soat|cbt)-[0-9A-Za-z_.-]{16,}|"  # GitLab
    r"xox[abeoprs]-[0-9A-Za-z-]{10,}|xapp-[0-9A-Za-z-]{10,}|"  # Slack
    r"(?:AKIA|ASIA|AROA|AIDA|AGPA|ANPA|ABIA|ACCA)[0-9A-Z]{12,20}|"  # AWS
    r"AIza[0-9A-Za-z_-]{30,}|ya29\.[0-9A-Za-z_-]{10,}|GOCSPX-[0-9A-Za-z_-]{16,}|"
    r"1//0[0-9A-Za-z_-]{20,}|"  # Google
    r"SG\.[0-9A-Za-z_-]{12,}\.[0-9A-Za-z_-]{12,}|key-[0-9a-f]{32}|"  # SendGrid, Mailgun
    r"(?:AC|SK)[0-9a-f]{32}|"  # Twilio
    r"npm_[0-9A-Za-z]{20,}|pypi-[0-9A-Za-z_-]{16,}|rubygems_[0-9a-f]{20,}|"
    r"dckr_pat_[0-9A-Za-z_-]{16,}|"
    r"(?:dop|doo|dor)_v1_[0-9a-f]{20,}|hf_[0-9A-Za-z]{20,}|r8_[0-9A-Za-z]{20,}|"
    r"gsk_[0-9A-Za-z]{20,}|"
    r"shp(?:at|ca|pa|ss)_[0-9A-Fa-f]{16,}|sq0(?:atp|csp)-[0-9A-Za-z_-]{16,}|EAAA[0-9A-Za-z_-]{40,}|"
    r"EAACEdEose0cBA[0-9A-Za-z]+|EAA[0-9A-Za-z]{60,}|AAAA[0-9A-Za-z_-]{7}:[0-9A-Za-z_-]{100,}|"
    r"lin_api_[0-9A-Za-z]{20,}|secret_[0-9A-Za-z]{30,}|ntn_[0-9A-Za-z]{30,}|dapi[0-9a-f]{32}|"
    r"hv[sb]\.[0-9A-Za-z_-]{20,}|pat[0-9A-Za-z]{14}\.[0-9a-f]{40,}|NRAK-[0-9A-Z]{20,}|"
    r"glsa_[0-9A-Za-z_]{20,}|"
    r"sntrys_[0-9A-Za-z+/=_-]{20,}|tskey-[0-9a-z]+-[0-9A-Za-z-]{10,}|PMAK-[0-9a-f-]{20,}|"
    r"rzp_(?:live|test)_[0-9A-Za-z]{10,}|access_token\$production\$[0-9a-z$]{20,}|"
    r"amzn\.mws\.[0-9a-f-]{20,}|"
    r"\d{8,10}:AA[0-9A-Za-z_-]{30,}|"  # Telegram
    r"eyJ[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]{8,}(?:\.[0-9A-Za-z_-]*){0,3}|"  # JSON web tokens
    r"[MNO][0-9A-Za-z_-]{23,25}\.[0-9A-Za-z_-]{6}\.[0-9A-Za-z_-]{27,}"  # Discord
    r")(?![0-9A-Za-z])"
)
_PEM: Final = re.compile(
    r"-----BEGIN [A-Z0-9 ]{2,40}-----[^-]{0,20000}(?:-----END [A-Z0-9 ]{2,40}-----)?"
)
_SSH_KEY: Final = re.compile(
    r"\b(?:ssh-(?:rsa|ed25519|dss)|ecdsa-sha2-nistp\d{3}) AAAA[0-9A-Za-z+/=]{16,}"
)
_CONNECTION: Final = re.compile(
    r"(?<![0-9A-Za-z])[a-z][a-z0-9+.-]{1,20}://(?P<user>[^\s:/@\"'<>]{0,80})"
    r":(?P<password>[^\s/@\"'<>]{1,120})@[^\s\"'<>,;]{1,300}"
)
_HEADER: Final = re.compile(
    r"(?i)\b(?:(?:proxy-)?authorization\s*[:=]\s*[\"']?(?:(?:bearer|basic|token|digest|"
    r"apikey|negotiate)\s+)?|bearer\s+)"
    r"(?P<value>[0-9A-Za-z._~+/=-]{8,})"
)
_HASH: Final = re.compile(
    r"\$(?:2[abxy]|argon2(?:id|i|d)|[156]|scrypt|pbkdf2[\w-]*)\$[0-9A-Za-z./$=,+-]{20,}"
)
# Names of settings that hold a secret: `api_key=`, `"clientSecret": "`, `AccountKey=`, `pwd=`.
_SETTING: Final = re.compile(
    r"(?i)(?:(?:api|access|account|private|encryption|signing|secret|"
    r"auth)[_-]?key(?:[_-]?id)?|api[_-]?secret|client[_-]?secret|webhook[_-]?secret|"
    r"secret|"
    r"(?:api|access|auth|refresh|id|session|csrf|xsrf|bearer)?[_-]?token|"
    r"session[_-]?(?:id|key)|sessid|passwd|password|passphrase|passwort|pwd|pass|"
    r"credentials?|cookie|api-schlüssel|clé api|clave api|chiave api|密钥|令牌)"
    r"[\"']?\s?(?::=|=>|[:=：])\s?(?:\"(?P<quoted>[^\"\n]{4,200})\"|"
    r"[\"']?(?P<value>[^\s\"',;&<>(){}\[\]]{6,200}))"
)


def tokens(text: str, _region: str) -> Iterator[Span]:
    """Keys, tokens, private keys, connection strings with a password: all are long words."""
    if max(map(len, text.split()), default=0) < _LEAST_TOKEN and "-----BEGIN" not in text:
        return
    for sign, pattern in _SIGNED_PATTERNS:
        if sign in text:
            yield from _spans(pattern, text)
    yield from _spans(_TOKENS, text)


_LEAST_TOKEN: Final = 14
_SIGNED_PATTERNS: Final = (
    ("-----BEGIN", _PEM),
    ("://", _CONNECTION),
    ("AAAA", _SSH_KEY),
    ("$", _HASH),
)


def settings(text: str, _region: str) -> Iterator[Span]:
    """Headers that sign in, and settings whose name says that they hold a secret."""
    if "earer" in text or "uthorization" in text or "UTHORIZATION" in text:
        yield from _spans(_HEADER, text, "value")
    for match in _SETTING.finditer(text):
        group = "value" if match["quoted"] is None else "quoted"
        if _is_secret(match[group]):
            yield _span(match, group)


def _is_secret(value: str) -> bool:
    """Whether a setting holds a secret and not `true`, `required` or a place for one."""
    return not re.fullmatch(
        r"(?i)\W*(?:true|false|null|none|nil|undefined|required|optional|string|"
        r"expired?|invalid|missing|changed|reset|incorrect|wrong|str|int|"
        r"<.*|\$\{?.*|\*+|x+|\.+|%s|-+|env|os\.\w+.*|process\.\w+.*|self\.\w+)\W*",
        value,
    )  # fmt: skip


def _spans(pattern: re.Pattern[str], text: str, group: str | int = 0) -> Iterator[Span]:
    return (_span(match, group) for match in pattern.finditer(text))


def _span(match: re.Match[str], group: str | int = 0) -> Span:
    return Span(*match.span(group), "secret", match[group])


# --- passwords, PINs, one-time codes --------------------------------------------------------------

_WORDS_FOR_PASSWORDS: Final = (
    r"passwd|passphrase|passcode|pass word|pwd|pw|ww|login pass|passwörter|"
    # and what a language glues to them: `Kundenkennwort`, `startwachtwoord`
    r"(?:[^\W_]{1,16}-?)?(?:passwor[dt]|kennwort|losungswort|wachtwoord|lösenord)|"
    r"(?:[^\W_]{1,16}-?)?salasana\w{0,6}|zugangscode|mot de passe|mdp|code d'accès|"
    r"contraseña|contrasena|clave de acceso|clave|parola d'ordine|codice di accesso|"
    r"parola chiave|toegangscode|palavra-passe|senha|palavra passe|"
    r"tunnussana|salis|hasło|hasła|hasłem|haslo|lösenord\w{0,3}|adgangskode|"
    r"passord|şifre\w{0,4}|parola|sifre|пароль|пароля|"
    r"密码|口令|登录密码|密碼|パスワード|暗証番号|비밀번호|암호"
)
# Between a word for a password and what says which it is: `mot de passe provisoire`.
_SORT: Final = (
    r"(?:\s(?:provisoire|temporaire|initial|actuel|nouveau|provisional|temporal|inicial|nueva|"
    r"provvisoria|temporanea|iniziale|nuova|provisória|temporária|nova|tymczasowe|startowe|nowe|"
    r"vorläufig|neu|initial|tijdelijk|nieuw))?"
)
_SAYING: Final = (
    r"(?:\s?\([^()\d\n]{2,40}\))?"
    r"(?:[\"'”»]?\s?(?::|=|->|=>|：)\s?|\s(?:is now|is|was|are|"
    r"lautet jetzt|lautet|ist jetzt|ist nun|ist|war|est maintenant|est|était|es ahora|es|"
    r"era|è ora|è adesso|è|é agora|é|is nu|on siis|on nyt|on|"
    r"to teraz|oli|to|jest|brzmi|är|er|var|set to|changed to|reset to|"
    r":)\s(?!(?:not|now|required|wrong|incorrect|expired|invalid|too|case|a|an|the|being|"
    r"very|weak|strong|still|also|nicht|falsch|abgelaufen|incorrecta?|expirado|incorrect|"
    r"oublié|sbagliata|verkeerd|väärin|vanhentunut|nieprawidłowe|błędne)\b)|是|为|為|は|：|은\s?|"
    r"는\s?)\s?[\"'“«„`]?"
)
_PASSWORD: Final = re.compile(
    rf"(?i)(?<![^\W_])(?:{_WORDS_FOR_PASSWORDS}){_SORT}(?:\s(?:for|für|fürs|zum|pour|para|per|voor|"
    rf"for the|to|of|von|vom|van|de|del|della|do|du|da|dla|account|konto|wifi|wlan|wi-fi|"
    rf"portal)(?:\s\w{{1,12}}){{0,2}})?{_SAYING}(?P<value>[^\s\"'“”«»„`,;<>]{{4,64}})"
)
# Without a sign in between only what no word looks like: letters with digits, or no vowels.
_PASSWORD_BARE: Final = re.compile(
    rf"(?i)(?<![^\W_])(?:(?:[^\W_]{{1,16}}-?)?(?:passwor[dt]|kennwort|wachtwoord|salasana)|"
    rf"mot de passe|mdp|contraseña|clave|parola chiave|senha|palavra-passe|"
    rf"hasło|haslo|lösenord|pwd|pw|пароль){_SORT}(?:\s(?:for|für|zum|pour|para|per|"
    r"voor|do|de|del|von|van)\s[\w-]{1,12})?\s(?:(?:wijzigen in|in|par|zu|to|into|a|para|na|naar|"
    r"with|as|als|muotoon|wurde|nu)\s)?"
    r"(?P<value>(?:(?=\S*\d)(?=\S*[^\W\d_])|(?=\S*[bcdfghjklmnpqrstvwxz]{5}))[^\s\"',;<>()]{5,64})"
)
_CODE_WORDS: Final = (
    r"pin码|puk码|pin|pin[- ]?code|pin number|pin[- ]?nummer|pin[- ]?nr|geheimzahl|code pin|"
    r"codice pin|codigo pin|código pin|numer pin|kod pin|pincode|pin-koodi|pinkoodi|puk|"
    r"puk code|tan|itan|mtan|mobile tan|"
    r"otp|one[- ]time (?:pass)?(?:code|password|pin)|one[- ]time passcode|"
    r"verification code|security code|access code|login code|sign-in code|"
    r"confirmation pin|2fa code|two-factor code|auth(?:entication)? code|unlock code|"
    r"door code|gate code|alarm code|passcode|sms code|sms-code|"
    r"einmalcode|einmalpasswort|einmalkennwort|bestätigungscode|verifizierungscode|"
    r"sicherheitscode|zugangscode|türcode|freischaltcode|"
    r"code de vérification|code de confirmation|code à usage unique|code sms|"
    r"code secret|code d'accès|code de sécurité|"
    r"código de verificación|código de acceso|clave dinámica|código de seguridad|"
    r"código sms|clave de un solo uso|"
    r"codice di verifica|codice otp|codice di sicurezza|codice di accesso|codice sms|"
    r"codice monouso|"
    r"verificatiecode|eenmalige code|beveiligingscode|toegangscode|sms-code|inlogcode|"
    r"código de verificação|código de acesso|código de confirmação|código sms|"
    r"vahvistuskoodi\w{0,4}|kertakäyttökoodi|kertakäyttöinen koodi|"
    r"tunnuslu(?:ku|vu)\w{0,4}|turvakoodi|"
    r"kod weryfikacyjny|kod sms|jednorazowy kod|kod jednorazowy|hasło jednorazowe|kod dostępu|"
    r"engångskod|verifieringskod|onay kodu|doğrulama kodu|код подтверждения|пин-код|пинкод|пин|"
    r"验证码|动态码|校验码|取件码|支付密码|交易密码|驗證碼|認証コード|確認コード|暗証番号|인증번호|인증코드"
)
_CODE: Final = re.compile(
    rf"(?i)(?<![^\W_])(?:{_CODE_WORDS}|{_LISTS.pattern('opened')})(?![A-Za-zÀ-ɏЀ-ӿ])"
    r"(?:[^\w\n]{0,3}(?:is now|is|was|of|nr|no|number|lautet|ist|wurde|in|par|a|para|na|"
    r"naar|muotoon|wijzigen in|est|es|era|è|é|on|to|jest|är|er|"
    r"for\s\w{1,12}(?:\s\w{1,12})?\sis|für\s\w{1,12}\sist|是|为|為|は|은|는|改成|"
    r"改为)(?![A-Za-zÀ-ɏ]))?"
    r"[^\w\n.]{0,4}(?P<value>(?:[A-Z]-)?\d(?:[ -]?\d){3,9}|(?=[A-Z]*\d)[A-Z0-9]{5,8}"
    r"|(?=[A-Z-]*\d[A-Z-]*\d)[A-Z0-9]{3,6}(?:-[A-Z0-9]{3,6}){1,5})"
    r"(?![0-9A-Za-z]|[.,]\d|\s?(?:g|kg|mm|cm|m|ml|l|pcs|pieces|stück|st|szt|kpl|piezas|"
    r"pezzi|stuks|x|€|eur|usd)\b)"
)
_CODE_SPOKEN: Final = re.compile(
    r"(?i)(?<!\d)(?P<value>\d(?:[ -]?\d){3,7})\s(?:is|ist|est|es|è|é|on|to)\s(?:your|"
    r"ihr|dein|votre|ton|tu|su|il tuo|uw|je|o seu|twój)\s(?:\S{1,20}\s){0,3}?(?:code|"
    r"pin|otp|passcode|\w*code|código|codice|kod|koodi)\b"
)


# After a sign anything is a password; after `is` what looks like no word of a sentence.
_SIGN: Final = re.compile(r"[:=>：]")
_KEY_BEHIND: Final = re.compile(r"[\"']\s*:")  # what stands before it is a key of JSON
_LIKE_NO_WORD: Final = re.compile(
    r"\d|[a-zß-ÿ][A-Z]|[^\W_][^\w\s'’-][^\W_]|(?i:[bcdfghjklmnpqrstvwxz]{5})"
)


def passwords(text: str, _region: str) -> Iterator[Span]:
    """What follows the word for a password."""
    for pattern in (_PASSWORD, _PASSWORD_BARE):
        for match in pattern.finditer(text):
            start, value = match.start("value"), match["value"].rstrip(".!?:)”»")
            told = _SIGN.search(text, match.start(), start) or _LIKE_NO_WORD.search(value)
            named = _IS_WORD.fullmatch(value) or value.lower().endswith(("password", "passwort"))
            named = named or _KEY_BEHIND.match(text, start + len(value))
            if told and len(value) > 3 and _is_secret(value) and not named:
                yield Span(start, start + len(value), "secret", value)


def codes(text: str, _region: str) -> Iterator[Span]:
    """A PIN, or a code that works once."""
    yield from _spans(_CODE, text, "value")
    yield from _spans(_CODE_SPOKEN, text, "value")


# Words that follow `password is` and are none.
_IS_WORD: Final = re.compile(
    r"(?i)(?:reset|changed|required|protected|forgotten|wrong|invalid|expired?|missing|"
    r"needed|correct|incorrect|stored|hashed|empty|"
    r"blank|optional|updated|lost|known|unknown|please|that|this|what|with|your|there|"
    r"here|from|when|manager|field|policy|link|"
    r"vergessen|falsch|abgelaufen|geändert|zurückgesetzt|nicht|gültig|ungültig|oublié|"
    r"perdu|incorrect|expiré|olvidada|incorrecta|"
    r"dimenticata|errata|scaduta|vergeten|verkeerd|esquecida|errada|unohtunut|väärä|"
    r"zapomniane|błędne)"
)

# --- wallets --------------------------------------------------------------------------------------

_BASE58: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_WALLET: Final = re.compile(
    r"(?<![0-9A-Za-z])(?:(?P<checked>[13LMDTXr9A][1-9A-HJ-NP-Za-km-z]{25,34}|"
    r"[mn2][1-9A-HJ-NP-Za-km-z]{25,34})|"
    r"(?P<bech>(?:bc|tb|ltc)1[02-9ac-hj-np-z]{11,71}|(?:BC|TB|LTC)1[02-9AC-HJ-NP-Z]{11,71})|"
    r"(?P<sure>0x[0-9A-Fa-f]{40}(?![0-9A-Fa-f])|addr1[0-9a-z]{50,100}|"
    r"stake1[0-9a-z]{50,60}|cosmos1[0-9a-z]{38}|bnb1[0-9a-z]{38}|"
    r"4[0-9AB][1-9A-HJ-NP-Za-km-z]{93}|8[1-9A-HJ-NP-Za-km-z]{94}|"
    r"bitcoincash:[qp][0-9a-z]{41}|[xyz]pub[1-9A-HJ-NP-Za-km-z]{100,112}|"
    r"[xyz]prv[1-9A-HJ-NP-Za-km-z]{100,112}|[EU]Q[0-9A-Za-z_-]{46}))"
    r"(?![0-9A-Za-z])"
)


def wallets(text: str, _region: str) -> Iterator[Span]:
    """Addresses of cryptocurrencies: with a right checksum, or of a form that nothing else has."""
    for match in _WALLET.finditer(text):
        value = match[0]
        if match["sure"] or (_bech32(value.lower()) if match["bech"] else _base58_check(value)):
            yield Span(*match.span(), "wallet", value)


def _base58_check(value: str) -> bool:
    """Whether the last four bytes are the double SHA-256 of those before, in either alphabet."""
    return any(_sums_up(value, alphabet) for alphabet in (_BASE58, _RIPPLE))


_RIPPLE: Final = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz"


def _sums_up(value: str, alphabet: str) -> bool:
    number = 0
    for char in value:
        number = number * 58 + alphabet.index(char)
    try:
        raw = number.to_bytes(25)
    except OverflowError:
        return False
    return hashlib.sha256(hashlib.sha256(raw[:-4]).digest()).digest()[:4] == raw[-4:]


_BECH32: Final = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def _bech32(value: str) -> bool:
    """Whether the last six characters are the checksum of BIP 173 or BIP 350."""
    head, _, data = value.rpartition("1")
    if set(data) - set(_BECH32):
        return False
    values = [ord(char) >> 5 for char in head] + [0] + [ord(char) & 31 for char in head]
    check = 1
    for each in values + [_BECH32.index(char) for char in data]:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ each
        for bit, generator in enumerate(_GENERATORS):
            check ^= generator if top >> bit & 1 else 0
    return check in (1, 0x2BC830A3)


_GENERATORS: Final = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)

_SETTING_SIGNS: Final = (
    "key|secret|token|pass|pwd|sess|credential|cookie|authoriz|bearer|schlüssel|clé api|"
    "clave api|chiave api|密钥|令牌"
)
_SIGNS_OF_PASSWORDS: Final = (
    "pass|pwd|pw|ww|kennwort|zugangscode|mdp|code d'accès|contrase|clave|parola|"
    "codice di|wachtwoord|toegangscode|senha|salasana|salis|tunnussana|"
    "hasł|haslo|lösenord|adgangsk|şifre|sifre|парол|密|口令|パスワード|暗証|비밀번호|암호"
)
_CODE_SIGNS: Final = (
    "pin|puk|tan|otp|wifi|wi-fi|wlan|cod|cód|kod|koodi|clave|geheimzahl|tunnuslu|hasło|код|пин|码|碼|コード|"
    "番号|인증"
)

_GATE_OF_TOKENS: Final = r"[0-9a-z_+/=.:$~-]{14}|-----begin|://"
_SETTING_GATE: Final = (
    rf"(?:{plain(_SETTING_SIGNS)})\S{{0,16}}\s?(?:[:=]|：)|bearer\s|authorization\s*[:=]"
)
_PASSWORD_GATE: Final = (
    rf"passwor|kennwort|wachtwoord|salasana|losenord|(?:^|[^a-z])(?:{plain(_SIGNS_OF_PASSWORDS)})"
)
_WALLET_GATE: Final = "[0-9a-z]{26}|(?:bc|tb|ltc)1[0-9a-z]{11}"
_WORDS_OF_CODES: Final = Telling(
    ["wi fi"],
    begin=listed("""
        pin puk tan itan mtan otp wifi wlan cod kod koodi clav cle chiav chave geheim passcod passp
        passwor einmal hasl haslo tunnus kerta vahvistus turva ovi paasy sisaan haly aktivoint
        avaus portti kulku nouto lukko kassaka код пин
    """),
    end=["code", "codes"],
)


_WORDS_OF_PASSWORDS: Final = Telling(
    ["pw", "ww"],
    begin=listed("""
        pass pwd kennwort losung zugangscode login mot mdp code contras clave parola codice
        wachtwoord toegangs senha salasana tunnussana salis hasl haslo losen adgangs sifre palavra
        парол
    """),
    end=["word", "wort", "oord", "nord", "sana"],
)


def _may_hold_passwords(seen: Glances) -> Bools:
    return seen.says(_WORDS_OF_PASSWORDS) | seen.contains("salasan", "senord")


def _may_hold_codes(seen: Glances) -> Bools:
    return seen.digit & seen.says(_WORDS_OF_CODES)


_BEARER: Final = Telling(["bearer"])


def _may_hold_settings(seen: Glances) -> Bools:
    return seen.has(":=") | seen.other | seen.says(_BEARER)


def _may_hold_tokens(seen: Glances) -> Bools:
    return seen.tokens(14) | (seen.has(":") & seen.has("/")) | seen.counts("-", 5)


SECRETS: Final = (
    Finder.coded("secret", tokens, name="token", gate=_GATE_OF_TOKENS, sieve=_may_hold_tokens),
    Finder.coded("secret", settings, name="setting", gate=_SETTING_GATE, sieve=_may_hold_settings),
    Finder.coded(
        "secret", passwords, name="password", gate=_PASSWORD_GATE, sieve=_may_hold_passwords
    ),
    Finder.coded("secret", codes, name="code", digits=4, needs=_CODE_SIGNS, sieve=_may_hold_codes),
    Finder.coded("wallet", wallets, gate=_WALLET_GATE, sieve=lambda seen: seen.runs(14)),
)

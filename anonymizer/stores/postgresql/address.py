"""The URL of a PostgreSQL database: what libpq gets, what messages tell, which schemas count."""

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from anonymizer.errors import FileError

SCHEMES: Final = ("postgresql", "postgres")
_OURS: Final = ("schema", "view")  # what libpq does not know


@dataclass(frozen=True)
class PostgreSQLAddress:
    """Where a database is.

    Attributes:
        place: the URL as messages may tell it, without password and options.
        url: as libpq takes it, perhaps with a password.
        schemas: whose tables are meant.
        views: which are read like tables, with their schema where several are named.
    """

    place: str
    url: str = field(repr=False)
    schemas: tuple[str, ...] = ("public",)
    views: tuple[str, ...] = ()

    @classmethod
    def of(cls, url: str) -> "PostgreSQLAddress":
        """The parts of `postgresql://user@host:port/database?schema=sales`.

        `schema` and `view` may stand more than once. The rest is libpq's, which looks for a
        password in the URL, in PGPASSWORD and in ~/.pgpass.

        Raises:
            FileError: it is no such URL.
        """
        try:
            parts = urlsplit(url)
            at = f"{parts.username}@" if parts.username else ""
            host = parts.netloc.rpartition("@")[2]
        except ValueError:  # whose message holds what stands in the place of the host
            raise FileError(_EXPECTED) from None
        # Unescaped, a password ends where a path, options or a fragment begin.
        cut_short = parts.fragment or "@" in parts.path + parts.query
        if parts.scheme not in SCHEMES or "://" not in url or cut_short:
            raise FileError(_EXPECTED)
        options = parse_qsl(parts.query, keep_blank_values=True)
        ours = {name: tuple(v for n, v in options if n == name) for name in _OURS}
        libpq = [option for option in options if option[0] not in _OURS]
        rest = urlencode([*libpq, ("client_encoding", "UTF8")], quote_via=quote)
        return cls(
            unquote(f"postgresql://{at}{host}{parts.path}"),
            f"postgresql://{parts.netloc}{parts.path}?{rest}",
            tuple(dict.fromkeys(ours["schema"])) or ("public",),
            ours["view"],
        )


_EXPECTED: Final = (
    "expected postgresql://user@host:port/database, with what is no letter, digit or one of -._~ "
    "written as %XX in user and password; PGPASSWORD and ~/.pgpass can hold the password"
)

"""A PostgreSQL server of its own, with a database for each name that somebody asks for."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.skipping import without

PASSWORD = "s3cret of/the@tests"
WITHIN_URL = "s3cret%20of%2Fthe%40tests"


@dataclass(frozen=True)
class Server:
    """One that listens to a socket in a folder.

    Attributes:
        folder: with its data and its socket.
        programs: where those of PostgreSQL are.
    """

    folder: Path
    programs: Path

    def url(self, database: str, user: str = "owner", password: str = WITHIN_URL) -> str:
        """The URL of a database."""
        return f"postgresql://{user}:{password}@/{database}?host={self.folder}"

    def psql(self, database: str, sql: str) -> str:
        """What psql prints of SQL, values alone."""
        return self._run("psql", "-XqAtv", "ON_ERROR_STOP=1", "-d", self.url(database), given=sql)

    def _run(self, program: str, *options: str, given: str = "") -> str:
        command = [str(self.programs / program), *options]
        done = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def database(self, name: str, ddl: str = "") -> str:
        """The URL of a new database with some tables."""
        self.psql("postgres", f"CREATE DATABASE {name}")
        self.psql(name, ddl)
        return self.url(name)

    def twin(self, name: str, of: str) -> str:
        """The URL of a new database with the tables of another, as a user would make it."""
        url = self.database(name)
        self.psql(name, self.dumped(of))
        return url

    def dumped(self, name: str) -> str:
        """The DDL of a database, without the words that pg_dump draws anew each time."""
        lines = self._run("pg_dump", "--schema-only", "-d", self.url(name)).splitlines()
        return "\n".join(line for line in lines if "restrict " not in line[:12])


def _programs() -> Path:
    """Where Debian puts those of the newest version; else where the path finds them."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name))
    elsewhere = shutil.which("pg_ctl")
    return found[-1] if found else Path(elsewhere or without("PostgreSQL")).parent


@contextmanager
def running() -> Iterator[Server]:
    """A server until the block ends; by another user than root, whom PostgreSQL refuses."""
    programs = _programs()
    with tempfile.TemporaryDirectory(prefix="pg-", dir="/tmp") as temporary:
        folder = Path(temporary)
        (folder / "password").write_text(PASSWORD)
        user: list[str] = []
        if os.getuid() == 0:
            user = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
            for path in (folder, folder / "password"):
                shutil.chown(path, "nobody", "nogroup")
        data = folder / "data"

        def run(program: str, *options: str) -> None:
            command = [*user, str(programs / program), "-D", str(data), *options]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=folder)

        run("initdb", "-U", "owner", "-A", "scram-sha-256", f"--pwfile={folder / 'password'}",
            "-E", "UTF8", "--locale=C", "--no-sync")  # fmt: skip
        quick = f"-k {folder} -c listen_addresses='' -c fsync=off"
        run("pg_ctl", "-w", "-l", str(folder / "log"), "-o", quick, "start")
        try:
            yield Server(folder, programs)
        finally:
            run("pg_ctl", "-w", "-m", "immediate", "stop")

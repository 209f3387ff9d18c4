"""Real database servers for tests: private ones, in a folder that goes when they end.

`python tests/databases.py` installs Debian's packages where they are missing, if it may.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar, Self

READY_S = 60.0
USER, PASSWORD = "chinwag", "Geheimnis/ä@1"
ESCAPED = "Geheimnis%2F%C3%A4%401"


class Server:
    """A database server on a free port of this machine."""

    product: ClassVar[str]
    package: ClassVar[str]
    scheme: ClassVar[str]
    account: ClassVar[str]  # who runs it where the tests run as root

    def __init__(self, *, durable: bool = False) -> None:
        self.durable = durable  # commits survive a power cut too; killed it loses none anyway
        self.folder = Path(tempfile.mkdtemp(prefix=f"chinwag-{self.product}-"))
        self.port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._made = 0
        if os.geteuid() == 0:
            shutil.chown(self.folder, self.account)
        self._heir = _heir(self.folder)
        self._prepare()

    @classmethod
    def missing(cls) -> str:
        """The program that is not there; empty: everything is."""
        return next((p for p in cls.programs() if not _program(p)), "")

    @classmethod
    def programs(cls) -> tuple[str, ...]:
        """What it needs."""
        raise NotImplementedError

    def _prepare(self) -> None:
        raise NotImplementedError

    def _command(self) -> list[str]:
        raise NotImplementedError

    def _answers(self) -> bool:
        raise NotImplementedError

    def execute(self, statement: str, database: str = "") -> str:
        """Run a statement as the administrator; what it answers."""
        raise NotImplementedError

    def cut_off(self, database: str) -> None:
        """End all connections to a database."""
        raise NotImplementedError

    @property
    def url(self) -> str:
        """The address of the server; the name of a database is to be added."""
        return f"{self.scheme}://{USER}:{ESCAPED}@127.0.0.1:{self.port}/"

    def new_database(self) -> str:
        """The address of an empty database."""
        self._made += 1
        self.execute(f"CREATE DATABASE test{self._made}")
        return f"{self.url}test{self._made}"

    def start(self) -> Self:
        """Start it and wait until it answers."""
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command(), stdout=log, stderr=log, start_new_session=True, user=self._user
            )
        deadline = time.monotonic() + READY_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"no {self.product}: {(self.folder / 'log').read_text()}")
            time.sleep(0.05)
        return self

    @property
    def pid(self) -> int:
        """The process that all others of it descend from."""
        assert self._process is not None
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it has been started and not been killed."""
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """End it at once, as a crash would."""
        self._signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()

    @contextmanager
    def away(self) -> Iterator[None]:
        """Let it be dead for a while."""
        self.kill()
        try:
            yield
        finally:
            self.start()

    @contextmanager
    def silent(self) -> Iterator[None]:
        """Let it answer nothing for a while, as if the network was cut."""
        self._signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            for group in self._groups():
                try:
                    os.killpg(group, number)
                except ProcessLookupError:
                    continue

    def _groups(self) -> list[int]:
        """The process groups it consists of."""
        assert self._process is not None
        return [self._process.pid]

    def remove(self) -> None:
        """End it for good."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
        self._heir.communicate()

    def _run(self, *command: str, text: str = "") -> str:
        done = subprocess.run(
            [_program(command[0]), *command[1:]],
            check=True,
            input=text.encode(),
            stdout=subprocess.PIPE,
            cwd=self.folder,
            user=self._user,
        )
        return done.stdout.decode()

    @property
    def _user(self) -> str | None:
        return self.account if os.geteuid() == 0 else None


class Postgres(Server):
    """PostgreSQL."""

    product = "postgres"
    package = "postgresql"
    scheme = "postgresql"
    account = "postgres"

    @classmethod
    def programs(cls) -> tuple[str, ...]:
        return ("initdb", "postgres", "psql", "pg_isready")

    def _prepare(self) -> None:
        secret = self.folder / "secret"
        secret.write_text(PASSWORD + "\n")
        secret.chmod(0o644)
        self._run(
            "initdb", "-D", "data", "-U", USER, "-E", "UTF8", "--locale=C", "--no-sync",
            "-A", "scram-sha-256", "--pwfile=secret",
        )  # fmt: skip

    def _command(self) -> list[str]:
        options = [
            f"port={self.port}",
            "listen_addresses=127.0.0.1",
            f"unix_socket_directories={self.folder}",
            f"fsync={'on' if self.durable else 'off'}",
            "max_connections=60",
            "shared_buffers=32MB",
        ]
        return [_program("postgres"), "-D", f"{self.folder}/data"] + [
            part for option in options for part in ("-c", option)
        ]

    def _answers(self) -> bool:
        return not subprocess.call(
            [_program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        )

    def _groups(self) -> list[int]:
        """PostgreSQL's processes each have a group of their own."""
        assert self._process is not None
        first = self._process.pid
        return [first, *_children(first)]

    def execute(self, statement: str, database: str = "") -> str:
        address = self.url + (database or "postgres")
        return self._run("psql", "-qAt", "-v", "ON_ERROR_STOP=1", address, text=statement)

    def cut_off(self, database: str) -> None:
        self.execute(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'"
        )


class MariaDb(Server):
    """MariaDB."""

    product = "mysql"
    package = "mariadb-server"
    scheme = "mysql"
    account = "mysql"

    @classmethod
    def programs(cls) -> tuple[str, ...]:
        return ("mariadb-install-db", "mariadbd", "mariadb", "mariadb-admin")

    def _prepare(self) -> None:
        self._run(
            "mariadb-install-db", "--no-defaults", f"--datadir={self.folder}/data",
            "--auth-root-authentication-method=normal", "--skip-test-db",
            f"--tmpdir={self.folder}",
        )  # fmt: skip
        (self.folder / "init.sql").write_text(
            f"CREATE USER IF NOT EXISTS '{USER}'@'%' IDENTIFIED BY '{PASSWORD}';\n"
            f"GRANT ALL ON *.* TO '{USER}'@'%' WITH GRANT OPTION;\n"
        )

    def _command(self) -> list[str]:
        return [
            _program("mariadbd"),
            "--no-defaults",
            f"--datadir={self.folder}/data",
            f"--port={self.port}",
            "--bind-address=127.0.0.1",
            f"--socket={self.folder}/socket",
            f"--tmpdir={self.folder}",
            f"--init-file={self.folder}/init.sql",
            "--character-set-server=latin1",  # ours must not depend on it
            "--skip-name-resolve",
            f"--innodb-flush-log-at-trx-commit={1 if self.durable else 2}",
            "--innodb-buffer-pool-size=64M",
            "--innodb-log-file-size=32M",
        ]

    def _answers(self) -> bool:
        return not subprocess.call(
            [_program("mariadb-admin"), "--no-defaults", *self._as_client(), "ping"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def _as_client(self) -> list[str]:
        return [
            f"--socket={self.folder}/socket",
            f"--user={USER}",
            f"--password={PASSWORD}",
            "--default-character-set=utf8mb4",
        ]

    def execute(self, statement: str, database: str = "") -> str:
        client = ["mariadb", "--no-defaults", *self._as_client(), "-N", database]
        return self._run(*client, text=statement)

    def cut_off(self, database: str) -> None:
        listed = f"SELECT id FROM information_schema.processlist WHERE db = '{database}'"
        self.execute("".join(f"KILL {number};" for number in self.execute(listed).split()))


Start = Callable[[str], Server]
SERVERS: dict[str, type[Server]] = {kind.product: kind for kind in (Postgres, MariaDb)}


# Waits for its standard input to end, then ends whatever was started with the folder.
_HEIR = """
cat > /dev/null
for process in /proc/[0-9]*; do
  case "$(tr '\\0' ' ' 2> /dev/null < $process/cmdline)" in
    *"$FOLDER"*) kill -9 ${process#/proc/} ;;
  esac
done
rm -rf "$FOLDER"
"""


def _heir(folder: Path) -> "subprocess.Popen[bytes]":
    """A process that clears up when this one is killed and cannot do it itself."""
    environ = {**os.environ, "FOLDER": str(folder)}
    return subprocess.Popen(
        ["/bin/sh", "-c", _HEIR],
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env=environ,
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _program(name: str) -> str:
    """Where a program is; Debian keeps PostgreSQL's and some of MariaDB's off the path."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    path = os.pathsep.join([os.environ.get("PATH", ""), *map(str, places), "/usr/sbin"])
    return shutil.which(name, path=path) or ""


def _children(pid: int) -> list[int]:
    listed = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, check=False, text=True)
    return [int(line) for line in listed.stdout.split()]


def absent() -> list[str]:
    """One sentence for each server that cannot be started here."""
    return [
        f"There is no {kind.missing()} here: the tests on {product} are skipped "
        f"(apt-get install {kind.package})."
        for product, kind in SERVERS.items()
        if kind.missing()
    ]


def install() -> None:
    """Install what is missing, if this is root on Debian; say what is skipped otherwise."""
    packages = [kind.package for kind in SERVERS.values() if kind.missing()]
    if packages and os.geteuid() == 0 and shutil.which("apt-get"):
        environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
        with _NoServices():
            subprocess.call(["apt-get", "update", "-qq"], env=environ)
            subprocess.call(command, env=environ)
    for sentence in absent():
        print(sentence)


class _NoServices:
    """Keeps the packages from starting servers of their own: the tests start private ones."""

    policy = Path("/usr/sbin/policy-rc.d")

    def __enter__(self) -> None:
        self.ours = not self.policy.exists()
        if self.ours:
            self.policy.write_text("#!/bin/sh\nexit 101\n")
            self.policy.chmod(0o755)

    def __exit__(self, *_: object) -> None:
        if self.ours:
            self.policy.unlink()


if __name__ == "__main__":
    install()
    sys.exit(0)

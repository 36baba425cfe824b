"""Throw-away PostgreSQL servers: a cluster in a folder of its own, on loopback, gone at the end."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

USER = "hallmark"
"""Superuser of every cluster made here; nobody else is asked for a password on loopback."""


def programs() -> Path | None:
    """Folder of ``initdb`` and ``pg_ctl`` of the newest version installed, or None."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda each: int(each.parts[-3])
    )
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return None if on_path is None else Path(on_path).resolve().parent


def free_port() -> int:
    """A TCP port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
    """One cluster: made by ``initdb`` or by a base backup, started and stopped at will."""

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        bin_folder = programs()
        if bin_folder is None:
            raise RuntimeError("PostgreSQL's initdb is not installed")
        self.bin, self.folder, self.port = bin_folder, folder, free_port()
        self.data = folder / "data"
        self.settings = dict(settings or {})
        folder.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            # The server refuses to run as root.
            shutil.chown(folder, "postgres")

    def create(self) -> None:
        """Make an empty cluster."""
        self.run("initdb", "-D", self.data, "-A", "trust", "-U", USER, "-E", "UTF8", "--locale=C",
                 "--no-instructions")  # fmt: skip

    def start(self, **settings: str) -> None:
        """Start with the cluster's settings and these."""
        options = {
            "listen_addresses": "127.0.0.1", "unix_socket_directories": str(self.folder),
            "port": str(self.port), **self.settings, **settings,
        }  # fmt: skip
        words = " ".join(f"-c {name}='{value}'" for name, value in options.items())
        self.run("pg_ctl", "-D", self.data, "-w", "-t", "300", "-l", self.folder / "log",
                 "-o", words, "start")  # fmt: skip

    def stop(self, mode: str = "fast") -> None:
        """Stop; ``immediate`` is as good as a power cut."""
        self.run("pg_ctl", "-D", self.data, "-w", "-t", "300", "-m", mode, "stop")

    @property
    def process(self) -> int:
        """Process id of the postmaster."""
        return int((self.data / "postmaster.pid").read_text().split()[0])

    def url(self, database: str = "postgres") -> str:
        """SQLAlchemy's URL of one of its databases."""
        return f"postgresql+psycopg://{USER}@127.0.0.1:{self.port}/{database}"

    def run(self, program: str, *arguments: object) -> None:
        """Run one of PostgreSQL's programs as the user that owns the cluster.

        Raises:
            RuntimeError: it failed; with the end of what it said.
        """
        done = subprocess.run(
            [str(self.bin / program), *map(str, arguments)], cwd="/", check=False, text=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            user="postgres" if os.geteuid() == 0 else None,
        )  # fmt: skip
        if done.returncode:
            log = self.folder / "log"
            told = log.read_text("utf-8")[-800:] if log.exists() else ""
            raise RuntimeError(f"{program} failed: {done.stderr[-800:]}{told}")


@contextmanager
def running(folder: Path, settings: Mapping[str, str] | None = None) -> Iterator[Server]:
    """A fresh cluster that is stopped at the end; whoever gave the folder removes it."""
    server = Server(folder, settings)
    server.create()
    server.start()
    try:
        yield server
    finally:
        server.stop("immediate")

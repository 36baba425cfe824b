"""The demonstration registry as a whole: built once by its own command, read back, served."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx2

FORMS = ("qr.png", "qr.txt", "certificate.json", "certificate.pdf")
"""Files of each certificate that can be verified."""
STATES = ("valid", "revoked", "suspended", "superseded", "expired", "not_yet_valid")
"""Every verdict that a certificate of the demonstration has."""
IN_FORCE = ("valid", "revoked", "suspended", "superseded")
"""States of certificates within their period: only the status list tells them apart."""


@dataclass(frozen=True)
class Award:
    """One issued certificate as ``certificates/index.json`` lists it."""

    folder: Path
    number: str
    version: int
    state: str
    holder: str
    replaced_by: dict[str, Any] | None

    @property
    def text(self) -> str:
        """Text of the QR code."""
        return self.file("qr.txt").read_text("utf-8").strip()

    @property
    def document(self) -> dict[str, Any]:
        """The secured JSON document."""
        return json.loads(self.file("certificate.json").read_bytes())

    def file(self, form: str) -> Path:
        """One of :data:`FORMS`."""
        return self.folder / form


@dataclass(frozen=True)
class Card:
    """One code of ``verdicts/`` and what it must answer."""

    name: str
    verdict: str
    reason: str | None
    folder: Path

    @property
    def text(self) -> str:
        """Text of the code."""
        return self.file("txt").read_text("utf-8").strip()

    def file(self, ending: str) -> Path:
        """The code as ``txt`` or ``png``."""
        return self.folder / f"{self.name}.{ending}"


@dataclass(frozen=True)
class Demonstration:
    """A built folder."""

    folder: Path
    port: int

    @property
    def base(self) -> str:
        """Origin that its certificates name."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def root(self) -> Path:
        """The pinned anchor."""
        return self.folder / "root.note"

    @property
    def public(self) -> Path:
        """The static tree."""
        return self.folder / "public"

    @cached_property
    def awards(self) -> list[Award]:
        """Every certificate."""
        place = self.folder / "certificates"
        rows = json.loads((place / "index.json").read_bytes())
        return [Award(**row | {"folder": place / row["folder"]}) for row in rows]

    @cached_property
    def cards(self) -> dict[str, Card]:
        """Every card of the printed sheet, by name."""
        place = self.folder / "verdicts"
        rows = json.loads((place / "index.json").read_bytes())
        return {row["name"]: Card(**row, folder=place) for row in rows}

    def of_state(self, state: str, most: int = 1000) -> list[Award]:
        """Certificates in that state; there is at least one."""
        found = [award for award in self.awards if award.state == state]
        assert found, state
        return found[:most]

    @contextmanager
    def served(self) -> Iterator[httpx2.Client]:
        """``hallmark serve`` as a process of its own, and a client that asks it."""
        process = subprocess.Popen(
            [sys.executable, "-m", "verifier", "serve", "--dir", str(self.folder),
             "--port", str(self.port)],
        )  # fmt: skip
        try:
            with httpx2.Client(base_url=self.base, timeout=30) as client:
                wait(process, client)
                yield client
        finally:
            process.terminate()
            process.wait(timeout=30)

    def verify(self, home: Path, *arguments: str | Path) -> tuple[int, str]:
        """Run ``hallmark verify`` with memory and cache under ``home``: exit status, output."""
        ran = subprocess.run(
            [sys.executable, "-m", "verifier", "verify", *map(str, arguments)],
            env=os.environ | {"XDG_CACHE_HOME": f"{home}/cache", "XDG_STATE_HOME": f"{home}/state"},
            capture_output=True, encoding="utf-8", timeout=300,
        )  # fmt: skip
        assert "Traceback" not in ran.stderr, ran.stderr
        return ran.returncode, ran.stdout


def build(folder: Path) -> Demonstration:
    """Build the demonstration with ``hallmark demo``, for a port that is free now."""
    made = Demonstration(folder, free_port())
    ran = subprocess.run(
        [sys.executable, "-m", "verifier", "demo", "--no-serve", "--dir", str(folder),
         "--port", str(made.port)],
        capture_output=True, encoding="utf-8", timeout=300,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return made


def free_port() -> int:
    """A port of this machine on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait(process: subprocess.Popen[bytes], client: httpx2.Client) -> None:
    for _ in range(300):
        assert process.poll() is None, "the server ended"
        try:
            if client.get("/trust/latest").is_success:
                return
        except httpx2.TransportError:
            time.sleep(0.1)
    raise AssertionError("the server does not answer")

"""A registry is lost with everything but its public files, and comes back by the written steps.

The commands are those of ``registry/work/README.md``, taken from the page and run as they stand.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from tests.e2e import test_office as office_steps
from tests.e2e.demonstration import Demonstration, free_port
from tests.e2e.test_office import Office

PAGE = Path(__file__).resolve().parents[2] / "registry" / "work" / "README.md"


def steps() -> list[str]:
    """Every block of commands of the page, in order."""
    part = PAGE.read_text("utf-8").partition("## Backup and recovery")[2]
    return [
        "\n".join(line.strip() for line in block.splitlines())
        for block in re.findall(r"```sh\n(.*?)```", part, re.DOTALL)
    ]


@dataclass
class Machine:
    """Folders of the story, and a shell in which ``hallmark`` is at hand."""

    root: Path

    def __post_init__(self) -> None:
        self.paths = {
            name: self.root / name.lower() for name in ("DIR", "SAFE", "BACKUPS", "NEW", "PUBLIC")
        }
        (self.root / "bin").mkdir(parents=True)
        command = self.root / "bin" / "hallmark"
        command.write_text(f'#!/bin/sh\nexec {sys.executable} -m verifier "$@"\n')
        command.chmod(0o755)

    def run(self, commands: str, *, fails: bool = False) -> str:
        """Run a block of the page; what it exports and names stays for the next one."""
        kept = self.root / "kept"
        script = f"set -eu\nset -a\ntest -e {kept} && . {kept}\n{commands}\nexport -p > {kept}\n"
        done = subprocess.run(
            ["bash", "-c", script], env=self.environment(), capture_output=True, text=True,
            timeout=300, cwd=PAGE.parents[2],
        )  # fmt: skip
        said = done.stdout + done.stderr
        assert (done.returncode != 0) is fails, said
        assert "Traceback" not in said, said
        return said

    def environment(self) -> dict[str, str]:
        safe = self.paths["SAFE"]
        return os.environ | {name: str(path) for name, path in self.paths.items()} | {
            "PATH": f"{self.root / 'bin'}:{os.environ['PATH']}",
            "HALLMARK_PASSPHRASE_FILE": str(safe / "passphrase"),
            "HALLMARK_PERSONAL_PASSPHRASE_FILE": str(safe / "personal-passphrase"),
        }  # fmt: skip


@pytest.fixture
def machine(demo: Demonstration, tmp_path: Path) -> Machine:
    made = Machine(tmp_path)
    shutil.copytree(demo.folder, made.paths["DIR"])
    for name in ("SAFE", "BACKUPS"):
        made.paths[name].mkdir()
    for name in ("passphrase", "personal-passphrase"):
        shutil.move(made.paths["DIR"] / name, made.paths["SAFE"] / name)
    secret = made.paths["SAFE"] / "backup-passphrase"
    secret.write_text("a passphrase for backups\n")
    secret.chmod(0o600)
    return made


def revoke(issuer: httpx2.Client, number: str) -> None:
    """An officer revokes a certificate in the console."""
    found = issuer.post("/console/certificates", data={"q": number})
    address = re.findall(r'href="(/console/certificates/\d+)"', found.text)[0]
    page = issuer.get(f"{address}/revoke")
    ground = re.findall(r'<option value="(\w+)">', page.text)[0]
    decided = re.search(r'name="decided_on" type="date" value="([^"]+)"', page.text)
    assert decided is not None
    form = office_steps._form(
        page, ground=ground, decided_on=decided[1], document="示例决〔2026〕9号"
    )
    assert "已登记" in issuer.post(f"{address}/revoke", data=form).text


def holder_of(office: Office, batch: str) -> bytes:
    """The JSON of one certificate of a batch, as its holder picks it up."""
    with office.officer("js-issuer") as issuer, office.visitor() as holder:
        code, last4 = office_steps._slip(issuer, batch)
        return office_steps._pick_up(holder, code, last4)["json"]


def issue(office: Office, state: str) -> str:
    """Take a batch of that state through what is left; answers its address."""
    if state == "confirmed":
        return office_steps._issue(office)
    with office.officer("js-issuer") as issuer:
        batch = office_steps._batch(issuer, state)
        assert "已批准" in office_steps._take(issuer, batch, "approve").text
        office_steps._take(issuer, batch, "issue")
        office_steps._until(lambda: _done(issuer, batch))
    return batch


def _done(issuer: httpx2.Client, batch: str) -> bool | None:
    return issuer.get(f"{batch}/progress.json").json()["state"] == "done" or None


def read(machine: Machine, place: str, *files: Path) -> list[tuple[str, str]]:
    """Verdict and number of each file, by ``hallmark verify`` over a folder's public files."""
    folder = machine.paths[place]
    done = subprocess.run(
        [sys.executable, "-m", "verifier", "verify", "--json", "--root", folder / "root.note",
         "--evidence", folder / "public", *files],
        env=machine.environment() | {
            # One memory for the whole story: what goes backwards is noticed.
            "XDG_STATE_HOME": str(machine.root / "state"),
            "XDG_CACHE_HOME": str(machine.root / "cache"),
        },
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    return [(each["verdict"], each["certificate"]["number"]) for each in json.loads(done.stdout)]


def running(folder: Path) -> Iterator[Office]:
    """The registry of a folder, served and at work."""
    copy = Demonstration(folder, free_port())
    with copy.served(), office_steps._working(folder):
        yield Office(copy.base)


@pytest.mark.prove
def test_lost_and_found_by_the_written_steps(
    machine: Machine, demo: Demonstration, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, said in machine.environment().items():
        if name.startswith("HALLMARK_P"):
            monkeypatch.setenv(name, said)
    key, safe, take, check, restore, back, recover, publish = steps()
    award = demo.of_state("valid", 1)[0]
    old = award.file("certificate.json")
    new = machine.root / "issued-after.json"

    machine.run(key)
    machine.run(safe)
    for office in running(machine.paths["DIR"]):
        with office.officer("js-issuer") as issuer:
            said = machine.run(take)  # while it serves and works
            assert "SHA-256" in said and "certificates" in said
            batch = issue(office, "checked")
            new.write_bytes(holder_of(office, batch))
            revoke(issuer, award.number)
            office_steps._until(lambda: read(machine, "DIR", old)[0][0] == "revoked" or None)
    assert read(machine, "DIR", old, new)[1][0] == "valid"
    number = read(machine, "DIR", new)[0][1]
    assert "whole and unchanged" in machine.run(check)

    shutil.move(machine.paths["DIR"] / "public", machine.paths["PUBLIC"])
    shutil.rmtree(machine.paths["DIR"])
    said = machine.run(restore)
    assert "hallmark recover" in said
    machine.run(back)
    refused = machine.run("hallmark work --dir $NEW --once", fails=True)
    assert "hallmark recover" in refused
    assert [each[0] for each in read(machine, "NEW", old, new)] == ["revoked", "valid"]

    report = machine.run(recover)
    assert award.number in report and "valid → revoked" in report
    machine.run(publish)
    assert [each[0] for each in read(machine, "NEW", old, new)] == ["revoked", "valid"]
    for office in running(machine.paths["NEW"]):
        again = issue(office, "checked")
        more = machine.root / "issued-again.json"
        more.write_bytes(holder_of(office, again))
        assert read(machine, "NEW", more)[0][0] == "valid"
        assert read(machine, "NEW", more)[0][1] != number
    assert [each[0] for each in read(machine, "NEW", old, new)] == ["revoked", "valid"]
    assert "no recovery is due" in machine.run("hallmark recover --dir $NEW")

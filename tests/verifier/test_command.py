"""``hallmark verify`` as a person runs it, with a network of our own."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.verifier.test_fuzz import SCHEMA
from tests.world import BASE, DAY, NOW, PUBLISHED, State, World
from verifier import __main__ as entry
from verifier import command

AT = "2026-11-22T05:00:00Z"


class Net:
    """A registry's web server; ``connect`` notes what was asked of it."""

    def __init__(self, files):
        self.files = files
        self.problems = []
        self.asked = []
        self.connections = []

    def connect(self, base, origins):
        self.connections.append((base, tuple(origins)))
        return self

    def get(self, uri):
        self.asked.append(uri)
        return self.files.get(urlsplit(uri).path)


@pytest.fixture
def desk(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    world = World()
    made = world.issue()
    desk = Desk(world, made, tmp_path)
    desk.write(world.publish())
    (tmp_path / "root.note").write_bytes(world.root_note)
    (tmp_path / "qr.txt").write_text(made.text, encoding="utf-8")
    (tmp_path / "certificate.json").write_bytes(made.json)
    return desk


class Desk:
    def __init__(self, world, made, folder):
        self.world, self.made, self.folder = world, made, folder
        self.net = Net({})

    def write(self, files):
        for path, data in files.items():
            target = self.folder / "public" / path.lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)

    def run(self, *argv, now=NOW):
        out, err = io.StringIO(), io.StringIO()
        status = command.run(argv, now, self.net.connect, out, err)
        self.err = err.getvalue()
        return status, out.getvalue()

    def reports(self, *argv, now=NOW):
        status, out = self.run(*argv, "--json", now=now)
        bodies = json.loads(out)
        for body in bodies:
            SCHEMA.validate(body)
        return status, bodies


ROOT = ("--root", "root.note")
FOLDER = ("--evidence", "public")


def test_one_report_per_input(desk):
    status, bodies = desk.reports("qr.txt", "certificate.json", desk.made.text, *ROOT, *FOLDER)
    assert status == 0
    assert [body["input"] for body in bodies] == ["qr.txt", "certificate.json", desk.made.text]
    assert {body["verdict"] for body in bodies} == {"valid"}
    assert desk.net.connections == []


def test_the_highest_status_counts(desk):
    (desk.folder / "bent.json").write_bytes(desk.made.json.replace(b"002X", b"0021"))
    assert desk.run("qr.txt", "bent.json", *ROOT, *FOLDER)[0] == 1
    assert desk.run("qr.txt", "bent.json", "public/trust/1", *FOLDER)[0] == 2


def test_words_for_people(desk):
    status, out = desk.run("qr.txt", *ROOT, *FOLDER)
    assert status == 0 and "证书有效" in out and "Valid" in out and "欧阳娜娜" in out
    (desk.folder / "bent.json").write_bytes(desk.made.json.replace(b"002X", b"0021"))
    status, out = desk.run("bent.json", *ROOT, *FOLDER)
    assert status == 1 and "假证或被改" in out and "欧阳娜娜" not in out


def test_without_root_or_with_the_trust_list_alone(desk):
    status, [body] = desk.reports("qr.txt", *FOLDER)
    assert (status, body["verdict"], body["reason"]) == (2, "undetermined", "no_trust")
    (desk.folder / "alone").mkdir()
    (desk.folder / "public" / "trust").rename(desk.folder / "alone" / "trust")
    status, [body] = desk.reports("qr.txt", *ROOT, "--evidence", "alone")
    assert (status, body["verdict"], body["reason"]) == (2, "undetermined", "status_missing")


def test_off_line_uses_the_cache_until_it_is_too_old(desk):
    assert desk.reports("qr.txt", *ROOT, "--offline")[1][0]["reason"] == "no_trust"
    desk.net.files = desk.world.publish()
    where = ("--evidence", "https://copy.example.gov.cn")
    assert desk.reports("qr.txt", *ROOT, *where)[1][0]["verdict"] == "valid"
    asked = len(desk.net.asked)
    status, [body] = desk.reports("qr.txt", *ROOT, *where, "--offline")
    assert (status, body["verdict"]) == (0, "valid") and len(desk.net.asked) == asked
    status, [body] = desk.reports("qr.txt", *ROOT, "--offline", now=NOW + 9 * DAY)
    assert (status, body["reason"]) == (2, "status_stale") and body["last_known"] == "valid"


def test_without_evidence_only_allowed_origins_are_asked(desk):
    desk.net.files = desk.world.publish()
    desk.run("qr.txt", *ROOT, *FOLDER)
    status, [body] = desk.reports("qr.txt", *ROOT)
    assert (status, body["verdict"]) == (0, "valid")
    assert desk.net.connections == [(None, (f"{BASE}/",))]
    assert all(uri.startswith(f"{BASE}/") for uri in desk.net.asked)


def test_a_list_that_goes_backwards_is_remembered_between_runs(desk):
    old = desk.world.publish()
    desk.world.set_state(desk.made, State.SUSPENDED)
    desk.world.sequence += 1
    desk.write(desk.world.publish(PUBLISHED + 60))
    assert desk.reports("qr.txt", *ROOT, *FOLDER)[1][0]["verdict"] == "suspended"
    desk.write(old)
    status, [body] = desk.reports("qr.txt", *ROOT, *FOLDER)
    assert (status, body["reason"]) == (2, "status_rolled_back")


def test_a_damaged_memory_is_said(desk):
    desk.run("qr.txt", *ROOT, *FOLDER)
    [memory] = (desk.folder / "state").rglob("sequences.json")
    memory.write_text("{")
    assert desk.run("qr.txt", *ROOT, *FOLDER)[0] == 64 and "sequences.json" in desk.err


def test_the_time_asked_about(desk):
    status, [body] = desk.reports("qr.txt", *ROOT, *FOLDER, "--at", "2026-11-21T15:59:59Z")
    assert (status, body["verdict"]) == (1, "not_yet_valid")
    assert body["at"] == "2026-11-21T15:59:59Z"


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        ((), "required"),
        (("no-such-file",), "no-such-file"),
        (("qr.txt", "--at", "tomorrow"), "--at"),
        (("qr.txt", "--root", "nowhere"), "--root nowhere"),
        (("qr.txt", "--root", "qr.txt"), "--root qr.txt"),
        (("qr.txt", "--evidence", "nowhere"), "--evidence nowhere"),
        (("qr.txt", "--unknown"), "--unknown"),
    ],
)
def test_usage(desk, argv, said):
    status, out = desk.run(*argv)
    assert status == 64 and out == "" and said in desk.err


def test_why_there_is_no_trust_is_said(desk):
    (desk.folder / "public" / "trust" / "1").write_bytes(b"junk")
    status, [body] = desk.reports("qr.txt", *ROOT, *FOLDER)
    assert (status, body["reason"]) == (2, "trust_spoilt") and "trust list 1" in desk.err


def hallmark(*argv, stdin=b"", **environment):
    return subprocess.run(
        [sys.executable, "-m", "verifier", *argv], input=stdin, capture_output=True, check=False,
        env=os.environ | environment | {"PYTHONPATH": str(Path(command.__file__).parents[1])},
    )  # fmt: skip


def test_as_a_process(desk):
    done = hallmark("verify", "-", *ROOT, *FOLDER, "--at", AT, "--json", stdin=desk.made.json)
    assert done.returncode == 0 and json.loads(done.stdout)[0]["verdict"] == "valid"
    assert hallmark("verify", "--help").returncode == 0
    assert hallmark("verify").returncode == 64
    assert b"verify" in hallmark("--help").stdout
    assert hallmark().returncode == 64
    done = hallmark("no-such-command")
    assert done.returncode == 64 and b"no-such-command" in done.stderr


class Missing:
    """An entry point whose package needs something that is not installed."""

    name = "serve"

    def __init__(self, module):
        self.module = module

    def load(self):
        raise ModuleNotFoundError(f"No module named {self.module!r}", name=self.module)


def test_a_command_without_its_extra_says_what_to_install(capsys):
    assert entry._run(Missing("sqlalchemy"), []) == 64
    assert "hallmark-registry[registry]" in capsys.readouterr().err
    with pytest.raises(ModuleNotFoundError):
        entry._run(Missing("registry.gone"), [])

"""The command for keys over the years: what it makes, and one line for every fault."""

import json
import random
import time
from pathlib import Path

import pytest

from keys import ceremony, custody, plan
from keys.sealed import Cost
from registry import cli
from registry.config import write_settings
from registry.work.open import open_trust
from schemas import dates
from verifier.trust import Trust

BASE = "https://certs.example.gov.cn"
SECRET = "a passphrase of a test"
BOTH = ("--custodian", "1=secret", "--custodian", "2=secret")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A registry's folder after its ceremony, without a database; the test stands beside it."""
    monkeypatch.chdir(tmp_path)
    for name in ("HALLMARK_DIR", "HALLMARK_BASE_URL", "HALLMARK_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    secret = tmp_path / "secret"
    secret.write_text(SECRET + "\n", "utf-8")
    secret.chmod(0o600)
    monkeypatch.setenv("HALLMARK_PASSPHRASE_FILE", str(secret))
    made = plan.parse(json.dumps({
        "base": BASE, "holders": ["1", "2", "3"], "threshold": 2, "from": "2020-01-01T00:00:00Z",
        "until": None, "phone": None, "freshness": {"trust": 2592000, "status": 86400},
        "bodies": [{"id": "js", "zh": "示例机构", "en": "Example", "since": "2020-01-01",
                    "roles": ["issuer"], "kinds": [2], "provinces": ["10"], "phone": None,
                    "checks": []}],
    }).encode())  # fmt: skip
    home = tmp_path / "registry"
    held = ceremony.run(
        made, home, SECRET.encode(), int(time.time()) - 60, random.Random(5).randbytes,
        cost=Cost(1, 8 * 2**20),
    )  # fmt: skip
    (home / "public" / "trust").mkdir(parents=True)
    for name in ("1", "latest"):
        (home / "public" / "trust" / name).write_bytes(held.trust_list)
    write_settings(home, {"base": BASE})
    return home


def keys(folder: Path, *words: str) -> int:
    return cli.keys(["--dir", str(folder), *words])


def trust(folder: Path) -> Trust:
    return open_trust(folder / "root.note", folder / "public")


def test_a_key_is_made_listed_and_published(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert keys(folder, "add", "issuer", "js", "--from", "2027-01-01T00:00:00Z", *BOTH) == 0
    assert "nobody believes it yet" in capsys.readouterr().out
    assert trust(folder).version == 1
    assert keys(folder, "publish") == 0
    (former, added) = trust(folder).list.keys_of("js")
    assert (added.name, added.kinds, added.provinces) == (
        "issuer.js.2", former.kinds, former.provinces
    )  # fmt: skip
    assert dates.utc(added.start) == "2027-01-01T00:00:00Z"
    opened = custody.open_folder(folder / "keys", SECRET.encode(), ["issuer.js.2"])
    assert opened["issuer.js.2"].public.raw == added.public
    assert keys(folder, "close", "issuer.js.1", "--why", "retired", *BOTH) == 0
    assert keys(folder, "publish") == 0
    told = capsys.readouterr().out
    assert keys(folder, "list") == 0
    told = capsys.readouterr().out
    assert "trust list 3 of certs.example.gov.cn" in told
    assert "issuer.js.1  issuer  js  2020-01-01T00:00:00Z – …  retired " in told
    assert keys(folder, "publish") == 1
    assert "no signed list waits as" in capsys.readouterr().err


def test_the_same_list_is_signed_anew_before_it_is_too_old(folder: Path) -> None:
    before = trust(folder).list
    assert keys(folder, "renew", *BOTH) == 0
    assert keys(folder, "publish") == 0
    after = trust(folder).list
    assert after.version == 2 and after.issued > before.issued
    assert (after.keys, after.issuers, after.freshness) == (
        before.keys, before.issuers, before.freshness
    )  # fmt: skip


FAULTS: dict[str, tuple[list[str], str]] = {
    "one custodian": (["close", "status.1", "--why", "retired", "--custodian", "1=secret"],
                      "1 custodians sign, 2 are needed"),
    "one custodian renews": (["renew", "--custodian", "1=secret"],
                              "1 custodians sign, 2 are needed"),
    "one custodian twice": (
        ["close", "status.1", "--why", "retired", *BOTH[:2], *BOTH[:2]],
        "1 custodians sign, 2 are needed"),
    "a stranger": (["close", "status.1", "--why", "retired", *BOTH[:2], "--custodian", "9=secret"],
                   "the root has no holder '9'"),
    "a wrong passphrase": (
        ["close", "status.1", "--why", "retired", *BOTH[:2], "--custodian", "2=wrong"],
        "wrong passphrase"),
    "no such key": (["close", "status.7", "--why", "retired", *BOTH], "no open key status.7"),
    "half a cut": (["close", "status.1", "--why", "stolen", "--size", "3", *BOTH],
                   "a cut needs a log, a size and a root hash"),
    "a root that is none": (["close", "status.1", "--why", "stolen", "--root", "xy", *BOTH],
                            "--root is not hexadecimal"),
    "no such body": (["add", "issuer", "sc", "--from", "2027-01-01T00:00:00Z", *BOTH],
                     "the trust list has no body 'sc'"),
    "an issuer of nobody": (["add", "issuer", "--from", "2027-01-01T00:00:00Z", *BOTH],
                            "needs a body"),
    "a status key of a body": (["add", "status", "js", "--from", "2027-01-01T00:00:00Z", *BOTH],
                               "has no body"),
    "a day for an instant": (["add", "status", "--from", "2027-01-01", *BOTH],
                             "is not an instant"),
    "a window that ends first": (
        ["add", "status", "--from", "2027-01-01T00:00:00Z", "--until", "2026-01-01T00:00:00Z",
         *BOTH], "window"),
    "kinds that are none": (["add", "issuer", "js", "--from", "2027-01-01T00:00:00Z", "--kinds",
                             "2,9", *BOTH], "--kinds is a list like 2,3"),
    "a key that is none": (["add", "status", "--from", "2027-01-01T00:00:00Z", "--public", "zz",
                            *BOTH], "Multikey"),
    "another's key": (["use", "sc", "issuer.js.1"], "no issuer key issuer.js.1 of sc"),
}  # fmt: skip


@pytest.mark.parametrize(("words", "said"), FAULTS.values(), ids=list(FAULTS))
def test_a_fault_is_one_line_and_leaves_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    wrong = folder.parent / "wrong"
    wrong.write_text("another passphrase\n", "utf-8")
    wrong.chmod(0o600)
    before = sorted(path.name for path in folder.rglob("*"))
    assert keys(folder, *words) == 1
    told = capsys.readouterr()
    assert said in told.err and told.err.count("\n") == 1
    assert sorted(path.name for path in folder.rglob("*")) == before


def test_a_list_of_another_branch_is_not_published(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert keys(folder, "close", "status.1", "--why", "retired", *BOTH) == 0
    other = (folder / "trust" / "2").read_bytes()
    (folder / "trust" / "2").unlink()
    assert keys(folder, "close", "authority.1", "--why", "retired", *BOTH) == 0
    assert keys(folder, "publish") == 0
    (folder.parent / "other").write_bytes(other)
    assert keys(folder, "publish", str(folder.parent / "other")) == 1
    assert "not the next version" in capsys.readouterr().err
    (folder.parent / "other").write_bytes(other[:-9] + b"AAAAAAA=\n")
    assert keys(folder, "publish", str(folder.parent / "other")) == 1
    assert capsys.readouterr().err.startswith("hallmark: ")
    assert trust(folder).list.key("status.1").closed is None

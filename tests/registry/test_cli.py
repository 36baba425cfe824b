"""The commands over a folder: a whole ceremony, and every fault told in one line."""

import json
from pathlib import Path

import pytest

from keys import custody, sealed
from registry import cli
from registry.config import Config
from registry.custody import store

PLAN = {
    "base": "https://certs.example.gov.cn", "holders": ["1", "2"], "threshold": 2,
    "from": "2026-01-01T00:00:00Z", "until": None, "phone": None,
    "freshness": {"trust": 2592000, "status": 86400},
    "bodies": [
        {"id": "js", "zh": "示例机构", "en": "Example", "since": "2020-01-01", "roles": ["issuer"],
         "kinds": None, "provinces": None, "phone": None, "checks": []},
    ],
}  # fmt: skip


def secret(path: Path, words: str) -> str:
    path.write_text(words + "\n", "utf-8")
    path.chmod(0o600)
    return str(path)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder beside a plan and four passphrase files."""
    (tmp_path / "plan.json").write_text(json.dumps(PLAN), "utf-8")
    for name in ("machine", "personal", "first", "second"):
        secret(tmp_path / name, f"{name} example passphrase")
    monkeypatch.setenv("HALLMARK_PASSPHRASE_FILE", str(tmp_path / "machine"))
    monkeypatch.setenv("HALLMARK_PERSONAL_PASSPHRASE_FILE", str(tmp_path / "personal"))
    for name in ("HALLMARK_DIR", "HALLMARK_BASE_URL", "HALLMARK_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "registry"


def hold(folder: Path, *custodians: str) -> int:
    """Run the command in the folder beside its plan."""
    given = [word for each in custodians for word in ("--custodian", each)]
    return cli.ceremony(["--dir", str(folder), str(folder.parent / "plan.json"), *given])


def test_every_custodian_has_a_passphrase_of_their_own(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    aside = folder.parent
    assert hold(folder, f"1={aside / 'first'}", f"2={aside / 'second'}") == 0
    assert "# Key ceremony of certs.example.gov.cn" in capsys.readouterr().out
    name = "certs.example.gov.cn/root/1"
    mine = folder / "custodians" / "1" / sealed.file_name(name)
    assert sealed.open_file(mine, name, b"first example passphrase").public
    with pytest.raises(custody.SealedFileError):
        sealed.open_file(mine, name, b"machine example passphrase")
    config = Config.for_folder(
        folder, {"HALLMARK_PERSONAL_PASSPHRASE_FILE": str(aside / "personal")}
    )
    assert config.base == PLAN["base"]
    assert store.open_personal(config).current == "personal.1"
    assert (folder / "public/trust/1").read_bytes() == (folder / "trust/1").read_bytes()


@pytest.mark.parametrize(
    ("given", "gone", "said"),
    [
        ([], None, "each root holder of the plan needs a passphrase"),
        (["1=first"], None, "each root holder of the plan needs a passphrase"),
        (["1"], None, "--custodian 1= is not set"),
        (["1=first", "2=second"], "personal", "cannot read the passphrase"),
        (["1=first", "2=second"], "machine", "cannot read the passphrase"),
    ],
)
def test_nothing_is_made_without_every_passphrase(
    folder: Path, capsys: pytest.CaptureFixture[str], given: list[str], gone: str | None, said: str
) -> None:
    if gone is not None:
        (folder.parent / gone).unlink()
    named = [each.replace("=", f"={folder.parent}/") for each in given]
    assert hold(folder, *named) == 1
    assert said in capsys.readouterr().err
    assert not (folder / "root.note").exists()
    assert not (folder / "keys").exists()


def test_a_short_passphrase_is_refused_before_the_root(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    secret(folder.parent / "personal", "short")
    assert hold(folder, f"1={folder.parent / 'first'}", f"2={folder.parent / 'second'}") == 1
    assert "12" in capsys.readouterr().err
    assert not (folder / "root.note").exists()


def test_a_plan_for_another_origin_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder.mkdir()
    (folder / "hallmark.toml").write_text('base = "https://other.example"\n', "utf-8")
    assert hold(folder) == 1
    assert "hallmark.toml says https://other.example" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("no address at all", "Could not parse"),
        ("sqlite:////no/such/folder/hallmark.db", "unable to open database file"),
    ],
)
def test_a_database_that_is_not_there_is_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], url: str,
    said: str,
) -> None:  # fmt: skip
    monkeypatch.setenv("HALLMARK_DATABASE_URL", url)
    assert cli.migrate(["--dir", str(folder)]) == 1
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("command", [cli.migrate, cli.serve, cli.work])
def test_a_wrong_setting_is_told(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: object,
) -> None:
    monkeypatch.setenv("HALLMARK_BASE_URL", "certs.example.gov.cn/")
    assert callable(command)
    assert command(["--dir", str(folder)]) == 1
    assert "base must be an origin" in capsys.readouterr().err


def test_a_worker_without_a_root_says_what_is_missing(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.migrate(["--dir", str(folder)]) == 0
    (folder / "keys").mkdir()
    assert cli.work(["--dir", str(folder), "--once"]) == 1
    assert "hold the key ceremony first" in capsys.readouterr().err

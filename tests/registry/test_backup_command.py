"""The commands over backups: a key, a backup, a look into it, and what each fault says."""

import os
import re
import shutil
from pathlib import Path

import pytest

from keys import sealed
from keys.sealed import Cost
from keys.signer import KeyPair
from registry import cli
from registry.backup import recipient
from registry.records.schema import migrate
from registry.records.session import open_engine

Output = pytest.CaptureFixture[str]


WORDS = "words for backups"
PAIR = KeyPair.from_seed(bytes(range(32)))


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry without anything in it, and a backup key whose file opens quickly."""
    made = tmp_path_factory.mktemp("template") / "registry"
    made.mkdir()
    engine = open_engine(f"sqlite:///{made / 'hallmark.db'}")
    migrate(engine)
    engine.dispose()
    cost = Cost(1, 8 * 2**20)
    sealed.seal_file(
        made.parent / "backup.key", recipient.NAME, PAIR, WORDS.encode(), os.urandom, cost
    )
    return made


@pytest.fixture
def folder(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the registry, and the passphrase of its backup key."""
    for name in ("HALLMARK_DIR", "HALLMARK_BASE_URL", "HALLMARK_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    secret(tmp_path / "words", WORDS, monkeypatch)
    shutil.copytree(template, tmp_path / "registry")
    return tmp_path / "registry"


def secret(path: Path, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path.write_text(words + "\n", "utf-8")
    path.chmod(0o600)
    monkeypatch.setenv("HALLMARK_BACKUP_PASSPHRASE_FILE", str(path))


@pytest.fixture
def key(template: Path, folder: Path) -> Path:
    """The private half of the folder's backup key."""
    (folder / recipient.FILE).write_bytes(recipient.text(PAIR.public))
    return Path(shutil.copy(template.parent / "backup.key", folder.parent))


def taken(folder: Path, target: Path, *more: str) -> Path:
    """A backup; answers its file."""
    assert cli.backup(["--dir", str(folder), str(target), *more]) == 0
    if not target.is_dir():
        return target
    return max(target.glob("hallmark-*Z.backup"))


def test_a_key_a_backup_a_look_and_a_restore(folder: Path, capsys: Output) -> None:
    key = folder.parent / "new.key"
    assert cli.backup(["--dir", str(folder), "--new-key", str(key)]) == 0
    assert key.stat().st_mode & 0o777 == 0o600
    file = taken(folder, folder.parent / "one.backup")
    said = capsys.readouterr()
    assert re.search(r"SHA-256 [0-9a-f]{64}", said.out) and "certificates" in said.err
    assert file.stat().st_mode & 0o777 == 0o600
    assert cli.backup(["--check", str(file), "--key", str(key)]) == 0
    said = capsys.readouterr()
    assert "whole and unchanged" in said.out and "signing keys  not in it" in said.out
    new = folder.parent / "new"
    assert cli.restore([str(file), "--dir", str(new), "--key", str(key)]) == 0
    assert "hallmark recover" in capsys.readouterr().out
    assert (new / "hallmark.db").exists()
    assert recipient.read(new) == recipient.read(folder)


def test_without_a_key_there_is_no_backup(folder: Path, capsys: Output) -> None:
    assert cli.backup(["--dir", str(folder), str(folder.parent / "one.backup")]) == 1
    assert "--new-key" in capsys.readouterr().err
    assert not (folder.parent / "one.backup").exists()


def test_nothing_is_written_over(folder: Path, key: Path, capsys: Output) -> None:
    file = taken(folder, folder.parent / "one.backup")
    before = file.read_bytes(), key.read_bytes()
    assert cli.backup(["--dir", str(folder), str(file)]) == 1
    assert "never written over" in capsys.readouterr().err
    assert cli.backup(["--dir", str(folder), "--new-key", str(folder.parent / "other")]) == 1
    assert "move it away" in capsys.readouterr().err
    (folder / recipient.FILE).unlink()
    assert cli.backup(["--dir", str(folder), "--new-key", str(key)]) == 1
    assert "never written over" in capsys.readouterr().err
    assert (file.read_bytes(), key.read_bytes()) == before


def test_a_wrong_passphrase_and_a_wrong_key_say_so(
    folder: Path, key: Path, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = taken(folder, folder.parent / "one.backup")
    new = folder.parent / "new"
    secret(folder.parent / "other-words", "other words, wrong ones", monkeypatch)
    assert cli.restore([str(file), "--dir", str(new), "--key", str(key)]) == 1
    assert "wrong passphrase" in capsys.readouterr().err
    other = folder.parent / "other.key"
    pair, cost = KeyPair.from_seed(bytes(32)), Cost(1, 8 * 2**20)
    words = b"other words, wrong ones"
    sealed.seal_file(other, recipient.NAME, pair, words, os.urandom, cost)
    assert cli.restore([str(file), "--dir", str(new), "--key", str(other)]) == 1
    assert "sealed for the key" in capsys.readouterr().err
    monkeypatch.delenv("HALLMARK_BACKUP_PASSPHRASE_FILE")
    assert cli.backup(["--check", str(file), "--key", str(key)]) == 1
    assert "HALLMARK_BACKUP_PASSPHRASE_FILE is not set" in capsys.readouterr().err
    assert not new.exists()


@pytest.mark.parametrize("cut", [0, 10, 200, -1])
def test_a_file_that_is_no_whole_backup_says_so(
    folder: Path, key: Path, capsys: Output, cut: int
) -> None:
    file = taken(folder, folder.parent / "one.backup")
    file.write_bytes(file.read_bytes()[:cut])
    for words in (["--check", str(file), "--key", str(key)],):
        assert cli.backup(words) == 1
    assert cli.restore([str(file), "--dir", str(folder.parent / "new"), "--key", str(key)]) == 1
    said = capsys.readouterr().err
    assert said.count("hallmark: ") == 2
    assert re.search("cut short|not a sealed backup", said)
    assert not (folder.parent / "new").exists()


def test_only_the_newest_are_kept_and_nothing_else_is_touched(
    folder: Path, key: Path, capsys: Output
) -> None:
    place = folder.parent / "backups"
    place.mkdir()
    for name in ("hallmark-20250101T000000Z.backup", "hallmark-20250102T000000Z.backup",
                 "mine.backup", "hallmark-notes.txt"):  # fmt: skip
        (place / name).touch()
    newest = taken(folder, place, "--keep", "2")
    assert {each.name for each in place.iterdir()} == {
        "hallmark-20250102T000000Z.backup", newest.name, "mine.backup", "hallmark-notes.txt"
    }  # fmt: skip
    assert "hallmark-20250101T000000Z.backup: removed" in capsys.readouterr().out


def test_a_folder_that_cannot_be_written_leaves_no_half_backup(folder: Path, key: Path) -> None:
    assert cli.backup(["--dir", str(folder), str(folder / "missing" / "one.backup")]) == 1
    (folder / "uploads").mkdir()
    (folder / "uploads" / "x").symlink_to("/etc/passwd")
    file = taken(folder, folder.parent / "one.backup")
    assert [each for each in file.parent.iterdir() if each.name.endswith(".part")] == []


@pytest.mark.parametrize("words", [[], ["a", "--check", "b"], ["--keep", "1", "nowhere"]])
def test_words_that_make_no_command_are_refused(words: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.backup(words)
    assert ended.value.code == 2


def test_nothing_is_due_in_a_registry_that_was_not_restored(folder: Path, capsys: Output) -> None:
    assert cli.recover(["--dir", str(folder)]) == 1
    assert "HALLMARK_PASSPHRASE_FILE" in capsys.readouterr().err

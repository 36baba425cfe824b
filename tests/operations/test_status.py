"""``hallmark status`` over real folders: what it finds, what it advises, how it ends."""

import json
import shutil
from pathlib import Path

import pytest
from sqlalchemy import text

from registry.cli.status import look, status
from registry.config import Config
from registry.records.schema import migrate
from registry.records.session import open_engine, writing
from registry.rules import findings
from registry.work.attendance import Attendance
from registry.work.context import WorkError
from tests.registry.office import NOW
from tests.registry.work import workshop


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A registry with keys, a trust list and tables, in which nothing has happened."""
    for name in ("HALLMARK_DIR", "HALLMARK_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HALLMARK_BASE_URL", workshop.BASE)
    made = tmp_path / "registry"
    workshop.keys(made)
    engine = open_engine(f"sqlite:///{made / 'hallmark.db'}")
    migrate(engine)
    engine.dispose()
    return made


def _told(folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, set[str]]:
    ended = status(["--dir", str(folder), "--json"])
    document = json.loads(capsys.readouterr().out)
    assert all(each["todo"] for each in document["findings"])
    words = ["fine", "attention", "broken"]
    assert words.index(document["status"]) == ended
    return ended, {each["code"] for each in document["findings"]} - {"disk"}


def test_without_a_worker_it_is_broken_and_says_what_to_start(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ended, codes = _told(folder, capsys)
    assert ended == 2 and "no_worker" in codes
    assert status(["--dir", str(folder)]) == 2
    assert "systemctl start hallmark-work" in capsys.readouterr().out


def test_a_worker_and_its_trouble_are_seen(folder: Path) -> None:
    config = Config.for_folder(folder, {"HALLMARK_BASE_URL": workshop.BASE})
    worker = workshop.context(config, workshop.Clock(), {})
    with Attendance(worker) as present:
        present.failed("publish", WorkError("no status key is at hand"))
        facts = look(config, NOW + 70)
        told = {each.code: each for each in findings.judge(facts)}
        assert "no_worker" not in told
        assert "no status key is at hand" in told["step_failing"].what
        assert [each.step for each in facts.failing] == ["publish"]
    assert "no_worker" in {each.code for each in findings.judge(look(config, NOW + 70))}
    worker.writing.kw["bind"].dispose()


def test_other_tables_no_tables_and_no_database(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = open_engine(f"sqlite:///{folder / 'hallmark.db'}")
    with writing(engine).begin() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    assert "tables" in _told(folder, capsys)[1]
    monkeypatch.setenv("HALLMARK_DATABASE_URL", "sqlite:////no/such/folder/x.db")
    ended, codes = _told(folder, capsys)
    assert ended == 2 and "database_away" in codes and "no_worker" not in codes
    monkeypatch.setenv("HALLMARK_DATABASE_URL", "no address")
    assert "database_away" in _told(folder, capsys)[1]


def test_a_lost_root_and_a_wrong_setting(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "root.note").unlink()
    assert "trust_list" in _told(folder, capsys)[1]
    monkeypatch.setenv("HALLMARK_BASE_URL", "certs.example/")
    assert status(["--dir", str(folder)]) == 2
    assert "base must be an origin" in capsys.readouterr().err


def test_looking_changes_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def content() -> dict[str, bytes]:
        kept = [each for each in folder.rglob("*") if each.is_file() and ".db-" not in each.name]
        return {str(each): each.read_bytes() for each in kept}

    before = content()
    shutil.copytree(folder, folder.parent / "kept")
    _told(folder, capsys)
    assert content() == before

"""Alive and ready are told apart, each lack with its reason; a lost database is a clear page."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import text
from starlette.testclient import TestClient

from registry.app import create_app
from registry.config import Config
from registry.records import revision
from registry.web import journal
from tests import world as worlds
from tests.web.conftest import Clock, Filled
from tests.world import World


@pytest.fixture
def app(tmp_path: Path, filled: Filled, clock: Clock) -> Iterator[FastAPI]:
    """A registry whose files are out, under its own address."""
    world = World()
    world.issue()
    clock.now = worlds.NOW
    (tmp_path / "hallmark.db").write_bytes(filled.data)
    (tmp_path / "root.note").write_bytes(world.root_note)
    for path, data in world.publish().items():
        place = tmp_path / "public" / path[1:]
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    config = Config.for_folder(tmp_path, {"HALLMARK_BASE_URL": worlds.BASE})
    made = create_app(config, clock)
    yield made
    made.state.closing.close()


def checks(client: TestClient) -> tuple[int, dict[str, dict[str, object]]]:
    answer = client.get("/readyz")
    return answer.status_code, answer.json()["checks"]


def test_ready_when_everything_is_there(client: TestClient) -> None:
    status, found = checks(client)
    assert status == 200, found
    assert found["database"] == {"ok": True, "revision": revision.head()}
    assert found["trust_list"] == {"ok": True, "version": 1}
    assert found["status_lists"]["lists"] == 1


def test_stale_lists_are_no_longer_ready(
    client: TestClient,
    clock: Clock,
) -> None:
    assert checks(client)[0] == 200
    clock.now += 400 * 86_400
    status, found = checks(client)
    assert status == 503 and found["status_lists"]["reason"] == "stale"
    assert client.get("/healthz").status_code == 200


def test_a_damaged_list_is_not_ready(
    app: FastAPI,
    client: TestClient,
) -> None:
    place = app.state.office.config.public / "s" / "1"
    place.write_bytes(place.read_bytes()[:-1] + b"\0")
    app.state.office.evidence.refresh()
    status, found = checks(client)
    assert status == 503 and found["status_lists"] == {"ok": False, "reason": "spoilt", "list": 1}


def test_without_a_root_nothing_is_ready(app: FastAPI, client: TestClient) -> None:
    app.state.office.config.root_note.unlink()
    app.state.office.evidence.refresh()
    status, found = checks(client)
    assert status == 503 and found["trust_list"]["reason"] == "no_root"
    assert found["database"]["ok"] and client.get("/healthz").json() == {"status": "alive"}


def _stamp(app: FastAPI, name: str) -> None:
    with app.state.office.writing.begin() as session:
        session.execute(text("UPDATE alembic_version SET version_num = :name"), {"name": name})


def test_a_program_goes_on_when_the_database_moves_ahead(
    app: FastAPI,
    client: TestClient,
) -> None:
    assert checks(client)[0] == 200
    _stamp(app, "9999")
    status, found = checks(client)
    assert status == 200 and "newer" in str(found["database"]["said"])
    assert client.get("/catalogue").status_code == 200
    app.state.office.reading.kw["bind"].dispose()
    assert client.get("/catalogue").status_code == 200


@pytest.mark.parametrize(("there", "said"), [("9999", "升级"), ("0001", "没有准备好")])
def test_a_program_that_starts_over_other_tables_touches_nothing(
    app: FastAPI, client: TestClient, there: str, said: str
) -> None:
    """The first connection of the application meets tables that are not its own."""
    _stamp(app, there)
    app.state.closing.close()
    fresh = create_app(app.state.office.config)
    with TestClient(fresh, raise_server_exceptions=False) as late:
        page = late.get("/catalogue")
        assert page.status_code == 503 and said in page.text and page.headers["retry-after"]
        assert page.headers[journal.HEADER] in page.text
        assert late.get("/readyz").json()["checks"]["database"]["reason"] == "migrations"
        assert late.get("/healthz").status_code == 200 and late.get("/verify").status_code == 200
    fresh.state.closing.close()


def test_a_database_that_is_gone_is_a_clear_page_and_comes_back(
    app: FastAPI, client: TestClient, tmp_path: Path
) -> None:
    here = app.state.office
    file, aside = here.config.folder / "hallmark.db", tmp_path / "aside.db"
    assert client.get("/catalogue").status_code == 200
    here.reading.kw["bind"].dispose()
    shutil.copyfile(file, aside)
    for each in file.parent.glob("hallmark.db*"):
        each.unlink()
    file.mkdir()  # no database can be opened or made here
    page = client.get("/catalogue")
    assert page.status_code == 503 and "数据库暂时连不上" in page.text
    assert page.headers["retry-after"] == "10" and 'href="/catalogue"' in page.text
    body = client.get("/api/v1/catalogue", headers={"Accept": "application/json"})
    assert body.status_code == 503 and body.json()["type"].endswith(":busy")
    assert body.json()["reference"] == body.headers[journal.HEADER]
    posted = client.post("/console/sign-in", data={"name": "issuer", "password": "x"})
    assert posted.status_code == 503 and "再决定要不要重做" in posted.text
    assert client.get("/readyz").json()["checks"]["database"]["reason"] == "away"
    assert client.get("/verify").status_code == 200
    file.rmdir()
    shutil.copyfile(aside, file)
    assert client.get("/catalogue").status_code == 200

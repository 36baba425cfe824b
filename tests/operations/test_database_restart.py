"""PostgreSQL is stopped and started under a server and a worker: clear pages, then all is well."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx2
import pytest
from sqlalchemy import text

from registry.records.session import open_engine, writing
from tests import postgresql
from tests.operations import processes

pytestmark = pytest.mark.skipif(
    postgresql.programs() is None, reason="PostgreSQL's programs are not installed"
)


def test_pages_say_so_while_the_database_is_away_and_work_when_it_is_back(tmp_path: Path) -> None:
    folder = tmp_path / "registry"
    with (
        TemporaryDirectory(prefix="hallmark-cluster-", ignore_cleanup_errors=True) as cluster,
        postgresql.running(Path(cluster)) as database,
        processes.listener() as held,
    ):
        url, file = database.url(), held.fileno()
        base = f"http://127.0.0.1:{held.getsockname()[1]}"
        processes.empty(folder, url)
        database.stop()
        with processes.run(
            ["serve", "--fd", str(file)], folder, [file], HALLMARK_DATABASE_URL=url
        ) as server:
            processes.wait_for(base)  # it comes up although the database is not there
            _is_away(base)
            database.start()
            _is_back(base)
            database.stop("immediate")
            _is_away(base)
            database.start()
            _is_back(base)
            engine = open_engine(url)
            with writing(engine).begin() as session:
                session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
            engine.dispose()
            assert httpx2.get(f"{base}/catalogue", timeout=60).status_code == 200
            server.terminate()
            _, told = server.communicate(timeout=120)
        with processes.run(
            ["serve", "--fd", str(file)], folder, [file], HALLMARK_DATABASE_URL=url
        ) as late:
            _, refused = late.communicate(timeout=120)
            assert late.returncode == 1 and "newer than this program" in refused
    lines = [json.loads(line) for line in told.splitlines() if line.startswith("{")]
    assert {line["event"] for line in lines} >= {"request", "database"}
    assert "Traceback" not in told and "hallmark@" not in told


def _is_away(base: str) -> None:
    page = httpx2.get(f"{base}/catalogue", timeout=60)
    assert page.status_code == 503 and "数据库暂时连不上" in page.text
    assert page.headers["x-request-id"] in page.text and page.headers["retry-after"] == "10"
    checks = httpx2.get(f"{base}/readyz", timeout=60).json()["checks"]
    assert checks["database"]["reason"] == "away"
    assert httpx2.get(f"{base}/healthz", timeout=60).status_code == 200
    verified = httpx2.post(f"{base}/api/v1/verify", content=b"x", timeout=60)
    assert verified.json()["verdict"] == "unrecognised"


def _is_back(base: str) -> None:
    """By itself, with at most one page per connection that died with the server."""
    page = httpx2.get(f"{base}/catalogue", timeout=60)
    assert page.status_code == 200, page.text

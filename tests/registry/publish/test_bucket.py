"""A registry whose public files are in a bucket: worker and web on machines of their own."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from registry.app import create_app
from registry.cli.publish import publish as publish_command
from registry.config import Config
from registry.publish import moving
from registry.publish.bucket import BucketTree
from registry.publish.headers import served
from registry.publish.storage import public_tree
from registry.publish.tree import FolderTree, PublicTree, TreeError, TreeSource
from registry.records.certificates import CertificateRow
from registry.rules.status import StatusAct
from registry.work import publish, standing
from registry.work.context import Context
from tests.registry.publish.storage import BUCKET, Line, Storage
from tests.registry.work import workshop
from tests.registry.work.conftest import Bench, bench, founded  # noqa: F401 - fixtures
from tests.registry.work.test_recovery import change, held
from verifier.evidence import Evidence
from verifier.report import Verdict
from verifier.verify import verify


@pytest.fixture
def line(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    line = Line(storage.port)
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{line.port}")
    yield line
    line.close()


@pytest.fixture
def worker(bench: Bench, line: Line, url: str) -> Context:  # noqa: F811
    """A worker whose folder was moved to the bucket by the command."""
    settings = replace(bench.worker.config, public_url=url)
    (bench.folder / "hallmark.toml").write_text(f'base = "{workshop.BASE}"\npublic_url = "{url}"\n')
    assert publish_command(["--dir", str(bench.folder)]) == 0
    shutil.rmtree(bench.folder / "public")
    return replace(bench.worker, config=settings, tree=public_tree(settings))


def issued(bench: Bench, worker: Context, count: int, first: int = 2) -> dict[str, str]:  # noqa: F811
    bench.write(lambda session: workshop.start(session, bench.office, count, first))
    workshop.finish(worker)
    return held(worker)


def verdicts(worker: Context, texts: dict[str, str]) -> set[Verdict]:
    evidence = Evidence(TreeSource(public_tree(worker.config)), worker.trust)
    found = (verify(text, worker.trust, worker.clock(), evidence) for text in texts.values())
    return {report.verdict for report in found}


def released(worker: Context) -> list[int | None]:
    with worker.reading() as session:
        return list(session.scalars(select(CertificateRow.released_at)))


def test_objects_carry_what_a_cdn_hands_on(bench: Bench, worker: Context, storage: Storage) -> None:  # noqa: F811
    issued(bench, worker, 2)
    prefix = str(worker.config.public_url).removeprefix("s3:/")
    paths = [path for path in worker.tree.list("") if served(path)]
    assert {path.partition("/")[0] for path in paths} >= {"s", "b", "i", "trust", "issuers"}
    for path in paths:
        how = served(path)
        status, headers, body = storage.anyone("GET", f"{prefix}/{path}")
        assert (status, body) == (200, worker.tree.get(path))
        assert how is not None and headers["Content-Type"] == how.media_type
        assert headers["Cache-Control"] == how.cache_control
        again = storage.anyone("GET", f"{prefix}/{path}", If_None_Match=headers["ETag"])
        assert again[0] == 304 and again[2] == b""


def test_a_web_process_elsewhere_answers_from_the_bucket(
    bench: Bench, worker: Context, line: Line, tmp_path: Path  # noqa: F811
) -> None:  # fmt: skip
    texts = issued(bench, worker, 2)
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    shutil.copy(bench.folder / "root.note", folder)
    settings = replace(worker.config, folder=folder)
    app = create_app(settings, bench.clock)
    client = TestClient(app, base_url=workshop.BASE, raise_server_exceptions=False)
    ask = {"headers": {"content-type": "text/plain"}}

    def verdict(text: str) -> str:
        return str(client.post("/api/v1/verify", content=text, **ask).json()["verdict"])

    assert [verdict(text) for text in [*texts.values()] * 2] == ["valid"] * 4
    found = client.get("/s/1")
    assert found.content == worker.tree.get("s/1") and found.headers["etag"]
    assert found.headers["cache-control"] == "public, max-age=30"
    assert client.get("/s/1", headers={"If-None-Match": found.headers["etag"]}).status_code == 304
    assert client.get("/s/99").status_code == 404

    change(worker, bench.office, min(texts), StatusAct.REVOKE)
    workshop.finish(worker)
    assert isinstance(app.office.tree, BucketTree)
    assert verdict(texts[min(texts)]) == "valid"  # until it is looked again
    app.office.tree.listing = 0
    app.office.evidence.refresh()
    assert [verdict(texts[number]) for number in sorted(texts)] == ["revoked", "valid"]
    line.cut()
    with pytest.raises(TreeError):
        app.office.evidence.refresh()
    assert verdict(texts[max(texts)]) == "valid"  # what was known last stays
    asked = client.get("/s/1")
    assert asked.status_code == 503 and asked.headers["retry-after"]
    app.state.closing.close()


def test_storage_that_goes_away_in_the_middle(
    bench: Bench, worker: Context, line: Line  # noqa: F811
) -> None:  # fmt: skip
    bench.write(lambda session: workshop.start(session, bench.office, 6, 2))
    while workshop.issue.step(worker):
        pass
    line.cut(after=3)
    with pytest.raises(TreeError, match="the storage did not"):
        publish.step(worker)
    assert set(released(worker)) == {None}
    line.mend()
    bench.clock.now += publish.LEASE
    workshop.finish(worker)
    assert None not in released(worker)
    texts = held(worker)
    assert len(texts) == 6 and verdicts(worker, texts) == {Verdict.VALID}


def test_a_bucket_of_yesterday_is_written_anew(bench: Bench, worker: Context) -> None:  # noqa: F811
    texts = issued(bench, worker, 1)
    yesterday = {path: worker.tree.get(path) for path in worker.tree.list("")}
    change(worker, bench.office, min(texts), StatusAct.REVOKE)
    workshop.finish(worker)
    assert verdicts(worker, texts) == {Verdict.REVOKED}
    reached = moving._sequence("s/1", worker.tree.get("s/1") or b"")
    worker.tree.put_all({path: data for path, data in yesterday.items() if data is not None})
    assert verdicts(worker, texts) == {Verdict.VALID}
    again = replace(worker, tree=public_tree(worker.config), worker="another")
    assert "public_older" in [each.code for each in standing.compare(again)]
    assert not standing.step(again) and publish.step(again)
    assert moving._sequence("s/1", worker.tree.get("s/1") or b"") == reached + 1
    assert verdicts(again, texts) == {Verdict.REVOKED}


def test_a_writer_that_was_held_up_brings_nothing_back(url: str, tmp_path: Path) -> None:
    tree = public_tree(Config.for_folder(tmp_path, {"HALLMARK_PUBLIC_URL": url}))
    assert isinstance(tree, BucketTree)
    tree.put("s/1", b"5")
    late = tree._find("s/1")
    tree.put("s/1", b"6")
    for before, path in ((late, "s/1"), (None, "s/1")):
        with pytest.raises(TreeError, match="another writer"):
            tree._replace(path, b"4", before)
    assert tree.get("s/1") == b"6"


def test_a_copy_never_goes_backwards(
    bench: Bench, worker: Context, tmp_path: Path  # noqa: F811
) -> None:  # fmt: skip
    texts = issued(bench, worker, 1)
    old, new = FolderTree(tmp_path / "old"), FolderTree(tmp_path / "new")
    moving.copy(worker.tree, old)
    change(worker, bench.office, min(texts), StatusAct.REVOKE)
    workshop.finish(worker)
    moving.copy(worker.tree, new)
    before = everything(worker.tree)
    with pytest.raises(moving.OlderError, match="would replace"):
        moving.copy(old, worker.tree)
    assert everything(worker.tree) == before
    assert moving.copy(new, worker.tree) == len(before)
    assert moving.copy(new, old) == len(before) and everything(old) == before
    command = ["--dir", str(bench.folder), "--from"]
    assert publish_command([*command, str(new.root)]) == 0
    assert publish_command([*command, str(tmp_path / "nowhere")]) == 1
    old.put("s/1", b"damaged")
    assert publish_command([*command, str(old.root)]) == 1
    assert everything(worker.tree) == before


def everything(tree: PublicTree) -> dict[str, bytes | None]:
    return {path: tree.get(path) for path in tree.list("")}


def test_where_nothing_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: Line) -> None:
    line.cut()
    config = Config.for_folder(tmp_path, {"HALLMARK_PUBLIC_URL": f"s3://{BUCKET}/x"})
    tree = public_tree(config)
    for attempt in (lambda: tree.get("s/1"), lambda: tree.list("s/"), lambda: tree.put("s/1", b"")):
        with pytest.raises(TreeError, match=f"s3://{BUCKET}/x/s/.*storage did not"):
            attempt()

"""Verification by the server: the interface, the form, the evidence that is swapped."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import jsonschema_rs
import orjson
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from registry.documents import qr
from registry.web.reader import ReaderPool
from schemas.certificate import State
from tests import world as worlds
from tests.web.conftest import Clock
from tests.world import Issued, World

SCHEMA = Path(__file__).resolve().parents[2] / "verifier" / "report.schema.json"


@dataclass
class Published:
    """A registry on paper, published into the folder that the application serves."""

    world: World
    made: Issued
    app: FastAPI

    def publish(self, files: dict[str, bytes]) -> None:
        """Put the files into the tree by rename, as the publisher does."""
        config = self.app.state.office.config
        config.root_note.write_bytes(self.world.root_note)
        for path, data in files.items():
            place = config.public / path[1:]
            place.parent.mkdir(parents=True, exist_ok=True)
            part = place.with_name(f".{place.name}.part")
            part.write_bytes(data)
            os.replace(part, place)
        self.app.state.office.evidence.refresh()


@pytest.fixture
def published(app: FastAPI, clock: Clock) -> Published:
    clock.now = worlds.NOW
    world = World()
    made = Published(world, world.issue(), app)
    made.publish(world.publish())
    return made


def verdict(client: TestClient, body: bytes, kind: str) -> dict[str, object]:
    answer = client.post("/api/v1/verify", content=body, headers={"Content-Type": kind})
    assert answer.status_code == 200, answer.text
    report = answer.json()
    jsonschema_rs.validator_for(json.loads(SCHEMA.read_text())).validate(report)
    return report


def test_every_form_is_verified(client: TestClient, published: Published) -> None:
    made = published.made
    for body, kind, form in (
        (made.text.encode(), "text/plain", "qr"),
        (made.cose, "application/cose", "qr"),
        (orjson.dumps(made.document), "application/vc", "json"),
        (orjson.dumps(made.document), "application/json", "json"),
        (qr.png(made.text), "image/png", "image"),
        (orjson.dumps({"input": made.text}), "application/json", "qr"),
        (orjson.dumps({"input": orjson.dumps(made.document).decode()}), "application/json", "json"),
    ):
        report = verdict(client, body, kind)
        assert (report["verdict"], report["form"]) == ("valid", form), (kind, report)


def test_facts_of_the_asker_are_compared(client: TestClient, published: Published) -> None:
    text = published.made.text
    for last4, match in (("002X", "matched"), ("002x", "matched"), ("0021", "not_matched")):
        body = orjson.dumps({"input": text, "last4": last4})
        report = verdict(client, body, "application/json")
        assert (report["verdict"], report["match"]) == ("valid", match)


def test_a_republished_state_is_seen_and_an_older_one_refused(
    client: TestClient, published: Published
) -> None:
    text = published.made.text.encode()
    first = published.world.publish()
    assert verdict(client, text, "text/plain")["verdict"] == "valid"
    published.world.set_state(published.made, State.REVOKED)
    published.world.sequence += 1
    files = published.world.publish() | published.world.note_files(published.made, State.REVOKED)
    published.publish(files)
    report = verdict(client, text, "text/plain")
    assert (report["verdict"], report["reason"]) == ("revoked", "revoked")
    assert report["note"]["ground"]["code"] == "fraud"
    published.publish(first)
    assert verdict(client, text, "text/plain")["verdict"] == "undetermined"


def test_without_the_anchor_nothing_is_determined(client: TestClient, published: Published) -> None:
    published.app.state.office.config.root_note.unlink()
    published.app.state.office.evidence.refresh()
    assert verdict(client, published.made.text.encode(), "text/plain")["verdict"] == "undetermined"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"input":"x","input":"y"}', 422),
        (b'{"input":"x","extra":"y"}', 422),
        (b'{"input":{"a":1}}', 422),
        (b'{"input":null}', 422),
        (b'{"input"', 200),
        (b"[]", 200),
        (b"", 200),
        (b"\xff\xfe\x00", 200),
    ],
)
def test_the_json_around_the_input_is_strict(client: TestClient, body: bytes, status: int) -> None:
    answer = client.post(
        "/api/v1/verify", content=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == status
    if status == 200:
        assert answer.json()["verdict"] == "unrecognised"
    else:
        assert answer.headers["content-type"] == "application/problem+json"


def test_json_that_wraps_too_much_is_not_read(client: TestClient) -> None:
    body = b'{"input":"1","x":[' + b"{}," * 2**20 + b"1]}"
    report = verdict(client, body, "application/json")
    assert (report["verdict"], report["reason"]) == ("unrecognised", "unreadable")


def test_an_unknown_media_type_is_refused(client: TestClient) -> None:
    answer = client.post("/api/v1/verify", content=b"x", headers={"Content-Type": "video/mp4"})
    assert answer.status_code == 415


def test_the_form_shows_the_same_verdict(client: TestClient, published: Published) -> None:
    made = published.made
    page = client.post("/verify", data={"text": made.text})
    assert 'data-verdict="valid"' in page.text and "欧阳娜娜" in page.text
    files = {"file": ("qr.png", qr.png(made.text), "image/png")}
    page = client.post("/verify", files=files, data={"last4": "0000"})
    assert 'data-verdict="valid"' in page.text and "不一致" in page.text
    english = client.post("/verify?lang=en", data={"text": made.text})
    assert "Genuine" in english.text


def test_a_form_that_says_nothing_keeps_what_was_typed(client: TestClient) -> None:
    page = client.post("/verify", data={"text": "  ", "name": "欧阳娜娜", "last4": "002X"})
    assert page.status_code == 422 and 'value="欧阳娜娜"' in page.text


@pytest.mark.parametrize("data", [b"%PDF-1.7 broken", b"\x89PNG\r\n\x1a\n broken", b"\xff\xd8\xff"])
def test_a_broken_picture_or_pdf_is_unreadable(client: TestClient, data: bytes) -> None:
    report = verdict(client, data, "application/octet-stream")
    assert (report["verdict"], report["reason"]) == ("unrecognised", "unreadable")


def test_a_reader_that_takes_too_long_is_replaced(
    app: FastAPI, published: Published, browser: Callable[..., TestClient]
) -> None:
    config = app.state.office.config
    readers = ReaderPool(config.public, config.root_note, size=1, seconds=0.0)
    report = readers.verify(qr.png(published.made.text), worlds.NOW, None)
    assert (report["verdict"], report["form"]) == ("unrecognised", "image")
    readers.close()
    readers = ReaderPool(config.public, config.root_note, size=1)
    for _ in range(2):
        report = readers.verify(qr.png(published.made.text), worlds.NOW, None)
        assert report["verdict"] == "valid"
    readers.close()


def test_the_anchor_is_handed_out_with_the_verifier(
    client: TestClient, published: Published
) -> None:
    assert client.get("/static/verifier/root.note").content == published.world.root_note
    assert client.get("/health").json()["trust"] == 1

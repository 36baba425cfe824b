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

from registry.app import create_app
from registry.config import Config, ConfigError, write_settings
from registry.documents import qr
from registry.web.reader import ReaderPool
from schemas.certificate import State
from schemas.trust import Location
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
    readers = ReaderPool(config, size=1, seconds=0.0)
    report = readers.verify(qr.png(published.made.text), worlds.NOW, None)
    assert (report["verdict"], report["form"]) == ("unrecognised", "image")
    readers.close()
    readers = ReaderPool(config, size=1)
    for _ in range(2):
        report = readers.verify(qr.png(published.made.text), worlds.NOW, None)
        assert report["verdict"] == "valid"
    readers.close()


def test_the_anchor_is_handed_out_with_the_verifier(
    client: TestClient, published: Published
) -> None:
    assert client.get("/static/verifier/root.note").content == published.world.root_note
    assert client.get("/readyz").json()["checks"]["trust_list"] == {"ok": True, "version": 1}


def test_pages_of_other_sites_may_ask_without_credentials(client: TestClient) -> None:
    asked = {"Origin": "https://other.example", "Access-Control-Request-Method": "POST",
             "Access-Control-Request-Headers": "content-type"}  # fmt: skip
    leave = client.options("/api/v1/verify", headers=asked)
    assert leave.status_code == 204 and not leave.content
    assert leave.headers["access-control-allow-origin"] == "*"
    assert leave.headers["access-control-allow-methods"] == "POST"
    assert leave.headers["access-control-allow-headers"] == "content-type"
    answer = client.post("/api/v1/verify", content=b"x", headers=asked)
    refused = client.post("/api/v1/verify", content=b"x", headers={"Content-Type": "video/mp4"})
    for each in (leave, answer, refused):
        assert each.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in each.headers
    for path in ("/verify", "/console/sign-in", "/lookup"):
        other = client.post(path, data={}, headers=asked)
        assert "access-control-allow-origin" not in other.headers
        assert "access-control-allow-origin" not in client.options(path, headers=asked).headers
    described = client.get("/openapi.json").json()["paths"]["/api/v1/verify"]["post"]
    assert "Access-Control-Allow-Origin" in described["responses"]["200"]["headers"]


def test_the_policy_names_the_status_origins_of_the_trust_list_in_force(
    client: TestClient, published: Published
) -> None:
    def allowed() -> list[str]:
        rules = client.get("/").headers["content-security-policy"].split("; ")
        return next(rule for rule in rules if rule.startswith("connect-src")).split()[1:]

    world, base = published.world, client.base_url
    assert allowed() == ["'self'", str(base).rstrip("/"), worlds.BASE]
    first = world.trust_list()
    old = "https://old.example.org/"
    world.status_prefixes = (f"{worlds.BASE}/", "https://cdn.example.org:8443/s/", old)
    world.locations = (Location(old=old, new="https://moved.example.org/files/"),)
    second = world.trust_list(2, first.decode().partition("\n\n")[0] + "\n")
    published.publish({"/trust/2": second, "/trust/latest": second})
    assert set(allowed()) == {
        "'self'", str(base).rstrip("/"), worlds.BASE, "https://cdn.example.org:8443",
        "https://old.example.org", "https://moved.example.org",
    }  # fmt: skip


def test_a_registry_that_names_its_contact_says_so(
    app: FastAPI, tmp_path: Path, clock: Clock
) -> None:
    config = app.state.office.config
    bare = TestClient(app).get("/").text
    assert "官方查询网站" not in bare and "咨询电话" not in bare
    write_settings(
        tmp_path, {"contact_phone": "000-0000-0000", "contact_site": "cert.example.gov.cn"}
    )
    made = create_app(Config.for_folder(config.folder), clock)
    try:
        client = TestClient(made)
        assert "官方查询网站：cert.example.gov.cn。" in client.get("/").text
        scan = client.get("/v").text
        assert 'data-phone="000-0000-0000"' in scan and 'data-site="cert.example.gov.cn"' in scan
        body = orjson.dumps({"input": "https://other.example/c/123"})
        report = client.post("/api/v1/verify", content=body).json()
        plain = TestClient(app).post("/api/v1/verify", content=body).json()
        assert report["verdict"] == plain["verdict"] == "unrecognised"
        told, untold = (str(each["words"]) for each in (report, plain))
        assert "cert.example.gov.cn" in told and "cert.example.gov.cn" not in untold
    finally:
        made.state.closing.close()
    (tmp_path / "hallmark.toml").write_text("contact_phone = 7\n")
    with pytest.raises(ConfigError, match="contact_phone"):
        Config.for_folder(tmp_path)

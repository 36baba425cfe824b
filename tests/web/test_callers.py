"""Whose address counts: forwarding headers are believed from trusted proxies and nobody else."""

from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.testclient import TestClient

from registry.app import create_app
from registry.config import Config, ConfigError
from registry.web import callers
from registry.web.callers import MEDIA_RATE
from registry.web.lookup import RATE
from tests.registry.office import PERSONAL
from tests.web.conftest import Clock, Filled

PROXY, OUTER, STRANGER = "10.0.0.5", "10.1.2.3", "198.51.100.7"
SETTINGS = f'trusted_proxies = ["{PROXY}", "10.1.0.0/16", "2001:db8::/64"]\n'
NETWORKS = tuple(map(ip_network, (f"{PROXY}/32", "10.1.0.0/16", "2001:db8::/64")))
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


@pytest.fixture
def behind(tmp_path: Path, filled: Filled, clock: Clock) -> Iterator[FastAPI]:
    """The application behind two layers of proxies."""
    (tmp_path / "hallmark.db").write_bytes(filled.data)
    (tmp_path / "hallmark.toml").write_text(SETTINGS, "utf-8")
    (tmp_path / "public").mkdir()
    made = create_app(Config.for_folder(tmp_path), clock, PERSONAL)

    def seen(request: Request) -> Response:
        return PlainTextResponse(f"{callers.address_of(request)} {request.url.scheme}")

    made.router.add_route("/seen", seen)
    yield made
    made.state.closing.close()


def asking(app: FastAPI, peer: str) -> TestClient:
    return TestClient(app, base_url="http://127.0.0.1:8000", client=(peer, 50000))


@pytest.mark.parametrize(
    ("peer", "forwarded", "counted"),
    [
        (PROXY, STRANGER, STRANGER),
        (PROXY, f"192.0.2.1, {STRANGER}", STRANGER),
        (PROXY, f"192.0.2.1, {STRANGER}, {OUTER}", STRANGER),
        (PROXY, f"{STRANGER}:4711", STRANGER),
        (PROXY, "[2001:db8:1::7]:4711", "2001:db8:1::/64"),
        (PROXY, "2001:db8:1::7:8:9", "2001:db8:1::/64"),
        (PROXY, "2001:db8:1:1::7", "2001:db8:1:1::/64"),
        (PROXY, f"::ffff:{STRANGER}", STRANGER),
        (f"::ffff:{PROXY}", STRANGER, STRANGER),
        ("2001:db8::9", STRANGER, STRANGER),
        (PROXY, f"{OUTER}", OUTER),
        (PROXY, f"{STRANGER}, nonsense, {OUTER}", OUTER),
        (PROXY, "nonsense", PROXY),
        (PROXY, "", PROXY),
        (PROXY, None, PROXY),
        (STRANGER, "192.0.2.1", STRANGER),
        (STRANGER, f"192.0.2.1, {PROXY}", STRANGER),
    ],
)
def test_the_rightmost_hop_that_is_no_proxy_is_the_caller(
    behind: FastAPI, peer: str, forwarded: str | None, counted: str
) -> None:
    headers = {} if forwarded is None else {"x-forwarded-for": forwarded}
    answer = asking(behind, peer).get("/seen", headers=headers)
    assert answer.text == f"{counted} http"


def test_several_lines_are_one_list(behind: FastAPI) -> None:
    headers = [("x-forwarded-for", "192.0.2.1"), ("x-forwarded-for", f"{STRANGER}, {OUTER}")]
    assert asking(behind, PROXY).get("/seen", headers=headers).text == f"{STRANGER} http"


@pytest.mark.parametrize(
    ("peer", "said", "scheme"),
    [(PROXY, "https", "https"), (PROXY, "http, https", "https"), (PROXY, "ftp", "http"),
     (STRANGER, "https", "http")],
)  # fmt: skip
def test_the_scheme_is_the_nearest_proxys(
    behind: FastAPI, peer: str, said: str, scheme: str
) -> None:
    answer = asking(behind, peer).get("/seen", headers={"x-forwarded-proto": said})
    assert answer.text.split()[1] == scheme


def test_without_the_setting_nobody_is_believed(app: FastAPI) -> None:
    scope = {"client": (PROXY, 1), "headers": [(b"x-forwarded-for", STRANGER.encode())]}
    assert callers.believed(scope, app.state.office.config.trusted_proxies) == (PROXY, None)
    assert callers.believed(scope, NETWORKS) == (STRANGER, None)
    assert callers.believed({"client": None, "headers": []}, NETWORKS) == ("unknown", None)


def test_a_stranger_cannot_leave_a_limit_by_inventing_addresses(behind: FastAPI) -> None:
    form = {"number": "S000032000001264000001", "last4": "0000"}

    def ask(peer: str, invented: str) -> int:
        return asking(behind, peer).post(
            "/lookup", data=form, headers={"x-forwarded-for": invented}
        ).status_code  # fmt: skip

    for serial in range(RATE.amount):
        assert behind.state.office.rates.hit(RATE, "lookup", STRANGER), serial
    assert ask(STRANGER, "192.0.2.99") == 429
    assert ask(PROXY, "192.0.2.99") != 429
    assert ask(PROXY, STRANGER) == 429


@pytest.mark.parametrize("route", ["/api/v1/verify", "/verify"])
def test_pictures_are_counted_by_address_and_the_answer_says_when_to_come_back(
    behind: FastAPI, route: str
) -> None:
    client = asking(behind, PROXY)
    here = behind.state.office

    def ask(address: str) -> Response:
        headers = {"x-forwarded-for": address}
        if route == "/verify":
            return client.post(route, files={"file": ("a.png", PNG)}, headers=headers)
        return client.post(route, content=PNG, headers=headers | {"content-type": "image/png"})

    for _ in range(MEDIA_RATE.amount):
        assert here.rates.hit(MEDIA_RATE, "media", STRANGER)
    shut = ask(STRANGER)
    assert shut.status_code == 429
    assert 1 <= int(shut.headers["retry-after"]) <= 60
    if route != "/verify":
        assert shut.json()["type"] == "tag:hallmark,2026:problem:too_many"
        text = client.post(route, content=b"1234", headers={"x-forwarded-for": STRANGER})
        assert text.status_code == 200
    assert ask("198.51.100.8").status_code == 200


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ('trusted_proxies = "10.0.0.5"', "wrong type"),
        ('trusted_proxies = ["10.0.0.300"]', "10.0.0.300"),
        ('trusted_proxies = ["10.0.0.5/8"]', "host bits"),
        ("trusted_proxies = [[]]", "list of addresses"),
        ("trusted_proxies = [1, true]", "list of addresses"),
    ],
)
def test_a_setting_that_is_no_network_is_refused(tmp_path: Path, settings: str, said: str) -> None:
    (tmp_path / "hallmark.toml").write_text(settings, "utf-8")
    with pytest.raises(ConfigError, match=said):
        Config.for_folder(tmp_path)

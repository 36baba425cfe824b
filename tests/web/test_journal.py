"""Every route is logged and counted once, and no line holds what a person typed."""

import io
import json
import logging
import re
from collections.abc import Callable, Iterator
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

from registry.app import ROUTES
from registry.operations import logs, tally
from registry.web import journal
from tests.registry import office

SignIn = Callable[[str], TestClient]

NAME, ID_NUMBER, MARKED = "标记某某", "000000199012310019", "MARKED-BY-TEST"
MARKS = (NAME, quote(NAME), json.dumps(NAME)[1:-1], ID_NUMBER, MARKED, office.PASSWORD)
FIELDS = {"name": NAME, "number": ID_NUMBER, "last4": "0019", "text": MARKED, "reason": MARKED,
          "password": office.PASSWORD, "token": MARKED, "next": f"/{MARKED}", "lang": "zh",
          "code": MARKED, "q": NAME}  # fmt: skip
PLACES = [
    (method, route.path)
    for routes in ROUTES
    for route in routes.routes
    if isinstance(route, APIRoute)
    for method in sorted(route.methods)
]


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """Everything that any logger of the process writes meanwhile, as the commands write it."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.Lines())
    root, ours = logging.getLogger(), logging.getLogger(logs.OURS)
    before = root.level, ours.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    ours.setLevel(logging.INFO)
    yield stream
    root.removeHandler(handler)
    root.setLevel(before[0])
    ours.setLevel(before[1])


def _address(path: str, text: str) -> str:
    return re.sub(r"\{(\w+)(:path)?\}", quote(text), path)


def _requests(stream: io.StringIO) -> list[dict[str, object]]:
    read = [json.loads(line) for line in stream.getvalue().splitlines()]
    return [line for line in read if line["event"] == "request"]


@pytest.mark.parametrize("who", [None, "issuer", "admin"])
def test_no_route_logs_what_was_typed(
    client: TestClient, sign_in: SignIn, lines: io.StringIO, who: str | None
) -> None:
    asker = client if who is None else sign_in(who)
    lines.seek(0)
    lines.truncate(0)
    for method, path in PLACES:
        if path == "/console/sign-out":
            continue
        for text in ("1", NAME):
            before = len(_requests(lines))
            form = FIELDS if method == "POST" else None
            answer = asker.request(
                method, _address(path, text), params=FIELDS, data=form,
                headers={"User-Agent": MARKED, journal.HEADER: MARKED}, follow_redirects=False,
            )  # fmt: skip
            assert answer.status_code != 500, (method, path)
            (line,) = _requests(lines)[before:]
            # A plain "1" may stand for a route that is declared earlier and fits as well.
            assert line["status"] == answer.status_code and line["method"] == method
            assert line["route"] in {each for _, each in PLACES}
            assert line["request"] == answer.headers[journal.HEADER]
    assert {line["route"] for line in _requests(lines)} > {"/lookup", "/console/certificates"}
    for mark in MARKS:
        assert mark not in lines.getvalue()


def test_what_no_route_knows_is_logged_without_its_address(
    client: TestClient, lines: io.StringIO
) -> None:
    client.get(f"/{NAME}?name={NAME}")
    client.request("PATCH", f"/verify/{MARKED}")
    client.request(MARKED, "/verify")
    client.post("/api/v1/verify", content=json.dumps({"input": MARKED, "name": NAME, "x": MARKED}))
    client.post("/api/v1/verify", content=MARKED.encode())
    assert [line["route"] for line in _requests(lines)][:2] == ["none", "none"]
    assert "other" in {line["method"] for line in _requests(lines)}
    for mark in MARKS:
        assert mark not in lines.getvalue()


def test_a_crash_over_a_persons_data_tells_its_place_only(
    app: FastAPI, client: TestClient, lines: io.StringIO
) -> None:
    def crash() -> None:
        try:
            int(ID_NUMBER + NAME)
        except ValueError as error:
            raise RuntimeError(NAME) from error

    app.add_api_route("/crash", crash)
    page = client.get("/crash")
    number = page.headers[journal.HEADER]
    assert number in page.text
    (told,) = [each for each in map(json.loads, lines.getvalue().splitlines())
               if each["event"] == "crash"]  # fmt: skip
    assert told["request"] == number and told["error"] == "RuntimeError"
    assert any(place.endswith(" crash") for place in told["trace"])
    for mark in MARKS:
        assert mark not in lines.getvalue()


def test_foreign_messages_are_cut_to_their_form(lines: io.StringIO) -> None:
    logging.getLogger("some.library").warning("value %r is odd", NAME)
    logging.getLogger("some.library").warning(ValueError(ID_NUMBER))
    said = [json.loads(line)["event"] for line in lines.getvalue().splitlines()]
    assert said == ["some.library: value %r is odd", "some.library: ValueError"]


def test_a_request_is_counted_by_its_template(client: TestClient) -> None:
    def count() -> int:
        return tally.REQUESTS.values.get(("/catalogue/{code}", "GET", "404"), 0)

    before = count()
    for code in ("9-99-99-98", "9-99-99-99"):
        assert client.get(f"/catalogue/{code}").status_code == 404
    assert count() == before + 2
    assert not any("9-99-99" in label for labels in tally.REQUESTS.values for label in labels)


def test_numbers_are_read_over_the_telephone() -> None:
    made = {journal.number() for _ in range(2000)}
    assert len(made) == 2000
    assert all(re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}", each) for each in made)

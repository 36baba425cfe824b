"""What holds for every page: headers, languages, bounds, errors that say nothing of the inside."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from registry.operations import logs
from registry.web import docs
from registry.web.problems import Problem

PAGES = ("/", "/verify", "/catalogue", "/docs", "/_pieces", "/no-such-page")


def policy(text: str) -> dict[str, list[str]]:
    parts = (part.split() for part in text.split(";"))
    return {part[0]: part[1:] for part in parts if part}


@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_the_strict_policy(client: TestClient, path: str) -> None:
    answer = client.get(path)
    rules = policy(answer.headers["content-security-policy"])
    assert rules["default-src"] == ["'none'"]
    assert rules["script-src"] == ["'self'"] and rules["style-src"] == ["'self'"]
    assert rules["form-action"] == ["'self'"]
    assert rules["frame-ancestors"] == ["'none'"] and rules["base-uri"] == ["'none'"]
    assert not any("unsafe" in word for words in rules.values() for word in words)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_page_asks_another_host_or_runs_inline(
    client: TestClient, path: str, language: str
) -> None:
    text = client.get(path, params={"lang": language}).text
    assert "<script>" not in text and "javascript:" not in text
    assert " style=" not in text and "<style" not in text and " onclick=" not in text
    for attribute in ('src="', 'href="'):
        for part in text.split(attribute)[1:]:
            address = part.split('"', 1)[0]
            assert address.startswith(("/", "#")), address


def test_the_language_is_kept_and_the_way_back_is_ours(client: TestClient) -> None:
    assert '<html lang="zh-CN">' in client.get("/").text
    answer = client.post(
        "/language", data={"lang": "en", "next": "/verify"}, follow_redirects=False
    )
    assert answer.status_code == 303 and answer.headers["location"] == "/verify"
    assert "Verify" in client.get("/verify").text and '<html lang="en">' in client.get("/").text
    for elsewhere in ("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x"):
        answer = client.post(
            "/language", data={"lang": "zh", "next": elsewhere}, follow_redirects=False
        )
        assert answer.headers["location"] == "/"


@pytest.mark.parametrize("path", ["/verify/", "/console/", "/c/x/"])
def test_no_redirect_leads_to_a_host_that_the_request_names(client: TestClient, path: str) -> None:
    answer = client.get(path, headers={"Host": "evil.example"}, follow_redirects=False)
    assert "evil.example" not in answer.headers.get("location", "")


@pytest.mark.parametrize(
    "path", ["/healthz", "/readyz", "/openapi.json", "/c/none", "/no-such-page"]
)
def test_what_does_not_say_otherwise_is_not_kept_by_caches(client: TestClient, path: str) -> None:
    assert client.get(path).headers["cache-control"] == "no-store"


def test_the_language_in_the_address_is_remembered_too(client: TestClient) -> None:
    assert '<html lang="en">' in client.get("/?lang=en").text
    assert '<html lang="en">' in client.get("/catalogue").text
    assert '<html lang="en">' in client.get("/?lang=xx").text


def test_a_crash_shows_a_number_and_nothing_of_the_inside(
    app: FastAPI, client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    def crash() -> None:
        raise RuntimeError("secret of the inside")

    app.add_api_route("/crash", crash)
    app.add_api_route("/api/v1/crash", crash)
    with caplog.at_level(logging.INFO, "hallmark"):
        page = client.get("/crash")
        body = client.get("/api/v1/crash")
    assert page.status_code == 500 and "secret" not in page.text and "Traceback" not in page.text
    assert "content-security-policy" in page.headers
    assert body.headers["content-type"] == "application/problem+json"
    assert body.json()["status"] == 500 and "secret" not in body.text
    lines = [json.loads(logs.Lines().format(record)) for record in caplog.records]
    crashes = {line["request"]: line for line in lines if line["event"] == "crash"}
    assert crashes[body.json()["reference"]]["route"] == "/api/v1/crash"
    assert page.headers["x-request-id"] in page.text and page.headers["x-request-id"] in crashes
    assert "secret" not in json.dumps(lines)
    assert {line["error"] for line in crashes.values()} == {"RuntimeError"}


def test_problems_are_json_for_programs_and_pages_for_people(client: TestClient) -> None:
    body = client.get("/api/v1/no-such-thing").json()
    assert body["type"] == "tag:hallmark,2026:problem:not_found" and body["status"] == 404
    english = client.get("/api/v1/no-such-thing?lang=en").json()
    assert english["title"] != body["title"]
    assert "没有这个页面" in client.get("/no-such-page").text
    assert client.get("/language").status_code == 405


def test_every_problem_has_words() -> None:
    with pytest.raises(KeyError):
        Problem(418)


def test_an_upload_is_refused_by_its_announced_length(client: TestClient) -> None:
    def never() -> Iterator[bytes]:
        yield b"x"
        raise AssertionError("the body was read")

    answer = client.post("/verify", content=never(), headers={"Content-Length": str(100 * 2**20)})
    assert answer.status_code == 413 and "文件太大" in answer.text
    answer = client.post(
        "/api/v1/verify", content=never(), headers={"Content-Length": str(100 * 2**20)}
    )
    assert answer.status_code == 413 and answer.json()["type"].endswith(":too_large")


@pytest.mark.parametrize("path", ["/verify", "/api/v1/verify", "/language"])
def test_an_upload_is_counted_while_it_streams(client: TestClient, path: str) -> None:
    sent = 0

    def stream() -> Iterator[bytes]:
        nonlocal sent
        for _ in range(40):
            sent += 2**20
            yield b"a" * 2**20

    kind = "text/plain" if path.startswith("/api") else "application/x-www-form-urlencoded"
    answer = client.post(path, content=stream(), headers={"Content-Type": kind})
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "path",
    ["/static/../office.py", "/static/%2e%2e/office.py", "/s/../../hallmark.db", "/s/%2e%2e/1",
     "/n/" + "A" * 64, "/trust/x", "/issuers/../did.json", "/.well-known/other", "/static/"],
)  # fmt: skip
def test_only_files_of_the_tree_are_served(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_public_files_have_types_tags_and_short_caches(app: FastAPI, client: TestClient) -> None:
    public: Path = app.state.office.config.public
    wanted = {
        "s/1": "application/statuslist+cwt",
        "b/1": "application/vc",
        "i/1/0": "application/hallmark-issued+cwt",
        "n/" + "0a" * 32: "text/plain; charset=utf-8",
        "trust/latest": "text/plain; charset=utf-8",
        "issuers/jst.example/did.json": "application/did+json",
        ".well-known/did.json": "application/did+json",
    }
    for path, kind in wanted.items():
        (public / path).parent.mkdir(parents=True, exist_ok=True)
        (public / path).write_bytes(b"bytes of " + path.encode())
        answer = client.get("/" + path)
        assert answer.status_code == 200 and answer.content == b"bytes of " + path.encode()
        assert answer.headers["content-type"] == kind
        assert answer.headers["access-control-allow-origin"] == "*"
        again = client.get("/" + path, headers={"If-None-Match": answer.headers["etag"]})
        assert again.status_code == 304 and not again.content
        (public / path).write_bytes(b"new")
        assert (
            client.get("/" + path, headers={"If-None-Match": answer.headers["etag"]}).text == "new"
        )


def test_the_interface_is_described_with_the_route_that_is_not_fastapis(client: TestClient) -> None:
    described = client.get("/openapi.json").json()
    assert set(described["paths"]) == {
        "/api/v1/verify", "/api/v1/catalogue", "/api/v1/catalogue.csv", "/api/v1/catalogue/{code}",
    }  # fmt: skip
    assert described["components"]["schemas"]["Report"]["title"] == "Report of one verification"
    assert "/api/v1/verify" in client.get("/docs").text


def test_the_interface_is_described_in_both_languages(client: TestClient) -> None:
    described = client.get("/openapi.json").json()
    assert set(docs.SAID) == set(described["paths"])
    chinese, english = client.get("/docs?lang=zh").text, client.get("/docs?lang=en").text
    for path, said in docs.SAID.items():
        assert said[0] in chinese, path
        (operation,) = described["paths"][path].values()
        assert operation["summary"] in english, path


def test_modules_of_the_verifier_are_served_as_script(client: TestClient) -> None:
    answer = client.get("/static/verifier/view.js")
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    again = client.get(
        "/static/verifier/view.js", headers={"If-None-Match": answer.headers["etag"]}
    )
    assert again.status_code == 304

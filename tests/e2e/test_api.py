"""``POST /api/v1/verify`` of the served demonstration: what the command says, by HTTP."""

import json

import jsonschema_rs
import pytest

from registry.web.api_verify import PATH, report_schema
from tests.e2e.demonstration import FORMS, STATES

SCHEMA = jsonschema_rs.validator_for(report_schema())
TYPES = {
    "qr.png": "image/png",
    "qr.txt": "text/plain; charset=utf-8",
    "certificate.json": "application/vc",
    "certificate.pdf": "application/pdf",
}
MOST_BYTES = 12 * 2**20


@pytest.fixture
def ask(client):
    """Send a body; answer the report, which has the shape announced."""

    def send(body, kind=None):
        headers = {"content-type": kind} if kind else {}
        response = client.post(PATH, content=body, headers=headers)
        assert response.status_code == 200, response.text
        assert response.headers["content-type"] == "application/json"
        assert response.headers["cache-control"] == "no-store"
        report = response.json()
        SCHEMA.validate(report)
        return report

    return send


def wrapped(text, **asked):
    return json.dumps({"input": text, **asked}).encode()


def refused(response, status):
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["status"] == status and problem["title"] and problem["type"]
    assert "Traceback" not in response.text
    return problem


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("state", STATES)
def test_state_in_every_form(demo, ask, state, form):
    [award] = demo.of_state(state, 1)
    report = ask(award.file(form).read_bytes(), TYPES[form])
    assert report["verdict"] == state
    assert report["certificate"]["number"] == award.number
    assert report["certificate"]["version"] == award.version
    assert (report["face"] == "not_checked") is form.endswith((".pdf", ".png"))
    replacement = report["note"]["replacement"] if state == "superseded" else None
    named = replacement and {key: replacement[key] for key in ("number", "version")}
    assert named == award.replaced_by


@pytest.mark.parametrize("state", STATES)
def test_text_inside_json_and_without_a_media_type(demo, ask, state):
    [award] = demo.of_state(state, 1)
    document = award.file("certificate.json").read_text("utf-8")
    for text in (award.text, award.text.partition("#")[2], document):
        assert ask(wrapped(text), "application/json")["verdict"] == state
    assert ask(award.text.encode())["verdict"] == state


def test_same_report_as_the_command(demo, ask, tmp_path):
    [award] = demo.of_state("superseded", 1)
    _, out = demo.verify(
        tmp_path, "--json", "--root", demo.root, "--evidence", demo.public, award.file("qr.txt")
    )
    [printed] = json.loads(out)
    answered = ask(award.text)
    for report in (printed, answered):
        for moving in ("at", "input"):
            report.pop(moving, None)
    assert answered == printed


def test_every_card(demo, ask):
    for card in demo.cards.values():
        told = ask(card.text, "text/plain")
        seen = ask(card.file("png").read_bytes(), "image/png")
        for report in (told, seen):
            assert (report["verdict"], report["reason"]) == (card.verdict, card.reason), card.name


@pytest.mark.prove
def test_every_certificate_in_every_form(demo, ask):
    for award in demo.awards:
        for form in FORMS:
            assert ask(award.file(form).read_bytes(), TYPES[form])["verdict"] == award.state


def test_holder_asked_about(demo, ask):
    [award] = demo.of_state("valid", 1)
    last4 = ask(award.text)["certificate"]["last4"]
    assert ask(wrapped(award.text, name=award.holder, last4=last4))["match"] == "matched"
    assert ask(wrapped(award.text, name="别人"))["match"] == "not_matched"
    assert ask(award.text)["match"] is None


UNREADABLE = (
    (b"", None),
    (b"\x00\xff" * 50, "application/octet-stream"),
    (b"{", "application/json"),
    (b'{"input"', "application/json"),
    (b"\x89PNG\r\n\x1a\n" + b"\x00" * 64, "image/png"),
    (b"\xff\xd8\xff\xe0" + b"\x00" * 64, "image/jpeg"),
    (b"%PDF-1.7\n%%EOF\n", "application/pdf"),
)
FOREIGN = (
    (b"[1,2", "application/json"),
    (b"[" * 100_000, "application/json"),
    (b'{"other": "x"}', "application/json"),
    (b"https://elsewhere.example/", "text/plain"),
)


@pytest.mark.parametrize(
    ("body", "kind", "reason"),
    [(*each, "unreadable") for each in UNREADABLE]
    + [(*each, "other_registry") for each in FOREIGN],
    ids=range(len(UNREADABLE) + len(FOREIGN)),
)
def test_what_is_no_certificate_has_a_report_too(ask, body, kind, reason):
    report = ask(body, kind)
    assert (report["verdict"], report["reason"]) == ("unrecognised", reason)
    assert report["certificate"] is None


@pytest.mark.parametrize(
    "body",
    [
        b'{"input": "1", "input": "2"}',
        b'{"input": 1}',
        b'{"input": null}',
        b'{"input": {"a": "b"}}',
        b'{"input": "1", "secret": "2"}',
        b'{"input": "1", "name": ["x"]}',
    ],
)
def test_wrapping_of_the_wrong_shape(client, body):
    refused(client.post(PATH, content=body, headers={"content-type": "application/json"}), 422)


@pytest.mark.parametrize("kind", ["text/html", "multipart/form-data", "application/x-tar"])
def test_media_type_that_no_form_has(client, kind):
    refused(client.post(PATH, content=b"1", headers={"content-type": kind}), 415)


def test_too_large_by_its_length_and_while_it_streams(client):
    refused(client.post(PATH, content=b"1" * (MOST_BYTES + 1)), 413)
    pieces = (b"1" * 2**20 for _ in range(16))
    refused(client.post(PATH, content=pieces), 413)
    # The server is as well as before.
    assert client.post(PATH, content=b"1").status_code == 200


def test_largest_that_is_read(ask):
    assert ask(b"1" * MOST_BYTES, "text/plain")["verdict"] == "unrecognised"


def test_other_methods(client):
    for answer in (client.get(PATH), client.put(PATH, content=b"1"), client.delete(PATH)):
        assert answer.status_code in (404, 405)
        refused(answer, answer.status_code)


def test_report_and_route_are_in_the_interface_description(client):
    described = client.get("/openapi.json").json()
    assert "post" in described["paths"][PATH]
    announced = described["components"]["schemas"]["Report"]
    assert announced["properties"].keys() == report_schema()["properties"].keys()

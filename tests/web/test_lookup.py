"""Finding a certificate by two facts: every miss is one answer, and there are not many."""

import re

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from registry.queries import certificates
from tests.web.conftest import Clock, Filled


@pytest.fixture
def known(app: FastAPI, filled: Filled) -> dict[str, str]:
    """Facts of a certificate that is out."""
    with app.state.office.reading() as session:
        found = certificates.issued(session, filled.certificates[0])
    facts = found.certificate.facts
    return {"number": facts.number, "name": facts.name, "last4": facts.last4, "id": found.public_id}


def ask(client: TestClient, **facts: str) -> object:
    return client.post("/lookup", data=facts, follow_redirects=False)


def test_two_facts_that_fit_open_the_page(client: TestClient, known: dict[str, str]) -> None:
    for facts in (
        {"number": known["number"], "name": known["name"]},
        {"number": known["number"].lower(), "last4": known["last4"].lower()},
        {"number": known["number"], "name": known["name"], "last4": known["last4"]},
    ):
        answer = ask(client, **facts)
        assert answer.status_code == 303 and answer.headers["location"] == f"/c/{known['id']}"


def test_every_miss_is_one_answer(client: TestClient, known: dict[str, str]) -> None:
    pages = set()
    for facts in (
        {"number": known["number"], "name": "王不对"},
        {"number": known["number"], "last4": "0000"},
        {"number": known["number"], "name": known["name"], "last4": "0000"},
        {"number": "S000032000001264999999", "name": known["name"]},
        {"number": "1910012003400001", "last4": known["last4"]},
    ):
        answer = ask(client, **facts)
        assert answer.status_code == 200
        pages.add(re.sub(r' value="[^"]*"', "", answer.text))
    assert len(pages) == 1 and "没有查到" in pages.pop()


def test_a_number_alone_opens_nothing(client: TestClient, known: dict[str, str]) -> None:
    answer = ask(client, number=known["number"])
    assert answer.status_code == 422 and known["name"] not in answer.text
    assert f'value="{known["number"]}"' in answer.text


def test_trying_out_the_last_four_is_stopped(
    client: TestClient, known: dict[str, str], clock: Clock
) -> None:
    wrong = [f"{n:04d}" for n in range(9000, 9021)]
    codes = [ask(client, number=known["number"], last4=last4).status_code for last4 in wrong]
    assert codes == [200] * 20 + [429]
    assert ask(client, number=known["number"], name=known["name"]).status_code == 429
    clock.now += 3601
    assert ask(client, number=known["number"], name=known["name"]).status_code == 303


def test_many_questions_from_one_address_are_stopped(client: TestClient) -> None:
    numbers = [f"19100120034{n:05d}" for n in range(31)]
    codes = [ask(client, number=number, last4="0000").status_code for number in numbers]
    assert codes == [200] * 30 + [429]


def test_the_page_of_a_certificate_masks_its_holder(
    client: TestClient, known: dict[str, str]
) -> None:
    page = client.get(f"/c/{known['id']}")
    assert page.status_code == 200 and known["name"] not in page.text
    assert client.get("/c/nothing-here").status_code == 404
    assert client.get("/c/" + "x" * 500).status_code == 404


def test_what_is_written_wrong_is_said_beside_its_field(client: TestClient) -> None:
    number = client.post("/lookup", data={"number": "!!", "name": "某人"})
    assert number.status_code == 422 and 'href="#number"' in number.text
    assert "可由" not in number.text
    last4 = client.post("/lookup?lang=en", data={"number": "1910012003400001", "last4": "1"})
    assert 'href="#last4"' in last4.text and "not the last four" in last4.text

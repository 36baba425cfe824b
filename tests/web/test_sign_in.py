"""Sessions, form tokens, and who reaches which page."""

from collections.abc import Callable

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from registry.acts import accounts as acts
from registry.queries import accounts
from tests.registry.office import PASSWORD
from tests.web.conftest import Clock, Filled
from tests.web.forms import token_of

SignIn = Callable[[str], TestClient]


def test_pages_of_the_console_ask_to_sign_in_and_lead_back(client: TestClient) -> None:
    answer = client.get("/console/batches", follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/console/sign-in?next=/console/batches"
    form = {"name": "registrar", "password": PASSWORD, "next": "/console/batches"}
    assert client.post("/console/sign-in", data=form).url.path == "/console/batches"


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(client: TestClient) -> None:
    answer = client.post(
        "/console/sign-in", data={"name": "registrar", "password": PASSWORD}, follow_redirects=False
    )
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=lax" in cookie and "path=/" in cookie


def test_a_wrong_name_and_a_wrong_password_look_alike(client: TestClient) -> None:
    wrong = [
        client.post("/console/sign-in", data={"name": name, "password": password})
        for name, password in (("nobody", PASSWORD), ("registrar", "wrong"))
    ]
    assert [answer.status_code for answer in wrong] == [401, 401]
    assert wrong[0].text.replace("nobody", "") == wrong[1].text.replace("registrar", "")


def test_after_five_failures_the_door_closes_for_a_while(client: TestClient, clock: Clock) -> None:
    form = {"name": "registrar", "password": "wrong"}
    assert [client.post("/console/sign-in", data=form).status_code for _ in range(6)] == [
        401, 401, 401, 401, 401, 429,
    ]  # fmt: skip
    right = {"name": "registrar", "password": PASSWORD}
    closed = client.post("/console/sign-in", data=right)
    assert closed.status_code == 429 and int(closed.headers["retry-after"]) > 0
    clock.now += 901
    assert client.post("/console/sign-in", data=right).status_code == 200


def test_a_one_time_password_opens_only_the_way_to_another(
    app: FastAPI, sign_in: SignIn, browser: Callable[..., TestClient], clock: Clock
) -> None:
    given, chosen = "given-by-somebody", "chosen-by-myself"
    with app.state.office.writing.begin() as session:
        known = accounts.credentials(session, "registrar")
        assert known is not None
        until = clock.now + 60
        acts.renew_password(session, None, clock.now, known.account, given, until)
    client = browser()
    entered = client.post("/console/sign-in", data={"name": "registrar", "password": given})
    assert entered.url.path == "/console/account" and "一次性密码" in entered.text
    for path in ("/console", "/console/batches", "/console/accounts"):
        assert client.get(path).url.path == "/console/account"
    form = {"token": token_of(entered), "old": given}
    same = client.post("/console/account/password", data=form | {"new": given, "again": given})
    assert same.status_code == 422 and "只有您知道" in same.text
    form["token"] = token_of(same)
    done = client.post("/console/account/password", data=form | {"new": chosen, "again": chosen})
    assert done.url.path == "/console/sign-in"
    right = {"name": "registrar", "password": chosen}
    clock.now = until + 1
    assert client.post("/console/sign-in", data=right).url.path == "/console"


def test_a_one_time_password_ends(app: FastAPI, client: TestClient, clock: Clock) -> None:
    with app.state.office.writing.begin() as session:
        known = accounts.credentials(session, "registrar")
        assert known is not None
        acts.renew_password(session, None, clock.now, known.account, "given-by-somebody", clock.now)
    form = {"name": "registrar", "password": "given-by-somebody"}
    clock.now += 1
    late = client.post("/console/sign-in", data=form)
    assert late.status_code == 401 and "已经过期" in late.text


def test_a_session_ends_by_itself_and_by_hand(sign_in: SignIn, clock: Clock) -> None:
    client = sign_in("registrar")
    clock.now += 8 * 3600
    assert client.get("/console").url.path == "/console/sign-in"
    client = sign_in("registrar")
    client.post("/console/sign-out")
    assert client.get("/console").url.path == "/console/sign-in"


def test_a_form_of_another_site_is_refused(sign_in: SignIn) -> None:
    client = sign_in("registrar")
    token = token_of(client.get("/console"))
    for headers in (
        {"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}
    ):  # fmt: skip
        answer = client.post("/console/batches", data={"token": token}, headers=headers)
        assert answer.status_code == 403
    assert client.post("/console/batches", data={"token": token}).status_code == 200


@pytest.mark.parametrize("token", ["", "made-up"])
def test_a_form_without_its_token_changes_nothing(sign_in: SignIn, token: str) -> None:
    client = sign_in("registrar")
    before = client.get("/console/batches").text.count("/console/batches/")
    assert client.post("/console/batches", data={"token": token}).status_code == 409
    assert client.get("/console/batches").text.count("/console/batches/") == before


def test_a_form_counts_once_and_only_for_its_session(sign_in: SignIn) -> None:
    client, other = sign_in("registrar"), sign_in("registrar")
    token = token_of(client.get("/console"))
    assert other.post("/console/batches", data={"token": token}).status_code == 409
    assert client.post("/console/batches", data={"token": token}).status_code == 200
    assert client.post("/console/batches", data={"token": token}).status_code == 409


def test_changing_the_password_ends_every_session(sign_in: SignIn) -> None:
    client, other = sign_in("registrar"), sign_in("registrar")
    form = {"old": PASSWORD, "new": "another-password", "again": "another-password"}
    token = token_of(client.get("/console/account"))
    wrong = client.post("/console/account/password", data=form | {"old": "x", "token": token})
    assert wrong.status_code == 422
    short = form | {"new": "short", "again": "short", "token": token_of(wrong)}
    assert client.post("/console/account/password", data=short).status_code == 422
    token = token_of(client.get("/console/account"))
    client.post("/console/account/password", data=form | {"token": token})
    assert other.get("/console").url.path == "/console/sign-in"


@pytest.mark.parametrize(
    "path",
    [
        "/console/batches/{}", "/console/batches?before={}", "/console/batches/{}/progress.json",
        "/console/batches/{}/slips", "/console/certificates/{}",
        "/console/certificates/{}/papers/pdf", "/console/certificates/{}/revoke",
    ],
)  # fmt: skip
@pytest.mark.parametrize("number", ["9" * 30, "-" + "9" * 30, "9" * 15])
def test_a_number_that_names_no_record_is_no_fault_of_ours(
    sign_in: SignIn, path: str, number: str
) -> None:
    assert sign_in("issuer").get(path.format(number)).status_code in (200, 404, 422)


_PAGES = {
    "/console/certificates": {"registrar", "checker", "issuer", "admin"},
    "/console/accounts": {"admin"},
    "/console/occupations/6-29-01-03": {"admin"},
    "/console/batches/template.xlsx": {"registrar"},
    "/console/batches/{draft}/import": {"registrar"},
    "/console/batches/{draft}/submit": {"registrar"},
    "/console/batches/{submitted}/confirm": {"examiner1"},
    "/console/batches/{confirmed}/check": {"checker"},
    "/console/batches/{checked}/approve": {"issuer"},
    "/console/batches/{approved}/issue": {"issuer"},
    "/console/certificates/{certificate}/revoke": {"issuer"},
    "/console/certificates/{certificate}/correct": {"issuer"},
    "/console/batches/{draft}": {"registrar", "examiner1", "checker", "issuer", "admin"},
    "/console/certificates/{certificate}": {"registrar", "checker", "issuer", "admin"},
}
_PEOPLE = ("registrar", "examiner1", "checker", "issuer", "stranger", "admin")


@pytest.mark.parametrize("person", _PEOPLE)
def test_everyone_reaches_exactly_what_the_role_and_place_allow(
    sign_in: SignIn, filled: Filled, person: str
) -> None:
    client = sign_in(person)
    ids = {name: getattr(filled, name) for name in ("draft", "submitted", "confirmed", "checked",
                                                    "approved")}  # fmt: skip
    ids["certificate"] = filled.certificates[0]
    for path, people in _PAGES.items():
        status = client.get(path.format(**ids)).status_code
        roles = {"stranger": "checker"}.get(person, person)
        has_place = "{" not in path or person != "stranger"
        allowed = roles in people and has_place
        assert (status == 200) == allowed, (person, path, status)
        assert status in (200, 403, 404), (person, path, status)


def test_without_the_personal_keys_the_console_says_so(app: FastAPI, sign_in: SignIn) -> None:
    client = sign_in("registrar")
    office = app.state.office
    app.state.office = type(office)(
        **{name: getattr(office, name) for name in office.__slots__} | {"personal": None}
    )
    answer = client.post("/pickup", data={"code": "ABCDE", "last4": "1234"})
    assert answer.status_code == 503 and "密钥" in answer.text

"""A registry from a plan: every fault with its place, all or nothing, and again no change."""

import copy
import json
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from registry.acts import accounts as account_acts
from registry.acts import founding
from registry.acts.founding_record import FirstPassword, Founding
from registry.exchange import founding as exchange
from registry.queries import accounts, organisations
from registry.records.accounts import Person
from registry.records.examiners import ExaminerScope
from registry.records.log import AuditLine
from registry.records.organisations import Site
from registry.records.schema import migrate
from registry.records.session import writing
from registry.rules import founding_checks
from registry.rules.decision import RefusedError
from registry.rules.founding import Plan
from registry.rules.founding_checks import ListedKey
from registry.rules.permissions import Role
from registry.rules.policy import published
from tests.registry import backends
from tests.registry.backends import Postgresql, Sqlite
from tests.registry.office import NOW, PERSONAL, TODAY

DATA = Path(exchange.__file__).parents[1] / "data"
EXAMPLE = (DATA / "founding.example.toml").read_bytes()
Edit = Callable[[dict[str, Any]], object]


def document() -> dict[str, Any]:
    """The example as JSON would hold it: days as text, one account, so that little is hashed."""
    whole = json.loads(json.dumps(tomllib.loads(EXAMPLE.decode()), default=str))
    whole["accounts"] = whole["accounts"][:1]
    del whole["accounts"][0]["password_file"]
    return whole


def read(whole: object) -> Plan:
    return exchange.read(json.dumps(whole, ensure_ascii=True).encode(), TODAY, published())


def edited(*edits: Edit) -> Plan:
    whole = document()
    for edit in edits:
        edit(whole)
    return read(whole)


def found(session: Session, plan: Plan) -> Founding:
    return founding.found(
        session, NOW, PERSONAL, plan, url="https://certs.example",
        password=lambda _: FirstPassword("a password of a test", NOW + 60),
    )  # fmt: skip


def faults(caught: pytest.ExceptionInfo[RefusedError]) -> set[tuple[str | None, str]]:
    return {(reason.column, reason.code) for reason in caught.value.reasons}


@pytest.fixture(scope="module", params=backends.NAMES)
def backend(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Sqlite | Postgresql]:
    """Databases with tables and nothing in them."""
    with backends.opened(request.param, tmp_path_factory.mktemp("empty")) as opened:
        if isinstance(opened, Postgresql):
            opened.prefix += "_empty"
        opened.build(migrate)
        yield opened


@pytest.fixture
def empty(backend: Sqlite | Postgresql) -> Iterator[sessionmaker[Session]]:
    with backend.copy() as engine:
        yield writing(engine)


def lines(session: Session) -> int:
    return session.scalars(select(func.count()).select_from(AuditLine)).one()


def test_the_example_says_the_same_in_both_languages() -> None:
    plan = exchange.read(EXAMPLE, TODAY, published())
    whole = json.dumps(tomllib.loads(EXAMPLE.decode()), default=str).encode()
    assert exchange.read(whole, TODAY, published()) == plan
    assert [body.id for body in plan.bodies] == ["centre", "js-dept", "js"]


def test_again_changes_nothing_and_a_longer_plan_adds_what_is_new(
    empty: sessionmaker[Session],
) -> None:
    plan = edited()
    with empty.begin() as session:
        first = found(session, plan)
    assert first.added == {
        "bodies": 3, "designations": 1, "sites": 1, "accreditations": 6, "filings": 10,
        "policy": 1, "persons": 7, "accounts": 1, "roles": 1, "examiners": 3, "scopes": 18,
        "relations": 1,
    }  # fmt: skip
    with empty.begin() as session:
        before = lines(session)
        again = found(session, plan)
        assert not +again.added and lines(session) == before
        assert (again.bodies, again.sites) == (first.bodies, first.sites)

    def longer(whole: dict[str, Any]) -> None:
        whole["sites"].append({**whole["sites"][0], "number": "10012002", "serial": "320002"})
        whole["examiners"][0]["scopes"][0]["occupations"].append("6-29-01-01")
        whole["accounts"][0]["roles"].append("provincial_checker")
        whole["accounts"][0]["province"] = "32"
        whole["bodies"][2]["key"] = "issuer.js.2"

    grown = edited(longer, lambda whole: whole["accounts"].append(
        {"sign_in_name": "second", "person": "checker", "roles": ["administrator"]}))  # fmt: skip
    with empty() as session:
        with pytest.raises(RefusedError) as caught:
            found(session, grown)
        # The account has a role everywhere, so another one in a province is refused.
        assert faults(caught) == {("accounts[0].roles", "scopes_differ")}
    grown = replace(grown, accounts=(plan.accounts[0], grown.accounts[1]))
    with empty.begin() as session:
        added = found(session, grown).added
        assert +added == {"sites": 1, "accreditations": 6, "scopes": 3, "accounts": 1, "roles": 1,
                          "keys": 1}  # fmt: skip
        assert organisations.issuer(session, "js").key_name == "issuer.js.2"


def test_one_fault_and_nothing_is_recorded(empty: sessionmaker[Session]) -> None:
    plan = edited(lambda whole: whole["filings"][0].update(occupations=["9-99-99-99"]))
    with pytest.raises(RefusedError) as caught, empty.begin() as session:
        found(session, plan)
    assert faults(caught) == {("filings[0].occupations[0]", "founding_occupation")}
    with empty() as session:
        assert session.scalars(select(Site)).all() == session.scalars(select(Person)).all() == []
        assert lines(session) == 0


DIFFERENT: dict[str, tuple[Edit, str]] = {
    "a body's telephone": (lambda w: w["bodies"][2].update(phone="1"), "bodies[2].phone"),
    "a body's first day": (lambda w: w["bodies"][1].update({"from": "2021-01-01"}),
                           "bodies[1].from"),
    "a silent body's name": (lambda w: w["bodies"][0].update(zh="别名"), "bodies[0].zh"),
    "a designation": (lambda w: w["designations"][0].update(source="别的文件"),
                      "designations[0].source"),
    "a site's address": (lambda w: w["sites"][0].pop("address"), "sites[0].address"),
    "an accreditation": (lambda w: w["sites"][0]["accreditations"][0].update(until="2030-01-01"),
                         "sites[0].accreditations[0]"),
    "a filing": (lambda w: w["filings"][0].update(source="别的文件"), "filings[0]"),
    "a person's name": (lambda w: w["persons"][3].update(name="别名"), "persons[3].name"),
    "an account's person": (lambda w: w["accounts"][0].update(person="checker"),
                            "accounts[0].person"),
    "a card's last day": (lambda w: w["examiners"][1].update(until="2030-12-31"),
                          "examiners[1].until"),
    "a scope": (lambda w: w["examiners"][1]["scopes"][0].update(until="2025-12-31"),
                "examiners[1].scopes[0]"),
}  # fmt: skip


@pytest.fixture(scope="module")
def recorded(backend: Sqlite | Postgresql) -> Iterator[sessionmaker[Session]]:
    """The example, recorded; tests over it roll back."""
    with backend.copy() as engine:
        with writing(engine).begin() as session:
            found(session, edited())
        yield writing(engine)


@pytest.mark.parametrize(("edit", "path"), DIFFERENT.values(), ids=list(DIFFERENT))
def test_what_is_recorded_otherwise_is_told_with_its_place(
    recorded: sessionmaker[Session], edit: Edit, path: str
) -> None:
    with recorded() as session:
        before = lines(session)
        with pytest.raises(RefusedError) as caught:
            found(session, edited(edit))
        assert faults(caught) == {(path, "founding_differs")}
        assert lines(session) == before


def test_an_ended_role_is_not_given_back(recorded: sessionmaker[Session]) -> None:
    plan = edited(
        lambda whole: whole["accounts"].append(
            {"sign_in_name": "second", "person": "checker", "roles": ["administrator"]}
        )
    )
    with recorded() as session:
        done = found(session, plan)
        keeper = accounts.actor(session, done.accounts["admin"])
        other = done.accounts["second"]
        account_acts.end_grant(session, keeper, NOW, other, Role.ADMINISTRATOR)
        assert not +found(session, plan).added
        assert accounts.actor(session, other).roles == frozenset()
        account_acts.close_account(session, keeper, NOW, other)
        assert not +found(session, plan).added


def test_somebody_has_to_keep_the_accounts(empty: sessionmaker[Session]) -> None:
    plan = replace(edited(), accounts=())
    with empty() as session, pytest.raises(RefusedError) as caught:
        found(session, plan)
    assert faults(caught) == {("accounts", "founding_no_administrator")}


def test_a_level_that_the_occupation_lacks_is_told(recorded: sessionmaker[Session]) -> None:
    plan = edited(
        lambda whole: whole["filings"].append(
            {**whole["filings"][0], "occupations": ["6-29-01-01"], "levels": "51"}
        )
    )
    with recorded() as session, pytest.raises(RefusedError) as caught:
        found(session, plan)
    assert faults(caught) == {("filings[1].levels", "founding_level")}
    with recorded() as session:
        assert session.scalars(select(func.count()).select_from(ExaminerScope)).one() == 18


BAD: dict[str, tuple[Edit, str, str]] = {
    "an unknown table": (lambda w: w.update(sits=[]), "sits", "founding_unknown"),
    "an unknown field": (lambda w: w["sites"][0].update(kind="x"), "sites[0].kind",
                         "founding_unknown"),
    "no name": (lambda w: w["bodies"][1].pop("zh"), "bodies[1].zh", "founding_missing"),
    "no id": (lambda w: w["bodies"][2].update(id=""), "bodies[2].id", "founding_text"),
    "too long": (lambda w: w["bodies"][2].update(zh="长" * 121), "bodies[2].zh", "founding_text"),
    "a hidden character": (lambda w: w["bodies"][2].update(zh="机\u200b构"), "bodies[2].zh",
                           "founding_characters"),
    "a space at the end": (lambda w: w["sites"][0].update(en="Site "), "sites[0].en",
                           "founding_characters"),
    "a number for a text": (lambda w: w["sites"][0].update(number=10012001), "sites[0].number",
                            "founding_text"),
    "seven digits": (lambda w: w["sites"][0].update(number="1001200"), "sites[0].number",
                     "founding_form"),
    "a role that is none": (lambda w: w["bodies"][1].update(role="boss"), "bodies[1].role",
                            "founding_choice"),
    "a flag as text": (lambda w: w["bodies"][0].update(signs="no"), "bodies[0].signs",
                       "founding_flag"),
    "a day that is none": (lambda w: w["filings"][0].update({"from": "2021-02-30"}),
                           "filings[0].from", "founding_day"),
    "a day before time": (lambda w: w["filings"][0].update({"from": "1969-12-31"}),
                          "filings[0].from", "founding_day"),
    "an end before the beginning": (lambda w: w["filings"][0].update(until="2020-12-31"),
                                    "filings[0].until", "founding_period"),
    "a province that is none": (lambda w: w["sites"][0].update(province="99"),
                                "sites[0].province", "founding_province"),
    "a level twice": (lambda w: w["filings"][0].update(levels="55"), "filings[0].levels",
                      "founding_form"),
    "no occupation": (lambda w: w["filings"][0].update(occupations=[]), "filings[0].occupations",
                      "founding_list"),
    "a table for a list": (lambda w: w.update(sites={}), "sites", "founding_list"),
    "a text for a table": (lambda w: w["sites"].append("x"), "sites[1]", "founding_table"),
    "a wrong check digit": (lambda w: w["persons"][0].update(id_number="000000198001010010"),
                            "persons[0].id_number", "identity_check"),
    "an unknown document": (lambda w: w["persons"][0].update(id_kind="library card"),
                            "persons[0].id_number", "identity_kind_unknown"),
    "a name of digits": (lambda w: w["persons"][0].update(name="1234"), "persons[0].name",
                         "name_character"),
    "no such grade": (lambda w: w["examiners"][0].update(grade="master"), "examiners[0].grade",
                      "founding_choice"),
    "a card without end": (lambda w: w["examiners"][0].pop("until"), "examiners[0].until",
                           "founding_missing"),
    "no such policy": (lambda w: w["policy"].update(coffee=[{"source": "x"}]),
                       "policy.coffee[0]", "founding_policy_table"),
    "a policy without source": (lambda w: w["policy"]["training_numbers"][0].pop("source"),
                                "policy.training_numbers[0]", "founding_policy"),
    "a layout that is none": (lambda w: w["policy"]["training_numbers"][0].update(layout="PX"),
                              "policy.training_numbers[0]", "founding_policy"),
    "a policy day that is none": (
        lambda w: w["policy"]["training_numbers"][0].update({"from": "x"}),
        "policy.training_numbers[0]", "founding_policy"),
    "a nested policy": (lambda w: w["policy"]["training_numbers"][0].update(a={}),
                        "policy.training_numbers[0]", "founding_row"),
    "a body twice": (lambda w: w["bodies"].append(w["bodies"][1]), "bodies[3].id",
                     "founding_twice"),
    "a person twice": (lambda w: w["persons"].append({**w["persons"][0], "id": "b"}),
                       "persons[7].id_number", "founding_twice"),
    "no such body": (lambda w: w["sites"][0].update(body="sc"), "sites[0].body",
                     "founding_reference"),
    "a department awards": (lambda w: w["sites"][0].update(body="js-dept"), "sites[0].body",
                            "founding_reference"),
    "a parent after its child": (lambda w: w["bodies"].reverse(), "bodies[0].parent",
                                 "founding_order"),
    "nobody": (lambda w: w["examiners"][0].update(person="x"), "examiners[0].person",
               "founding_reference"),
    "a candidate's account": (lambda w: w["accounts"][0].update(roles=["candidate"]),
                              "accounts[0].roles", "founding_roles"),
    "a registrar without site": (lambda w: w["accounts"][0].update(roles=["site_registrar"]),
                                 "accounts[0].site", "founding_missing"),
    "a checker of nowhere": (lambda w: w["accounts"][0].update(roles=["provincial_checker"]),
                             "accounts[0].province", "founding_missing"),
    "two places": (lambda w: w["accounts"][0].update(province="32", site="10012001"),
                   "accounts[0].province", "founding_one_place"),
    "a department's key": (lambda w: w["bodies"][1].update(key="authority.js-dept.1"),
                           "bodies[1].key", "founding_key_of_other"),
    "a silent implementing body": (lambda w: w["bodies"][2].update(signs=False),
                                   "bodies[2].signs", "founding_must_sign"),
}  # fmt: skip


@pytest.mark.parametrize(("edit", "path", "code"), BAD.values(), ids=list(BAD))
def test_every_fault_tells_its_place(edit: Edit, path: str, code: str) -> None:
    with pytest.raises(RefusedError) as caught:
        edited(edit)
    assert (path, code) in faults(caught)
    assert all(reason.sentence("zh") and reason.sentence("en") for reason in caught.value.reasons)


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(RefusedError) as caught:
        edited(*(edit for edit, path, _ in BAD.values() if path.startswith("filings[0]")))
    assert len(faults(caught)) >= 3


@pytest.mark.parametrize(
    "data",
    [b"\xff", b"a = ", b"{", b'{"bodies": 1.5}', b'{"a": 1, "a": 2}', b"a = " + b"[" * 5000,
     b'{"a":' * 5000, b"x" * (exchange.MAX_SIZE + 1), b'{"bodies": NaN}', b"\x00"],
    ids=["no text", "no value", "cut", "fraction", "twice", "deep", "deep JSON", "long", "NaN",
         "zero"],
)  # fmt: skip
def test_a_file_that_cannot_be_read_is_one_fault(data: bytes) -> None:
    with pytest.raises(RefusedError) as caught:
        exchange.read(data, TODAY, published())
    assert faults(caught) == {(None, "founding_unreadable")}
    assert caught.value.reasons[0].sentence("en").isprintable()


KEYS = {"issuer.js.1": ListedKey("js", ("10",)), "issuer.sc.1": ListedKey("sc")}


@pytest.mark.parametrize(
    ("edit", "keys", "issuers", "said"),
    [
        (lambda w: None, KEYS, ("js", "js-dept"), set()),
        (lambda w: None, KEYS, ("js",), {("bodies[1].id", "founding_issuer_unlisted")}),
        (lambda w: None, {}, ("js", "js-dept"), {("bodies[2].key", "founding_key_unlisted")}),
        (lambda w: w["bodies"][2].update(key="issuer.sc.1"), KEYS, ("js", "js-dept"),
         {("bodies[2].key", "founding_key_unlisted")}),
        (lambda w: w["sites"][0].update(number="23012001"), KEYS, ("js", "js-dept"),
         {("sites[0].number", "founding_key_scope")}),
    ],
    ids=["as listed", "body not listed", "key not listed", "another's key", "outside the scope"],
)  # fmt: skip
def test_the_trust_list_has_to_bear_it_out(
    edit: Edit, keys: dict[str, ListedKey], issuers: tuple[str, ...],
    said: set[tuple[str | None, str]],
) -> None:  # fmt: skip
    told = founding_checks.check_keys(edited(edit), keys, issuers)
    assert {(reason.column, reason.code) for reason in told} == said


SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.text(max_size=12),
    st.sampled_from(["js", "10012001", "6-29-01-04", "5", "2026-01-01", "32", "admin", "centre"]),
)  # fmt: skip
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=4,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place of a document."""
    yield path
    if isinstance(value, dict | list):
        for key, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(each, (*path, key))


PLACES = [path for path in places(document()) if path]


def changed(path: tuple[Any, ...], value: object) -> dict[str, Any]:
    whole = copy.deepcopy(document())
    inner: Any = whole
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return whole


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(PLACES), VALUES)
def test_whatever_stands_anywhere_only_our_own_refusal_escapes(
    path: tuple[Any, ...], value: object
) -> None:
    try:
        assert isinstance(read(changed(path, value)), Plan)
    except RefusedError as error:
        for reason in error.reasons:
            assert reason.sentence("en").isprintable() and (reason.column or "").isprintable()


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        exchange.read(data, date(2026, 11, 23), published())
    except RefusedError:
        pass


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(PLACES), VALUES)
def test_whatever_can_be_read_is_recorded_or_refused(
    recorded: sessionmaker[Session], path: tuple[Any, ...], value: object
) -> None:
    try:
        plan = read(changed(path, value))
    except RefusedError:
        return
    with recorded() as session:
        try:
            found(session, plan)
            session.flush()
        except RefusedError:
            pass

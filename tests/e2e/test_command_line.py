"""``hallmark verify`` over the demonstration's papers: the right verdict in every form."""

import json
import shutil

import httpx2
import jsonschema_rs
import pytest

from registry.web.api_verify import report_schema
from tests.e2e.demonstration import FORMS, IN_FORCE, STATES, Award, Demonstration
from verifier.render import TEXTS

SCHEMA = jsonschema_rs.validator_for(report_schema())
MOST = {"revoked": 3, "superseded": 1}
"""How many certificates of a state the small suite looks at; two of the others."""


class Desk:
    """The command with a home folder of its own."""

    def __init__(self, demo: Demonstration, home):
        self.demo = demo
        self.home = home

    def anchored(self, *inputs, evidence=None):
        """Reports with the demonstration's root and evidence, by input; and the exit status."""
        given = evidence or self.demo.public
        return self.reports("--root", self.demo.root, "--evidence", given, *inputs)

    def reports(self, *arguments):
        status, out = self.demo.verify(self.home, "--json", *arguments)
        bodies = json.loads(out)
        for body in bodies:
            SCHEMA.validate(body)
        return status, {body["input"]: body for body in bodies}


@pytest.fixture(scope="session")
def desk(demo, tmp_path_factory):
    return Desk(demo, tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="session")
def chosen(demo):
    return [award for state in STATES for award in demo.of_state(state, MOST.get(state, 2))]


@pytest.fixture(scope="session")
def told(desk, chosen):
    """One run over every form of the chosen certificates."""
    inputs = [award.file(form) for award in chosen for form in FORMS]
    status, reports = desk.anchored(*inputs)
    assert status == 1
    assert list(reports) == list(map(str, inputs))
    return reports


def check(report: dict, award: Award, form: str) -> None:
    """Everything that a report must say about a certificate of the demonstration."""
    assert report["verdict"] == award.state
    assert report["form"] == {"qr.png": "image", "qr.txt": "qr"}.get(form, form.split(".")[1])
    assert report["certificate"]["number"] == award.number
    assert report["certificate"]["version"] == award.version
    assert report["certificate"]["name"] == award.holder
    if form == "certificate.pdf":
        assert report["face"] == "not_checked"
    if form.endswith((".txt", ".json")):
        assert report["face"] is None
    replacement = report["note"]["replacement"] if award.state == "superseded" else None
    named = replacement and {key: replacement[key] for key in ("number", "version")}
    assert named == award.replaced_by
    key = ".".join(filter(None, (report["verdict"], report["reason"])))
    assert report["words"]["zh"]["headline"] == TEXTS["verdicts"][key]["zh"]["headline"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("state", STATES)
def test_state_in_every_form(told, chosen, state, form):
    awards = [award for award in chosen if award.state == state]
    for award in awards:
        check(told[str(award.file(form))], award, form)
    if state == "revoked":
        reasons = {told[str(award.file(form))]["reason"] for award in awards}
        assert reasons == {"revoked", "withdrawn", "cancelled"}


def test_superseded_tells_the_new_number_and_version(told, chosen):
    [award] = [each for each in chosen if each.state == "superseded"]
    for form in FORMS:
        report = told[str(award.file(form))]
        new = award.replaced_by
        assert f"{new['number']}，第{new['version']}版" in report["words"]["zh"]["sentence"]
        assert f"{new['number']}, version {new['version']}" in report["words"]["en"]["sentence"]


@pytest.mark.prove
def test_every_certificate_in_every_form(demo, desk):
    assert len(demo.awards) > 55
    inputs = [award.file(form) for award in demo.awards for form in FORMS]
    _, reports = desk.anchored(*inputs)
    for award in demo.awards:
        for form in FORMS:
            check(reports[str(award.file(form))], award, form)


def test_every_card(demo, desk):
    inputs = [card.file(ending) for card in demo.cards.values() for ending in ("txt", "png")]
    _, reports = desk.anchored(*inputs)
    for card in demo.cards.values():
        for ending in ("txt", "png"):
            report = reports[str(card.file(ending))]
            assert (report["verdict"], report["reason"]) == (card.verdict, card.reason), card.name
    verdicts = {card.verdict for card in demo.cards.values()}
    assert verdicts == {*STATES, "forged", "untrusted_issuer", "unrecognised", "undetermined"}


@pytest.mark.parametrize("state", IN_FORCE)
def test_trust_list_alone_cannot_tell(demo, desk, tmp_path, state):
    shutil.copytree(demo.public / "trust", tmp_path / "trust")
    [award] = demo.of_state(state, 1)
    # An empty memory and cache: nothing that was seen before may help.
    fresh = Desk(demo, tmp_path / "home")
    status, reports = fresh.anchored(*map(award.file, FORMS), evidence=tmp_path)
    assert status == 2
    for report in reports.values():
        assert (report["verdict"], report["reason"]) == ("undetermined", "status_missing")
        steps = {step["check"]: (step["outcome"], step["code"]) for step in report["steps"]}
        assert steps["signature"] == ("passed", "signature.ok")
        assert steps["period"] == ("passed", "period.ok")
        assert steps["status"] == ("not_checked", "status.missing")
        assert "现在查不到它的近况" in report["words"]["zh"]["sentence"]


def test_without_root_nothing_is_said(demo, desk):
    inputs = [demo.of_state(state, 1)[0].file(form) for state in STATES for form in FORMS]
    status, reports = desk.reports("--evidence", demo.public, *inputs)
    assert status == 2
    for report in reports.values():
        assert (report["verdict"], report["reason"]) == ("undetermined", "no_trust")
        assert report["certificate"] is None


def test_exit_status_is_the_worst_of_all(demo, desk):
    valid, void = (demo.of_state(state, 1)[0].file("qr.txt") for state in ("valid", "revoked"))
    unclear = demo.cards["undetermined"].file("txt")
    assert desk.anchored(valid)[0] == 0
    assert desk.anchored(valid, void)[0] == 1
    assert desk.anchored(valid, unclear)[0] == 2
    assert demo.verify(desk.home, "--root", "/nonexistent/root.note", valid)[0] == 64


def test_evidence_by_network_then_off_line(demo, tmp_path, client: httpx2.Client):
    desk = Desk(demo, tmp_path)
    awards = [demo.of_state(state, 1)[0] for state in STATES]
    inputs = [award.file("qr.txt") for award in awards]
    _, reports = desk.anchored(*inputs, evidence=demo.base)
    assert [reports[str(each)]["verdict"] for each in inputs] == list(STATES)
    _, reports = desk.reports("--root", demo.root, "--offline", *inputs)
    assert [reports[str(each)]["verdict"] for each in inputs] == list(STATES)


def test_for_people_it_prints_the_headline(demo, desk):
    [award] = demo.of_state("revoked", 1)
    status, out = demo.verify(
        desk.home, "--root", demo.root, "--evidence", demo.public, award.file("certificate.pdf")
    )
    assert status == 1
    assert any(text["zh"]["headline"] in out for key, text in TEXTS["verdicts"].items()
               if key.startswith("revoked."))  # fmt: skip

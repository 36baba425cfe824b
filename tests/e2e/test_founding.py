"""A registry of one's own by the commands of the README, from an empty folder to a certificate."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import httpx2
import pytest
from sqlalchemy.orm import Session

from keys import cose
from registry.acts import approval, assessment, imports
from registry.acts.imports import Upload
from registry.config import Config
from registry.custody import store
from registry.queries import accounts, certificates
from registry.queries.certificates import IssuedCertificate
from registry.queries.policy import policy
from registry.records.session import open_engine, reading, writing
from registry.rules.assessment import Result
from registry.rules.identity import Identity, check_character
from registry.rules.permissions import Actor
from registry.work.open import open_trust
from schemas import dates
from tests.e2e.demonstration import free_port, wait
from tests.registry.batches import version
from tests.registry.checklist import all_ticked
from tests.web.forms import token_of
from verifier.trust import Trust

ROOT = Path(__file__).resolve().parents[2]
CUSTODIANS = ("--custodian", "1=office/secrets/custodian-1",
              "--custodian", "3=office/secrets/custodian-3")  # fmt: skip
CARDS = ("K32200001", "K32200002", "K32200003")


@dataclass(frozen=True)
class Own:
    """The founded folder, what its steps printed, and how its processes are started."""

    folder: Path
    port: int
    output: str
    start: str
    environment: dict[str, str]

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def config(self) -> Config:
        return Config.for_folder(self.folder / "office", self.environment)

    @property
    def trust(self) -> Trust:
        return open_trust(self.config.root_note, self.config.public)

    def did(self, *words: str) -> str:
        """What a command printed that has to succeed."""
        ran = self.run(*words)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    def verdict(self, document: bytes) -> tuple[int, str]:
        """Exit status and verdict of ``hallmark verify`` over the folder's own public tree."""
        (self.folder / "certificate.json").write_bytes(document)
        ran = self.run("verify", "--root", "office/root.note", "--evidence", "office/public",
                       "--json", "certificate.json")  # fmt: skip
        (report,) = json.loads(ran.stdout)
        return ran.returncode, report["verdict"]

    @contextmanager
    def working(self) -> Iterator[None]:
        """``hallmark work`` as the README starts it; it is alive from first to last."""
        process = subprocess.Popen(
            [sys.executable, "-m", "verifier", "work"], cwd=self.folder, env=self.environment
        )
        try:
            yield
            assert process.poll() is None
        finally:
            process.terminate()
            process.wait(timeout=60)

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """One command of ours in the environment that the steps have made."""
        return subprocess.run(
            [sys.executable, "-m", "verifier", *words],
            cwd=self.folder, env=self.environment, capture_output=True, encoding="utf-8",
            timeout=300, check=False,
        )  # fmt: skip

    @contextmanager
    def served(self) -> Iterator[httpx2.Client]:
        """``hallmark serve`` as the README starts it."""
        serve = next(line for line in self.start.splitlines() if line.startswith("hallmark serve"))
        words = serve.removesuffix(" &").split()[1:]
        process = subprocess.Popen(
            [sys.executable, "-m", "verifier", *words], cwd=self.folder, env=self.environment
        )
        try:
            with httpx2.Client(base_url=self.base, timeout=30, follow_redirects=True) as client:
                wait(process, client)
                yield client
        finally:
            process.terminate()
            process.wait(timeout=30)


def steps() -> list[str]:
    """The shell blocks of the section, in order, as they stand."""
    page = (ROOT / "registry" / "README.md").read_text("utf-8")
    section = page.partition("## A registry of your own\n")[2].partition("\n## ")[0]
    return [
        re.sub(r"^ {3}", "", block, flags=re.MULTILINE)
        for block in re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    ]


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Own:
    """Every step but the last, typed literally; only the port is one that is free here."""
    folder, port = tmp_path_factory.mktemp("own"), free_port()
    (folder / "registry" / "data").mkdir(parents=True)
    for name in ("ceremony.example.json", "founding.example.toml"):
        text = (ROOT / "registry" / "data" / name).read_text("utf-8")
        (folder / "registry" / "data" / name).write_text(text.replace(":8000", f":{port}"), "utf-8")
    *setting_up, start = steps()
    (folder / "steps.sh").write_text("\n".join([*setting_up, "env -0 > environment"]), "utf-8")
    clean = {key: value for key, value in os.environ.items() if not key.startswith("HALLMARK_")}
    clean["PATH"] = f"{Path(sys.executable).parent}:{clean['PATH']}"
    ran = subprocess.run(
        ["bash", "-euo", "pipefail", "steps.sh"],
        cwd=folder, env=clean, capture_output=True, encoding="utf-8", timeout=300, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    pairs = (folder / "environment").read_text("utf-8").split("\0")
    environment = dict(pair.split("=", 1) for pair in pairs if pair)
    return Own(folder, port, ran.stdout, start.replace("8000", str(port)), environment)


def test_the_steps_tell_what_they_did(own: Own) -> None:
    assert "# Key ceremony of 127.0.0.1" in own.output
    assert "would add bodies 3, designations 1, sites 1, accreditations 6" in own.output
    assert "nothing was written" in own.output
    assert own.output.count("one-time passwords, shown here only") == 1
    told = re.findall(r"^  (\S+) +[2-9a-z]{5}(?:-[2-9a-z]{5}){3}$", own.output, re.MULTILINE)
    assert told == ["site-10012001", "js-checker", "js-issuer", *map(str.lower, CARDS)]


def test_again_changes_nothing_and_a_lost_password_is_replaced(own: Own) -> None:
    before = _dump(own.config)
    again = own.run("found", "office/plan.toml")
    assert (again.returncode, again.stdout) == (0, "nothing is new\n")
    assert _dump(own.config) == before
    renewed = own.run("found", "--renew", "js-issuer")
    assert renewed.returncode == 0
    assert re.search(r"^  [2-9a-z]{5}(-[2-9a-z]{5}){3}$", renewed.stdout, re.MULTILINE)
    nobody = own.run("found", "--renew", "nobody")
    assert nobody.returncode == 1 and "no open account is called 'nobody'" in nobody.stderr


def test_the_administrator_signs_in_and_has_to_choose_a_password(own: Own) -> None:
    given = (own.folder / "office" / "secrets" / "admin").read_text("utf-8").strip()
    with own.served() as client:
        form = {"name": "admin", "password": given}
        first = client.post("/console/sign-in", data=form)
        assert (first.status_code, first.url.path) == (200, "/console/account")
        assert "一次性密码" in first.text
        assert client.get("/console/accounts").url.path == "/console/account"
        same = _choose(client, first, given, given)
        assert same.status_code == 422 and "只有您知道" in same.text
        chosen = _choose(client, same, given, "a password of my own")
        assert chosen.url.path == "/console/sign-in"
        assert client.post("/console/sign-in", data=form).status_code == 401
        client.post("/console/sign-in", data=form | {"password": "a password of my own"})
        page = client.get("/console/accounts")
        assert page.url.path == "/console/accounts" and "js-checker" in page.text


def _choose(client: httpx2.Client, page: httpx2.Response, old: str, new: str) -> httpx2.Response:
    form = {"token": token_of(page), "old": old, "new": new, "again": new}
    return client.post("/console/account/password", data=form)


def test_a_certificate_comes_out_and_verifies(own: Own) -> None:
    batch = _issue(own, 123)
    worked = own.run("work", "--once")
    assert worked.returncode == 0, worked.stderr
    found = _found(own, batch)
    assert found is not None
    assert own.verdict(found.document) == (0, "valid")
    facts = found.certificate.facts
    assert (facts.issuer, facts.site, facts.name) == ("js", "10012001", "张示例")


@pytest.mark.prove
def test_keys_change_while_a_worker_runs(own: Own) -> None:
    with own.working():
        before = _wait_for(own, _issue(own, 201))
        start = dates.utc(int(time.time()))
        for words in (("issuer", "js"), ("status",)):
            own.did("keys", "add", *words, "--from", start, *CUSTODIANS)
            own.did("keys", "publish")
        own.did("keys", "use", "js", "issuer.js.2")
        after = _wait_for(own, _issue(own, 202))
        for name in ("issuer.js.1", "status.1"):
            own.did("keys", "close", name, "--why", "retired", *CUSTODIANS)
            own.did("keys", "publish")
        last = _wait_for(own, _issue(own, 203))
    listed = own.trust.list
    assert _signer(own, before) == "issuer.js.1"
    assert _signer(own, after) == _signer(own, last) == "issuer.js.2"
    assert [own.verdict(each.document) for each in (before, after, last)] == [(0, "valid")] * 3
    assert listed.version == 5
    status = (own.config.public / "s" / "1").read_bytes()
    (key, _), *others = own.trust.status_keys(cose.parse(status).kid)
    assert (key.name, others) == ("status.2", [])
    own.did("keys", "close", "issuer.js.2", "--why", "stolen", *CUSTODIANS)
    told = own.did("keys", "publish")
    assert "js still signs with issuer.js.2, which is closed" in told
    assert own.verdict(before.document) == (0, "valid")
    assert own.verdict(after.document) == (1, "untrusted_issuer")


def _signer(own: Own, found: IssuedCertificate) -> str:
    envelope = cose.parse(found.cose)
    ((key, _),) = own.trust.candidates("js", envelope.kid)
    return key.name


def _issue(own: Own, serial: int) -> int:
    engine = open_engine(own.config.database_url)
    with writing(engine).begin() as session:
        batch = _approved(session, own.config, int(time.time()), serial)
    engine.dispose()
    return batch


def _found(own: Own, batch: int) -> IssuedCertificate | None:
    engine = open_engine(own.config.database_url)
    with reading(engine)() as session:
        rows = certificates.of_batch(session, _actor(session, "js-issuer"), batch)
        found = [certificates.issued(session, row.id) for row in rows if row.state == "issued"]
    engine.dispose()
    return next((each for each in found if each.released_at is not None), None)


def _wait_for(own: Own, batch: int) -> IssuedCertificate:
    """The batch's one certificate, once the worker has let it out."""
    for _ in range(600):
        if (found := _found(own, batch)) is not None:
            return found
        time.sleep(0.1)
    raise AssertionError("the worker does not issue")


def _actor(session: Session, name: str) -> Actor:
    known = accounts.credentials(session, name)
    assert known is not None
    return accounts.actor(session, known.account)


def _approved(session: Session, config: Config, now: int, serial: int) -> int:
    """One result of today on its way through every hand that the plan has named."""
    personal, today = store.open_personal(config), dates.shanghai_day(now)
    registrar = _actor(session, "site-10012001")
    batch = assessment.open_batch(session, registrar, now, "10012001")
    head = f"00000019950505{serial:03d}"
    row = Result(
        name="张示例", identity=Identity("resident_id", head + check_character(head)),
        occupation="6-29-01-04", level="4", work_type="020", assessed=today - timedelta(days=2),
        theory=Decimal(80), practice=Decimal(75), review=None, practice_examiners=CARDS,
    )  # fmt: skip
    imports.import_results(
        session, registrar, now, personal, batch, Upload("成绩.xlsx", bytes(32)), {2: row}, {}
    )
    shown = version(session, batch)
    approval.submit(session, registrar, now, personal, batch, shown)
    for card in CARDS:
        approval.confirm(session, _actor(session, card.lower()), now, personal, batch, shown)
    rules = policy(session)
    checker = _actor(session, "js-checker")
    approval.check(session, checker, now, personal, batch, shown, all_ticked(rules, today))
    issuer = _actor(session, "js-issuer")
    approval.approve(session, issuer, now, personal, rules, batch, shown, today)
    approval.issue(session, issuer, now, batch, shown)
    return batch


def _dump(config: Config) -> list[str]:
    engine = open_engine(config.database_url)
    with engine.connect() as connection:
        held = connection.connection.driver_connection
        assert held is not None
        lines = list(held.iterdump())
    engine.dispose()
    return lines

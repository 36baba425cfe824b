"""What happens in the sample registry: workbooks, approvals, issues, and what comes after.

Everything goes through the acts that the pages use and the works that ``hallmark work`` runs, at
instants of the past; the last publication is of today.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import sha256

from sqlalchemy.orm import Session

from registry.acts import approval, assessment, certificates, credit, imports, photos, status
from registry.acts.certificates import Corrected
from registry.acts.credit import Pause
from registry.acts.status import Ruling
from registry.demo import sheets
from registry.demo.founding import Founded
from registry.demo.photos import portrait
from registry.demo.sheets import Line
from registry.exchange import results
from registry.queries import approval as approval_queries
from registry.queries import assessment as assessment_queries
from registry.queries import catalogue
from registry.queries.policy import policy
from registry.records.assessment import Batch
from registry.records.credit import CreditStep
from registry.rules import checklist
from registry.rules.assessment import Occupations
from registry.rules.permissions import Actor
from registry.rules.status import StatusAct
from registry.work import issue, loop
from registry.work.context import Context
from schemas import dates
from schemas.certificate import Instant

HOUR = 3600


class Present:
    """The clock of the story: whoever asks is told the moment that it has reached."""

    def __init__(self, moment: Instant) -> None:
        self.moment = moment

    def __call__(self) -> Instant:
        """The story's present, UTC seconds."""
        return self.moment


@dataclass
class Story:
    """The telling: founded registry, a worker's context, and the clock that the story moves."""

    founded: Founded
    context: Context
    present: Present
    batches: dict[str, int] = field(default_factory=dict)

    @property
    def moment(self) -> Instant:
        """Where the story has come to."""
        return self.present.moment

    @moment.setter
    def moment(self, moment: Instant) -> None:
        self.present.moment = moment

    def hand_in(self, name: str, site: str, lines: list[Line], on: date) -> bytes:
        """A registrar imports a workbook into a new batch, with photographs; answers the file."""
        self.moment = dates.day_start(on) + 9 * HOUR
        actor = self.founded.actors[f"site-{site}"]
        data = sheets.build(lines)
        with self.context.writing.begin() as session:
            batch = assessment.open_batch(session, actor, self.moment, site)
            self.batches[name] = batch
            self._import(session, actor, batch, data, f"{name}.xlsx")
            rows = assessment_queries.candidates(session, actor, batch)
            pictures = {row.id: portrait(row.id) for row in rows}
            photos.attach(session, actor, self.moment, batch, pictures)
        return data

    def again(self, name: str, site: str, lines: list[Line]) -> None:
        """The same site sends a changed workbook: every difference becomes a named conflict."""
        actor = self.founded.actors[f"site-{site}"]
        with self.context.writing.begin() as session:
            self._import(session, actor, self.batches[name], sheets.build(lines), f"{name}-2.xlsx")

    def _import(
        self, session: Session, actor: Actor, batch: int, data: bytes, file_name: str
    ) -> None:
        occupations = Occupations(list(catalogue.for_rules(session).values()))
        today = dates.shanghai_day(self.moment)
        taken = results.read(data, occupations, today, policy(session))
        imports.import_results(
            session, actor, self.moment, self.founded.personal, batch,
            imports.Upload(file_name, sha256(data).digest()), taken.rows, taken.problems,
        )  # fmt: skip

    def submit(self, name: str) -> None:
        """The registrar hands the batch over."""
        batch, version, site = self._at(name)
        actor = self.founded.actors[f"site-{site}"]
        self.moment += HOUR
        with self.context.writing.begin() as session:
            approval.submit(session, actor, self.moment, self.founded.personal, batch, version)

    def confirm(self, name: str) -> None:
        """Every examiner of the teams confirms."""
        batch, version, _ = self._at(name)
        with self.context.reading() as session:
            team = approval_queries.team(session, batch)
        for actor in self.founded.examiners.values():
            if actor.person not in team:
                continue
            self.moment += 600
            with self.context.writing.begin() as session:
                approval.confirm(session, actor, self.moment, self.founded.personal, batch, version)

    def check(self, name: str, officer: str) -> None:
        """The provincial checker checks."""
        batch, version, _ = self._at(name)
        self.moment += HOUR
        with self.context.writing.begin() as session:
            approval.check(
                session, self.founded.actors[officer], self.moment, self.founded.personal, batch,
                version, self._ticks(session),
            )  # fmt: skip

    def _ticks(self, session: Session) -> dict[str, bool]:
        """Every point of the checklist: the sample officer has compared all of them."""
        items = checklist.items(policy(session), dates.shanghai_day(self.moment))
        return {item.code: True for item in items}

    def approve(self, name: str, officer: str, awarded: date) -> None:
        """Another officer approves."""
        batch, version, _ = self._at(name)
        self.moment = max(self.moment, dates.day_start(awarded)) + HOUR
        with self.context.writing.begin() as session:
            approval.approve(
                session, self.founded.actors[officer], self.moment, self.founded.personal,
                policy(session), batch, version, awarded,
            )  # fmt: skip

    def issue(self, name: str, officer: str) -> None:
        """The approver starts the issue and the worker finishes it."""
        batch, version, _ = self._at(name)
        self.moment += 600
        with self.context.writing.begin() as session:
            approval.issue(session, self.founded.actors[officer], self.moment, batch, version)
        loop.run_until_idle(self.context, (issue.step,))

    def whole(
        self, name: str, site: str, lines: list[Line], on: date, officers: str, award_after: int = 7
    ) -> bytes:
        """A batch from workbook to certificates."""
        data = self.hand_in(name, site, lines, on)
        self.submit(name)
        self.confirm(name)
        self.check(name, f"{officers}-checker")
        self.approve(name, f"{officers}-issuer", on + timedelta(days=award_after))
        self.issue(name, f"{officers}-issuer")
        return data

    def rule(
        self, officer: str, certificate: int, act: StatusAct, ground: str, on: date, document: str
    ) -> None:
        """An officer decides about one certificate."""
        self.moment = dates.day_start(on) + 10 * HOUR
        actor = self.founded.actors[officer]
        may_appeal = act not in (StatusAct.REINSTATE, StatusAct.CANCEL)
        with self.context.writing.begin() as session:
            days = policy(session).limit("appeal_days", on)
            ruling = Ruling(
                ground=ground, decided_on=on, document=document,
                appeal_until=on + timedelta(days=days) if may_appeal else None,
            )  # fmt: skip
            status.change(
                session, actor, self.moment, policy(session), self.context.random, certificate,
                act, ruling,
            )  # fmt: skip

    def correct(self, officer: str, certificate: int, name: str, on: date) -> None:
        """An officer corrects a name: a new version of the same number."""
        self.moment = dates.day_start(on) + 11 * HOUR
        ruling = Ruling(ground="entry_corrected", decided_on=on, document="示例更〔2026〕1号")
        with self.context.writing.begin() as session:
            certificates.correct(
                session, self.founded.actors[officer], self.moment, policy(session),
                self.founded.personal, certificate, Corrected(name=name), ruling,
            )  # fmt: skip
        loop.run_until_idle(self.context, (issue.step,))

    def stop(self, site: str, occupation: str, on: date) -> None:
        """A site is suspended for one occupation; its certificates stay as they are."""
        with self.context.writing.begin() as session:
            codes = {row.code: number for number, row in catalogue.for_rules(session).items()}
            credit.stop_site(
                session, None, dates.day_start(on), self.founded.sites[site],
                Pause(step=CreditStep.SUSPENDED, from_on=on, until_on=on + timedelta(days=180),
                      decision="示例暂停〔2026〕1号", occupation=codes[occupation]),
            )  # fmt: skip

    def _at(self, name: str) -> tuple[int, int, str]:
        with self.context.reading() as session:
            batch = session.get_one(Batch, self.batches[name])
            number = next(n for n, key in self.founded.sites.items() if key == batch.site_id)
            return batch.id, batch.version, number

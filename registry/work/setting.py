"""What all certificates of one batch share, read once: body, site, names in force, policy."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Protocol

from sqlalchemy.orm import Session

from registry.queries import catalogue, organisations
from registry.queries.catalogue import LevelRow
from registry.queries.organisations import BodyRow, SiteRow
from registry.queries.policy import policy
from registry.records.assessment import Batch
from registry.records.organisations import BodyRole
from registry.rules import catalogue as rules
from registry.rules import kinds, numbering
from registry.rules.organisations import Body, Site
from registry.rules.policy import Policy
from registry.work.context import WorkError
from schemas.certificate import Names

CRITERIA = {
    False: ("理论知识考试和操作技能考核均合格", "Theory and practice examinations both passed."),
    True: (
        "理论知识考试、操作技能考核和综合评审均合格",
        "Theory and practice examinations and the comprehensive review all passed.",
    ),
}
"""Criteria in the JSON's narrative, without and with a comprehensive review."""


class Assessed(Protocol):
    """What the words and the kind of a certificate depend on, of a result."""

    @property
    def occupation_id(self) -> int:
        """Key of the occupation."""

    @property
    def level(self) -> str:
        """Code of the level."""

    @property
    def work_type(self) -> str | None:
        """Code of the work type, if any."""

    @property
    def review(self) -> Decimal | None:
        """Mark of the comprehensive review, if there was one."""

    @property
    def assessed(self) -> date:
        """Day of the assessment."""


@dataclass(frozen=True)
class Setting:
    """Everything but the person."""

    batch: Batch
    base: str
    edition: str
    centre: BodyRow
    body: BodyRow
    """The assessing body that the site works for."""
    implementing: BodyRow | None
    """The province's implementing body."""
    site: SiteRow
    rules_body: Body
    rules_site: Site
    occupations: dict[int, rules.Occupation]
    levels: dict[str, LevelRow]
    work_types: dict[str, str]
    policy: Policy
    _choices: dict[tuple[int, str, date], kinds.Choice] = field(default_factory=dict)
    _names: dict[tuple[int, str, str | None, bool, int], Names] = field(default_factory=dict)
    _periods: dict[tuple[str, int | None], tuple[date | None, date | None]] = field(
        default_factory=dict
    )
    """All three as found so far: results of a batch are alike."""

    @property
    def awarded(self) -> date:
        """Day of the award, set by the approval."""
        if self.batch.awarded is None:
            raise WorkError(f"batch {self.batch.number} has no day of award")
        return self.batch.awarded

    def signer(self, choice: kinds.Choice) -> BodyRow:
        """The body that signs and stands on the certificate, as the kind's row names it.

        Raises:
            WorkError: there is no such body, or it has no issuer key.
        """
        body = {
            "assessing_body": self.body,
            "implementing_body": self.implementing,
            "centre": self.centre,
        }.get(choice.signer)
        if body is None or body.issuer is None or body.key_name is None:
            raise WorkError(f"{choice.title}: {choice.signer} of {self.site.number} has no key")
        return body

    def choice(self, result: Assessed) -> kinds.Choice:
        """The kind of a result's certificate and all that follows from it."""
        alike = (result.occupation_id, result.level, result.assessed)
        found = self._choices.get(alike)
        if found is None:
            found = self._choices[alike] = kinds.choose(
                self.occupations[result.occupation_id], result.level, self.rules_body,
                self.rules_site.province, result.assessed, self.policy,
            )  # fmt: skip
        return found

    def validity(self, choice: kinds.Choice) -> tuple[date | None, date | None]:
        """First and last valid day of a certificate of that kind; None as in ``kinds``."""
        alike = (choice.first_day, choice.months)
        found = self._periods.get(alike)
        if found is None:
            found = self._periods[alike] = kinds.validity(choice, self.awarded)
        return found

    def number_fields(self, level: str) -> dict[str, str]:
        """What a number of this batch is composed from."""
        return numbering.fields_of(
            site=self.rules_site.number, site_serial=self.rules_site.serial,
            province=self.rules_site.province, letter=self.rules_body.letter,
            body=self.rules_body.code, level=level, awarded=self.awarded,
        )  # fmt: skip

    def names(self, result: Assessed, signer: BodyRow) -> Names:
        """The words of the JSON and the print, in force on the day of the award."""
        is_reviewed = result.review is not None
        alike = (result.occupation_id, result.level, result.work_type, is_reviewed, signer.id)
        found = self._names.get(alike)
        if found is None:
            found = self._names[alike] = self._new_names(result, signer)
        return found

    def _new_names(self, result: Assessed, signer: BodyRow) -> Names:
        occupation = self.occupations[result.occupation_id]
        level = self.levels[result.level]
        zh, en = CRITERIA[result.review is not None]
        return Names(
            issuer=signer.name(self.awarded).zh,
            issuer_url=signer.url,
            centre=self.centre.name(self.awarded).zh,
            site=self.site.name_zh,
            occupation_en=occupation.name_en,
            level=level.name_zh,
            level_en=level.name_en,
            work_type=self.work_types[result.work_type] if result.work_type else None,
            framework=self.edition,
            description=f"{occupation.name}{level.name_zh} | {occupation.name_en}, {level.name_en}",
            criteria=f"{zh} | {en}",
            batch=self.batch.number,
            review=result.review is not None,
        )


def of_batch(session: Session, batch: Batch, base: str, now: int) -> Setting:
    """Read the setting of a batch as known at ``now``."""
    occupations = catalogue.for_rules(session)
    codes = {key: found.code for key, found in occupations.items()}
    bodies = organisations.bodies(session)
    centre = next((body for body in bodies.values() if body.role == BodyRole.CENTRE), None)
    if centre is None:
        raise WorkError("the national centre has not been recorded")
    site = organisations.site_of(session, batch.site_id)
    return Setting(
        batch=batch,
        base=base,
        edition=catalogue.edition(session),
        centre=centre,
        body=bodies[site.body],
        implementing=next(
            (
                body
                for body in bodies.values()
                if body.role == BodyRole.IMPLEMENTING and body.province == site.province
            ),
            None,
        ),
        site=site,
        rules_body=organisations.body_for_rules(session, batch.site_id, codes, now),
        rules_site=organisations.site_for_rules(session, batch.site_id, codes, now),
        occupations=occupations,
        levels={row.code: row for row in catalogue.levels(session)},
        work_types=catalogue.work_types(session),
        policy=policy(session),
    )

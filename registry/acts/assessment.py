"""Batches and their rows: open, import, settle a difference, take a row out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from registry.acts import audit, batches, counters
from registry.acts.permission import must
from registry.custody.personal import Personal
from registry.queries import catalogue, examiners, results
from registry.queries.results import StoredResult
from registry.records.assessment import Batch, Conflict, Import, Result, ResultExaminer
from registry.records.errors import NotFoundError
from registry.records.organisations import Site
from registry.rules import approval, assessment
from registry.rules.approval import BatchState, Step
from registry.rules.assessment import Result as RulesResult
from registry.rules.decision import Reason, RefusedError, reason
from registry.rules.examiners import Part
from registry.rules.permissions import Act, Actor
from schemas import dates

_TEAMS = {"practice_examiners": Part.PRACTICE, "review_examiners": Part.REVIEW}


@dataclass(frozen=True, slots=True)
class Upload:
    """The file that rows came from."""

    file_name: str
    file_hash: bytes
    """SHA-256 of the file."""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of the rows of a workbook, by row number."""

    batch: int
    kept: tuple[int, ...]
    unchanged: tuple[int, ...]
    problems: dict[int, tuple[Reason, ...]]
    """Rows that were not kept, and why; conflicts among them."""
    conflicts: int
    """How many differences wait for a checker."""


def open_batch(session: Session, actor: Actor, now: int, site_number: str) -> int:
    """Open an empty batch of a site and answer its record id.

    Raises:
        NotFoundError: no such site.
        RefusedError: the actor may not import there.
    """
    site = session.scalar(select(Site).where(Site.number == site_number))
    if site is None:
        raise NotFoundError("site", site_number)
    must(actor, Act.IMPORT_BATCH, province=site.province, site=site.number)
    year = f"{dates.shanghai_day(now):%y}"
    head = f"{year}{site.province}{site.serial or site.number[-6:]}"
    (serial,) = counters.take(session, f"batch/{head}")
    batch = Batch(
        number=f"{head}{serial:04d}", site_id=site.id, province=site.province,
        state=BatchState.DRAFT.value, version=1, digest=None, awarded=None,
        opened_by=actor.person, opened_at=now, changed_at=now,
    )  # fmt: skip
    session.add(batch)
    session.flush()
    audit.record(session, actor, now, "open_batch", f"batch:{batch.id}", number=batch.number)
    return batch.id


def import_results(
    session: Session,
    actor: Actor,
    now: int,
    personal: Personal,
    batch_id: int,
    upload: Upload,
    rows: Mapping[int, RulesResult],
    problems: Mapping[int, tuple[Reason, ...]],
) -> ImportReport:
    """Keep what is new, leave what is the same, and name every difference. Nothing wins silently.

    Args:
        session: a writing session; rolled back by the caller for a dry run.
        actor: a registrar of the site.
        now: UTC seconds.
        personal: keys over ID numbers.
        batch_id: a batch in draft.
        upload: the file.
        rows: rows that could be read, by row number.
        problems: rows that could not, and why.

    Raises:
        RefusedError: not permitted, or the batch is no draft.
    """
    batch, place = batches.find(session, batch_id)
    must(actor, Act.IMPORT_BATCH, province=place.province, site=place.site)
    approval.after(BatchState(batch.state), Step.EDIT)
    sorting = _Sorting(session, personal, batch, rows)
    found = {**problems, **sorting.problems}
    report = ImportReport(
        batch.id, tuple(sorting.new), tuple(sorting.unchanged), found, len(sorting.differences)
    )
    record = _record_import(session, actor, now, batch, upload, report)
    for row in sorting.new:
        _keep(session, personal, batch, record.id, row, rows[row], sorting, now)
    for row, stored, difference in sorting.differences:
        _record_conflict(session, record.id, row, stored, rows[row], difference)
    if sorting.new:
        batches.edited(session, batch, now)
    audit.record(
        session, actor, now, "import_results", f"batch:{batch.id}", import_id=record.id,
        file=upload.file_hash.hex(), kept=len(report.kept), unchanged=len(report.unchanged),
        refused=len(found), conflicts=report.conflicts,
    )  # fmt: skip
    return report


class _Sorting:
    """Sorts the rows of a workbook against what is recorded."""

    def __init__(
        self, session: Session, personal: Personal, batch: Batch, rows: Mapping[int, RulesResult]
    ) -> None:
        known = catalogue.for_rules(session)
        codes = {key: occupation.code for key, occupation in known.items()}
        self.occupations = {code: key for key, code in codes.items()}
        self.cards = examiners.cards(session, _all_cards(rows))
        self.numbers: dict[int, str] = {}
        self.new: list[int] = []
        self.unchanged: list[int] = []
        self.problems: dict[int, tuple[Reason, ...]] = {}
        self.differences: list[tuple[int, StoredResult, Reason]] = []
        recorded = _recorded(session, personal, rows, codes)
        repeated = assessment.repeated(rows)
        for row, result in rows.items():
            if again := repeated.get(row):
                self.problems[row] = (again,)
            elif stored := recorded.get(result.key):
                self._against(session, batch, row, result, stored)
            elif missing := self._missing(result):
                self.problems[row] = missing
            else:
                self.new.append(row)

    def _against(
        self, session: Session, batch: Batch, row: int, result: RulesResult, stored: StoredResult
    ) -> None:
        differences = assessment.conflicts(stored.result, result)
        if stored.batch != batch.id:
            other = session.get_one(Batch, stored.batch).number
            self.problems[row] = (reason("recorded_elsewhere", batch=other), *differences)
        elif not differences:
            self.unchanged.append(row)
        elif missing := self._missing(result):
            self.problems[row] = missing
        else:
            self.problems[row] = differences
            self.differences.extend((row, stored, each) for each in differences)

    def _missing(self, result: RulesResult) -> tuple[Reason, ...]:
        return tuple(
            reason("examiner_unknown", column, card=card)
            for column in _TEAMS
            for card in getattr(result, column)
            if card not in self.cards
        )


def settle_conflict(
    session: Session, actor: Actor, now: int, conflict_id: int, *, take: bool
) -> None:
    """A checker decides a difference: take what the later workbook says, or keep what stands.

    Raises:
        NotFoundError: there is no such conflict.
        RefusedError: not permitted, settled before, or the batch is no draft.
    """
    conflict = session.get(Conflict, conflict_id)
    if conflict is None:
        raise NotFoundError("conflict", conflict_id)
    result = session.get_one(Result, conflict.result_id)
    batch, place = batches.find(session, result.batch_id)
    must(actor, Act.CHECK_BATCH, province=place.province, site=place.site)
    settled = session.execute(
        update(Conflict)
        .where(Conflict.id == conflict_id, Conflict.settled.is_(None))
        .values(settled="taken" if take else "kept", settled_by=actor.person, settled_at=now)
        .returning(Conflict.id)
    ).all()
    if not settled:
        raise RefusedError(reason("conflict_settled"))
    approval.after(BatchState(batch.state), Step.EDIT)
    if take:
        _take(session, result, conflict)
        batches.edited(session, batch, now)
    audit.record(
        session, actor, now, "settle_conflict", f"batch:{batch.id}", conflict=conflict_id,
        column=conflict.column, taken=take,
    )  # fmt: skip


def remove_result(
    session: Session, actor: Actor, now: int, result_id: int, reason_text: str
) -> None:
    """Take a row out of a draft. The row stays recorded and takes part in nothing.

    Raises:
        NotFoundError: there is no such row, or it is out already.
        RefusedError: not permitted, or the batch is no draft.
    """
    result = session.get(Result, result_id)
    if result is None or result.removed_at is not None:
        raise NotFoundError("result", result_id)
    batch, place = batches.find(session, result.batch_id)
    must(actor, Act.IMPORT_BATCH, province=place.province, site=place.site)
    batches.edited(session, batch, now)
    result.removed_at = now
    audit.record(
        session, actor, now, "remove_result", f"batch:{batch.id}", result=result_id,
        reason=reason_text,
    )  # fmt: skip


def _all_cards(rows: Mapping[int, RulesResult]) -> set[str]:
    return {card for row in rows.values() for column in _TEAMS for card in getattr(row, column)}


def _recorded(
    session: Session, personal: Personal, rows: Mapping[int, RulesResult], codes: dict[int, str]
) -> dict[tuple[str, str, str, str, date], StoredResult]:
    lookups = sorted({each for row in rows.values() for each in personal.lookups(row.identity)})
    found = {}
    for start in range(0, len(lookups), 500):
        for stored in results.matching(session, personal, lookups[start : start + 500], codes):
            found[stored.result.key] = stored
    return found


def _record_import(
    session: Session, actor: Actor, now: int, batch: Batch, upload: Upload, report: ImportReport
) -> Import:
    record = Import(
        batch_id=batch.id, file_name=upload.file_name, file_hash=upload.file_hash,
        imported_by=actor.person, imported_at=now, kept=len(report.kept),
        unchanged=len(report.unchanged), refused=len(report.problems),
        conflicting=report.conflicts,
        problems=[
            {"row": row, "code": each.code, "column": each.column, "who": each.who}
            for row, reasons in sorted(report.problems.items())
            for each in reasons
        ],
    )  # fmt: skip
    session.add(record)
    session.flush()
    return record


def _keep(
    session: Session,
    personal: Personal,
    batch: Batch,
    import_id: int,
    row: int,
    result: RulesResult,
    sorting: _Sorting,
    now: int,
) -> None:
    uid = personal.random(16).hex()
    record = Result(
        uid=uid, batch_id=batch.id, import_id=import_id, source_row=row, name=result.name,
        id_kind=result.identity.kind,
        id_sealed=personal.seal(result.identity.number, results.TABLE, uid),
        id_key=personal.current, id_lookup=personal.lookup(result.identity),
        id_lookup_key=personal.current, last4=result.identity.last4,
        occupation_id=sorting.occupations[result.occupation], level=result.level,
        work_type=result.work_type, assessed=result.assessed, theory=result.theory,
        practice=result.practice, review=result.review, ticket=result.ticket, photo_id=None,
        recorded_at=now, removed_at=None,
    )  # fmt: skip
    session.add(record)
    session.flush()
    for column, part in _TEAMS.items():
        _assign(session, record.id, part, [sorting.cards[card] for card in getattr(result, column)])


def _assign(session: Session, result_id: int, part: Part, team: list[int]) -> None:
    if team:
        session.execute(
            insert(ResultExaminer),
            [
                {"result_id": result_id, "part": part.value, "examiner_id": each, "place": place}
                for place, each in enumerate(team, start=1)
            ],
        )


def _record_conflict(
    session: Session,
    import_id: int,
    row: int,
    stored: StoredResult,
    result: RulesResult,
    difference: Reason,
) -> None:
    column = difference.column or ""
    offered = dict(difference.parameters)["new"]
    already = session.scalar(
        select(Conflict.id).where(
            Conflict.result_id == stored.id,
            Conflict.column == column,
            Conflict.offered == offered,
            Conflict.settled.is_(None),
        )
    )
    if already is None:
        session.add(
            Conflict(
                import_id=import_id, result_id=stored.id, source_row=row, column=column,
                stored=dict(difference.parameters)["stored"], offered=offered,
                value=_plain(getattr(result, column)), settled=None, settled_by=None,
                settled_at=None,
            )
        )  # fmt: skip


def _plain(value: object) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    return list(value) if isinstance(value, tuple) else value


_READ: dict[str, Callable[[Any], Any]] = {
    "theory": Decimal, "practice": Decimal, "review": Decimal, "name": str, "work_type": str,
    "ticket": str,
}  # fmt: skip


def _take(session: Session, result: Result, conflict: Conflict) -> None:
    if part := _TEAMS.get(conflict.column):
        cards = examiners.cards(session, conflict.value)
        session.execute(
            delete(ResultExaminer).where(
                ResultExaminer.result_id == result.id, ResultExaminer.part == part.value
            )
        )
        _assign(session, result.id, part, [cards[card] for card in conflict.value])
        return
    read = _READ[conflict.column]
    setattr(result, conflict.column, None if conflict.value is None else read(conflict.value))

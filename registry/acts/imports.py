"""Importing a workbook's rows: new ones are kept, the same ones left, every difference is named."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from registry.acts import audit, batches
from registry.acts.permission import must
from registry.acts.teams import PARTS
from registry.custody.personal import Personal
from registry.queries import catalogue, examiners, results
from registry.queries.results import StoredResult
from registry.records.assessment import Batch, Conflict, Import, Result, ResultExaminer
from registry.records.base import table
from registry.records.errors import NotFoundError
from registry.rules import approval, assessment
from registry.rules.approval import BatchState, Step
from registry.rules.assessment import Result as RulesResult
from registry.rules.decision import Reason, reason
from registry.rules.permissions import Act, Actor


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


def import_results(
    session: Session,
    actor: Actor,
    now: int,
    personal: Personal,
    batch_id: int,
    upload: Upload,
    rows: Mapping[int, RulesResult],
    problems: Mapping[int, tuple[Reason, ...]],
    intake: int | None = None,
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
        intake: the large workbook that these rows are a part of; its first part is the edit that
            gives the draft a new version.

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
    is_first = intake is None or not _begun(session, intake)
    record = _record_import(session, actor, now, batch, upload, report, intake)
    for row, stored, difference in sorting.differences:
        _record_conflict(session, record.id, row, stored, rows[row], difference)
    if sorting.new:
        _keep(session, personal, batch, record.id, rows, sorting, now)
        if is_first:
            batches.edited(session, batch, now)
    audit.record(
        session, actor, now, "import_results", f"batch:{batch.id}", import_id=record.id,
        file=upload.file_hash.hex(), kept=len(report.kept), unchanged=len(report.unchanged),
        refused=len(found), conflicts=report.conflicts,
    )  # fmt: skip
    return report


def tried(
    session: Session,
    personal: Personal,
    batch_id: int,
    rows: Mapping[int, RulesResult],
    problems: Mapping[int, tuple[Reason, ...]],
) -> ImportReport:
    """What an import of these rows would do as things stand; any session will do.

    Raises:
        NotFoundError: there is no such batch.
    """
    batch = session.get(Batch, batch_id)
    if batch is None:
        raise NotFoundError("batch", batch_id)
    sorting = _Sorting(session, personal, batch, rows)
    found = {**problems, **sorting.problems}
    return ImportReport(
        batch.id, tuple(sorting.new), tuple(sorting.unchanged), found, len(sorting.differences)
    )


def _begun(session: Session, intake: int) -> bool:
    """Whether a part of a large workbook has given its draft a new version already."""
    found = session.scalars(
        select(Import.id).where(Import.intake_id == intake, Import.kept > 0).limit(1)
    )
    return found.one_or_none() is not None


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
            for column in PARTS
            for card in getattr(result, column)
            if card not in self.cards
        )


def _all_cards(rows: Mapping[int, RulesResult]) -> set[str]:
    return {card for row in rows.values() for column in PARTS for card in getattr(row, column)}


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
    session: Session,
    actor: Actor,
    now: int,
    batch: Batch,
    upload: Upload,
    report: ImportReport,
    intake: int | None,
) -> Import:
    record = Import(
        batch_id=batch.id, file_name=upload.file_name, file_hash=upload.file_hash,
        imported_by=actor.person, imported_at=now, kept=len(report.kept),
        unchanged=len(report.unchanged), refused=len(report.problems),
        conflicting=report.conflicts, intake_id=intake,
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
    rows: Mapping[int, RulesResult],
    sorting: _Sorting,
    now: int,
) -> None:
    shared = {"batch_id": batch.id, "import_id": import_id, "recorded_at": now}
    values = [
        {**shared, "source_row": row, **_columns(personal, rows[row], sorting)}
        for row in sorting.new
    ]
    ids = session.scalars(
        insert(Result).returning(Result.id, sort_by_parameter_order=True), values
    ).all()
    session.execute(
        insert(table(ResultExaminer)),
        [
            {"result_id": key, "part": part.value, "examiner_id": sorting.cards[card],
             "place": place}
            for key, row in zip(ids, sorting.new, strict=True)
            for column, part in PARTS.items()
            for place, card in enumerate(getattr(rows[row], column), start=1)
        ],
    )  # fmt: skip


def _columns(personal: Personal, result: RulesResult, sorting: _Sorting) -> dict[str, Any]:
    uid = personal.random(16).hex()
    return {
        "uid": uid, "name": result.name, "id_kind": result.identity.kind,
        "id_sealed": personal.seal(result.identity.number, results.TABLE, uid),
        "id_key": personal.current, "id_lookup": personal.lookup(result.identity),
        "id_lookup_key": personal.current, "last4": result.identity.last4,
        "occupation_id": sorting.occupations[result.occupation], "level": result.level,
        "work_type": result.work_type, "assessed": result.assessed, "theory": result.theory,
        "practice": result.practice, "review": result.review, "ticket": result.ticket,
        "photo_id": None, "removed_at": None,
    }  # fmt: skip


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

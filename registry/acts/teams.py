"""Teams of examiners on a result, by part."""

from sqlalchemy import insert
from sqlalchemy.orm import Session

from registry.records.assessment import ResultExaminer
from registry.rules.examiners import Part

PARTS = {"practice_examiners": Part.PRACTICE, "review_examiners": Part.REVIEW}
"""Part of an assessment by the column that names its team."""


def assign(session: Session, result_id: int, part: Part, team: list[int]) -> None:
    """Put examiners, by record id, on the team of a part, in that order."""
    if team:
        session.execute(
            insert(ResultExaminer),
            [
                {"result_id": result_id, "part": part.value, "examiner_id": each, "place": place}
                for place, each in enumerate(team, start=1)
            ],
        )

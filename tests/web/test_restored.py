"""What officers see while a restored registry is not recovered."""

from collections.abc import Callable

from fastapi import FastAPI
from fastapi.testclient import TestClient

from registry.records.recovery import Cause, Recovery


def test_officers_are_told_while_a_recovery_is_due(
    sign_in: Callable[[str], TestClient], app: FastAPI
) -> None:
    client = sign_in("registrar")
    assert "从备份恢复" not in client.get("/console").text
    due = Recovery(
        cause=Cause.RESTORED.value, why="restored", backup_at=1, begun_at=2, finished_at=None,
        margin=None, sequence=None,
    )  # fmt: skip
    with app.state.office.writing.begin() as session:
        session.add(due)
    page = client.get("/console").text
    assert "从备份恢复" in page and "hallmark recover" in page
    with app.state.office.writing.begin() as session:
        session.merge(due).finished_at = 3
    assert "从备份恢复" not in client.get("/console").text

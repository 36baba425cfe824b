"""A batch at every step of its way, each with people of its own."""

from sqlalchemy.orm import Session

from registry.acts import approval, assessment
from registry.queries.policy import policy
from tests.registry.batches import bring, result, version
from tests.registry.checklist import all_ticked
from tests.registry.office import NOW, PERSONAL, SITE, TODAY, Office

STEPS = ("draft", "submitted", "confirmed", "checked", "approved")


def batch(session: Session, here: Office, upto: str, start: int) -> int:
    """A batch of three that has come so far.

    Args:
        session: a writing session.
        here: the office.
        upto: one of :data:`STEPS`.
        start: first serial of its candidates' ID numbers.
    """
    made = assessment.open_batch(session, here.registrar, NOW, SITE)
    bring(session, here, made, {row: result(start + row) for row in (2, 3, 4)})
    for step in STEPS[1 : STEPS.index(upto) + 1]:
        shown = version(session, made)
        if step == "submitted":
            approval.submit(session, here.registrar, NOW, PERSONAL, made, shown)
        elif step == "confirmed":
            for examiner in here.examiners:
                approval.confirm(session, examiner, NOW, PERSONAL, made, shown)
        elif step == "checked":
            approval.check(session, here.checker, NOW, PERSONAL, made, shown, all_ticked())
        else:
            approval.approve(
                session, here.issuer, NOW, PERSONAL, policy(session), made, shown, TODAY
            )
    return made

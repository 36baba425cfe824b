"""Pick-up codes on hand-out slips, and the short session that one opens with the last four."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from registry.acts import audit
from registry.acts.permission import must
from registry.custody.personal import Personal
from registry.records.accounts import WebSession
from registry.records.certificates import CertificateRow, CertificateState, PickupCode
from registry.records.errors import NotFoundError
from registry.records.organisations import Site
from registry.rules.permissions import Act, Actor

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Characters of a pick-up code: none that is taken for another on paper."""

CODE_LENGTH = 10
"""31 to the power of 10: with the last four and the throttle, not to be guessed."""

CODE_DAYS = 180
"""How long a code opens its result."""


@dataclass(frozen=True, slots=True)
class Slip:
    """One hand-out slip. The code is shown here and never again."""

    result: int
    name: str
    last4: str
    code: str


def make_codes(
    session: Session, actor: Actor, now: int, personal: Personal, batch_id: int
) -> tuple[Slip, ...]:
    """Make a new pick-up code for every certificate of a batch that is out; older codes end.

    Raises:
        NotFoundError: no certificate of the batch is out.
        RefusedError: not permitted.
    """
    rows = session.execute(
        select(
            CertificateRow.result_id, CertificateRow.holder_name, CertificateRow.last4,
            CertificateRow.province, Site.number,
        )
        .join(Site, Site.id == CertificateRow.site_id)
        .where(
            CertificateRow.batch_id == batch_id,
            CertificateRow.state == CertificateState.ISSUED,
            CertificateRow.released_at.is_not(None),
        )
        .order_by(CertificateRow.number, CertificateRow.version)
    ).all()  # fmt: skip
    if not rows:
        raise NotFoundError("issued batch", batch_id)
    must(actor, Act.SEARCH_CERTIFICATES, province=rows[0].province, site=rows[0].number)
    newest = {row.result_id: row for row in rows}
    session.execute(
        update(PickupCode)
        .where(PickupCode.result_id.in_(newest), PickupCode.ended_at.is_(None))
        .values(ended_at=now)
    )
    slips = tuple(
        Slip(row.result_id, row.holder_name, row.last4, new_code(personal.random))
        for row in newest.values()
    )
    session.execute(
        insert(PickupCode),
        [
            {
                "code_hash": personal.code_hash(slip.code), "result_id": slip.result,
                "made_by": actor.person, "made_at": now,
                "expires_at": now + CODE_DAYS * 86_400, "ended_at": None, "failures": 0,
            }
            for slip in slips
        ],
    )  # fmt: skip
    audit.record(session, actor, now, "make_codes", f"batch:{batch_id}", codes=len(slips))
    return slips


def pickup_failed(session: Session, code_id: int) -> None:
    """Count a wrong last four against a code; after five the code opens nothing."""
    session.execute(
        update(PickupCode).where(PickupCode.id == code_id).values(failures=PickupCode.failures + 1)
    )


def normal_code(text: str) -> str:
    """A code as it was typed, without spaces and hyphens, in upper case."""
    return "".join(character for character in text.upper() if character.isalnum())


def new_code(random: Callable[[int], bytes]) -> str:
    """A code for a slip or a receipt, :data:`CODE_LENGTH` characters of :data:`ALPHABET`."""
    characters: list[str] = []
    while len(characters) < CODE_LENGTH:
        # Bytes past the last whole multiple are thrown away, so that no character is likelier.
        characters += [
            ALPHABET[byte % len(ALPHABET)]
            for byte in random(CODE_LENGTH)
            if byte < 256 - 256 % len(ALPHABET)
        ]
    return "".join(characters[:CODE_LENGTH])


def open_session(
    session: Session, now: int, pickup: int, token_hash: bytes, expires_at: int
) -> None:
    """Open a session whose code and last four have been compared already.

    Args:
        session: a writing session.
        now: UTC seconds.
        pickup: record id of the code.
        token_hash: SHA-256 of the cookie's token.
        expires_at: UTC seconds.
    """
    session.add(
        WebSession(
            token_hash=token_hash, account_id=None, pickup_id=pickup, created_at=now,
            seen_at=now, expires_at=expires_at, ended_at=None,
        )
    )  # fmt: skip
    session.flush()
    audit.record(session, None, now, "pick_up", f"pickup:{pickup}")

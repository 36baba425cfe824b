"""A prepared row, sealed and read back by our own public verifier before it counts."""

from dataclasses import dataclass

from keys.errors import SigningError
from registry.work.context import Context, WorkError
from registry.work.seal import Sealed, seal
from schemas import qr
from schemas.certificate import Certificate
from schemas.errors import FormatError
from verifier.report import Outcome
from verifier.verify import verify

PROVEN = ("readable", "trust", "key", "signature", "scope")
"""Checks that must pass before a certificate may leave; the rest needs what is published later."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A prepared row, as read."""

    id: int
    batch: int
    key_name: str
    certificate: Certificate


@dataclass(frozen=True, slots=True)
class Ready:
    """A sealed row with the verifier's objection, if it had one."""

    row: Waiting
    sealed: Sealed | None
    objection: str | None


def ready(context: Context, row: Waiting) -> Ready:
    """Seal a row and ask the verifier; what it refuses carries its objection.

    Raises:
        WorkError: the key is not at hand or does not sign, or our own trust list is not usable.
    """
    signer = context.signers.get(row.key_name)
    if signer is None:
        raise WorkError(f"no key named {row.key_name} is at hand; put its sealed file into keys/")
    try:
        sealed = seal(row.certificate, signer)
    except FormatError as error:
        return Ready(row, None, f"cannot be written: {error}")
    except SigningError as error:
        raise WorkError(f"key {row.key_name} does not sign: {error}") from None
    return Ready(row, sealed, objection(context, row.certificate, sealed))


def objection(context: Context, certificate: Certificate, sealed: Sealed) -> str | None:
    """Why our own public verifier would not accept these forms; None when it does.

    Raises:
        WorkError: it cannot say, because our own trust list is missing or stale.
    """
    facts = certificate.facts
    forms: tuple[tuple[str, bytes | str], ...] = (
        ("qr", qr.text(facts.base, sealed.cose)),
        ("json", sealed.document),
    )
    for name, form in forms:
        report = verify(form, context.trust, facts.signed_at, None)
        for check in report.steps:
            if check.check in PROVEN and check.outcome is not Outcome.PASSED:
                if check.check == "trust":
                    raise WorkError(f"our own trust list is not usable: {check.code}")
                return f"{name}: {check.code}"
        if report.facts != facts:
            return f"{name}: reads as another certificate"
    return None

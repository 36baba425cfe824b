"""A prepared row, sealed and read back by our own public verifier before it counts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from keys.errors import SigningError
from registry.work.context import Context, WorkError
from registry.work.seal import Sealed, seal
from schemas import qr
from schemas.certificate import Certificate, Facts
from schemas.errors import FormatError
from verifier.report import Outcome, Report
from verifier.verify import verify_all

PROVEN = ("readable", "trust", "key", "signature", "scope")
"""Checks that must pass before a certificate may leave; the rest needs what is published later."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A prepared row, as read."""

    id: int
    batch: int
    key_name: str
    supersedes: int | None
    """Record id of the version that it replaces."""
    certificate: Certificate


@dataclass(slots=True)
class Ready:
    """A sealed row with the verifier's objection, if it had one."""

    row: Waiting
    sealed: Sealed | None
    objection: str | None


def _symbol(facts: Facts, sealed: Sealed) -> str:
    return qr.text(facts.base, sealed.cose)


def _document(_facts: Facts, sealed: Sealed) -> bytes:
    return sealed.document


FORMS: tuple[tuple[str, Callable[[Facts, Sealed], bytes | str]], ...] = (
    ("qr", _symbol),
    ("json", _document),
)
"""Every form as a holder has it, from the very bytes that will be stored."""


def ready(context: Context, rows: Sequence[Waiting]) -> list[Ready]:
    """Seal rows and ask the verifier; what it refuses carries its objection.

    Each step is done for all rows before the next one: thousands of like operations find code and
    tables in the processor's caches, and the same work row by row costs a fifth more.

    Raises:
        WorkError: a key is not at hand or does not sign, or our own trust list is not usable.
    """
    made = [_sealed(context, row) for row in rows]
    for name, form in FORMS:
        left = [(each, each.sealed) for each in made if each.objection is None]
        said = [
            (each, form(each.row.certificate.facts, sealed))
            for each, sealed in left
            if sealed is not None
        ]
        inputs = [(text, each.row.certificate.facts.signed_at) for each, text in said]
        for (each, _), report in zip(said, verify_all(inputs, context.trust), strict=True):
            each.objection = objection(name, each.row.certificate.facts, report)
    return made


def _sealed(context: Context, row: Waiting) -> Ready:
    signer = context.signers.get(row.key_name)
    if signer is None:
        raise WorkError(f"no key named {row.key_name} is at hand; put its sealed file into keys/")
    try:
        return Ready(row, seal(row.certificate, signer), None)
    except FormatError as error:
        return Ready(row, None, f"cannot be written: {error}")
    except SigningError as error:
        raise WorkError(f"key {row.key_name} does not sign: {error}") from None


def objection(name: str, facts: Facts, report: Report) -> str | None:
    """Why our own verifier's report of a form does not let these facts out; None when it does.

    Raises:
        WorkError: it cannot say, because our own trust list is missing or stale.
    """
    for check in report.steps:
        if check.check in PROVEN and check.outcome is not Outcome.PASSED:
            if check.check == "trust":
                raise WorkError(f"our own trust list is not usable: {check.code}")
            return f"{name}: {check.code}"
    if report.facts != facts:
        return f"{name}: reads as another certificate"
    return None

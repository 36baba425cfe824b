"""A prepared row, sealed and read back by our own public verifier before it counts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from keys.errors import SigningError
from keys.signer import Signer
from registry.work.context import Context, WorkError
from registry.work.seal import Sealed, Unsigned, sign, write
from schemas import qr
from schemas.certificate import Certificate, Facts, Names
from schemas.errors import FormatError
from verifier.report import Outcome, Report
from verifier.verify import verify_all

PROVEN = ("readable", "trust", "key", "signature", "scope")
"""Checks that must pass before a certificate may leave; the rest needs what is published later."""


class Waiting(NamedTuple):
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
    """None where it could not be written; then there is an objection."""
    objection: str | None

    @property
    def forms(self) -> Sealed:
        """The sealed forms of a row that has them."""
        if self.sealed is None:
            raise WorkError(f"certificate {self.row.id} has no forms")
        return self.sealed


def _symbol(ready: Ready) -> str:
    return qr.text(ready.row.certificate.facts.base, ready.forms.cose)


def _document(ready: Ready) -> bytes:
    return ready.forms.document


FORMS: tuple[tuple[str, Callable[[Ready], bytes | str]], ...] = (
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
    written = [_written(_signer(context, row), row) for row in rows]
    made = [
        _sealed(_signer(context, row), row, each) for row, each in zip(rows, written, strict=True)
    ]
    for name, form in FORMS:
        left = [each for each in made if each.objection is None]
        inputs = [(form(each), each.row.certificate.facts.signed_at) for each in left]
        for each, report in zip(left, verify_all(inputs, context.trust), strict=True):
            said = each.row.certificate
            each.objection = objection(name, said.facts, report, said.names)
    return made


def _signer(context: Context, row: Waiting) -> Signer:
    signer = context.signers.get(row.key_name)
    if signer is None:
        raise WorkError(f"no key named {row.key_name} is at hand; put its sealed file into keys/")
    return signer


def _written(signer: Signer, row: Waiting) -> Unsigned | FormatError:
    try:
        return write(row.certificate, signer.public)
    except FormatError as error:
        return error


def _sealed(signer: Signer, row: Waiting, written: Unsigned | FormatError) -> Ready:
    if isinstance(written, FormatError):
        return Ready(row, None, f"cannot be written: {written}")
    try:
        return Ready(row, sign(written, signer), None)
    except SigningError as error:
        raise WorkError(f"key {row.key_name} does not sign: {error}") from None


def objection(name: str, facts: Facts, report: Report, names: Names | None = None) -> str | None:
    """Why our own verifier's report of a form does not let these facts out; None when it does.

    ``names``, where given, are what a form that states names must state.

    Raises:
        WorkError: it cannot say, because our own trust list is missing or stale.
    """
    for check in report.steps:
        if check.outcome is not Outcome.PASSED and check.check in PROVEN:
            if check.check == "trust":
                raise WorkError(f"our own trust list is not usable: {check.code}")
            return f"{name}: {check.code}"
    if report.facts != facts:
        return f"{name}: reads as another certificate"
    if names is not None and report.names not in (None, names):
        return f"{name}: reads with other names"
    return None

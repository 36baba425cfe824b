"""What every step of the long work needs, as one value."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session, sessionmaker

from keys.signer import Signer
from registry.config import Config
from registry.custody.personal import Personal
from registry.publish.tree import PublicTree
from registry.rules.decision import Reason
from verifier.trust import Trust


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Hands and tools of a worker. Only workers hold signers; the web process never has one."""

    config: Config
    reading: sessionmaker[Session]
    writing: sessionmaker[Session]
    signers: Mapping[str, Signer]
    """Signers by key name, opened from the sealed files of this machine."""
    tree: PublicTree
    trust: Trust
    """What our own public verifier believes: the check before release uses nothing else."""
    clock: Callable[[], int]
    """UTC seconds; asked once per step."""
    random: Callable[[int], bytes]
    worker: str
    """Name of this worker in leases, e.g. host and process id."""
    chunk: int = 1000
    """Rows of one write transaction."""
    personal: Personal | None = None
    """Keys over ID numbers; a worker without them leaves importing and photographs to others."""
    trusts_clock: bool = False
    """Whether an operator has said that this clock is right and a later recorded instant wrong."""


class WorkError(Exception):
    """A step cannot go on; the message says what an operator must do.

    ``reasons`` are those of a rule that refused, for whoever waits and reads another language.
    """

    def __init__(self, message: str, *reasons: Reason) -> None:
        super().__init__(message)
        self.reasons = reasons

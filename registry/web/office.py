"""What every route needs, made once by ``registry.app`` and carried on the application."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from fastapi import Request
from limits.strategies import MovingWindowRateLimiter
from sqlalchemy.orm import Session, sessionmaker

from registry.config import Config
from registry.rules.policy import Policy
from registry.web.evidence import LiveEvidence
from registry.web.pages import Pages
from registry.web.reader import ReaderPool
from schemas.certificate import Instant

Clock: TypeAlias = Callable[[], Instant]


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """One running web process. It holds no signing key."""

    config: Config
    reading: sessionmaker[Session]
    writing: sessionmaker[Session]
    pages: Pages
    evidence: LiveEvidence
    readers: ReaderPool
    rates: MovingWindowRateLimiter
    policy: Policy
    clock: Clock

    @property
    def is_https(self) -> bool:
        """Whether readers come over https, so that cookies must never travel without it."""
        return self.config.base.startswith("https:")


def office(request: Request) -> Office:
    """The office of this application (a dependency of routes)."""
    carried: Office = request.app.state.office
    return carried

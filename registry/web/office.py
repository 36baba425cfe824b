"""What every route needs, made once by ``registry.app`` and carried on the application."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from fastapi import Request
from limits.strategies import MovingWindowRateLimiter
from sqlalchemy.orm import Session, sessionmaker

from registry.config import Config
from registry.custody.personal import Personal
from registry.publish.tree import PublicTree
from registry.web.evidence import LiveEvidence
from registry.web.pages import Pages
from registry.web.problems import Problem
from registry.web.reader import ReaderPool
from registry.web.words import mark
from schemas.certificate import Instant

Clock: TypeAlias = Callable[[], Instant]


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """One running web process. It holds no signing key."""

    config: Config
    reading: sessionmaker[Session]
    writing: sessionmaker[Session]
    pages: Pages
    tree: PublicTree
    """Where the public files are."""
    evidence: LiveEvidence
    readers: ReaderPool
    rates: MovingWindowRateLimiter
    personal: Personal | None
    """Keys over ID numbers; none in a process that only answers the public."""
    clock: Clock
    contact: Mapping[str, str]
    """Own ``phone`` and ``site`` for the sentences of a verdict, as far as it has any."""

    @property
    def is_https(self) -> bool:
        """Whether readers come over https, so that cookies must never travel without it."""
        return self.config.base.startswith("https:")

    def personal_keys(self) -> Personal:
        """The keys over ID numbers.

        Raises:
            Problem: 503 where this process was started without them.
        """
        if self.personal is None:
            raise Problem(503, mark("这台服务器没有打开证件号密钥，暂时办不了。请告诉系统管理员。"))
        return self.personal


def office(request: Request) -> Office:
    """The office of this application (a dependency of routes)."""
    carried: Office = request.app.state.office
    return carried

"""Persons, their accounts and roles, sessions on the server, and throttles."""

from enum import StrEnum

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from registry.records.base import At, Base, Identifier, Key, MaybeAt, one_of


class AccountState(StrEnum):
    """Whether an account may sign in."""

    ACTIVE = "active"
    CLOSED = "closed"


ROLES = (
    "candidate",
    "site_registrar",
    "examiner",
    "provincial_checker",
    "provincial_issuer",
    "administrator",
)
"""The six roles; the same words as ``registry.rules.permissions.Role``."""


class Person(Base):
    """A natural person; duties are separated by person, because one may have two accounts."""

    __tablename__ = "persons"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(80))
    """As first recorded; a certificate prints the name of its own result."""
    id_lookup: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    """HMAC of kind and number of the identity document, where it is known."""
    id_lookup_key: Mapped[str | None] = mapped_column(String(40))
    recorded_at: Mapped[At]


class Account(Base):
    """A way for one person to sign in."""

    __tablename__ = "accounts"
    __table_args__ = (one_of("state", AccountState),)

    id: Mapped[Key]
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), index=True)
    sign_in_name: Mapped[str] = mapped_column(String(80), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    """argon2id, in its own string format with its parameters."""
    state: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[At]
    password_changed_at: Mapped[At]
    password_until: Mapped[MaybeAt]
    """Set while the password is a first one, given by somebody else: good until then, and only to
    choose another."""


class Grant(Base):
    """A role of an account, within a province or a site, from and until an instant."""

    __tablename__ = "grants"
    __table_args__ = (one_of("role", ROLES),)

    id: Mapped[Key]
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    province: Mapped[str | None] = mapped_column(String(2))
    """Two digits of GB/T 2260; none for the national centre."""
    site_id: Mapped[int | None] = mapped_column(ForeignKey("sites.id"))
    granted_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    granted_at: Mapped[At]
    ended_at: Mapped[MaybeAt]


class WebSession(Base):
    """A signed-in session. Only its token's hash is here, so a copy of the table opens none."""

    __tablename__ = "web_sessions"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"), index=True)
    pickup_id: Mapped[int | None] = mapped_column(ForeignKey("pickup_codes.id"))
    """Set instead of an account for a candidate who came with a pick-up code."""
    created_at: Mapped[At]
    seen_at: Mapped[At]
    expires_at: Mapped[At]
    ended_at: Mapped[MaybeAt]


class FormToken(Base):
    """A one-time token of a form; a second use of the same form changes nothing."""

    __tablename__ = "form_tokens"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    session_hash: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    expires_at: Mapped[At]
    used_at: Mapped[MaybeAt]


class Throttle(Base):
    """Failed attempts per door and caller (both hashed), in a window that starts with the first."""

    __tablename__ = "throttles"
    __table_args__ = (
        UniqueConstraint("door", "caller"),
        Index("ix_throttles_window_from", "window_from"),
    )

    id: Mapped[Key]
    door: Mapped[str] = mapped_column(String(20))
    caller: Mapped[bytes] = mapped_column(LargeBinary(32))
    window_from: Mapped[At]
    failures: Mapped[int] = mapped_column(Identifier)

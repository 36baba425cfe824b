"""Mapped tables and nothing else; importing this package makes all of them known to SQLAlchemy."""

from registry.records import (
    accounts,
    accreditation,
    approval,
    assessment,
    catalogue,
    certificates,
    credit,
    eligibility,
    examiners,
    intake,
    lease,
    legacy,
    log,
    operations,
    organisations,
    recovery,
    status,
)
from registry.records.base import Base

__all__ = [
    "Base",
    "accounts",
    "accreditation",
    "approval",
    "assessment",
    "catalogue",
    "certificates",
    "credit",
    "eligibility",
    "examiners",
    "intake",
    "lease",
    "legacy",
    "log",
    "operations",
    "organisations",
    "recovery",
    "status",
]

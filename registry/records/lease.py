"""Who may do at present what only one worker may do at a time."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from registry.records.base import At, Base


class Lease(Base):
    """A named lease; free when ``until`` has passed."""

    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    owner: Mapped[str] = mapped_column(String(80))
    until: Mapped[At]

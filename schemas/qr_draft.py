"""Facts while they are put together from a form that was read."""

from datetime import date
from uuid import UUID

from schemas.certificate import Facts, Instant, Kind


class Draft:
    """Facts while they are put together, with the same slots.

    Turning it into ``Facts`` by its class costs a sixth of calling the frozen constructor, which
    sets twenty fields one by one around its own guard; reading is our busiest path.
    """

    __slots__ = Facts.__slots__

    def __init__(
        self,
        base: str,
        uuid: UUID,
        issuer: str,
        number: str,
        version: int,
        kind: Kind,
        name: str,
        last4: str,
        occupation: str,
        occupation_name: str | None,
        level: str,
        work_type: str | None,
        site: str,
        assessed: date,
        awarded: date,
        valid_from: date | None,
        valid_until: date | None,
        signed_at: Instant,
        status_list: int,
        status_index: int,
    ) -> None:
        self.base = base
        self.uuid = uuid
        self.issuer = issuer
        self.number = number
        self.version = version
        self.kind = kind
        self.name = name
        self.last4 = last4
        self.occupation = occupation
        self.occupation_name = occupation_name
        self.level = level
        self.work_type = work_type
        self.site = site
        self.assessed = assessed
        self.awarded = awarded
        self.valid_from = valid_from
        self.valid_until = valid_until
        self.signed_at = signed_at
        self.status_list = status_list
        self.status_index = status_index

    def facts(self) -> Facts:
        """Become the frozen value."""
        self.__class__ = Facts  # type: ignore[assignment]
        return self  # type: ignore[return-value]

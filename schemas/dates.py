"""Civil dates of Asia/Shanghai, day numbers, and instants of UTC seconds.

The offset is +08:00 throughout. That is exact from 1992 on; for the summers of 1986 to 1991, when
clocks were an hour ahead, a day here begins an hour late, which every reader of the format does
alike. Days and instants run from 1970 to 2199.
"""

import re
from datetime import UTC, date, datetime, timedelta, timezone

from schemas.certificate import Instant
from schemas.errors import FormatError

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
FIRST_DAY = date(1970, 1, 1)
LAST_DAY = date(2199, 12, 31)
LAST_INSTANT: Instant = 7258118399
"""2199-12-31T23:59:59Z."""

_EPOCH = FIRST_DAY.toordinal()
_MAX_DAY = LAST_DAY.toordinal() - _EPOCH
_OFFSET = 8 * 3600
_DAY = 86400
_UTC = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_CIVIL = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def to_day(day: date) -> int:
    """Return the number of days from 1970-01-01 to ``day``; FormatError outside 1970 to 2199."""
    number = day.toordinal() - _EPOCH
    if not 0 <= number <= _MAX_DAY:
        raise FormatError(f"date {day} is outside {FIRST_DAY} to {LAST_DAY}")
    return number


def from_day(number: int) -> date:
    """Return the date ``number`` days after 1970-01-01; FormatError outside 1970 to 2199."""
    if type(number) is not int or not 0 <= number <= _MAX_DAY:
        raise FormatError(f"day number {number!r} is outside 0 to {_MAX_DAY}")
    return date.fromordinal(_EPOCH + number)


def check_instant(instant: object) -> Instant:
    """Return ``instant`` if it is an integer of UTC seconds from 1970 to 2199, else FormatError."""
    if type(instant) is not int or not 0 <= instant <= LAST_INSTANT:
        raise FormatError(f"instant {instant!r} is not a number of UTC seconds from 1970 to 2199")
    return instant


def utc(instant: Instant) -> str:
    """Write an instant as ``2026-11-22T04:00:00Z``."""
    moment = datetime.fromtimestamp(check_instant(instant), UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_utc(text: str) -> Instant:
    """Read what :func:`utc` writes, and nothing else."""
    if not _UTC.fullmatch(text):
        raise FormatError(f"{text[:40]!r} is not an instant like 2026-11-22T04:00:00Z")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise FormatError(f"{text!r} is not an instant of the calendar") from None
    return check_instant(int(moment.timestamp()))


def parse_date(text: str) -> date:
    """Read a civil date ``2026-11-22``, and nothing else, from 1970 to 2199."""
    if not _CIVIL.fullmatch(text):
        raise FormatError(f"{text[:40]!r} is not a date like 2026-11-22")
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise FormatError(f"{text!r} is not a date of the calendar") from None
    to_day(day)
    return day


def shanghai_day(instant: Instant) -> date:
    """Return the civil date in Shanghai at ``instant``."""
    return date.fromordinal(_EPOCH + (check_instant(instant) + _OFFSET) // _DAY)


def day_start(day: date) -> Instant:
    """Return the first second of ``day`` in Shanghai (16:00:00 UTC of the day before)."""
    return to_day(day) * _DAY - _OFFSET


def day_end(day: date) -> Instant:
    """Return the last second of ``day`` in Shanghai (15:59:59 UTC of the same date)."""
    return day_start(day) + _DAY - 1

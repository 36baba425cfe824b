from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import dates
from schemas.errors import FormatError


def test_known_days_and_instants() -> None:
    assert dates.to_day(date(1970, 1, 1)) == 0
    assert dates.from_day(20772) == date(2026, 11, 15)
    assert dates.utc(1795320000) == "2026-11-22T04:00:00Z"
    assert dates.parse_utc("2026-11-22T04:00:00Z") == 1795320000
    assert dates.utc(dates.LAST_INSTANT) == "2199-12-31T23:59:59Z"


def test_a_shanghai_day_runs_from_16_to_16_utc() -> None:
    day = date(2026, 11, 22)
    assert dates.utc(dates.day_start(day)) == "2026-11-21T16:00:00Z"
    assert dates.utc(dates.day_end(day)) == "2026-11-22T15:59:59Z"
    assert dates.shanghai_day(dates.day_end(day)) == day
    assert dates.shanghai_day(dates.day_end(day) + 1) == date(2026, 11, 23)
    assert dates.shanghai_day(dates.day_start(day) - 1) == date(2026, 11, 21)


@given(st.dates(date(1970, 1, 2), date(2199, 12, 31)))
def test_days_round_trip(day: date) -> None:
    assert dates.from_day(dates.to_day(day)) == day
    assert dates.shanghai_day(dates.day_start(day)) == day
    assert dates.parse_date(day.isoformat()) == day


@given(st.integers(0, dates.LAST_INSTANT))
def test_instants_round_trip(instant: int) -> None:
    assert dates.parse_utc(dates.utc(instant)) == instant


BAD_INSTANTS = [
    "", "2026-11-22", "2026-11-22T04:00:00", "2026-11-22T04:00:00+00:00", "2026-11-22T24:00:00Z",
    "2026-02-30T00:00:00Z", "2026-11-22T04:00:60Z", "２026-11-22T04:00:00Z", "1969-12-31T23:59:59Z",
    "2200-01-01T00:00:00Z", "2026-11-22t04:00:00z", "2026-11-22T04:00:00Z\n",
]  # fmt: skip


@pytest.mark.parametrize("text", BAD_INSTANTS)
def test_other_instants_are_refused(text: str) -> None:
    with pytest.raises(FormatError):
        dates.parse_utc(text)


@pytest.mark.parametrize(
    "text", ["2026-2-3", "20260203", "2026-02-30", "1969-12-31", "２026-01-01"]
)
def test_other_dates_are_refused(text: str) -> None:
    with pytest.raises(FormatError):
        dates.parse_date(text)


@pytest.mark.parametrize("number", [-1, 84006, True, 1.0, "1", None])
def test_other_day_numbers_are_refused(number: object) -> None:
    with pytest.raises(FormatError):
        dates.from_day(number)  # type: ignore[arg-type]


def test_dates_beyond_the_range_are_refused() -> None:
    for day in (date(1969, 12, 31), date(2200, 1, 1)):
        with pytest.raises(FormatError):
            dates.to_day(day)
    with pytest.raises(FormatError):
        dates.utc(-1)

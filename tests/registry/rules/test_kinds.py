"""The dated table: one occupation around the last day of 2020, filed and not filed."""

from dataclasses import replace
from datetime import date

import pytest

from registry.rules import kinds, numbering
from registry.rules.catalogue import Occupation
from registry.rules.decision import RefusedError
from registry.rules.organisations import Body, Scope
from registry.rules.periods import Period
from registry.rules.policy import PolicyError
from schemas.certificate import Kind
from tests.registry.rules.build import ALL, CONCRETE, POLICY

FILED = Body(
    id="b", letter="S", code="0001",
    filings=(Scope(occupation=CONCRETE.code, levels=frozenset("54"), period=Period(
        date(2020, 12, 31), date(2021, 1, 1))),),
)  # fmt: skip
UNFILED = Body(id="b")
SETTING = {
    "province": "32", "layout": "JSPX{year4:4}{serial:6}", "source": "苏建示例〔2020〕1号",
    "confidence": "high",
}  # fmt: skip
WITH_SETTING = POLICY.with_rows("training_numbers", SETTING)
BEFORE, LAST, AFTER = date(2020, 12, 30), date(2020, 12, 31), date(2021, 1, 1)


@pytest.mark.parametrize(
    ("on", "body", "level", "kind", "signer"),
    [
        (BEFORE, UNFILED, "5", Kind.QUALIFICATION, "implementing_body"),
        (BEFORE, FILED, "5", Kind.QUALIFICATION, "implementing_body"),
        (LAST, UNFILED, "5", Kind.QUALIFICATION, "implementing_body"),
        (LAST, FILED, "5", Kind.QUALIFICATION, "implementing_body"),
        (AFTER, FILED, "5", Kind.LEVEL, "assessing_body"),
        (AFTER, FILED, "3", Kind.TRAINING, "implementing_body"),
        (AFTER, UNFILED, "5", Kind.TRAINING, "implementing_body"),
        (date(2021, 1, 2), FILED, "5", Kind.TRAINING, "implementing_body"),
        (date(2017, 9, 12), UNFILED, "5", Kind.QUALIFICATION, "implementing_body"),
        (date(2017, 9, 11), UNFILED, "5", Kind.TRAINING, "implementing_body"),
    ],
)
def test_kind(on: date, body: Body, level: str, kind: Kind, signer: str) -> None:
    choice = kinds.choose(CONCRETE, level, body, "32", on, WITH_SETTING)
    assert (choice.kind, choice.signer) == (kind, signer)
    assert kinds.validity(choice, on) == (None, None)


def test_training_without_setting_is_refused() -> None:
    with pytest.raises(RefusedError) as refused:
        kinds.choose(CONCRETE, "5", UNFILED, "32", AFTER, POLICY)
    assert refused.value.reasons[0].code == "training_numbering_missing"
    with pytest.raises(RefusedError):
        kinds.choose(CONCRETE, "5", UNFILED, "33", AFTER, WITH_SETTING)


def test_training_number_follows_the_province() -> None:
    choice = kinds.choose(CONCRETE, "5", UNFILED, "32", AFTER, WITH_SETTING)
    number = numbering.compose(choice.scheme, {"year4": "2021"}, 7)
    assert number == "JSPX2021000007"


def test_two_settings_are_an_error_not_a_choice() -> None:
    twice = WITH_SETTING.with_rows("training_numbers", SETTING)
    with pytest.raises(PolicyError):
        kinds.choose(CONCRETE, "5", UNFILED, "32", AFTER, twice)


def test_two_catalogue_periods() -> None:
    again = replace(
        CONCRETE, catalogue=(*CONCRETE.catalogue, Period(date(2023, 5, 1), date(2023, 5, 31)))
    )
    found = [
        kinds.choose(again, "5", FILED, "32", day, WITH_SETTING).kind
        for day in (date(2023, 4, 30), date(2023, 5, 1), date(2023, 5, 31), date(2023, 6, 1))
    ]
    assert found == [Kind.TRAINING, Kind.QUALIFICATION, Kind.QUALIFICATION, Kind.TRAINING]


@pytest.mark.parametrize(
    ("first_day", "months", "awarded", "expected"),
    [
        ("award", None, date(2026, 11, 22), (None, None)),
        ("award", 24, date(2026, 11, 22), (None, date(2028, 11, 21))),
        ("award", 12, date(2024, 2, 29), (None, date(2025, 2, 28))),
        ("award", 12, date(2023, 3, 1), (None, date(2024, 2, 29))),
        ("award", 1, date(2026, 1, 31), (None, date(2026, 2, 28))),
        ("next_month", 12, date(2026, 12, 5), (date(2027, 1, 1), date(2027, 12, 31))),
        ("next_month", None, date(2026, 11, 1), (date(2026, 12, 1), None)),
    ],
)
def test_validity(
    first_day: str, months: int | None, awarded: date, expected: tuple[date | None, date | None]
) -> None:
    choice = kinds.choose(CONCRETE, "5", FILED, "32", AFTER, POLICY)
    choice = replace(choice, first_day=first_day, months=months)
    assert kinds.validity(choice, awarded) == expected


def test_never_in_the_catalogue() -> None:
    stone = Occupation(code="6-29-01-02", name="石工", levels=ALL, confirmed=True)
    body = Body(id="b", letter="Y", code="0000", filings=(
        Scope(occupation=stone.code, levels=ALL, period=Period(date(2019, 1, 1))),))  # fmt: skip
    assert kinds.choose(stone, "1", body, "32", BEFORE, POLICY).kind is Kind.LEVEL

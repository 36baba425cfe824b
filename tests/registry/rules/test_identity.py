"""Identity documents and organisation codes: samples, check characters, what is refused."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.rules import identity
from registry.rules.decision import RefusedError
from tests.registry.rules.build import POLICY, TODAY, citizen


def code_of(kind: str, number: str) -> str:
    with pytest.raises(RefusedError) as refused:
        identity.read(kind, number, TODAY, POLICY)
    assert len(refused.value.reasons) == 1
    return refused.value.reasons[0].code


@pytest.mark.parametrize(
    "typed",
    ["11010519491231002X", "11010519491231002x", "１１０１０５１９４９１２３１００２ｘ",
     " 110105 19491231 002X ", "110105194912310０2Ｘ", "110105491231002"],
)  # fmt: skip
def test_one_normal_form(typed: str) -> None:
    # The sample of GB 11643, in the spellings that sites send, 15 digits included.
    found = identity.read("", typed, TODAY, POLICY)
    assert (found.kind, found.number, found.last4) == (
        "resident_id", "11010519491231002X", "002X"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("110105194912310021", "identity_check"), ("11010519491231003X", "identity_check"),
        ("1.10105194912310E+17", "identity_as_number"), ("1.10105E17", "identity_as_number"),
        ("110105194912310000.0", "identity_as_number"), ("1101051949123100", "identity_length"),
        ("X1010519491231002X", "identity_length"), ("11010519491231002XX", "identity_length"),
        ("一10105194912310021", "identity_length"),
    ],
)  # fmt: skip
def test_refused_numbers(number: str, code: str) -> None:
    assert code_of("居民身份证", number) == code


@pytest.mark.parametrize(
    ("head", "code"),
    [
        ("99010519491231002", "identity_area"),
        ("00000119491231002", "identity_area"),
        ("11010519490231002", "identity_birth"),
        ("11010520271231002", "identity_birth"),
        ("11010519000101002", "identity_birth"),
        ("11010519491331002", "identity_birth"),
    ],
)
def test_plausible(head: str, code: str) -> None:
    assert code_of("", head + identity.check_character(head)) == code


def test_the_oldest_person() -> None:
    oldest = citizen(1, "19060101")
    assert identity.read("", oldest, TODAY, POLICY).number == oldest
    assert code_of("", citizen(1, "19051231")) == "identity_birth"


def test_born_today_and_tomorrow() -> None:
    today = citizen(1, f"{TODAY:%Y%m%d}")
    assert identity.read("", today, TODAY, POLICY).number == today
    assert code_of("", citizen(1, "20261124")) == "identity_birth"


def test_sample_area_is_taken() -> None:
    assert identity.read("", citizen(), TODAY, POLICY).number == citizen()


@pytest.mark.parametrize(
    ("kind", "number", "last4"),
    [
        ("护照（外国）", "e12345678", "5678"), ("护照(外国)", "AB1234567", "4567"),
        ("Foreign passport", "E1234 5678", "5678"), ("军官证", "军字第1234567号", "4567"),
        ("台湾居民来往大陆通行证", "12345678", "5678"),
        ("香港特区护照/身份证明", "A123456(7)", "4567"),
        ("identity card", "11010519491231002X", "002X"),
    ],
)  # fmt: skip
def test_other_documents(kind: str, number: str, last4: str) -> None:
    found = identity.read(kind, number, TODAY, POLICY)
    assert found.kind != "" and found.last4 == last4


def test_other_documents_refused() -> None:
    assert code_of("驾驶证", "1") == "identity_kind_unknown"
    assert code_of("护照", "E-1") == "identity_malformed"
    assert code_of("台胞证", "E12345678") == "identity_malformed"


@settings(deadline=None, max_examples=60)
@given(
    st.dates(date(1930, 1, 1), date(2008, 1, 1)), st.integers(0, 999), st.integers(0, 17),
    st.sampled_from("0123456789"),
)  # fmt: skip
def test_one_wrong_digit_is_always_seen(born: date, serial: int, place: int, digit: str) -> None:
    good = citizen(serial, f"{born:%Y%m%d}")
    assert identity.read("", good, TODAY, POLICY).number == good
    bad = good[:place] + digit + good[place + 1 :]
    if bad != good:
        with pytest.raises(RefusedError):
            identity.read("", bad, TODAY, POLICY)


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=25))
def test_only_refusals_escape(text: str) -> None:
    try:
        found = identity.read("", text, TODAY, POLICY)
    except RefusedError:
        return
    assert len(found.number) == 18


def test_identity_is_not_printed_by_accident() -> None:
    assert citizen() not in repr(identity.read("", citizen(), TODAY, POLICY))


@pytest.mark.parametrize(
    ("on", "years"), [(date(2026, 1, 1), 36), (date(2025, 12, 31), 35), (date(1990, 1, 1), 0)]
)
def test_age(on: date, years: int) -> None:
    assert identity.age(identity.Identity("resident_id", citizen()), on) == years

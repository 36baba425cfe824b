"""Layouts, the national samples, serial scopes, ranges used up."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.rules import numbering
from registry.rules.decision import RefusedError
from registry.rules.numbering import LayoutError
from tests.registry.rules.build import POLICY

ON = date(2026, 11, 22)
LEVEL = numbering.national("level-22", ON, POLICY)
OLD = numbering.national("qualification-16", ON, POLICY)

# Seen in use (22 characters, 人社鉴发〔2019〕2号) and constructed by the old layout (16 digits).
SAMPLES = [
    (LEVEL, "Y001011999966215000001",
     {"letter": "Y", "body": "0010", "province": "11", "site": "999966", "year": "21",
      "level": "5", "serial": "000001"}),
    (OLD, "1910012003400001",
     {"year": "19", "site_number": "10012003", "level": "4", "serial": "00001"}),
]  # fmt: skip


@pytest.mark.parametrize(("scheme", "number", "fields"), SAMPLES)
def test_samples(scheme: numbering.Scheme, number: str, fields: dict[str, str]) -> None:
    assert numbering.parse(scheme, number) == fields
    serial = int(fields["serial"])
    head = {name: value for name, value in fields.items() if name != "serial"}
    assert numbering.compose(scheme, head, serial) == number


@pytest.mark.parametrize(
    ("scheme", "number"),
    [
        (LEVEL, "Y001011999966215000000"), (LEVEL, "Z001011999966215000001"),
        (LEVEL, "Y001011999966210000001"), (LEVEL, "Y001011999966216000001"),
        (LEVEL, "Y00101199996621500001"), (LEVEL, "Y001011999966215000001\n"),
        (LEVEL, "Y001011999966215００0001"), (OLD, "1910012003400000"),
        (OLD, "1910015003400001"), (OLD, "1910012003600001"), (OLD, "191001200340001"),
    ],
)  # fmt: skip
def test_not_of_the_scheme(scheme: numbering.Scheme, number: str) -> None:
    assert numbering.parse(scheme, number) is None


@pytest.mark.parametrize("scheme", [LEVEL, OLD])
def test_range_used_up(scheme: numbering.Scheme) -> None:
    fields = next(f for s, _, f in SAMPLES if s == scheme)
    assert numbering.compose(scheme, fields, scheme.capacity).endswith("99999")
    for serial in (scheme.capacity + 1, 0, -1):
        with pytest.raises(RefusedError) as refused:
            numbering.compose(scheme, fields, serial)
        assert refused.value.reasons[0].code == "number_range_used_up"


def test_serials_count_per_organisation_year_and_level() -> None:
    fields = dict(SAMPLES[0][2])
    scope = numbering.serial_scope(LEVEL, fields)
    assert (scope.period, scope.organisation, scope.level) == ("21", "Y001011999966", "5")
    keys = {scope.key}
    for name, value in (("year", "22"), ("level", "4"), ("site", "999967"), ("letter", "S")):
        keys.add(numbering.serial_scope(LEVEL, {**fields, name: value}).key)
    assert len(keys) == 5


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"site": ""}, "number_field_missing"),
        ({"site": "12345"}, "number_field_malformed"),
        ({"level": "T"}, "number_field_malformed"),
        ({"letter": "y"}, "number_field_malformed"),
        ({"province": "１１"}, "number_field_malformed"),
    ],
)
def test_bad_fields(change: dict[str, str], code: str) -> None:
    fields = {**SAMPLES[0][2], **change}
    for act in (lambda: numbering.compose(LEVEL, fields, 1),
                lambda: numbering.serial_scope(LEVEL, fields)):  # fmt: skip
        with pytest.raises(RefusedError) as refused:
            act()
        assert refused.value.reasons[0].code == code


@pytest.mark.parametrize(
    "layout",
    ["", "ABC", "{year:2}", "{serial:6}{year:2}", "{year:2}{year:2}{serial:4}", "{x}{serial:3}",
     "{serial:[0-9]}", "{serial:6}X", "}{serial:4}", "{Year:2}{serial:4}", "苏{serial:6}",
     "a{serial:6}"],
)  # fmt: skip
def test_layouts_refused(layout: str) -> None:
    with pytest.raises(LayoutError):
        numbering.scheme("bad", layout)


def test_fields_of_leaves_out_what_is_unset() -> None:
    fields = numbering.fields_of(
        site="11003001", site_serial=None, province="32", letter=None, body=None, level="4",
        awarded=date(2009, 1, 2),
    )  # fmt: skip
    assert fields == {
        "site_number": "11003001", "province": "32", "level": "4", "year": "09", "year4": "2009"
    }  # fmt: skip


@settings(deadline=None, max_examples=100)
@given(st.from_regex(r"[YS][0-9]{14}[1-5][0-9]{6}", fullmatch=True))
def test_parse_and_compose_agree(number: str) -> None:
    fields = numbering.parse(LEVEL, number)
    if fields is None:
        assert number.endswith("000000")
        return
    serial = int(fields.pop("serial"))
    assert numbering.compose(LEVEL, fields, serial) == number

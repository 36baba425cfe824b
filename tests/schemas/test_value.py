import random
import re
from dataclasses import asdict, replace
from datetime import date
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis.strategies import DataObject, data, integers, sampled_from

from schemas import jcs, value
from schemas.certificate import Certificate, Facts, Kind, Names
from schemas.errors import FormatError
from tests.schemas.certificates import some

CERTIFICATE = Certificate(
    facts=Facts(
        base="https://certs.example", uuid=UUID(int=5), issuer="js",
        number="Y001032999966263000001", version=2, kind=Kind.LEVEL, name="样本·一", last4="002X",
        occupation="6-29-01-04", occupation_name="钢筋工", level="3", work_type=None,
        site="10012003", assessed=date(2026, 1, 5), awarded=date(2026, 2, 1), valid_from=None,
        valid_until=date(2029, 1, 31), signed_at=1_790_000_000, status_list=1, status_index=77,
    ),
    names=Names(
        issuer="样本机构", issuer_url="https://b.example", centre="样本中心", site="样本站",
        occupation_en="Reinforcing Bar Worker", level="三级/高级工", level_en="Level 3",
        work_type=None, framework="样本", description="d", criteria="c", batch="1", review=False,
    ),
)  # fmt: skip


def test_round_trip() -> None:
    assert value.load(value.dump(CERTIFICATE)) == CERTIFICATE


def test_other_values_have_other_texts() -> None:
    other = replace(CERTIFICATE, facts=replace(CERTIFICATE.facts, status_index=78))
    assert value.dump(other) != value.dump(CERTIFICATE)


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "null", '{"facts":{},"names":{}}', value.dump(CERTIFICATE) + " "]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(FormatError):
        value.load(text)


@pytest.mark.parametrize("review, other", [(True, "1"), (False, "0")])
def test_a_number_is_no_boolean_whatever_was_read_before(review: bool, other: str) -> None:
    names = replace(CERTIFICATE.names, review=review, batch=f"numbers {other}")
    text = value.dump(replace(CERTIFICATE, names=names))
    altered = text.replace(f'"review":{str(review).lower()}', f'"review":{other}')
    assert altered != text
    value._names_text.cache_clear()
    with pytest.raises(FormatError):
        value.load(altered)
    assert value.dump(replace(CERTIFICATE, names=names)) == text


@pytest.mark.parametrize("other", ["5", "null", "true", "[]", "{}"])
def test_a_name_is_a_text(other: str) -> None:
    text = value.dump(CERTIFICATE)
    with pytest.raises(FormatError):
        value.load(text.replace('"batch":"1"', f'"batch":{other}'))


def test_the_text_is_canonical_json_whatever_the_value_says() -> None:
    rng = random.Random("values")
    for certificate in [some(rng) for _ in range(300)]:
        facts = asdict(certificate.facts)
        days = {name: str(day) for name, day in facts.items() if isinstance(day, date)}
        facts |= {"uuid": str(facts["uuid"]), "kind": int(facts["kind"]), **days}
        whole = {"facts": facts, "names": asdict(certificate.names)}
        assert value.dump(certificate).encode() == jcs.canonical(whole)
        assert value.load(value.dump(certificate)) == certificate


@pytest.mark.parametrize("name", ['张"三', "a\\b", "a\nb", "\x00", "\x7f", 'x","number":"1', ""])
def test_a_text_that_json_escapes_is_read_too(name: str) -> None:
    odd = replace(CERTIFICATE, facts=replace(CERTIFICATE.facts, name=name))
    assert value.load(value.dump(odd)) == odd


PIECES = (
    "null", "0", "-1", "01", "1.0", "true", '"', '""', '"1"', "2026-02-30", "2026-W01-1",
    "20260105", "\\u0041", "\\n", "٣", "{", "}", ",", " ", "Z", "A", "é", "9" * 20,
)  # fmt: skip
TEXTS = tuple(value.dump(some(random.Random(seed))) for seed in range(20))


@settings(deadline=None, max_examples=600)
@given(data())
def test_whatever_is_read_is_what_would_be_written(draw: DataObject) -> None:
    text = draw.draw(sampled_from(TEXTS))
    start = draw.draw(integers(0, len(text)))
    end = draw.draw(integers(start, min(len(text), start + 12)))
    altered = text[:start] + draw.draw(sampled_from(PIECES)) + text[end:]
    try:
        read = value.load(altered)
    except FormatError:
        return
    assert value.dump(read) == altered


def test_every_value_in_another_spelling_is_refused() -> None:
    text = value.dump(CERTIFICATE)
    refused = 0
    for match in re.finditer(r"(?<=:)(?:null|\d+|\"[^\"]*\")", text):
        for piece in PIECES:
            altered = text[: match.start()] + piece + text[match.end() :]
            try:
                assert value.dump(value.load(altered)) == altered
            except FormatError:
                refused += 1
    assert refused > 300

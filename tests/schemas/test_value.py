from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from schemas import value
from schemas.certificate import Certificate, Facts, Kind, Names
from schemas.errors import FormatError

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

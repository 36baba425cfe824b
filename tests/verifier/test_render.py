"""Every report of the conformance cases fits the schema."""

import pytest

from tests.conformance.make import cases
from tests.verifier.test_fuzz import SCHEMA
from verifier import render


@pytest.mark.parametrize("case", list(cases()), ids=lambda case: case.name)
def test_schema(case):
    report = case.run()
    body = render.document(report)
    SCHEMA.validate(body)
    told = render.document(report, contact={"phone": "12345", "site": "https://example.gov.cn"})
    assert {key: told[key] for key in told if key != "words"} == {
        key: body[key] for key in body if key != "words"
    }
    assert "words" not in render.document(report, with_words=False)


def test_the_schema_refuses():
    report = next(iter(cases())).run()
    body = render.document(report)
    for change in ({"verdict": "fine"}, {"extra": 1}, {"steps": body["steps"][:10]}, {"at": 0}):
        assert not SCHEMA.is_valid(body | change)

"""Every report of the conformance cases fits the schema, and both writers say the same."""

import json

import pytest

from tests.conformance.make import cases
from tests.verifier.test_fuzz import SCHEMA
from verifier import render


@pytest.mark.parametrize("case", list(cases()), ids=lambda case: case.name)
def test_schema_and_encoding(case):
    report = case.run()
    body = render.document(report)
    SCHEMA.validate(body)
    compact = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    assert render.encode(report) == compact
    contact = {"phone": "12345", "site": "https://example.gov.cn"}
    told = json.loads(render.encode(report, contact))
    assert told == render.document(report, contact=contact)


def test_the_schema_refuses():
    report = next(iter(cases())).run()
    body = render.document(report)
    for change in ({"verdict": "fine"}, {"extra": 1}, {"steps": body["steps"][:10]}, {"at": 0}):
        assert not SCHEMA.is_valid(body | change)

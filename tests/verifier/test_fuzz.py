"""Whatever comes in, a report comes out."""

import json
from pathlib import Path

import jsonschema_rs
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.verifier.test_flips import EVIDENCE, MADE, TRUST, WORLD
from tests.world import NOW, State
from verifier import render
from verifier.report import CHECKS, Report, Verdict
from verifier.verify import Asked, verify

SCHEMA = jsonschema_rs.validator_for(
    json.loads((Path(render.__file__).parent / "report.schema.json").read_text("utf-8"))
)
SEEDS = (
    MADE.cose, MADE.text.encode(), MADE.json, WORLD.root_note, WORLD.trust_list(),
    *WORLD.publish().values(), WORLD.note(MADE, State.REVOKED),
)  # fmt: skip
PREFIXES = (b"", b"%PDF-1.7\n", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"\xd2\x84", b"{",
            b"hallmark-root/1\n", b"hallmark-trust-list/1\n", b"hallmark-status-note/1\n",
            b"https://certs.example.gov.cn/v#")  # fmt: skip


def check(data, trust=TRUST):
    report = verify(data, trust, NOW, EVIDENCE, Asked(name="x"))
    assert isinstance(report, Report)
    assert [step.check for step in report.steps] == list(CHECKS)
    body = render.document(report)
    SCHEMA.validate(body)
    return report


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(PREFIXES), st.binary(max_size=400))
def test_any_bytes(prefix, data):
    assert check(prefix + data).verdict is not Verdict.VALID


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=300))
def test_any_text(text):
    assert check(text).verdict is not Verdict.VALID


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(SEEDS), st.data())
def test_edited_documents(seed, data):
    at = data.draw(st.integers(0, len(seed) - 1))
    cut = data.draw(st.integers(0, 8))
    put = data.draw(st.binary(max_size=8))
    bent = seed[:at] + put + seed[at + cut :]
    if not says_the_same(seed, bent):
        assert check(bent).verdict not in (Verdict.VALID, Verdict.GENUINE)


def says_the_same(seed, bent):
    """Whether an edit touched only what nobody signs: the text's host, the JSON's white space."""
    if seed.startswith(b"http"):
        return seed.partition(b"#")[2] == bent.partition(b"#")[2].strip()
    if seed.startswith(b"{"):
        try:
            return json.loads(seed) == json.loads(bent)
        except ValueError:
            return False
    return seed == bent


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner,
                                                                max_size=4),
    max_leaves=10,
)  # fmt: skip


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(sorted(MADE.document)), JSON)
def test_members_of_another_shape(key, value):
    body = json.dumps(MADE.document | {key: value}, ensure_ascii=False)
    report = check(body)
    assert report.verdict is not Verdict.VALID or MADE.document[key] == value


def test_without_trust_nothing_is_shown():
    for seed in SEEDS:
        report = check(seed, None)
        assert report.verdict is Verdict.UNDETERMINED
        assert report.facts is None and report.match is None and report.issuer_name is None

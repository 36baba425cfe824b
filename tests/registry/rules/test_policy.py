"""Policy rows: dates, sources, the version digest; and the table of words."""

import ast
import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from registry.rules import policy, words
from registry.rules.decision import RefusedError, in_words, reason
from registry.rules.policy import DEFAULT, PolicyError
from tests.registry.rules.build import POLICY

PACKAGE = Path(policy.__file__).parents[1]
RULE = """
[[teams]]
part = "review"
least = 5
until = 2017-12-31
source = "a"
confidence = "high"

[[teams]]
part = "review"
least = 3
from = 2018-01-01
source = "b"
confidence = "high"
"""


@pytest.mark.parametrize(
    ("on", "least"), [(date(2017, 12, 31), 5), (date(2018, 1, 1), 3), (date(1990, 1, 1), 5)]
)
def test_dated_rows(on: date, least: int) -> None:
    assert policy.parse(RULE).row("teams", on, part="review")["least"] == least


def test_no_row_refuses_and_two_are_an_error() -> None:
    loaded = policy.parse(RULE)
    with pytest.raises(RefusedError) as refused:
        loaded.row("teams", date(2020, 1, 1), part="practice")
    assert refused.value.reasons[0].code == "setting_missing"
    twice = loaded.with_rows("teams", {"part": "review", "source": "c", "confidence": "low"})
    with pytest.raises(PolicyError):
        twice.row("teams", date(2020, 1, 1), part="review")


@pytest.mark.parametrize(
    "text",
    [
        '[[a]]\nx = 1\nconfidence = "high"', '[[a]]\nsource = ""',
        '[[a]]\nsource = "s"', '[[a]]\nsource = "s"\nconfidence = "high"\nx = 07:32:00',
        '[[a]]\nsource = "s"\nconfidence = "high"\nfrom = 2020-01-02\nuntil = 2020-01-01',
    ],
)  # fmt: skip
def test_rows_refused(text: str) -> None:
    with pytest.raises(PolicyError):
        policy.parse(text)


def test_version_follows_meaning_not_spelling() -> None:
    loaded = policy.parse(RULE)
    assert loaded.version == policy.parse("# a remark\n" + RULE).version
    assert loaded.version != policy.parse(RULE.replace("least = 3", "least = 4")).version
    assert loaded.version != policy.parse(RULE.replace('source = "b"', 'source = "c"')).version
    assert len(loaded.version) == 64


def test_every_published_row_has_source_and_confidence() -> None:
    for table, rows in POLICY.tables.items():
        assert rows, table
        for row in rows:
            assert row["source"] == DEFAULT or row["confidence"]


@pytest.mark.parametrize("condition", ["in_catalogue", "filed", "otherwise"])
def test_one_kind_on_every_day(condition: str) -> None:
    day = date(2015, 1, 1)
    while day < date(2030, 1, 1):
        assert len(list(POLICY.rows("kinds", day, when=condition))) == 1
        day += timedelta(days=97)


def test_words_are_complete_and_agree() -> None:
    for code, row in words.table().items():
        found = {
            language: set(re.findall(r"\{(\w+)\}", row[language])) for language in ("zh", "en")
        }
        assert found["zh"] == found["en"], code
        assert words.who_name(row["who"], "zh") and words.who_name(row["who"], "en")


def test_every_reason_in_the_code_is_in_the_table() -> None:
    table = words.table()
    found = set()
    for path in PACKAGE.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(call, ast.Call)
                and isinstance(call.func, ast.Name)
                and call.func.id == "reason"
                and call.args
                and isinstance(call.args[0], ast.Constant)
            ):
                code = call.args[0].value
                found.add(code)
                given = {keyword.arg for keyword in call.keywords}
                if None not in given:
                    assert given == words.placeholders(code), f"{path.name}: {code}"
    assert found <= set(table)
    assert len(found) > 60


def test_every_word_is_used() -> None:
    text = "".join(
        path.read_text("utf-8") for path in PACKAGE.rglob("*.py") if "locale" not in path.parts
    )
    unused = [code for code in words.table() if f'"{code}"' not in text]
    assert unused == []


def test_reasons_are_checked_when_made() -> None:
    with pytest.raises(KeyError):
        reason("no_such_code")
    with pytest.raises(KeyError):
        reason("identity_area")
    with pytest.raises(KeyError):
        reason("missing", "name", extra=1)


def test_a_parameter_is_never_a_template() -> None:
    found = reason("occupation_unknown", "occupation", occupation="{name}{0}")
    assert "“{name}{0}”" in found.sentence("zh")


def test_in_words() -> None:
    found = (reason("missing", "name"), reason("too_many_rows", most=3))
    assert in_words(found, {"name": "姓名"}) == (
        "姓名：这一格必须填写（站点登记员处理）；数据超过3行，请分成几份上传（站点登记员处理）"
    )
    assert in_words(found[:1], {}, "en") == ("This cell must be filled in (the site's registrar)")

"""Words: rules of the first screen, every verdict and code spoken for, placeholders filled."""

import re
from dataclasses import replace
from datetime import date

import pytest

from tests.world import facts
from verifier import words
from verifier.report import CHECKS, Report, Verdict
from verifier.verdict import RULES, STEPS
from verifier.words import TEXTS

ENTRIES = {**TEXTS["verdicts"], "no_match": TEXTS["no_match"]}
FORBIDDEN = {
    "zh": re.compile("签名|密钥|状态列表|公钥|哈希"),
    "en": re.compile(r"\b(signature|key|status list|hash)\b", re.I),
}
ASKS = {
    "zh": re.compile(r"\{phone\}|\{body\}|\{issuer\}|\{site\}|发证单位"),
    "en": re.compile(r"\{phone\}|\{body\}|\{issuer\}|\{site\}|issuer"),
}
PLACEHOLDERS = {
    "issuer", "time", "date", "authority", "ground", "body", "phone", "until", "number", "version",
    "last_known", "site",
}  # fmt: skip


@pytest.mark.parametrize("name", ENTRIES)
@pytest.mark.parametrize("language", words.LANGUAGES)
def test_rules_of_the_first_screen(name, language):
    told = ENTRIES[name][language]
    whole = told["headline"] + "".join(told["sentence"]) + "".join(told["action"])
    assert not FORBIDDEN[language].search(whole)
    assert language == "en" or len(told["headline"]) <= 8
    assert language == "en" or "伪造" not in whole
    for part in ("sentence", "action"):
        assert not re.search(r"\{", told[part][-1]), "the last variant must stand alone"
        for variant in told[part]:
            assert set(re.findall(r"\{([a-z_0-9]+)\}", variant)) <= PLACEHOLDERS
    if name not in ("valid", "genuine"):
        assert all(ASKS[language].search(action) for action in told["action"])


def test_every_decision_has_words():
    for rule in RULES:
        assert f"{rule.verdict}.{rule.reason}" in ENTRIES or rule.verdict in ENTRIES
        report = Report(verdict=rule.verdict, reason=rule.reason, form="qr", at=0, steps=())
        assert words.words(report)["zh"]["headline"]


def test_every_code_check_and_notice_has_words():
    reachable = {code for code in STEPS if code != "readable.stopped"}
    applicable = {code for code in reachable
                  if not code.endswith(".not_applicable") or code in TEXTS["codes"]}  # fmt: skip
    assert set(TEXTS["codes"]) == applicable
    assert list(TEXTS["checks"]) == list(CHECKS)
    for group in ("codes", "checks", "notices", "states", "labels", "match", "outcomes", "kinds"):
        assert all(entry["zh"] and entry["en"] for entry in TEXTS[group].values())


def test_colour_never_stands_alone():
    """Two verdicts of one colour differ in shape or in words."""
    seen = {(entry["icon"], entry["colour"], entry["zh"]["headline"], entry["zh"]["sentence"][0])
            for entry in ENTRIES.values()}  # fmt: skip
    assert len(seen) == len(ENTRIES)


REVOKED = Report(
    verdict=Verdict.REVOKED, reason="revoked", form="qr", at=0, steps=(), facts=facts(),
    note={
        "date": "2026-11-23", "authority": {"zh": "某省厅", "en": "Department"},
        "ground": {"code": "x", "zh": "冒名顶替", "en": "impersonation"},
        "appeal": {"body": "某省政府", "until": "2027-01-22"}, "replacement": None, "phone": None,
    },
)  # fmt: skip


def test_placeholders_are_filled_or_dropped():
    told = words.words(REVOKED)
    assert (
        told["zh"]["sentence"]
        == "证书发过，但2026年11月23日被某省厅撤销，不能再用。原因：冒名顶替。"
    )
    assert told["en"]["action"].endswith("appeal to 某省政府 by 22 January 2027.")
    bare = words.words(replace(REVOKED, note=None))
    assert bare["zh"]["sentence"] == "证书发过，但已被撤销，不能再用。"
    assert not any("{" in bare[language][part] for language in words.LANGUAGES
                   for part in ("sentence", "action"))  # fmt: skip


def test_expired_says_the_last_day():
    report = Report(verdict=Verdict.EXPIRED, reason=None, form="qr", at=0, steps=(),
                    facts=facts(valid_until=date(2026, 12, 22)), issuer_name="甲")  # fmt: skip
    told = words.words(report)
    assert told["zh"]["sentence"] == "证书是真的，有效期到2026年12月22日（含当天）为止。"
    assert "up to and including 22 December 2026" in told["en"]["sentence"]


def test_the_callers_phone_is_a_fallback():
    report = Report(verdict=Verdict.FORGED, reason=None, form="qr", at=0, steps=())
    assert "12345" in words.words(report, {"phone": "12345"})["zh"]["action"]
    with_phone = replace(report, phone="999")
    assert "999" in words.words(with_phone, {"phone": "12345"})["zh"]["action"]


def test_times_are_of_shanghai():
    assert words.instant_words(1795320000, "zh") == "2026年11月22日 12:00"
    assert words.instant_words(1795320000 + 12 * 3600, "en") == "23 November 2026, 00:00"

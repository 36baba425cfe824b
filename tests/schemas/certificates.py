"""One invented certificate, and any number of random ones that use every option."""

import random
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from schemas.certificate import Certificate, Facts, Kind, Names

SAMPLE = Certificate(
    facts=Facts(
        base="https://certs.example.gov.cn",
        uuid=UUID("6f0a1f0e-8a0c-4f3b-9c55-0d6a4c9f7e21"),
        issuer="jst.example.gov.cn",
        number="Y001011999966263000001",
        version=1,
        kind=Kind.LEVEL,
        name="欧阳娜娜",
        last4="002X",
        occupation="6-29-01-04",
        occupation_name="钢筋工",
        level="3",
        work_type="020",
        site="72003018",
        assessed=date(2026, 11, 15),
        awarded=date(2026, 11, 22),
        valid_from=None,
        valid_until=None,
        signed_at=1795320000,
        status_list=42,
        status_index=94567,
    ),
    names=Names(
        issuer="某省住房和城乡建设职业技能鉴定实施机构",
        issuer_url="https://jst.example.gov.cn",
        centre="住房和城乡建设部执业资格注册中心",
        site="某市建筑职业技能鉴定站",
        occupation_en="Reinforcing Bar Worker",
        level="三级/高级工",
        level_en="Level 3 (Senior Skilled Worker)",
        work_type="钢筋工",
        framework="中华人民共和国职业分类大典（2022年版）",
        description="Cuts, bends, ties and places reinforcing bars for concrete structures.",
        criteria="Theory and practical examination, each at least 60 of 100 points.",
        batch="22119999660044",
        review=False,
    ),
)

_HAN = "钢筋木瓦匠架子工欧阳娜买提吐尔逊㛃䶮𡋤𢛳测试样本"
_LATIN = "AaBbÉéZz·'-"
_MORE = '0123456789.,:;/()%&+#@?!*=_<>"[]~，。（）：、％'


def change(certificate: Certificate, **values: Any) -> Certificate:
    """A copy with other facts or names, by field name.

    ``work_type`` is both a code and a name; None takes both away, a text changes the name.
    """
    shared = values.get("work_type", "") is not None
    facts = {
        key: value
        for key, value in values.items()
        if hasattr(certificate.facts, key) and not (key == "work_type" and shared)
    }
    names = {
        key: value
        for key, value in values.items()
        if hasattr(certificate.names, key) and key not in ("issuer", "site", "level")
    }
    assert facts.keys() | names.keys() == values.keys()
    return Certificate(
        facts=replace(certificate.facts, **facts), names=replace(certificate.names, **names)
    )


def words(rng: random.Random, most: int, alphabet: str = _HAN + _LATIN + _MORE) -> str:
    """A text of one to ``most`` characters that may hold single spaces inside."""
    letters = [rng.choice(alphabet) for _ in range(rng.randint(1, most))]
    for place in range(1, len(letters) - 1):
        if rng.random() < 0.1 and letters[place - 1] != " ":
            letters[place] = " "
    return "".join(letters)


def some(rng: random.Random) -> Certificate:
    """A random certificate that may be stated."""
    facts = _facts(rng)
    return Certificate(
        facts=facts,
        names=Names(
            issuer=words(rng, 30),
            issuer_url=rng.choice(["https://jst.example.gov.cn", "http://a.example/b?c=d&e=%20#f"]),
            centre=words(rng, 30),
            site=words(rng, 30),
            occupation_en=words(rng, 20),
            level=words(rng, 8),
            level_en=words(rng, 20),
            work_type=None if facts.work_type is None else words(rng, 8, _HAN),
            framework=words(rng, 30),
            description=words(rng, 100),
            criteria=words(rng, 100),
            batch=words(rng, 14),
            review=rng.random() < 0.3,
        ),
    )


def _facts(rng: random.Random) -> Facts:
    assessed = date(1995, 1, 1) + timedelta(days=rng.randrange(40000))
    awarded = assessed + timedelta(days=rng.randrange(60))
    later = awarded + timedelta(days=rng.randrange(1, 100))
    return Facts(
        base=rng.choice(
            ["https://certs.example.gov.cn", "http://127.0.0.1:8000", "https://z-9.example"]
        ),
        uuid=UUID(int=rng.getrandbits(128), version=4),
        issuer=rng.choice(["72", "jst.example.gov.cn", "a_b-c"]),
        number=rng.choice(["Y001011999966263000001", "1910012003400001", "PX-2026-000123"]),
        version=rng.choice([1, 1, 2, 65535]),
        kind=rng.choice(list(Kind)),
        name=words(rng, 20, _HAN + _LATIN),
        last4=f"{rng.randrange(1000):03d}{rng.choice('0123456789X')}",
        occupation=rng.choice(["6-29-01-04", "4-04-05-04", "020", "SPOP-01"]),
        occupation_name=words(rng, 12),
        level=rng.choice(["1", "2", "3", "4", "5", "T"]),
        work_type=rng.choice([None, "020", "901"]),
        site=rng.choice(["72003018", "00000001", "site-9"]),
        assessed=assessed,
        awarded=awarded,
        valid_from=rng.choice([None, later]),
        valid_until=rng.choice([None, later, later + timedelta(days=400)]),
        signed_at=rng.randrange(7258118400),
        status_list=rng.randrange(2**31),
        status_index=rng.randrange(2**17),
    )

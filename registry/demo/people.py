"""Sixty-odd candidates whose names and numbers are plainly samples: area code 000000 throughout."""

import random
from dataclasses import dataclass
from datetime import date, timedelta

RARE = (
    "王㛃",
    "李䶮",
    "赵𡋤",
    "买买提·吐尔逊",
    "阿卜杜热合曼·阿卜杜克热木·买买提吐尔逊",
    "欧阳示例娜娜",
)
"""Names that printing and typing must survive."""

_STEMS, _BRANCHES = "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True, slots=True)
class Person:
    """A sample person."""

    name: str
    identity: str


def number(born: date, sequence: int) -> str:
    """An 18-digit number of area 000000 with its check digit (GB 11643)."""
    body = f"000000{born:%Y%m%d}{sequence:03d}"
    total = sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True))
    return body + "10X98765432"[total % 11]


def people(count: int, seed: int) -> list[Person]:
    """``count`` sample persons, the rare names first; the same seed gives the same people."""
    chance = random.Random(seed)
    names = list(RARE) if seed == 0 else []
    cycle = [f"示例{stem}{branch}" for stem in _STEMS for branch in _BRANCHES]
    chance.shuffle(cycle)
    names += cycle
    born = [date(1970, 1, 1) + timedelta(days=chance.randrange(12000)) for _ in range(count)]
    return [
        Person(name, number(day, (seed * 37 + place) % 1000))
        for place, (name, day) in enumerate(zip(names[:count], born, strict=True), start=1)
    ]

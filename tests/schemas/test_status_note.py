import random
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from schemas import jcs, status_note
from schemas.certificate import State
from schemas.errors import FormatError, NewerFormatError, NotOurProfileError
from schemas.status_note import Appeal, Authority, Ground, Replacement, StatusNote

NOTE = StatusNote(
    uri="https://certs.example.gov.cn/s/42", index=94567, state=State.REVOKED, sequence=7,
    cose=bytes(range(32)), jcs=bytes(range(32, 64)), decided=date(2026, 11, 22),
    authority=Authority(id="jst.example.gov.cn", zh="某省住房和城乡建设厅", en="Sample department"),
    ground=Ground(code="impersonation", zh="他人代考", en="Someone else sat the test"),
    appeal=Appeal(body="某省人民政府", until=date(2027, 1, 21)), phone="12329",
)  # fmt: skip
REPLACED = replace(
    NOTE, state=State.SUPERSEDED, ground=None, appeal=None, phone=None,
    authority=Authority(id=None, zh="某省住房和城乡建设厅", en="Department (sample)"),
    replacement=Replacement(
        number="Y001011999966263000001", version=2,
        page="https://certs.example.gov.cn/c/6f0a1f0e8a0c4f3b",
    ),
)  # fmt: skip


def test_known_text() -> None:
    assert status_note.text(REPLACED) == (
        "hallmark-status-note/1\n"
        '{"appeal":null,"authority":{"en":"Department (sample)","id":null,'
        '"zh":"某省住房和城乡建设厅"},"date":"2026-11-22","forms":{"cose":"'
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
        '","jcs":"202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"},'
        '"ground":null,"index":94567,"list":"https://certs.example.gov.cn/s/42","phone":null,'
        '"replacement":{"number":"Y001011999966263000001","page":'
        '"https://certs.example.gov.cn/c/6f0a1f0e8a0c4f3b","version":2},"sequence":7,"state":12}\n'
    )


@pytest.mark.parametrize(
    "note", [NOTE, REPLACED, replace(NOTE, state=State.SUSPENDED, ground=None)]
)
def test_note_and_back(note: StatusNote) -> None:
    assert status_note.parse(status_note.text(note)) == note


def edited(path: str, item: Any) -> str:
    body = jcs.load(status_note.text(NOTE).split("\n")[1])
    target, keys = body, path.split(".")
    for key in keys[:-1]:
        target = target[key]
    if item is ...:
        del target[keys[-1]]
    else:
        target[keys[-1]] = item
    return f"{status_note.FIRST_LINE}\n{jcs.canonical(body).decode()}\n"


REFUSED: list[tuple[str, Any]] = [
    ("list", "https://a.example/b/1"), ("list", None), ("index", -1), ("index", "1"),
    ("index", True), ("state", 3), ("state", True), ("state", "1"), ("state", 12), ("sequence", 0),
    ("forms", None), ("forms.cose", "0" * 63), ("forms.cose", "A" * 64), ("forms.jcs", 1),
    ("forms.more", "0" * 64), ("date", "2026-11-31"), ("date", 1), ("authority", None),
    ("authority.id", "a/b"), ("authority.id", 1), ("authority.zh", ""), ("authority.en", None),
    ("authority.more", 1), ("ground", "x"), ("ground.code", "a b"), ("ground.zh", "甲\u202e"),
    ("ground.en", "x" * 301), ("appeal.until", "2027"), ("appeal.body", 1), ("appeal", []),
    ("replacement", {"number": 1, "version": 2, "page": "https://a.example/c/12345678"}),
    ("replacement", {"number": "Y0010119", "version": 0, "page": "https://a.example/c/12345678"}),
    ("replacement", {"number": "Y0010119", "version": 2, "page": "https://a.example/x"}),
    ("replacement", {"number": "Y0010119", "version": 2, "page": "javascript:alert(1)/c/12345678"}),
    ("replacement", {"number": "Y0010119", "version": 2, "page": None}),
    ("phone", ""), ("phone", "call me"), ("phone", 12329), ("phone", ...), ("more", 1),
]  # fmt: skip


@pytest.mark.parametrize(("path", "item"), REFUSED)
def test_other_notes_are_refused(path: str, item: Any) -> None:
    with pytest.raises(FormatError):
        status_note.parse(edited(path, item))


def test_another_spelling_is_refused() -> None:
    text = status_note.text(NOTE)
    for changed in (
        text[:-1], text + "\n", text + "x", text.replace('":', '": ', 1),
        text.replace("\n", "\r\n"),
        text.replace("某", "\\u67d0", 1), text.replace("/s/42", "\\/s/42"),
        text.replace("7,", "7.0,"),
        text.replace('"index":94567,', '"index":94567,"index":94567,'), text.replace("{", "[", 1),
        text[:23] + text[24:], text.split("\n")[0] + "\n", text.split("\n")[0] + "\n\n",
    ):  # fmt: skip
        assert changed != text
        with pytest.raises(FormatError):
            status_note.parse(changed)


def test_versions_and_other_texts_are_told_apart() -> None:
    text = status_note.text(NOTE)
    with pytest.raises(NewerFormatError):
        status_note.parse(text.replace("note/1", "note/2", 1))
    for other in ("", "\n", "hallmark-trust-list/1\n{}\n", text.replace("note/1", "note/01", 1)):
        with pytest.raises(NotOurProfileError):
            status_note.parse(other)


def test_what_could_not_be_read_is_not_written() -> None:
    for change in (
        {"state": State.SUPERSEDED}, {"phone": "x"}, {"cose": b""}, {"index": -1}, {"uri": "x"},
        {"decided": date(1960, 1, 1)}, {"ground": Ground(code="", zh="甲", en="a")},
    ):  # fmt: skip
        with pytest.raises(FormatError):
            status_note.text(replace(NOTE, **change))


def test_random_edits_print_back_or_are_refused() -> None:
    rng = random.Random(5)
    text = status_note.text(NOTE)
    for _ in range(5000):
        place = rng.randrange(len(text))
        letter = chr(rng.choice([rng.randrange(32, 127), rng.randrange(0x110000)]))
        changed = text[:place] + rng.choice(["", letter]) + text[place + rng.randint(0, 2) :]
        try:
            note = status_note.parse(changed)
        except FormatError:
            continue
        assert status_note.text(note) == changed

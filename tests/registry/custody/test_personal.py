"""ID numbers at rest: bound to row and key name, found by a keyed hash."""

import random
from pathlib import Path

import pytest

from keys.sealed import Cost
from registry.config import Config
from registry.custody import store
from registry.custody.personal import Personal, PersonalKey, PersonalKeyError
from registry.rules.identity import Identity
from tests.registry.office import citizen

OLD, NEW = PersonalKey("personal.1", b"1" * 32), PersonalKey("personal.2", b"2" * 32)
NUMBER = "11010519491231002X"


def keys(*found: PersonalKey) -> Personal:
    return Personal(found, random.Random(1).randbytes)


def test_a_number_opens_for_its_own_row_only() -> None:
    personal = keys(OLD)
    sealed = personal.seal(NUMBER, "results", "a")
    assert personal.open(sealed, "results", "a", "personal.1") == NUMBER
    for table, row in (("results", "b"), ("persons", "a")):
        with pytest.raises(PersonalKeyError):
            personal.open(sealed, table, row, "personal.1")


@pytest.mark.parametrize("position", range(0, 58, 3))
def test_a_changed_byte_does_not_open(position: int) -> None:
    personal = keys(OLD)
    sealed = bytearray(personal.seal(NUMBER, "results", "a"))
    sealed[position] ^= 1
    with pytest.raises(PersonalKeyError):
        personal.open(bytes(sealed), "results", "a", "personal.1")


@pytest.mark.parametrize("length", [0, 1, 23, 24, 39])
def test_a_cut_does_not_open(length: int) -> None:
    sealed = keys(OLD).seal(NUMBER, "results", "a")[:length]
    with pytest.raises(PersonalKeyError):
        keys(OLD).open(sealed, "results", "a", "personal.1")


def test_keys_rotate() -> None:
    sealed = keys(OLD).seal(NUMBER, "results", "a")
    both = keys(NEW, OLD)
    assert both.current == "personal.2"
    assert both.open(sealed, "results", "a", "personal.1") == NUMBER
    with pytest.raises(PersonalKeyError, match="not at hand"):
        keys(NEW).open(sealed, "results", "a", "personal.1")
    with pytest.raises(PersonalKeyError):
        both.open(sealed, "results", "a", "personal.2")
    assert keys(OLD).lookup(citizen(1)) in both.lookups(citizen(1))


def test_a_code_of_the_old_key_is_found_under_the_new_one() -> None:
    both = keys(NEW, OLD)
    assert both.code_hash("CODE") == keys(NEW).code_hash("CODE") != keys(OLD).code_hash("CODE")
    assert keys(OLD).code_hash("CODE") in both.code_hashes("CODE")


def test_the_tenth_key_comes_after_the_ninth(tmp_path: Path) -> None:
    secret = tmp_path / "passphrase"
    secret.write_text("a passphrase of a test\n", "utf-8")
    secret.chmod(0o600)
    given = {"HALLMARK_PERSONAL_PASSPHRASE_FILE": str(secret)}
    config = Config.for_folder(tmp_path, given)
    for name in ("personal.2", "personal.10", "personal.9"):
        store.create(config, name, cost=Cost(1, 8 * 2**20))
    opened = store.open_personal(config)
    assert [key.name for key in opened.keys] == ["personal.10", "personal.9", "personal.2"]
    assert opened.current == "personal.10"


def test_look_ups_tell_kinds_and_numbers_apart() -> None:
    personal = keys(OLD)
    found = {
        personal.lookup(Identity("resident_id", NUMBER)),
        personal.lookup(Identity("passport", NUMBER)),
        personal.lookup(citizen(1)),
        keys(NEW).lookup(citizen(1)),
        personal.code_hash(NUMBER),
    }
    assert len(found) == 5
    assert personal.lookup(citizen(1)) == keys(OLD).lookup(citizen(1))


def test_a_secret_is_not_shown() -> None:
    assert "1111" not in repr(keys(OLD))


@pytest.mark.parametrize("found", [(), (OLD, OLD)])
def test_keys_have_names_of_their_own(found: tuple[PersonalKey, ...]) -> None:
    with pytest.raises(ValueError, match="name of its own"):
        keys(*found)
    with pytest.raises(ValueError, match="32 bytes"):
        PersonalKey("short", b"1")

import hashlib
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import cbor, log_entry
from schemas.certificate import State
from schemas.errors import FormatError, NewerFormatError
from schemas.log_entry import Entry, EntryKind, StatusChange, Voiding

COSE, JCS = hashlib.sha256(b"cose").digest(), hashlib.sha256(b"jcs").digest()
UUID_ = UUID("6f0a1f0e-8a0c-4f3b-9c55-0d6a4c9f7e21")
CHANGE = StatusChange(
    nonce=bytes(range(16)), uuid=UUID_, state=State.REVOKED, sequence=1, at=1795320000,
    authority="jst.example.gov.cn", ground="impersonation",
    predecessor=log_entry.issued(COSE, JCS).commitment,
)  # fmt: skip


def test_an_issued_entry_commits_to_both_forms() -> None:
    commitment = hashlib.sha256(b"hallmark/entry/issued/1\0" + COSE + JCS).digest()
    assert log_entry.issued(COSE, JCS).encode() == b"\x01\x01" + commitment
    assert log_entry.issued(JCS, COSE) != log_entry.issued(COSE, JCS)


def test_a_status_entry_commits_to_every_field() -> None:
    content = {1: CHANGE.nonce, 2: UUID_.bytes, 3: 1, 4: 1, 5: 1795320000, 6: "jst.example.gov.cn"}
    content |= {7: "impersonation", 8: CHANGE.predecessor}
    commitment = hashlib.sha256(b"hallmark/entry/status/1\0" + cbor.encode(content)).digest()
    assert log_entry.status(CHANGE) == Entry(EntryKind.STATUS, commitment)
    changes = [
        {"nonce": bytes(16)}, {"uuid": UUID(int=1)}, {"state": State.SUSPENDED}, {"sequence": 2},
        {"at": 1}, {"authority": "x"}, {"ground": None}, {"predecessor": bytes(32)},
    ]  # fmt: skip
    others = {log_entry.status(replace(CHANGE, **change)).commitment for change in changes}
    assert len(others) == len(changes)
    assert commitment not in others


def test_a_voided_entry_commits_to_serial_time_and_ground() -> None:
    voiding = Voiding(nonce=bytes(16), uuid=UUID_, at=1795320000, ground="refused")
    content = {1: bytes(16), 2: UUID_.bytes, 5: 1795320000, 7: "refused"}
    commitment = hashlib.sha256(b"hallmark/entry/voided/1\0" + cbor.encode(content)).digest()
    assert log_entry.voided(voiding).encode() == b"\x01\x02" + commitment


def test_the_same_content_differs_by_kind() -> None:
    kinds = [kind for kind in EntryKind if kind is not EntryKind.ISSUED]
    entries = {log_entry.entry(kind, {1: bytes(16), 2: 1}).commitment for kind in kinds}
    assert len(entries) == len(kinds) == 8
    assert EntryKind.TRUST_LIST.label == b"hallmark/entry/trust-list/1"


@given(st.sampled_from(EntryKind), st.binary(min_size=32, max_size=32))
def test_entry_and_back(kind: EntryKind, commitment: bytes) -> None:
    data = Entry(kind, commitment).encode()
    assert len(data) == log_entry.SIZE
    assert log_entry.parse(data) == Entry(kind, commitment)


@given(st.binary(max_size=40))
def test_any_bytes_print_back_or_are_refused(data: bytes) -> None:
    try:
        entry = log_entry.parse(data)
    except FormatError:
        return
    assert entry.encode() == data


def test_lengths_versions_and_kinds() -> None:
    data = log_entry.issued(COSE, JCS).encode()
    for bad in (b"", data[:-1], data + b"\0", b"\0" + data[1:], b"\1\0" + data[2:]):
        with pytest.raises(FormatError) as refused:
            log_entry.parse(bad)
        assert not isinstance(refused.value, NewerFormatError)
    for newer in (b"\2" + data[1:], b"\2", b"\1\x0a" + data[2:]):
        with pytest.raises(NewerFormatError):
            log_entry.parse(newer)


def test_entries_without_entropy_are_not_made() -> None:
    for content in ({}, {1: b""}, {1: bytes(15)}, {2: bytes(16)}):
        with pytest.raises(FormatError):
            log_entry.entry(EntryKind.POLICY, content)
    with pytest.raises(FormatError):
        log_entry.entry(EntryKind.ISSUED, {1: bytes(16)})
    with pytest.raises(FormatError):
        log_entry.issued(COSE[:31], JCS)
    with pytest.raises(FormatError):
        Entry(EntryKind.ISSUED, b"").encode()

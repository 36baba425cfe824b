"""Sealed streams: whole and unchanged, or refused; for one key and of one kind."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keys import stream
from keys.errors import SealedStreamError
from keys.signer import KeyPair
from keys.stream import Label, Writer

PAIR = KeyPair.from_seed(bytes(32))
OTHER = KeyPair.from_seed(bytes([1]) * 32)
MESSAGES = [b"first", b"", b"second" * 50, b"last"]


def sealed(messages=MESSAGES, kind="example"):
    out = io.BytesIO()
    writer = Writer(out, Label(kind, PAIR.public))
    for each in messages[:-1]:
        writer.write(each)
    writer.finish(messages[-1])
    return out.getvalue()


def read(data, kind="example", pair=PAIR):
    return list(stream.read(io.BytesIO(data), kind, pair))


@settings(deadline=None, max_examples=30)
@given(st.lists(st.binary(max_size=200), min_size=1, max_size=6))
def test_what_was_written_is_read(messages):
    assert read(sealed(messages)) == messages


def test_the_same_messages_are_never_sealed_alike():
    assert sealed() != sealed()
    assert b"second" not in sealed()


DATA = sealed()


def test_every_cut_is_noticed():
    for at in range(len(DATA)):
        with pytest.raises(SealedStreamError):
            read(DATA[:at])


def test_every_changed_byte_is_noticed():
    for at in range(len(DATA)):
        for bit in (1, 128):
            changed = bytearray(DATA)
            changed[at] ^= bit
            with pytest.raises(SealedStreamError):
                read(bytes(changed))


def test_bytes_after_the_end_are_noticed():
    with pytest.raises(SealedStreamError, match="goes on"):
        read(DATA + b"\\0")


def parts(data):
    """Head of a stream, and its sealed messages with their lengths."""
    at = len(Label("example", PAIR.public).text()) + 80 + 24
    head, found = data[:at], []
    while at < len(data):
        end = at + 4 + int.from_bytes(data[at : at + 4], "big")
        found.append(data[at:end])
        at = end
    return head, found


@pytest.mark.parametrize("order", [(1, 0, 2, 3), (0, 0, 1, 2, 3), (0, 2, 3), (3,)])
def test_messages_in_another_order_are_noticed(order):
    head, found = parts(DATA)
    assert len(found) == 4
    with pytest.raises(SealedStreamError):
        read(head + b"".join(found[each] for each in order))


def test_a_stream_for_another_key_or_of_another_kind_says_so():
    with pytest.raises(SealedStreamError, match="sealed for the key"):
        read(DATA, pair=OTHER)
    with pytest.raises(SealedStreamError, match="not a backup"):
        read(DATA, kind="backup")
    with pytest.raises(SealedStreamError, match="does not begin"):
        read(b"PK\\x03\\x04")


def test_a_message_that_claims_to_be_endless_is_not_read():
    head, _ = parts(DATA)
    with pytest.raises(SealedStreamError, match="no message has"):
        read(head + b"\\xff\\xff\\xff\\xff" + bytes(64))

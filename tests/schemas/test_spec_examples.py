"""The examples in the written formats are what the code reads and writes."""

import hashlib
import re
from pathlib import Path

from keys import cose
from keys.signer import KeyPair
from schemas import log_entry, qr, status_note, tile, token_status
from schemas.certificate import State
from tests.schemas.test_qr import FACTS

SPEC = Path(qr.__file__).parent / "spec"
KEY = KeyPair.from_seed(hashlib.sha256(b"spike").digest())
JCS = bytes.fromhex("691b8f88c06cb8b4d0b742db2f4f161567d51c3d3f174c06f534cf8ed539c8a1")


def block(page: str, language: str) -> str:
    """The first fenced block of that language on a page."""
    found = re.search(rf"^```{language}\n(.*?)\n```$", (SPEC / page).read_text(), re.S | re.M)
    assert found is not None
    return found[1]


def octets(page: str) -> bytes:
    return bytes.fromhex(block(page, "hex").replace("\n", ""))


def test_qr() -> None:
    sealed = octets("qr.md")
    assert cose.seal(qr.claims(FACTS), KEY, qr.TYP) == sealed
    assert qr.parse(cose.open(sealed, KEY.public, typ=qr.TYP)) == FACTS
    text = block("qr.md", "text").replace("\n", "")
    assert text == qr.text(FACTS.base, sealed)
    assert f"`{hashlib.sha256(sealed).hexdigest()}`" in (SPEC / "qr.md").read_text()


def test_status_list() -> None:
    payload = cose.open(octets("status-lists.md"), KEY.public, typ=token_status.TYP)
    found = token_status.parse(payload)
    assert found.uri == FACTS.status_uri
    states = [State.VALID, State.REVOKED, State.SUSPENDED, State.CANCELLED]
    assert [found.state(index) for index in range(4)] == states
    assert found.size == 64
    assert (found.sequence, found.least_trust, found.ttl) == (7, 3, 300)


def test_tile_note_and_entry_belong_to_the_certificate() -> None:
    digest = hashlib.sha256(octets("qr.md")).digest()
    assert octets("issued-tile.md") == tile.record(digest, JCS)
    assert octets("log-entry.md") == log_entry.issued(digest, JCS).encode()
    text = block("status-note.md", "text").partition("\n\n")[0] + "\n"
    found = status_note.parse(text)
    assert (found.cose, found.jcs) == (digest, JCS)
    assert (found.uri, found.index) == (FACTS.status_uri, FACTS.status_index)

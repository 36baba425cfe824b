"""Cases of documents that are no certificates: ``genuine`` at best."""

from collections.abc import Iterator
from dataclasses import replace

from keys import note
from schemas.certificate import State
from schemas.trust import Closed
from tests.conformance.case import Case
from tests.world import BASE, HOLDERS, NOW, PUBLISHED, SIGNED, World, pair


def cases() -> Iterator[Case]:
    world = World()
    world.keys["stolen-status"] = replace(
        world.keys["status"], name="stolen-status", public=pair("stolen-status").public.raw,
        closed=Closed(why="stolen", at=SIGNED),
    )  # fmt: skip
    made = world.issue()
    tree, root = world.publish(), world.root_note
    trust = {path: data for path, data in tree.items() if path.startswith("/trust/")}
    good = {"verdict": "genuine", "root": root, "files": trust}
    yield Case(name="document-status-list", given=tree["/s/1"], **good)
    yield Case(name="document-issued-tile", given=tree["/i/1/92"], **good)
    yield Case(name="document-bitstring-list", given=tree["/b/1"].decode(), **good)
    yield Case(name="document-trust-list", given=tree["/trust/1"], **good)
    yield Case(name="document-root", given=root, **good)
    yield Case(name="document-note", given=world.note(made, State.REVOKED), **good)
    yield Case(name="document-status-list-stale", given=tree["/s/1"], at=NOW + 9 * 86400,
               notices=("stale_document",), **good)  # fmt: skip
    bad = {"verdict": "forged", "code": "signature.bad", "root": root, "files": trust}
    bent = bytearray(tree["/s/1"])
    bent[-1] ^= 1
    yield Case(name="document-status-list-bent", given=bytes(bent), **bad)
    yield Case(name="document-note-bent", **bad,
               given=world.note(made, State.REVOKED).replace(b"11-23", b"11-24"))  # fmt: skip
    yield Case(name="document-bitstring-list-bent", **bad,
               given=tree["/b/1"].decode().replace("#list", "#list", 1).replace(
                   '"validFrom":"2026-11-22T04:10:00Z"', '"validFrom":"2026-11-22T04:10:01Z"'),
               )  # fmt: skip
    thieves = note.sign(note.parse(tree["/trust/1"]).text, [(HOLDERS[0], pair(HOLDERS[0]))])
    yield Case(name="document-trust-list-one-holder", given=thieves, **bad)
    out = {"verdict": "untrusted_issuer", "root": root, "files": trust}
    yield Case(name="document-status-list-issuer-key", reason="out_of_scope", code="scope.role",
               given=world.status_list(BASE, 1, PUBLISHED, key="issuer"), **out)  # fmt: skip
    yield Case(name="document-status-list-early", reason="out_of_scope", code="scope.window",
               given=world.status_list(BASE, 1, world.keys["status"].start - 1),
               **out)  # fmt: skip
    yield Case(name="document-status-list-stolen", reason="stolen", code="scope.stolen",
               given=world.status_list(BASE, 1, PUBLISHED, key="stolen-status"),
               **out)  # fmt: skip
    yield Case(name="document-status-list-unknown-key", reason="unknown", code="key.unknown",
               given=world.status_list(BASE, 1, PUBLISHED, key="thief"), **out)  # fmt: skip
    yield Case(name="document-note-unknown-key", reason="unknown", code="key.unknown",
               given=world.note(made, State.REVOKED, key="thief"), **out)  # fmt: skip
    yield Case(name="document-no-root", given=tree["/s/1"], root=None, files={},
               verdict="undetermined", reason="no_trust", code="trust.none")  # fmt: skip
    yield Case(name="document-list-unknown-header", root=root, files=trust,
               given=tree["/trust/1"].replace(b"trust-list/1", b"trust-list/2"),
               verdict="unrecognised", reason="newer", code="readable.newer")  # fmt: skip

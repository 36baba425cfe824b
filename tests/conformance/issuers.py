"""Cases of lines 2 to 7: trust list, key, signature, scope, issued tile."""

from collections.abc import Iterator
from dataclasses import replace

from keys import note
from schemas.certificate import Kind
from schemas.trust import Closed, Location
from tests.conformance.case import Case
from tests.world import BASE, DAY, HOLDERS, NOW, PUBLISHED, SIGNED, World, pair


def files(world: World, at: int = PUBLISHED) -> dict[str, bytes]:
    """The public tree without the lists for foreign verifiers, which no check reads."""
    tree = world.publish(at)
    return {path: data for path, data in tree.items() if not path.startswith("/b/")}


def cases() -> Iterator[Case]:
    yield from _trust()
    yield from _keys()
    yield from _scope()
    yield from _issued()


def _trust() -> Iterator[Case]:
    world = World()
    made = world.issue()
    tree = files(world)
    text, root = made.text, world.root_note
    none = {"verdict": "undetermined", "reason": "no_trust", "code": "trust.none"}
    spoilt = {"verdict": "undetermined", "reason": "trust_spoilt", "code": "trust.spoilt"}
    yield Case(name="trust-no-root", given=text, root=None, files=tree, **none)
    lists = {path: data for path, data in tree.items() if not path.startswith("/trust/")}
    yield Case(name="trust-no-list", given=text, root=root, files=lists, **none)
    one = note.sign(_text(tree["/trust/1"]), [(HOLDERS[0], pair(HOLDERS[0]))])
    yield Case(name="trust-one-holder", given=text, root=root,
               files=tree | {"/trust/1": one, "/trust/latest": one}, **spoilt)  # fmt: skip
    other = note.sign(_text(tree["/trust/1"]), [(name, pair("thief")) for name in HOLDERS])
    yield Case(name="trust-other-holders", given=text, root=root,
               files=tree | {"/trust/1": other, "/trust/latest": other}, **spoilt)  # fmt: skip
    yield Case(name="trust-list-older-than-seen", given=text, root=root, files=tree,
               seen={"/trust": 2}, **spoilt)  # fmt: skip
    stale = {"verdict": "undetermined", "reason": "trust_stale", "code": "trust.stale"}
    late = world.trust_issued + world.freshness.trust + 1
    fresh = world.publish(late - 60)
    yield Case(name="trust-stale", given=text, root=root, at=late,
               files=tree | {path: fresh[path] for path in lists}, **stale)  # fmt: skip
    yield Case(name="trust-last-fresh-second", given=text, root=root, at=late - 1,
               files=tree | {path: fresh[path] for path in lists}, verdict="valid")  # fmt: skip
    world.least_trust = 2
    yield Case(name="trust-least-version", given=text, root=root, files=files(world), **stale)
    world.least_trust = 1
    yield from _chain(world, text)


def _chain(world: World, text: str) -> Iterator[Case]:
    tree, root = files(world), world.root_note
    first = tree["/trust/1"]
    second = world.trust_list(2, _text(first))
    yield Case(name="trust-second-version", given=text, root=root, verdict="valid",
               files=tree | {"/trust/2": second, "/trust/latest": second})  # fmt: skip
    forked = world.trust_list(2, "another list\n")
    yield Case(name="trust-forked", given=text, root=root, verdict="undetermined",
               reason="trust_spoilt", code="trust.spoilt",
               files=tree | {"/trust/2": forked, "/trust/latest": forked})  # fmt: skip


def _text(signed: bytes) -> str:
    return note.parse(signed).text


def _keys() -> Iterator[Case]:
    world = World()
    made = world.issue()
    stranger = world.issue("thief", registered=False)
    unknown = world.issue(issuer="jst99", registered=False)
    crossed = world.issue("other-issuer", registered=False)
    tree, root = files(world), world.root_note
    wanted = {"verdict": "untrusted_issuer", "reason": "unknown", "code": "key.unknown"}
    for name, found in (("key", stranger), ("issuer", unknown), ("key-of-other-issuer", crossed)):
        yield Case(name=f"unknown-{name}-qr", given=found.text, root=root, files=tree, **wanted)
        yield Case(name=f"unknown-{name}-json", given=found.json.decode(), root=root, files=tree,
                   **wanted)  # fmt: skip
    late = world.trust_issued + world.freshness.trust + 1
    yield Case(name="unknown-key-stale-list", given=stranger.text, root=root, files=tree, at=late,
               verdict="undetermined", reason="trust_stale", code="key.unknown_stale")  # fmt: skip
    forged = {"verdict": "forged", "code": "signature.bad"}
    bent = bytearray(made.cose)
    bent[-1] ^= 1
    yield Case(name="signature-bit-qr", given=bytes(bent), root=root, files=tree, **forged)
    swapped = made.cose.replace("欧阳娜娜".encode(), "欧阳娜妮".encode())
    yield Case(name="name-changed-qr", given=swapped, root=root, files=tree, **forged)
    renamed = made.json.decode().replace("欧阳娜娜", "欧阳娜妮")
    yield Case(name="name-changed-json", given=renamed, root=root, files=tree, **forged)


def _scope() -> Iterator[Case]:
    world = World()
    closed = Closed(why="stolen", at=NOW - 60)
    window_end = SIGNED + 10
    world.keys["issuer"] = replace(world.keys["issuer"], until=window_end)
    world.keys["stolen-issuer"] = _closed(world, "stolen-issuer", closed)
    world.keys["retired-issuer"] = _closed(
        world, "retired-issuer", Closed(why="retired", at=SIGNED + 5)
    )
    out = {"verdict": "untrusted_issuer", "reason": "out_of_scope"}
    made = [
        ("role", world.issue("authority", status_index=1), out | {"code": "scope.role"}),
        ("kind", world.issue("narrow-issuer", kind=Kind.TRAINING, status_index=2),
         out | {"code": "scope.kind"}),
        ("province", world.issue("narrow-issuer", site="50003018", status_index=3),
         out | {"code": "scope.province"}),
        ("narrow", world.issue("narrow-issuer", status_index=4), {"verdict": "valid"}),
        ("window-last-second", world.issue(signed_at=window_end, status_index=5),
         {"verdict": "valid"}),
        ("window-after", world.issue(signed_at=window_end + 1, status_index=6),
         out | {"code": "scope.window"}),
        ("window-before", world.issue(signed_at=world.keys["issuer"].start - 1, status_index=7),
         out | {"code": "scope.window"}),
        ("stolen", world.issue("stolen-issuer", status_index=8),
         {"verdict": "untrusted_issuer", "reason": "stolen", "code": "scope.stolen"}),
        ("retired", world.issue("retired-issuer", status_index=9), {"verdict": "valid"}),
        ("retired-after", world.issue("retired-issuer", signed_at=SIGNED + 6, status_index=10),
         out | {"code": "scope.window"}),
        ("required-check", world.issue("strict-issuer", status_index=11),
         {"verdict": "undetermined", "reason": "required_check", "code": "logged.required"}),
    ]  # fmt: skip
    tree, root = files(world), world.root_note
    for name, found, wanted in made:
        yield Case(name=f"scope-{name}-qr", given=found.text, root=root, files=tree, **wanted)
    yield Case(name="scope-stolen-json", given=made[7][1].json.decode(), root=root, files=tree,
               **made[7][2])  # fmt: skip


def _closed(world: World, name: str, closed: Closed):
    public = pair(name).public.raw
    return replace(world.keys["issuer"], name=name, public=public, until=None, closed=closed)


def _issued() -> Iterator[Case]:
    world = World()
    made = world.issue()
    borrowed = world.issue(registered=False, name="王伟", last4="1234")
    unused = world.issue(registered=False, name="王伟", last4="1234", status_index=94570)
    root = world.root_note
    tree = files(world)
    never = {"verdict": "untrusted_issuer", "reason": "never_issued"}
    for form, given in (("qr", borrowed.text), ("json", borrowed.json.decode())):
        yield Case(name=f"issued-borrowed-index-{form}", given=given, root=root, files=tree,
                   code="issued.differs", **never)  # fmt: skip
    for form, given in (("qr", unused.text), ("json", unused.json.decode())):
        yield Case(name=f"issued-unused-index-{form}", given=given, root=root, files=tree,
                   code="issued.absent", **never)  # fmt: skip
    unsure = {"verdict": "undetermined", "root": root}
    place = "/i/1/92"
    early = world.tile(BASE, 1, 92, SIGNED)
    yield Case(name="issued-tile-not-newer", given=unused.text, files=tree | {place: early},
               reason="issued_stale", code="issued.too_early", **unsure)  # fmt: skip
    missing = {path: data for path, data in tree.items() if path != place}
    yield Case(name="issued-missing", given=made.text, files=missing, reason="issued_missing",
               code="issued.missing", **unsure)  # fmt: skip
    yield Case(name="issued-missing-offline", given=made.text, root=root, files=missing,
               online=False, verdict="valid", code="issued.offline",
               notices=("offline",))  # fmt: skip
    yield Case(name="issued-borrowed-offline", given=borrowed.text, root=root, files=tree,
               online=False, code="issued.differs", **never)  # fmt: skip
    for name, tile in (
        ("other-key", world.tile(BASE, 1, 92, PUBLISHED, key="issuer")),
        ("other-body", world.tile(BASE, 1, 92, PUBLISHED, key="other-status")),
        ("other-place", world.tile(BASE, 1, 91, PUBLISHED)),
        ("cut", tree[place][:-1]),
        ("a-list", tree["/s/1"]),
    ):
        yield Case(name=f"issued-spoilt-{name}", given=made.text, files=tree | {place: tile},
                   reason="issued_spoilt", code="issued.spoilt", **unsure)  # fmt: skip
    yield Case(name="issued-rolled-back", given=made.text, files=tree,
               seen={f"{BASE}{place}": 8}, reason="issued_rolled_back",
               code="issued.rolled_back", **unsure)  # fmt: skip
    old = world.tile(BASE, 1, 92, NOW - 8 * DAY, expires=NOW + DAY)
    yield Case(name="issued-stale", given=made.text, files=tree | {place: old},
               reason="issued_stale", code="issued.stale", **unsure)  # fmt: skip
    yield Case(name="issued-stale-differs", given=borrowed.text, root=root, code="issued.differs",
               files=tree | {place: old}, **never)  # fmt: skip
    yield from _moved()


def _moved() -> Iterator[Case]:
    world = World()
    made = world.issue()
    new = "https://moved.example.gov.cn/"
    world.locations = (Location(old=f"{BASE}/", new=new),)
    world.status_prefixes = (new,)
    yield Case(name="moved-host", given=made.text, root=world.root_note, files=files(world),
               verdict="valid")  # fmt: skip
    world.locations = ()
    yield Case(name="status-address-not-allowed", given=made.text, root=world.root_note,
               files=files(world), verdict="undetermined", reason="status_missing",
               code="status.foreign")  # fmt: skip
    world.status_prefixes = (f"{BASE}/s/", f"{BASE}/n/")
    yield Case(name="tile-address-not-allowed", given=made.text, root=world.root_note,
               files=files(world), verdict="undetermined", reason="issued_missing",
               code="issued.missing")  # fmt: skip

"""Cases of lines 8 to 11: status, period, what is missing, and what is asked."""

from collections.abc import Iterator
from datetime import date

from schemas import dates
from schemas.certificate import State
from tests.conformance.case import Case
from tests.conformance.issuers import files
from tests.world import BASE, DAY, NOW, PUBLISHED, World

_STATES = (
    (State.REVOKED, "revoked", "revoked"),
    (State.CANCELLED, "revoked", "cancelled"),
    (State.WITHDRAWN, "revoked", "withdrawn"),
    (State.SUPERSEDED, "superseded", None),
    (State.SUSPENDED, "suspended", None),
)


def cases() -> Iterator[Case]:
    yield from _valid()
    yield from _not_valid()
    yield from _notes()
    yield from _lists()
    yield from _period()
    yield from _order()


def _valid() -> Iterator[Case]:
    world = World()
    made = world.issue()
    tree, root = files(world), world.root_note
    yield Case(name="valid-qr", given=made.text, root=root, files=tree, verdict="valid")
    yield Case(name="valid-json", given=made.json.decode(), root=root, files=tree, verdict="valid")
    yield Case(name="valid-cose", given=made.cose, root=root, files=tree, verdict="valid")
    digits = made.text.partition("#")[2]
    yield Case(name="valid-digits", given=f" {digits}\n", root=root, files=tree, verdict="valid")
    elsewhere = f"https://other.example/v#{digits}"
    yield Case(name="valid-other-host", given=elsewhere, root=root, files=tree, verdict="valid")
    special = world.issue(occupation="6-29-01-05", occupation_name="架子工", status_index=94568)
    yield Case(name="valid-special-operation", given=special.text, root=root, files=files(world),
               verdict="valid", notices=("special_operation",))  # fmt: skip
    for name, asked, match in (
        ("name", {"name": " 欧阳 娜娜"}, "matched"),
        ("last4", {"last4": "００２x"}, "matched"),
        ("both", {"number": "y000036999966263000001", "last4": "002X"}, "matched"),
        ("other", {"name": "欧阳娜娜", "last4": "0021"}, "not_matched"),
    ):
        yield Case(name=f"asked-{name}", given=made.text, root=root, files=tree, asked=asked,
                   verdict="valid", match=match)  # fmt: skip


def _not_valid() -> Iterator[Case]:
    for state, verdict, reason in _STATES:
        world = World()
        made = world.issue()
        world.set_state(made, state)
        tree, root = files(world), world.root_note
        wanted = {"verdict": verdict, "reason": reason, "code": f"status.{reason or verdict}"}
        noted = tree | world.note_files(made, state)
        name = state.name.lower()
        yield Case(name=f"{name}-qr", given=made.text, root=root, files=noted, **wanted)
        yield Case(name=f"{name}-json", given=made.json.decode(), root=root, files=noted, **wanted)
        yield Case(name=f"{name}-without-note", given=made.text, root=root, files=tree, **wanted)
        late = NOW + 9 * DAY
        if state is State.SUSPENDED:
            wanted = {"verdict": "undetermined", "reason": "status_stale", "code": "status.stale"}
        yield Case(name=f"{name}-stale", given=made.text, root=root, files=tree, at=late, **wanted)
    world = World()
    made = world.issue()
    world.set_state(made, 5)
    yield Case(name="unknown-state", given=made.text, root=world.root_note, files=files(world),
               verdict="revoked", reason="unknown_ground", code="status.unknown_state")  # fmt: skip
    yield Case(name="unknown-state-stale", given=made.text, root=world.root_note,
               files=files(world), at=NOW + 9 * DAY, verdict="undetermined",
               reason="status_stale", code="status.stale")  # fmt: skip


def _notes() -> Iterator[Case]:
    world = World()
    made = world.issue()
    other = world.issue(status_index=94568, name="王伟")
    world.set_state(made, State.REVOKED)
    tree, root = files(world), world.root_note
    place = f"/n/{made.cose_hash.hex()}"
    for name, given in (
        ("other-state", world.note(made, State.SUSPENDED)),
        ("other-certificate", world.note(other, State.REVOKED)),
        ("other-key", world.note(made, State.REVOKED, key="issuer")),
        ("other-body", world.note(made, State.REVOKED, key="other-status")),
        ("bent", world.note(made, State.REVOKED).replace(b"2026-11-23", b"2026-11-24")),
    ):
        yield Case(name=f"note-{name}", given=made.text, root=root, files=tree | {place: given},
                   verdict="revoked", reason="revoked")  # fmt: skip


def _lists() -> Iterator[Case]:
    world = World()
    made = world.issue()
    tree, root = files(world), world.root_note
    unsure = {"verdict": "undetermined", "root": root}
    trust_only = {path: data for path, data in tree.items() if path.startswith("/trust/")}
    yield Case(name="status-missing", given=made.text, files=trust_only, reason="status_missing",
               code="status.missing", **unsure)  # fmt: skip
    yield Case(name="status-missing-offline", given=made.text, files=trust_only, online=False,
               reason="status_missing", code="status.missing", notices=("offline",),
               **unsure)  # fmt: skip
    for name, given in (
        ("other-key", world.status_list(BASE, 1, PUBLISHED, key="issuer")),
        ("other-body", world.status_list(BASE, 1, PUBLISHED, key="other-status")),
        ("other-list", world.status_list(BASE, 2, PUBLISHED)),
        ("cut", tree["/s/1"][:-1]),
        ("a-tile", tree["/i/1/92"]),
        ("before-window", world.status_list(BASE, 1, world.keys["status"].start - 1,
                                            expires=NOW + DAY)),
    ):  # fmt: skip
        yield Case(name=f"status-spoilt-{name}", given=made.text, files=tree | {"/s/1": given},
                   reason="status_spoilt", code="status.spoilt", **unsure)  # fmt: skip
    yield Case(name="status-rolled-back", given=made.text, files=tree, seen={f"{BASE}/s/1": 8},
               reason="status_rolled_back", code="status.rolled_back", **unsure)  # fmt: skip
    yield Case(name="status-same-sequence", given=made.text, root=root, files=tree,
               seen={f"{BASE}/s/1": 7}, verdict="valid")  # fmt: skip
    short = world.status_list(BASE, 1, PUBLISHED, states=bytes(16))
    yield Case(name="status-out-of-range", given=made.text, files=tree | {"/s/1": short},
               reason="status_missing", code="status.out_of_range", **unsure)  # fmt: skip
    old = world.status_list(BASE, 1, NOW - 7 * DAY, expires=NOW + DAY)
    yield Case(name="status-last-fresh-second", given=made.text, root=root, verdict="valid",
               files=tree | {"/s/1": old})  # fmt: skip
    older = world.status_list(BASE, 1, NOW - 7 * DAY - 1, expires=NOW + DAY)
    yield Case(name="status-stale", given=made.text, files=tree | {"/s/1": older},
               reason="status_stale", code="status.stale", **unsure)  # fmt: skip
    over = world.status_list(BASE, 1, PUBLISHED, expires=NOW)
    yield Case(name="status-expired-list", given=made.text, files=tree | {"/s/1": over},
               reason="status_stale", code="status.stale", **unsure)  # fmt: skip
    ahead = world.status_list(BASE, 1, NOW + 3600)
    yield Case(name="status-issued-after", given=made.text, root=root, verdict="valid",
               files=tree | {"/s/1": ahead})  # fmt: skip


def _period() -> Iterator[Case]:
    world = World()
    last = date(2026, 12, 22)
    first = date(2026, 12, 1)
    until = world.issue(valid_until=last)
    start = world.issue(valid_from=first, status_index=94568)
    root = world.root_note
    expired = {"verdict": "expired", "code": "period.expired"}
    not_yet = {"verdict": "not_yet_valid", "code": "period.not_yet"}
    for name, made, at, wanted in (
        ("last-second", until, dates.day_end(last), {"verdict": "valid"}),
        ("day-after", until, dates.day_end(last) + 1, expired),
        ("first-second", start, dates.day_start(first), {"verdict": "valid"}),
        ("day-before", start, dates.day_start(first) - 1, not_yet),
        ("before-award", until, dates.day_start(date(2026, 11, 22)) - 1, not_yet),
    ):
        tree = files(world, max(at - 600, PUBLISHED))
        yield Case(name=f"period-{name}-qr", given=made.text, root=root, files=tree, at=at,
                   **wanted)  # fmt: skip
        yield Case(name=f"period-{name}-json", given=made.json.decode(), root=root, files=tree,
                   at=at, **wanted)  # fmt: skip


def _order() -> Iterator[Case]:
    """Two things wrong at once: the lower line of the table wins."""
    world = World()
    made = world.issue(valid_until=date(2026, 12, 22))
    late = dates.day_end(date(2026, 12, 22)) + 1
    tree, root = files(world), world.root_note
    trust_only = {path: data for path, data in tree.items() if path.startswith("/trust/")}
    yield Case(name="order-expired-before-status-missing", given=made.text, root=root,
               files=trust_only, at=late, verdict="expired", code="status.missing")  # fmt: skip
    world.set_state(made, State.REVOKED)
    tree = files(world, late - 60)
    yield Case(name="order-revoked-before-expired", given=made.text, root=root, files=tree,
               at=late, verdict="revoked", reason="revoked", code="period.expired")  # fmt: skip
    borrowed = world.issue(registered=False, name="王伟")
    yield Case(name="order-never-issued-before-revoked", given=borrowed.text, root=root,
               files=files(world), verdict="untrusted_issuer", reason="never_issued",
               code="status.revoked")  # fmt: skip
    wide = world.issue("authority", registered=False, name="王伟")
    yield Case(name="order-scope-before-never-issued", given=wide.text, root=root,
               files=files(world), verdict="untrusted_issuer", reason="out_of_scope",
               code="issued.differs")  # fmt: skip
    without = {path: data for path, data in files(world).items() if not path.startswith("/i/")}
    yield Case(name="order-revoked-before-issued-missing", given=made.text, root=root,
               files=without, verdict="revoked", reason="revoked",
               code="issued.missing")  # fmt: skip
    world.set_state(made, State.SUSPENDED)
    yield Case(name="order-suspended-before-expired", given=made.text, root=root,
               files=files(world, late - 60), at=late, verdict="suspended",
               code="period.expired")  # fmt: skip

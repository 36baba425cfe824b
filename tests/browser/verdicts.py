"""A registry for every verdict that the scan page can give, and the code to scan."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from keys import cose
from schemas import cbor, digits, qr
from schemas.certificate import State
from tests.world import BASE, DAY, PUBLISHED, Issued, World, pair


@dataclass(frozen=True)
class Scene:
    """What is scanned, in which registry, and what the card must say."""

    name: str
    text: str
    root: bytes
    files: dict[str, bytes]
    verdict: str
    reason: str = ""


def scenes() -> dict[str, Scene]:
    """Every verdict and reason, by name."""
    made = [build() for build in _BUILDERS] + [_stated(*row) for row in _STATES]
    return {scene.name: scene for scene in made}


def _plain(scene: str, verdict: str, reason: str = "", **changes: object) -> Scene:
    world = World()
    made = world.issue(**changes)  # type: ignore[arg-type]
    return _scene(scene, world, made, verdict, reason)


def _scene(name: str, world: World, made: Issued, verdict: str, reason: str = "") -> Scene:
    return Scene(name, made.text, world.root_note, world.publish(), verdict, reason)


def _stated(name: str, state: int, verdict: str, reason: str) -> Scene:
    world = World()
    made = world.issue()
    world.set_state(made, state)
    files = world.publish()
    if state in State.__members__.values():
        files |= world.note_files(made, State(state))
    return Scene(name, made.text, world.root_note, files, verdict, reason)


_STATES = (
    ("revoked", State.REVOKED, "revoked", "revoked"),
    ("withdrawn", State.WITHDRAWN, "revoked", "withdrawn"),
    ("cancelled", State.CANCELLED, "revoked", "cancelled"),
    ("unknown_ground", 5, "revoked", "unknown_ground"),
    ("suspended", State.SUSPENDED, "suspended", ""),
    ("superseded", State.SUPERSEDED, "superseded", ""),
)


def _long_name() -> Scene:
    name = "阿卜杜热合曼·阿卜力克木·买买提吐尔逊"
    return _plain("valid_long", "valid", name=name, version=2)


def _altered() -> Scene:
    world = World()
    made = world.issue()
    broken = made.cose[:-3] + bytes([made.cose[-3] ^ 1]) + made.cose[-2:]
    return Scene("forged", qr.text(BASE, broken), world.root_note, world.publish(), "forged")


def _unknown_issuer() -> Scene:
    world = World()
    made = world.issue(issuer="nobody")
    return _scene("unknown", world, made, "untrusted_issuer", "unknown")


def _other_province() -> Scene:
    world = World()
    made = world.issue("narrow-issuer", site="50003018")
    return _scene("out_of_scope", world, made, "untrusted_issuer", "out_of_scope")


def _never_issued() -> Scene:
    world = World()
    world.issue()
    thief = world.issue(registered=False, name="张三")
    return _scene("never_issued", world, thief, "untrusted_issuer", "never_issued")


def _newer() -> Scene:
    world = World()
    made = world.issue()
    payload = cbor.decode(qr.claims(made.facts))
    payload[qr.OURS][14] = 1
    from_future = cose.seal(cbor.encode(payload), pair("issuer"), qr.TYP)
    return Scene(
        "newer", qr.text(BASE, from_future), world.root_note, world.publish(), "unrecognised",
        "newer",
    )  # fmt: skip


def _unreadable() -> Scene:
    world = World()
    made = world.issue()
    cut = f"{BASE}/v#{digits.encode(made.cose)[:-3]}"
    return Scene("unreadable", cut, world.root_note, world.publish(), "unrecognised", "unreadable")


def _not_digits() -> Scene:
    world = World()
    world.issue()
    text = f"{BASE}/v#hello"
    return Scene("not_digits", text, world.root_note, world.publish(), "unrecognised", "unreadable")


def _other_registry() -> Scene:
    world = World()
    world.issue()
    foreign = cose.seal(cbor.encode({1: "another registry"}), pair("issuer"), qr.TYP)
    text = qr.text(BASE, foreign)
    return Scene(
        "other_registry", text, world.root_note, world.publish(), "unrecognised", "other_registry"
    )


def _without(name: str, prefix: str, reason: str) -> Scene:
    scene = _plain(name, "undetermined", reason)
    files = {path: data for path, data in scene.files.items() if not path.startswith(prefix)}
    return Scene(name, scene.text, scene.root, files, "undetermined", reason)


def _stale() -> Scene:
    world = World()
    made = world.issue(signed_at=PUBLISHED - 20 * DAY)
    files = world.publish(PUBLISHED - 9 * DAY)
    return Scene("stale", made.text, world.root_note, files, "undetermined", "status_stale")


_BUILDERS: tuple[Callable[[], Scene], ...] = (
    lambda: _plain("valid", "valid"),
    _long_name,
    lambda: _plain(
        "valid_special", "valid", occupation="6-29-02-01", occupation_name="架子工", name="李四"
    ),
    lambda: _plain(
        "expired",
        "expired",
        valid_until=date(2026, 11, 21),
        awarded=date(2026, 11, 1),
        assessed=date(2026, 10, 20),
    ),
    lambda: _plain("not_yet", "not_yet_valid", valid_from=date(2026, 12, 1)),
    _altered,
    _unknown_issuer,
    _other_province,
    _never_issued,
    _newer,
    _unreadable,
    _not_digits,
    _other_registry,
    lambda: _without("no_status", "/s/", "status_missing"),
    lambda: _without("no_trust", "/trust/", "no_trust"),
    _stale,
)

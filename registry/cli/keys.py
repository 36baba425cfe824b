"""Keys over the years: what there is, one more, one less, and which one signs for a body."""

import argparse
import os
import time
from collections.abc import Iterator
from pathlib import Path

from keys import custody, sealed
from keys.errors import CeremonyError, SignatureError
from keys.sealed import MODERATE
from keys.signer import KeyPair, PublicKey
from keys.succession import add_key, close_key
from registry.acts import organisations as acts
from registry.cli import common, trust_lists
from registry.config import Config, ConfigError
from registry.publish.storage import public_tree
from registry.queries import organisations
from registry.records.session import open_engine, reading, writing
from registry.work import open
from schemas import dates
from schemas.certificate import Instant, Kind
from schemas.trust import Closed, Key
from verifier.trust import Trust

ROLES = ("issuer", "authority", "status", "document", "receipt")
"""Roles of keys that this command makes; a log's key comes with a log."""
OWN = ("authority", "status")
"""Roles that the registry itself has, where no body is named."""


def keys(argv: list[str]) -> int:
    """List, add, close and publish keys, sign a list anew, say which key signs for a body."""
    parser = common.parser("keys", keys.__doc__)
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("list", help="every key of the trust list, and which are at hand")
    _add_parser(actions.add_parser("add", help="make a key and sign the list that names it"))
    _close_parser(actions.add_parser("close", help="sign a list in which a key is closed"))
    trust_lists.custodians(
        actions.add_parser("renew", help="sign the same list anew, before it is too old")
    )
    publish = actions.add_parser("publish", help="put the next signed list into public/")
    publish.add_argument("file", type=Path, nargs="?", help="default: the next one in DIR/trust")
    use = actions.add_parser("use", help="a body's certificates are signed by this key from now on")
    use.add_argument("body", help="issuer id")
    use.add_argument("key", help="name of an issuer key of that body")
    arguments = parser.parse_args(argv)
    try:
        config = common.config(arguments)
        for line in _ACTIONS[arguments.action](config, arguments, int(time.time())):
            print(line)
    except SignatureError as error:
        return common.fail(CeremonyError(f"a list is not signed as it must be: {error}"))
    except (*common.TROUBLE, *common.DATABASE) as error:
        return common.fail(error)
    return 0


def _add_parser(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("role", choices=ROLES)
    parser.add_argument("body", nargs="?", help="issuer id; none for status")
    parser.add_argument("--from", dest="start", required=True, metavar="INSTANT",
                        help="first second of its window, like 2026-12-01T00:00:00Z")  # fmt: skip
    parser.add_argument("--until", metavar="INSTANT", help="last second of its window")
    parser.add_argument("--kinds", help="kinds of certificate, like 2,3 (default: as before)")
    parser.add_argument("--provinces", help="first digits of sites, like 10 (default: as before)")
    parser.add_argument(
        "--public", metavar="MULTIBASE",
        help="a key that was made elsewhere; without it one is made here",
    )  # fmt: skip
    trust_lists.custodians(parser)


def _close_parser(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", help="name of the key")
    parser.add_argument("--why", choices=("retired", "stolen"), required=True)
    parser.add_argument("--at", metavar="INSTANT", help="since when (default: now)")
    parser.add_argument("--log", help="name of the log of the cut; with --size and --root")
    parser.add_argument("--size", type=int, help="leaves of the log before the theft")
    parser.add_argument("--root", help="root hash at that size, hexadecimal")
    trust_lists.custodians(parser)


def _list(config: Config, arguments: argparse.Namespace, now: Instant) -> Iterator[str]:
    trust = open.open_trust(config.root_note, public_tree(config))
    there = custody.inventory(config.keys) if config.keys.is_dir() else {}
    yield f"trust list {trust.version} of {trust.list.registry}, {dates.utc(trust.list.issued)}"
    for key in trust.list.keys:
        until = "…" if key.until is None else dates.utc(key.until)
        state = "open" if key.is_open(now) else "outside its window"
        if key.closed is not None:
            state = f"{key.closed.why} {dates.utc(key.closed.at)}"
        hand = "at hand" if there.get(key.name) == trust.public(key) else "not here"
        yield (
            f"{key.name}  {key.role}  {key.issuer or '-'}  {dates.utc(key.start)} – {until}  "
            f"{state}  {hand}"
        )
    for name in there.keys() - {key.name for key in trust.list.keys}:
        yield f"{name}  in keys/, but in no trust list: it signs for nobody"


def _add(config: Config, arguments: argparse.Namespace, now: Instant) -> Iterator[str]:
    previous = trust_lists.newest(config)
    listed = trust_lists.opened(config, previous)
    role, body = arguments.role, arguments.body
    if (role == "status" and body is not None) or (role not in OWN and body is None):
        raise ConfigError(f"a key with the role {role} {'has no' if body else 'needs a'} body")
    if body is not None and listed.issuer(body) is None:
        raise ConfigError(f"the trust list has no body {body!r:.80}")
    name = _next_name([key.name for key in listed.keys], role, body)
    pair = None if arguments.public else KeyPair.generate(os.urandom)
    public = PublicKey.from_multibase(arguments.public) if pair is None else pair.public
    former = [key for key in listed.keys if (key.role, key.issuer) == (role, body)]
    key = _key(arguments, name, public, former[-1] if former else None)
    data = trust_lists.sign(config, previous, add_key(key), arguments, now)
    if pair is not None:
        # Sealed before anybody can see the list: a key that is lost here was never listed.
        passphrase = common.passphrase(config.passphrase_file, "HALLMARK_PASSPHRASE_FILE")
        sealed.seal_file(
            config.keys / sealed.file_name(name), name, pair, passphrase, os.urandom, MODERATE
        )
    yield f"{name}  {public.multibase}  SHA-256 {public.fingerprint}"
    yield from _staged(config, data)


def _key(arguments: argparse.Namespace, name: str, public: PublicKey, former: Key | None) -> Key:
    """The new entry; what is not said is as the former key of that role and body has it."""
    kinds = former.kinds if former is not None else None
    provinces = former.provinces if former is not None else None
    if arguments.kinds:
        kinds = _kinds(arguments.kinds)
    if arguments.provinces:
        provinces = tuple(arguments.provinces.split(","))
    return Key(
        name=name, issuer=arguments.body, role=arguments.role, alg=public.suite.name,
        public=public.raw, start=dates.parse_utc(arguments.start),
        until=None if arguments.until is None else dates.parse_utc(arguments.until),
        kinds=kinds, provinces=provinces, checks=former.checks if former is not None else (),
    )  # fmt: skip


def _close(config: Config, arguments: argparse.Namespace, now: Instant) -> Iterator[str]:
    at = now if arguments.at is None else dates.parse_utc(arguments.at)
    try:
        root = None if arguments.root is None else bytes.fromhex(arguments.root)
    except ValueError:
        raise ConfigError("--root is not hexadecimal") from None
    closed = Closed(why=arguments.why, at=at, log=arguments.log, size=arguments.size, root=root)
    previous = trust_lists.newest(config)
    change = close_key(arguments.name, closed)
    yield from _staged(config, trust_lists.sign(config, previous, change, arguments, now))


def _renew(config: Config, arguments: argparse.Namespace, now: Instant) -> Iterator[str]:
    previous = trust_lists.newest(config)
    same = trust_lists.sign(config, previous, lambda listed: listed, arguments, now)
    yield from _staged(config, same)


def _staged(config: Config, data: bytes) -> Iterator[str]:
    yield f"signed: {trust_lists.stage(config, data)}"
    yield "nobody believes it yet; have it read, then: hallmark keys publish"


def _publish(config: Config, arguments: argparse.Namespace, now: Instant) -> Iterator[str]:
    trust = trust_lists.publish(config, arguments.file, now)
    yield f"trust list {trust.version} is public; running processes see it by themselves"
    try:
        with reading(open_engine(config.database_url))() as session:
            bodies = organisations.issuers(session)
    except common.DATABASE:
        return  # where custodians publish there may be no database
    for body in bodies:
        key = trust.list.key(body.key_name or "")
        if key is not None and key.closed is not None:
            yield f"{body.issuer} still signs with {key.name}, which is closed: hallmark keys use"


def _use(config: Config, arguments: argparse.Namespace, now: Instant) -> Iterator[str]:
    trust = open.open_trust(config.root_note, public_tree(config))
    key = trust.list.key(arguments.key)
    if key is None or (key.role, key.issuer) != ("issuer", arguments.body):
        raise ConfigError(f"the trust list has no issuer key {arguments.key} of {arguments.body}")
    if key.closed is not None or not key.is_open(now):
        raise ConfigError(f"{key.name} is closed or outside its window now; nothing was changed")
    _at_hand(config, trust, key)
    engine = open_engine(config.database_url)
    with reading(engine)() as session:
        found = {row.issuer: row for row in organisations.issuers(session)}.get(arguments.body)
    if found is None:
        raise ConfigError(f"no body {arguments.body} is recorded: hallmark found")
    if found.key_name == key.name:
        yield f"{key.name} signs for {arguments.body} already"
        return
    with writing(engine).begin() as session:
        acts.name_key(session, None, now, found.id, key.name)
    yield f"{key.name} signs for {arguments.body} from now on (before: {found.key_name or 'none'})"


def _at_hand(config: Config, trust: Trust, key: Key) -> None:
    there = custody.inventory(config.keys).get(key.name) if config.keys.is_dir() else None
    if there != trust.public(key):
        raise ConfigError(f"the sealed file of {key.name} is not in {config.keys}: put it there")


def _next_name(names: list[str], role: str, body: str | None) -> str:
    """``issuer.js.2`` after ``issuer.js.1``; what another origin is called stays as it is."""
    head = f"{role}.{body}." if body is not None else f"{role}."
    serials = [int(name[len(head) :]) for name in names
               if name.startswith(head) and name[len(head) :].isdigit()]  # fmt: skip
    return f"{head}{max(serials, default=0) + 1}"


def _kinds(text: str) -> tuple[Kind, ...]:
    try:
        return tuple(Kind(int(each)) for each in text.split(","))
    except ValueError:
        raise ConfigError(f"--kinds is a list like 2,3, not {text!r:.40}") from None


_ACTIONS = {
    "list": _list, "add": _add, "close": _close, "renew": _renew, "publish": _publish, "use": _use,
}  # fmt: skip

"""The next trust list: changes, the rule of succession, and the holders' signatures.

A list only ever grows: bodies and keys stay, a key may be closed and is never opened again, a
window may end sooner and never later. So whoever walks the versions can judge an old signature by
the newest list alone.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import TypeAlias

from keys import note
from keys.errors import CeremonyError
from keys.signer import PublicKey, Signer
from keys.suites import BY_NAME
from schemas import trust
from schemas.certificate import Instant
from schemas.trust import Closed, Issuer, Key, Location, Root, TrustList

Change: TypeAlias = Callable[[TrustList], TrustList]
"""One change to a trust list; raises CeremonyError or FormatError when it cannot be made."""


def holders(root: Root) -> dict[str, PublicKey]:
    """Public keys of the root holders by key name, for :func:`keys.note.open`.

    A holder may have a key per algorithm; the last one whose suite this code knows counts.
    """
    return {
        holder.name: PublicKey(BY_NAME[key.alg], key.public)
        for holder in root.holders
        for key in holder.keys
        if key.alg in BY_NAME
    }


def open_root(data: bytes) -> Root:
    """Open a root note, which its own holders must have signed.

    That proves only that the note is whole; belief comes from where it was pinned. Raises
    FormatError and SignatureError.
    """
    root = trust.parse_root(note.parse(data).text)
    note.open(data, holders(root), root.threshold)
    return root


def open_list(data: bytes, root: Root) -> TrustList:
    """Open one trust list under ``root``; raises FormatError and SignatureError."""
    return trust.parse(note.open(data, holders(root), root.threshold))


def add_issuer(issuer: Issuer) -> Change:
    """Add a body."""
    return lambda given: replace(given, issuers=(*given.issuers, issuer))


def amend_issuer(issuer: Issuer) -> Change:
    """Give a listed body, named by its id, other names, another telephone number or a successor."""

    def change(given: TrustList) -> TrustList:
        if given.issuer(issuer.id) is None:
            raise CeremonyError(f"no body {issuer.id} is listed")
        issuers = tuple(issuer if known.id == issuer.id else known for known in given.issuers)
        return replace(given, issuers=issuers)

    return change


def add_key(key: Key) -> Change:
    """Publish a key; it should be published long before its window begins."""
    return lambda given: replace(given, keys=(*given.keys, key))


def close_key(name: str, closed: Closed) -> Change:
    """Close a listed key as retired or stolen."""

    def change(given: TrustList) -> TrustList:
        key = given.key(name)
        if key is None or key.closed is not None:
            raise CeremonyError(f"no open key {name} is listed")
        return _replace_key(given, replace(key, closed=closed))

    return change


def end_window(name: str, until: Instant) -> Change:
    """Let a listed key's window end at ``until``, sooner than it would."""

    def change(given: TrustList) -> TrustList:
        key = given.key(name)
        if key is None:
            raise CeremonyError(f"no key {name} is listed")
        return _replace_key(given, replace(key, until=until))

    return change


def add_location(location: Location) -> Change:
    """Say where files under an old address are fetched from today."""
    return lambda given: replace(given, locations=(location, *given.locations))


def next_trust_list(
    previous: bytes,
    root: bytes,
    changes: Sequence[Change],
    signers: Mapping[str, Signer],
    now: Instant,
) -> bytes:
    """Make the version after ``previous``, signed by ``signers`` (root holders by key name).

    ``previous`` and ``root`` are the signed notes. Raises CeremonyError when a signer is no holder,
    too few sign, or a change breaks the rule of succession; FormatError for a list that could not
    be read back; SignatureError when ``previous`` is not signed under ``root``.
    """
    anchor = open_root(root)
    former = open_list(previous, anchor)
    digest = sha256(note.parse(previous).text.encode()).digest()
    following = replace(former, version=former.version + 1, issued=now, previous=digest)
    for change in changes:
        following = change(following)
    check_succession(former, following)
    return sign_list(following, anchor, signers)


def check_next(published: bytes, following: bytes, root: bytes) -> TrustList:
    """Open a signed list and raise CeremonyError unless it comes directly after a published one.

    All three are signed notes. Raises FormatError and SignatureError when one of the lists is not
    signed under ``root``.
    """
    anchor = open_root(root)
    former, opened = open_list(published, anchor), open_list(following, anchor)
    check_succession(former, opened)
    if opened.previous != sha256(note.parse(published).text.encode()).digest():
        raise CeremonyError("the list follows another list than the one that is published")
    return opened


def sign_list(value: TrustList, root: Root, signers: Mapping[str, Signer]) -> bytes:
    """Sign a trust list by root holders and open the result as any verifier would."""
    known = holders(root)
    for name, signer in signers.items():
        if known.get(name) != signer.public:
            raise CeremonyError(f"{name} is not a root holder with this key")
    if len(signers) < root.threshold:
        raise CeremonyError(f"{len(signers)} holders sign, {root.threshold} are needed")
    data = note.sign(trust.text(value), signers.items())
    if open_list(data, root) != value:
        raise CeremonyError("the signed list does not read back as what was to be signed")
    return data


def check_succession(former: TrustList, following: TrustList) -> None:
    """Raise CeremonyError unless ``following`` may come directly after ``former``."""
    if (following.registry, following.version) != (former.registry, former.version + 1):
        raise CeremonyError("another registry, or not the next version")
    if following.issued < former.issued:
        raise CeremonyError("the list would be issued before the one that it follows")
    for issuer in former.issuers:
        kept = following.issuer(issuer.id)
        if kept is None or kept.did != issuer.did:
            raise CeremonyError(f"body {issuer.id} must stay listed under its did")
    for key in former.keys:
        after = following.key(key.name)
        if after is None or replace(after, closed=key.closed, until=key.until) != key:
            raise CeremonyError(f"key {key.name} must stay listed as it is")
        if key.closed is not None and after.closed != key.closed:
            raise CeremonyError(f"key {key.name} is closed for good")
        if key.until is not None and (after.until is None or after.until > key.until):
            raise CeremonyError(f"the window of key {key.name} cannot be made longer")


def _replace_key(given: TrustList, key: Key) -> TrustList:
    keys = tuple(key if known.name == key.name else known for known in given.keys)
    return replace(given, keys=keys)

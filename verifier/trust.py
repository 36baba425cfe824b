"""The opened anchor: a pinned root and the newest trust list that leads to it."""

from collections.abc import Mapping
from datetime import date
from hashlib import sha256

from keys import note
from keys.errors import SignatureError
from keys.signer import PublicKey
from keys.succession import holders
from keys.suites import BY_NAME
from schemas import dates, trust
from schemas.certificate import Instant
from schemas.errors import FormatError
from schemas.trust import Key, Name, Root, TrustList
from verifier.sources import Memory, Source

MAX_VERSIONS = 10_000
"""Longest chain of trust lists that is walked."""
MEMORY_NAME = "/trust"
"""What the memory of sequences calls the trust list."""


class TrustError(Exception):
    """No trust list leads to the pinned root; ``code`` is ``trust.none`` or ``trust.spoilt``."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code


KeyPairs = tuple[tuple[Key, PublicKey], ...]


class Trust:
    """What a verifier believes beforehand; immutable, shared by any number of verifications."""

    def __init__(self, root: Root, root_text: str, texts: Mapping[int, str], opened: TrustList,
                 *, is_outdated: bool = False) -> None:  # fmt: skip
        self.root = root
        self.root_text = root_text
        self.texts = texts
        """Signed text of every version that was walked."""
        self.list = opened
        self.version = opened.version
        self.is_outdated = is_outdated
        """Whether a later list is signed under a later root than the pinned one."""
        self._publics = {key.public: _public(key.alg, key.public) for key in opened.keys}
        self._by_kid: dict[tuple[str | None, bytes], KeyPairs] = {}
        for key in opened.keys:
            index = (key.issuer, key.kid)
            self._by_kid[index] = (*self._by_kid.get(index, ()), (key, self._publics[key.public]))
        self._names: dict[tuple[str, int], Name | None] = {}
        self._methods = {
            (key.issuer, self._publics[key.public].multibase): key for key in reversed(opened.keys)
        }

    @classmethod
    def load(cls, root_note: bytes, source: Source, memory: Memory | None = None) -> "Trust":
        """Open the pinned root and walk ``/trust/1``, ``/trust/2``, … to the newest list.

        Each list must follow the one before by hash; those of the pinned root's version must bear
        its threshold, older ones are held by the hashes of their followers. A list under a newer
        root ends the walk, and what was found counts as stale. Raises TrustError.
        """
        try:
            root, root_text = open_root(root_note)
        except (FormatError, SignatureError) as error:
            raise TrustError("trust.spoilt", f"the pinned root: {error}") from None
        texts: dict[int, str] = {}
        opened: TrustList | None = None
        is_outdated = False
        for version in range(1, MAX_VERSIONS + 1):
            data = source.get(f"/trust/{version}")
            if data is None and version == 1:
                data = source.get("/trust/latest")
            if data is None:
                break
            text, following = _read(data, version)
            if following.root > root.version:
                is_outdated = True
                break
            _check_link(following, opened, texts, root)
            if following.root == root.version:
                open_list(data, root)
            opened, texts[version] = following, text
        if opened is None:
            raise TrustError("trust.none", "no trust list at hand")
        if opened.root != root.version:
            raise TrustError("trust.spoilt", "no trust list is signed under the pinned root")
        _check_memory(opened.version, memory)
        return cls(root, root_text, texts, opened, is_outdated=is_outdated)

    def is_current(self, at: Instant) -> bool:
        """Whether the list is young enough to say that a key is unknown."""
        return not self.is_outdated and at - self.list.issued <= self.list.freshness.trust

    def public(self, key: Key) -> PublicKey:
        """Return the public key of an entry of the list."""
        return self._publics[key.public]

    def candidates(self, issuer: str | None, kid: bytes) -> KeyPairs:
        """Return an issuer's keys with that key id, in any role; ids may collide."""
        return self._by_kid.get((issuer, kid), ())

    def key_of_method(self, issuer: str, method: str) -> Key | None:
        """Return the issuer's key that the fragment of a verification method spells out."""
        return self._methods.get((issuer, method.rpartition("#")[2]))

    def status_keys(self, kid: bytes) -> KeyPairs:
        """Return the keys with the role ``status`` and that key id, of any issuer or of none."""
        return tuple(
            (key, self._publics[key.public])
            for key in self.list.keys_in("status")
            if key.kid == kid
        )

    def issuer_name(self, issuer: str, at: Instant) -> Name | None:
        """Return an issuer's name in force at an instant."""
        index = (issuer, (at + 28800) // 86400)
        if index not in self._names:
            entry = self.list.issuer(issuer)
            if len(self._names) > 4096:
                self._names.clear()
            day: date = dates.shanghai_day(at)
            self._names[index] = None if entry is None else entry.name(day)
        return self._names[index]

    def phone(self, issuer: str | None) -> str | None:
        """Return whom to call about an issuer's certificates, else about any."""
        entry = None if issuer is None else self.list.issuer(issuer)
        return (entry.phone if entry is not None else None) or self.list.phone


def open_root(data: bytes) -> tuple[Root, str]:
    """Open a root: signed by its own threshold of holders.

    Raises FormatError for a damaged file and SignatureError.
    """
    root = trust.parse_root(note.parse(data).text)
    return root, note.open(data, holders(root), root.threshold)


def open_list(data: bytes, root: Root) -> str:
    """Return the text of a trust list that the threshold of ``root`` signed; raises TrustError."""
    try:
        return note.open(data, holders(root), root.threshold)
    except (FormatError, SignatureError) as error:
        raise TrustError("trust.spoilt", f"a trust list: {error}") from None


def _public(algorithm: str, raw: bytes) -> PublicKey:
    return PublicKey(BY_NAME[algorithm], raw)


def _read(data: bytes, version: int) -> tuple[str, TrustList]:
    try:
        text = note.parse(data).text
        following = trust.parse(text)
    except FormatError as error:
        raise TrustError("trust.spoilt", f"trust list {version}: {error}") from None
    if following.version != version:
        # Without the versions before it, a later list cannot be walked to.
        raise TrustError("trust.spoilt", f"trust list {following.version} stands for {version}")
    return text, following


def _check_link(
    following: TrustList, opened: TrustList | None, texts: Mapping[int, str], root: Root
) -> None:
    previous = None if opened is None else sha256(texts[opened.version].encode()).digest()
    if following.registry != root.registry:
        raise TrustError("trust.spoilt", "a trust list of another registry")
    if following.previous != previous:
        raise TrustError("trust.spoilt", f"trust list {following.version} follows another one")
    if opened is not None and following.root < opened.root:
        raise TrustError("trust.spoilt", f"trust list {following.version} goes back to an old root")


def _check_memory(version: int, memory: Memory | None) -> None:
    if memory is None:
        return
    seen = memory.highest(MEMORY_NAME)
    if seen is not None and seen > version:
        raise TrustError("trust.spoilt", f"trust list {version} is older than {seen}, seen before")
    memory.remember(MEMORY_NAME, version)

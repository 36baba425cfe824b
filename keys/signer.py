"""Public keys, and whatever can sign."""

from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Protocol, TypeAlias

from keys.errors import PublicKeyError
from keys.suites import ED25519, SUITES, Suite
from schemas import base58
from schemas.errors import FormatError

Random: TypeAlias = Callable[[int], bytes]
"""Source of randomness: a length to that many bytes; ``os.urandom`` outside tests."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key of one suite; raises PublicKeyError when its length is wrong."""

    suite: Suite
    raw: bytes
    kid: bytes = field(init=False, repr=False, compare=False)
    """First 4 bytes of SHA-256(raw): the ``kid`` of COSE headers and trust lists."""

    def __post_init__(self) -> None:
        if len(self.raw) != self.suite.public_size:
            raise PublicKeyError(
                f"a {self.suite.name} public key has {self.suite.public_size} bytes, "
                f"not {len(self.raw)}"
            )
        object.__setattr__(self, "kid", sha256(self.raw).digest()[:4])

    @property
    def fingerprint(self) -> str:
        """SHA-256(raw) in hex: what people read out and compare at a ceremony."""
        return sha256(self.raw).hexdigest()

    @property
    def multibase(self) -> str:
        """``publicKeyMultibase`` of a Multikey, ``z6Mk…`` for Ed25519."""
        return "z" + base58.encode(self.suite.multicodec + self.raw)

    @classmethod
    def from_multibase(cls, text: str) -> "PublicKey":
        """Read a ``publicKeyMultibase``; raises PublicKeyError."""
        if not text.startswith("z"):
            raise PublicKeyError("a public key in Multibase starts with z (base58)")
        try:
            data = base58.decode(text[1:])
        except FormatError as error:
            raise PublicKeyError(str(error)) from None
        for suite in SUITES:
            if data.startswith(suite.multicodec):
                return cls(suite, data[len(suite.multicodec) :])
        raise PublicKeyError("the Multikey is of an unknown algorithm")


class Signer(Protocol):
    """Holds one private key, in memory or in hardware.

    ``sign`` may block, may be called from several threads, and raises SigningError when custody
    cannot or will not sign. It takes the message itself, never a hash, so that a device can keep
    its own journal of what it signed. Nothing here gives the private key out.
    """

    @property
    def public(self) -> PublicKey:
        """The key that verifies what this signs."""

    def sign(self, message: bytes) -> bytes:
        """Sign ``message`` whole; the length is the suite's ``signature_size``."""


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A signer whose private key is in this process's memory."""

    public: PublicKey
    seed: bytes = field(repr=False)
    """The private key as it is kept in a sealed file; never printed, never logged."""
    _secret: bytes = field(repr=False, compare=False)

    @classmethod
    def from_seed(cls, seed: bytes, suite: Suite = ED25519) -> "KeyPair":
        """Derive the pair from its seed; raises ValueError when the length is wrong."""
        if len(seed) != suite.seed_size:
            raise ValueError(f"a {suite.name} seed has {suite.seed_size} bytes")
        public, secret = suite.derive(seed)
        return cls(PublicKey(suite, public), seed, secret)

    @classmethod
    def generate(cls, random: Random, suite: Suite = ED25519) -> "KeyPair":
        """Make a new pair from ``random``."""
        return cls.from_seed(random(suite.seed_size), suite)

    def sign(self, message: bytes) -> bytes:
        """Sign ``message``; Ed25519 is deterministic, so a second run gives the same bytes."""
        return self.public.suite.sign(self._secret, message)

"""Password hashes: argon2id with the library's parameters, and one cost for every answer."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LEAST = 10
"""Fewest characters of a password."""

_HASHER = PasswordHasher()
_NOBODY = _HASHER.hash("nobody has this account")


def seal(password: str) -> str:
    """The hash of a password, with its salt and parameters."""
    return _HASHER.hash(password)


def matches(stored: str | None, password: str) -> bool:
    """Whether the password belongs to the hash; without a hash it takes as long and is False."""
    try:
        return _HASHER.verify(stored or _NOBODY, password) and stored is not None
    except (VerificationError, InvalidHashError):
        return False

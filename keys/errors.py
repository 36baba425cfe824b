"""Errors that keys, envelopes and custody can raise."""

from schemas.errors import FormatError


class SignatureError(Exception):
    """A signature does not verify, or too few of the required ones do."""


class EnvelopeError(FormatError):
    """A signature container is damaged, or is not spelled in the one way that is allowed."""


class PublicKeyError(FormatError):
    """Bytes or text that are no public key of a known suite."""


class SigningError(Exception):
    """Custody could not sign: a locked token, a lost connection, a refused use."""


class SealedFileError(Exception):
    """A key file could not be written or opened; the message never says anything of its content."""


class CeremonyError(Exception):
    """A ceremony was refused: a bad plan, too few holders, or a change that the list forbids."""


class SealedStreamError(Exception):
    """A sealed stream is not one, was changed or cut short, or is for another key."""

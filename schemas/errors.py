"""Errors that parsing and printing a signed format can raise."""


class FormatError(Exception):
    """The input is not a value of the format: damaged, not canonical, or out of range."""


class NotOurProfileError(FormatError):
    """A well-formed document of some other registry or profile."""


class NewerFormatError(FormatError):
    """Our profile, but with a version or a must-understand field that this code does not know."""


class ContradictionError(FormatError):
    """Our profile, but its parts disagree: altered after it was printed, or never ours.

    A document that was signed as printed cannot raise this, so no signature over it can be good.
    """

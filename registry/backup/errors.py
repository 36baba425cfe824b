"""What is wrong with a backup, in words for the operator."""


class BackupError(Exception):
    """A backup cannot be made, read or restored; the message says why and what to do."""

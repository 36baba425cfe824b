"""The public tree as evidence in memory, swapped whole when it was republished."""

from registry.config import Config


class LiveEvidence:
    """Trust list, status lists and tiles of the folder that this process serves."""

    def __init__(self, config: Config) -> None:
        self._config = config

    def trust_version(self) -> int | None:
        """Version of the newest trust list in memory; None where none leads to the anchor."""
        return None

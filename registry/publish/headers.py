"""How each public file is handed out, whoever does it: our own web process, a bucket, a CDN."""

import re
from dataclasses import dataclass

LIST = "application/statuslist+cwt"
TILE = "application/hallmark-issued+cwt"
NOTE = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Served:
    """What stands in the head of an answer."""

    media_type: str
    max_age: int
    """Seconds that a cache may keep it without asking again."""

    @property
    def cache_control(self) -> str:
        """The ``Cache-Control`` header; every file is public."""
        return f"public, max-age={self.max_age}"


FILES: tuple[tuple[str, Served], ...] = (
    (r"s/\d{1,9}", Served(LIST, 30)),
    (r"b/\d{1,9}", Served("application/vc", 30)),
    (r"i/\d{1,9}/\d{1,9}", Served(TILE, 30)),
    (r"n/[0-9a-f]{64}", Served(NOTE, 30)),
    (r"trust/latest", Served(NOTE, 30)),
    (r"trust/\d{1,9}", Served(NOTE, 86_400)),
    (r"issuers/[A-Za-z0-9._-]{1,64}/did\.json", Served("application/did+json", 300)),
    (r"\.well-known/did\.json", Served("application/did+json", 300)),
    (r"schemas/hallmark-certificate-\d{1,4}(\.json)?", Served("application/schema+json", 86_400)),
)
"""Form of the path and how it is served. What has no row is handed out by no door."""
MISSING = "public, max-age=5"
"""``Cache-Control`` of a 404: soon asked again, for the file may be there in a minute."""
PRIVATE = Served("application/octet-stream", 0)
"""For what lies in the tree and is for nobody else, such as the sealed watermark."""


def served(path: str) -> Served | None:
    """How the file at a path of the tree is served; None for what no door hands out."""
    return next((how for form, how in FILES if re.fullmatch(form, path)), None)

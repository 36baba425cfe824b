"""The fonts that faces are set in: installed packages whose files are checked by hash.

Noto Serif SC carries the text, Noto Sans SC and Noto Sans CJK what it lacks; all three are under
the SIL Open Font License. Debian's ``fonts-hanazono`` adds characters that none of them has, where
it is installed: it is asked last, so it never changes a face that can be set without it.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

import typst
from fontTools.ttLib import TTFont

PINNED: tuple[tuple[str, str, str], ...] = (
    (
        "pylopdf_fonts_zh_cn",
        "NotoSerifSC-Regular.otf",
        "e8f396decc1f0963a016a989c3d8852e863d1350996f573860a80767c83a1cd3",
    ),
    (
        "pylopdf_fonts_zh_cn",
        "NotoSansSC-Regular.otf",
        "faa6c9df652116dde789d351359f3d7e5d2285a2b2a1f04a2d7244df706d5ea9",
    ),
    (
        "manimgx_fonts_cjk",
        "NotoSansCJK-VF.otf.ttc",
        "d3d8256cdec8dbcb3552284bc6b20c734dd60c2ee9df83b5758e34807c4bac32",
    ),
)
"""Package, file, SHA-256."""
EXTRA = (
    Path("/usr/share/fonts/truetype/hanazono/HanaMinB.ttf"),
    Path("/usr/share/fonts/truetype/hanazono/HanaMinA.ttf"),
)
"""Used when Debian has installed them."""


class FontError(Exception):
    """A font is missing or is not the one that was checked; nothing is printed with it."""


@dataclass(frozen=True)
class Fonts:
    """The checked font files, what they cover, and typst's view of them."""

    pinned: tuple[tuple[str, str, str], ...] = PINNED
    extra: tuple[Path, ...] = EXTRA

    @cached_property
    def paths(self) -> tuple[Path, ...]:
        """Every font file, in order of preference.

        Raises:
            FontError: a package is absent, or a file's SHA-256 is another.
        """
        return tuple(self._checked()) + tuple(path for path in self.extra if path.exists())

    def _checked(self) -> Iterator[Path]:
        for package, name, digest in self.pinned:
            spec = find_spec(package)
            if spec is None or spec.origin is None:
                raise FontError(f"font package {package} is not installed")
            path = Path(spec.origin).parent / name
            try:
                found = hashlib.sha256(path.read_bytes()).hexdigest()
            except OSError as error:
                raise FontError(f"{path}: {error.strerror}") from None
            if found != digest:
                raise FontError(f"{path} is not the font that was checked (SHA-256 {found})")
            yield path

    @cached_property
    def typst(self) -> typst.Fonts:
        """The same files for typst; nothing else of the machine is used."""
        return typst.Fonts(
            include_system_fonts=False,
            include_embedded_fonts=False,
            font_paths=[str(folder) for folder in dict.fromkeys(p.parent for p in self.paths)],
        )

    @cached_property
    def _covered(self) -> frozenset[int]:
        covered: set[int] = set()
        for path in self.paths:
            number = 2 if path.suffix == ".ttc" else -1
            with TTFont(path, fontNumber=number, lazy=True) as font:
                covered.update(font.getBestCmap())
        return frozenset(covered)

    def missing(self, text: str) -> str:
        """Characters of ``text`` that no font holds, each once, in order of appearance."""
        return "".join(
            dict.fromkeys(c for c in text if ord(c) not in self._covered and not c.isspace())
        )


FONTS = Fonts()

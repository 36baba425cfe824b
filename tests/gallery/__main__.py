"""``python -m tests.gallery``: builds, serves and photographs the demonstration."""

import argparse
import shutil
import tempfile
from pathlib import Path

from tests.browser.site import chromium
from tests.e2e.demonstration import Demonstration, build
from tests.gallery.camera import Camera, papers
from tests.gallery.contact import sheet

SHEETS = {390: (9, 260), 1280: (4, 640)}
"""Width of the window -> photographs beside each other on its sheet, and their width there."""


def main() -> None:
    """Make one contact sheet per width."""
    parser = argparse.ArgumentParser(prog="tests.gallery", description=__doc__)
    parser.add_argument("--dir", type=Path, default=Path("var/gallery"))
    folder: Path = parser.parse_args().dir
    for old in (*(folder / str(width) for width in SHEETS), folder / "papers"):
        shutil.rmtree(old, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        demo = build(Path(place) / "demo")
        with demo.served():
            _photograph(demo, folder)


def _photograph(demo: Demonstration, folder: Path) -> None:
    printed = papers(demo, folder / "papers")
    with chromium() as browser:
        for width, (columns, small) in SHEETS.items():
            camera = Camera(demo, browser, folder, width)
            taken = [
                *camera.verdicts(),
                *camera.public(),
                *camera.problems(),
                *camera.console(),
                *printed,
            ]
            file = folder / f"contact-{width}.png"
            sheet(taken, file, columns=columns, width=small)
            print(f"{file}: {len(taken)} pictures")


if __name__ == "__main__":
    main()

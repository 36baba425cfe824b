"""The printable sheet of QR codes, one per verdict, and the same cards as files."""

import json

from registry.config import Config
from registry.demo.showcase import Card
from registry.documents import qr as symbols


def write(config: Config, cards: list[Card]) -> None:
    """Write ``verdicts/<name>.txt`` and ``.png``, ``verdicts/index.json`` and ``verdicts.pdf``."""
    folder = config.folder / "verdicts"
    folder.mkdir(exist_ok=True)
    for card in cards:
        (folder / f"{card.name}.txt").write_text(card.text, encoding="ascii")
        (folder / f"{card.name}.png").write_bytes(symbols.png(card.text))
    listed = [{"name": card.name, "verdict": card.verdict, "reason": card.reason} for card in cards]
    (folder / "index.json").write_text(json.dumps(listed, indent=1) + "\n", encoding="utf-8")

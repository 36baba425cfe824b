"""The printable sheet of QR codes, one per verdict, and the same cards as files."""

import json

from registry.config import Config
from registry.demo.showcase import Card
from registry.documents import qr as symbols
from registry.documents.sheet import SheetCard, verdict_sheet
from verifier.words import TEXTS

SHOWS = {
    "valid": "有效证书 · A valid certificate",
    "revoked": "违规取得，被撤销 · Wrongly granted, revoked",
    "withdrawn": "出借证书，被吊销 · Lent to others, withdrawn",
    "cancelled": "本人申请注销 · Cancelled at the holder's request",
    "suspended": "调查期间暂停 · Suspended during an inquiry",
    "superseded": "更正后的旧证 · Old version of a corrected one",
    "expired": "已过最后一日 · After its last day",
    "not_yet_valid": "下月起生效 · In force from next month",
    "forged": "改动了一个比特 · One bit was changed",
    "unknown_issuer": "未登记的签发方 · Signed by nobody we list",
    "out_of_scope": "外省机构签发 · Signed by another province's body",
    "stolen": "用被盗的印记签发 · Signed with a stolen key",
    "never_issued": "借用空号签发 · Signed on an unused place",
    "other_registry": "别的系统的码 · A code of another system",
    "newer": "更新的格式 · A newer format",
    "unreadable": "缺了一段 · Cut short",
    "undetermined": "状态取不到 · Its status cannot be had",
}
"""What each card is, beside what scanning it must answer."""


def write(config: Config, cards: list[Card]) -> None:
    """Write ``verdicts/<name>.txt`` and ``.png``, ``verdicts/index.json`` and ``verdicts.pdf``."""
    folder = config.folder / "verdicts"
    folder.mkdir(exist_ok=True)
    for card in cards:
        (folder / f"{card.name}.txt").write_text(card.text, encoding="ascii")
        (folder / f"{card.name}.png").write_bytes(symbols.png(card.text))
    listed = [{"name": card.name, "verdict": card.verdict, "reason": card.reason} for card in cards]
    (folder / "index.json").write_text(json.dumps(listed, indent=1) + "\n", encoding="utf-8")
    printed = verdict_sheet([_printed(card) for card in cards], config.sample)
    (config.folder / "verdicts.pdf").write_bytes(printed)


def _printed(card: Card) -> SheetCard:
    verdicts = TEXTS["verdicts"]
    words = verdicts.get(f"{card.verdict}.{card.reason}") or verdicts[card.verdict]
    return SheetCard(
        qr_text=card.text,
        headline={language: words[language]["headline"] for language in ("zh", "en")},
        icon=words["icon"],
        colour=words["colour"],
        shows=SHOWS[card.name],
    )

"""Existing certificates in the sample registry: invented papers, drawn scans, requests."""

import io
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256

from PIL import Image, ImageDraw, ImageFont

from registry.acts import legacy_images, legacy_imports, legacy_requests, legacy_signing
from registry.acts.legacy_images import Scan
from registry.acts.legacy_imports import LegacyUpload
from registry.demo import cast
from registry.demo.people import Person, people
from registry.demo.story import HOUR, Story
from registry.queries import legacy as queries
from registry.queries import legacy_requests as requests
from registry.queries.policy import policy
from registry.rules.identity import RESIDENT, Identity
from registry.rules.legacy import LegacyKind, LegacyRow, Recorded, Source
from registry.rules.legacy_filed import Filed
from registry.rules.legacy_requests import TICKS
from registry.work import issue, loop
from schemas import dates

SITE = "10012001"
ISSUED, ASSESSED = date(2020, 6, 20), date(2020, 6, 10)
_UPLOAD = LegacyUpload(
    file_name="存量名册.xlsx", file_hash=sha256(b"sample").digest(), source_kind=Source.ARCHIVE,
    source="示例省职业技能鉴定档案（2012—2020）", reference="示例档移〔2026〕3号",
)  # fmt: skip


def play(story: Story, today: date) -> None:
    """Two lists, one public and one waiting; a signed version, and a request that waits."""
    story.moment = dates.day_start(today - timedelta(days=9)) + 9 * HOUR
    entries = _bring(story, "js-checker", rows(), _UPLOAD, confirmed_by="js-issuer")
    for place, entry in enumerate(entries[:4]):
        _scan(story, entry, rows()[place].number)
    _sign(story, entries[0])
    story.moment = dates.day_start(today - timedelta(days=1)) + 10 * HOUR
    _ask(story, entries[1])
    later = replace(_UPLOAD, file_name="存量名册-2.xlsx", source="示例市建设局旧系统导出",
                    source_kind=Source.SYSTEM, reference="示例函〔2026〕8号")  # fmt: skip
    _bring(story, "js-issuer", more_rows(), later)


def rows() -> list[LegacyRow]:
    """Papers of every sort, as a provincial archive holds them."""
    held = people(6, 41)
    return [
        _paper(held[0], 901), _paper(held[1], 902),
        _paper(held[2], 903, kind=LegacyKind.POST, number="示例建岗（2014）第0917号",
               occupation="施工员", mapped=None, level=None, issued=date(2014, 9, 17)),
        _paper(held[3], 904, kind=LegacyKind.SPECIAL, number="苏A032018000904",
               occupation="建筑架子工", mapped=None, level=None, issued=date(2018, 5, 8),
               expires=date(2020, 5, 7)),
        _paper(held[4], 905, kind=LegacyKind.TRAINING, number="示例培2016-0333",
               occupation="抹灰工", mapped=None, level="初级", issued=date(2016, 3, 1),
               recorded=Recorded.UNKNOWN),
        _paper(held[5], 906, recorded=Recorded.REVOKED),
    ]  # fmt: skip


def more_rows() -> list[LegacyRow]:
    """A second list, which another officer has still to confirm."""
    return [_paper(person, 910 + place) for place, person in enumerate(people(3, 42))]


def _paper(person: Person, serial: int, **changes: object) -> LegacyRow:
    facts = LegacyRow(
        kind=LegacyKind.QUALIFICATION, number=f"20{SITE}4{serial:05d}", name=person.name,
        identity=Identity(RESIDENT, person.identity), occupation="砌筑工", mapped=cast.BRICKLAYER,
        level="中级（四级）", issuer="示例省职业技能鉴定指导中心", issued=ISSUED, expires=None,
        recorded=Recorded.IN_FORCE, reference=f"示例档2020-4-{serial}",
    )  # fmt: skip
    return replace(facts, **changes)  # type: ignore[arg-type]


def _bring(
    story: Story, officer: str, given: list[LegacyRow], upload: LegacyUpload,
    confirmed_by: str | None = None,
) -> list[int]:  # fmt: skip
    actors = story.founded.actors
    with story.context.writing.begin() as session:
        report = legacy_imports.import_legacy(
            session, actors[officer], story.moment, story.founded.personal, upload,
            dict(enumerate(given, 2)), {},
        )  # fmt: skip
        if confirmed_by is not None and report.id is not None:
            legacy_imports.confirm_import(
                session, actors[confirmed_by], story.moment + HOUR, report.id
            )
        if report.id is None:
            return []
        found = queries.entries(session, actors[officer], import_id=report.id)
        return [row.id for row in sorted(found, key=lambda row: row.source_row)]


def _scan(story: Story, entry: int, number: str) -> None:
    with story.context.writing.begin() as session:
        legacy_images.attach(
            session, story.founded.actors["js-checker"], story.moment, story.founded.personal,
            entry, Scan(f"{entry}.png", "image/png", drawing(number, entry)),
        )  # fmt: skip


def _ask(story: Story, entry: int) -> int:
    with story.context.writing.begin() as session:
        legacy_requests.ask(session, story.moment, story.founded.personal, entry)
        found = requests.requests(session, story.founded.actors["js-checker"])
        return next(row.id for row in found if row.entry == entry)


def _sign(story: Story, entry: int) -> None:
    """A holder's request from the first to the last step."""
    request, actors = _ask(story, entry), story.founded.actors
    filed = Filed(
        site=SITE, occupation=cast.BRICKLAYER, level="4", work_type="010", assessed=ASSESSED,
        theory=Decimal("78"), practice=Decimal("83.5"), review=None,
    )  # fmt: skip
    with story.context.writing.begin() as session:
        found = policy(session)
        legacy_requests.check(
            session, actors["js-checker"], story.moment + HOUR, story.founded.personal, found,
            request, filed, TICKS, "示例档2020-4-901，考核登记表第3页",
        )  # fmt: skip
        legacy_signing.approve(
            session, actors["js-issuer2"], story.moment + 2 * HOUR, story.founded.personal, found,
            request,
        )  # fmt: skip
    story.moment += 3 * HOUR
    loop.run_until_idle(story.context, (issue.step,))


def drawing(number: str, seed: int) -> bytes:
    """A PNG of a paper that nobody could take for a real one."""
    image = Image.new("RGB", (1000, 700), "#f4ead2")
    pen = ImageDraw.Draw(image)
    pen.rectangle((24, 24, 976, 676), outline="#8a2b22", width=6)
    pen.rectangle((40, 40, 960, 660), outline="#8a2b22", width=2)
    pen.text((360, 80), "SAMPLE PAPER", "#8a2b22", ImageFont.load_default(40))
    pen.rectangle((90, 190, 290, 460), outline="#777777", width=3)
    pen.ellipse((150, 230, 230, 320), fill="#c9bda3")
    pen.pieslice((120, 330, 260, 520), 180, 360, fill="#c9bda3")
    for line in range(6):
        top = 200 + line * 50
        pen.line((340, top + 30, 900, top + 30), fill="#9a8f78", width=2)
        pen.rectangle((340, top, 420 + (seed * 37 + line * 61) % 380, top + 18), fill="#b9ac90")
    digits = "".join(each for each in number if each.isascii())
    pen.text((90, 560), f"No. {digits}", "#333333", ImageFont.load_default(32))
    pen.ellipse((690, 470, 880, 650), outline="#c0392b", width=8)
    pen.text((742, 542), "SAMPLE", "#c0392b", ImageFont.load_default(24))
    buffer = io.BytesIO()
    image.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()

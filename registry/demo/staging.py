"""The order of scenes: which batches come when, and what becomes of their certificates."""

from datetime import date, timedelta

from registry.demo import cast, legacy, sheets
from registry.demo.sheets import Line, small_workbook
from registry.demo.story import Story
from registry.queries import certificates
from registry.rules.permissions import Actor
from registry.rules.status import StatusAct

_JS = "K32240001、K32240002、K32240003"
_SC = "K51240001、K51240002、K51240003"


def play(story: Story, today: date) -> None:
    """Tell the whole story up to ``today``."""
    main = today - timedelta(days=24)
    story.whole(
        "catalogue", "10012001",
        small_workbook(11, 3, cast.BRICKLAYER, "010", "四级/中级工", date(2020, 11, 10), _JS),
        date(2020, 11, 12), "js",
    )  # fmt: skip
    story.whole(
        "expired", "23012001",
        small_workbook(12, 3, cast.PIPEFITTER, "110", "五级/初级工",
                       today.replace(day=1) - timedelta(days=1100), _SC),
        today.replace(day=1) - timedelta(days=1098), "sc",
    )  # fmt: skip
    workbook = story.whole("main", "10022002", sheets.main_workbook(main), main, "js")
    (story.founded.config.folder / "workbook.xlsx").write_bytes(workbook)
    _decide(story, today)
    recent = today - timedelta(days=3)
    story.whole(
        "coming", "23012001",
        small_workbook(13, 3, cast.PIPEFITTER, "110", "五级/初级工", recent, _SC),
        recent, "sc", award_after=1,
    )  # fmt: skip
    _unfinished(story, today)
    legacy.play(story, today)


def _decide(story: Story, today: date) -> None:
    """One certificate into every state; the rest of the batch stays valid."""
    officer = story.founded.actors["js-issuer"]
    ids = _steel(story, officer)
    day = today - timedelta(days=5)
    for act, ground, document in (
        (StatusAct.REVOKE, "fraud", "示例撤〔2026〕1号"),
        (StatusAct.CANCEL, "holder_request", "示例注〔2026〕1号"),
        (StatusAct.WITHDRAW, "lending_certificate", "示例吊〔2026〕1号"),
        (StatusAct.SUSPEND, "under_investigation", "示例停〔2026〕1号"),
        (StatusAct.SUSPEND, "under_investigation", "示例停〔2026〕2号"),
    ):
        story.rule("js-issuer", ids.pop(), act, ground, day, document)
        last = act
    reinstated = ids.pop()
    story.rule("js-issuer", reinstated, last, "under_investigation", day, "示例停〔2026〕3号")
    story.rule(
        "js-issuer", reinstated, StatusAct.REINSTATE, "cleared", today - timedelta(days=2),
        "示例复〔2026〕1号",
    )  # fmt: skip
    story.correct("js-issuer", ids.pop(), "示例更正", today - timedelta(days=1))
    story.stop("10032003", cast.SCAFFOLD, today - timedelta(days=10))


def _steel(story: Story, officer: Actor) -> list[int]:
    """Ordinary valid certificates of the main batch, without the rare names."""
    with story.context.reading() as session:
        rows = certificates.of_batch(session, officer, story.batches["main"])
        plain = [
            row.id
            for row in sorted(rows, key=lambda row: row.number)
            if row.holder.startswith("示例")
            and certificates.issued(session, row.id).certificate.facts.occupation == cast.STEEL
        ]
    return plain


def _unfinished(story: Story, today: date) -> None:
    """Batches at every step of the way, so that each officer finds work."""
    day = today - timedelta(days=2)

    def lines(seed: int, province: str) -> list[Line]:
        if province == "js":
            return small_workbook(seed, 6, cast.STEEL, "020", "四级/中级工", day, _JS)
        return small_workbook(seed, 5, cast.PIPEFITTER, "110", "四级/中级工", day, _SC)

    for name, site, seed, steps in (
        ("approving", "10012001", 21, 3), ("checking", "10022002", 22, 2),
        ("confirming", "10032003", 23, 1), ("approving-sc", "23012001", 25, 3),
        ("draft", "23022002", 24, 0),
    ):  # fmt: skip
        province = "js" if site.startswith("10") else "sc"
        typed = lines(seed, province)
        if name == "approving":  # this site has no steel workers
            typed = small_workbook(seed, 6, cast.CONCRETE, "040", "四级/中级工", day, _JS)
        story.hand_in(name, site, typed, day)
        for step in (story.submit, story.confirm)[:steps]:
            step(name)
        if steps == 3:
            story.check(name, f"{province}-checker")
        if name == "draft":
            changed = [*typed]
            changed[0] = _with_score(changed[0])
            story.again(name, site, changed)


def _with_score(line: Line) -> Line:
    return Line(
        person=line.person, occupation=line.occupation, level=line.level, assessed=line.assessed,
        work_type=line.work_type, theory="91", practice=line.practice, team=line.team,
    )  # fmt: skip

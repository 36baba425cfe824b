"""Existing certificates (存量证书): what a row of an officer's list must say, and how rows differ.

The paper was issued by somebody else, long ago. What it says is kept as it is worded; only what
look-ups and clashes need is brought into one form. Nothing here says that a paper is genuine.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeVar

from registry.rules import identity as identities
from registry.rules import lookup, names
from registry.rules.assessment import Occupations
from registry.rules.decision import Reason, RefusedError, reason
from registry.rules.identity import Identity
from registry.rules.policy import Policy
from registry.rules.spellings import date_of, half_width

Word = TypeVar("Word", bound=StrEnum)
_EARLIEST = date(1980, 1, 1)


class Source(StrEnum):
    """Where a list of existing certificates was taken from."""

    ARCHIVE = "archive"
    SYSTEM = "system"
    LIST = "list"
    OTHER = "other"


class LegacyKind(StrEnum):
    """Sort of paper."""

    QUALIFICATION = "qualification"
    LEVEL = "level"
    TRAINING = "training"
    POST = "post"
    SPECIAL = "special"
    OTHER = "other"


class Recorded(StrEnum):
    """State as the source gives it; this registry has not looked into it."""

    IN_FORCE = "in_force"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    REVOKED = "revoked"
    WITHDRAWN = "withdrawn"
    UNKNOWN = "unknown"


KIND_NAMES: dict[LegacyKind, tuple[str, ...]] = {
    LegacyKind.QUALIFICATION: ("职业资格证书", "国家职业资格证书", "资格证书"),
    LegacyKind.LEVEL: ("职业技能等级证书", "技能等级证书", "等级证书"),
    LegacyKind.TRAINING: ("培训合格证", "培训合格证书"),
    LegacyKind.POST: ("岗位证书", "岗位证", "岗位培训合格证", "上岗证"),
    LegacyKind.SPECIAL: ("特种作业操作资格证", "建筑施工特种作业操作资格证", "特种作业证"),
    LegacyKind.OTHER: ("其他", "其他证书"),
}
"""Spellings of each kind; the first one is offered and shown."""

RECORDED_NAMES: dict[Recorded, tuple[str, ...]] = {
    Recorded.UNKNOWN: ("不详", "未知"),
    Recorded.IN_FORCE: ("在册", "正常", "有效"),
    Recorded.EXPIRED: ("已过期", "过期", "失效"),
    Recorded.CANCELLED: ("已注销", "注销"),
    Recorded.REVOKED: ("已撤销", "撤销"),
    Recorded.WITHDRAWN: ("已吊销", "吊销"),
}
"""Spellings of each state of the source; the first one is offered and shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyRow:
    """One existing certificate, as a list gives it."""

    kind: LegacyKind
    number: str
    name: str
    identity: Identity
    occupation: str
    """As the paper words it."""
    mapped: str | None
    """Code of the catalogue's occupation, where somebody has mapped it."""
    level: str | None
    """As the paper words it."""
    issuer: str
    issued: date
    expires: date | None
    recorded: Recorded
    reference: str | None
    """Where this paper is kept."""

    @property
    def key(self) -> tuple[str, str]:
        """What makes two rows of one province the same paper: its kind and number."""
        return self.kind.value, lookup.number_key(self.number)


def read(
    cells: Mapping[str, str], occupations: Occupations, on: date, policy: Policy
) -> LegacyRow | tuple[Reason, ...]:
    """One row as an existing certificate, or every reason why it is none.

    Args:
        cells: texts by column key; a missing key and an empty text are the same.
        occupations: the catalogue, for the optional mapping.
        on: civil date of the import; nothing may have been issued later.
        policy: for kinds of identity documents.
    """
    return _Row(cells, occupations, on, policy).row()


class _Row:
    """Reads column after column and gathers all that is wrong."""

    def __init__(
        self, cells: Mapping[str, str], occupations: Occupations, on: date, policy: Policy
    ) -> None:
        self.cells, self.occupations, self.on, self.policy = cells, occupations, on, policy
        self.reasons: list[Reason] = []

    def row(self) -> LegacyRow | tuple[Reason, ...]:
        kind, number = self._kind(), self._number()
        name, identity = self._name(), self._identity()
        occupation, issuer = self._text("occupation", 120), self._text("issuer", 160)
        mapped = self._mapped()
        issued, expires = self._issued(), self._day("expires")
        recorded = self._recorded()
        level = self._text("level", 60, needed=False)
        reference = self._text("reference", 200, needed=False)
        if issued and expires and expires < issued:
            self.reasons.append(
                reason("legacy_expires_early", "expires", date=expires, issued=issued)
            )
        if self.reasons:
            return tuple(self.reasons)
        # Each None has left a reason above.
        assert kind and number and name and identity and occupation and issuer and issued
        return LegacyRow(
            kind=kind, number=number, name=name, identity=identity, occupation=occupation,
            mapped=mapped, level=level, issuer=issuer, issued=issued, expires=expires,
            recorded=recorded or Recorded.UNKNOWN, reference=reference,
        )  # fmt: skip

    def _text(self, column: str, most: int, *, needed: bool = True) -> str | None:
        text = " ".join(self.cells.get(column, "").split())
        if text in ("", "--") and not needed:
            return None
        if not text:
            self.reasons.append(reason("missing", column))
        elif len(text) > most:
            self.reasons.append(reason("legacy_text_too_long", column, length=len(text), most=most))
        elif not text.isprintable():
            self.reasons.append(reason("legacy_text_unprintable", column))
        else:
            return text
        return None

    def _kind(self) -> LegacyKind | None:
        if (text := self._text("kind", 40)) is None:
            return None
        found = _spelt(half_width(text), KIND_NAMES)
        if found is None:
            known = "、".join(spellings[0] for spellings in KIND_NAMES.values())
            self.reasons.append(reason("legacy_kind_unknown", "kind", kind=text, known=known))
        return found

    def _number(self) -> str | None:
        text = self._text("number", 60)
        if text is not None and not lookup.is_number(lookup.number_key(text)):
            self.reasons.append(reason("legacy_number_malformed", "number", number=text))
            return None
        return text

    def _name(self) -> str | None:
        if (text := self._text("name", 200)) is None:
            return None
        try:
            return names.normalise(text)
        except RefusedError as refused:
            self.reasons.extend(refused.reasons)
            return None

    def _identity(self) -> Identity | None:
        if (number := self._text("identity", 60)) is None:
            return None
        kind = self.cells.get("identity_kind", "").strip()
        try:
            return identities.read(kind, number, self.on, self.policy)
        except RefusedError as refused:
            self.reasons.extend(refused.reasons)
            return None

    def _mapped(self) -> str | None:
        if (text := self._text("mapped", 60, needed=False)) is None:
            return None
        try:
            return self.occupations.find(text).code
        except RefusedError as refused:
            self.reasons += [
                Reason(each.code, each.parameters, "mapped") for each in refused.reasons
            ]
            return None

    def _issued(self) -> date | None:
        if self._text("issued", 40) is None or (day := self._day("issued")) is None:
            return None
        if day > self.on:
            self.reasons.append(reason("legacy_issued_future", "issued", date=day, today=self.on))
        elif day < _EARLIEST:
            self.reasons.append(
                reason("legacy_issued_early", "issued", date=day, earliest=_EARLIEST)
            )
        else:
            return day
        return None

    def _day(self, column: str) -> date | None:
        text = self.cells.get(column, "").strip()
        if text in ("", "--"):
            return None
        day = date_of(text)
        if day is None:
            self.reasons.append(reason("date_malformed", column, text=text))
        return day

    def _recorded(self) -> Recorded | None:
        if (text := self._text("recorded", 40, needed=False)) is None:
            return None
        found = _spelt(half_width(text), RECORDED_NAMES)
        if found is None:
            known = "、".join(spellings[0] for spellings in RECORDED_NAMES.values())
            self.reasons.append(
                reason("legacy_recorded_unknown", "recorded", state=text, known=known)
            )
        return found


def _spelt(text: str, spellings: Mapping[Word, tuple[str, ...]]) -> Word | None:
    for word, spelt in spellings.items():
        if text == word.value or text in spelt:
            return word
    return None


def repeated(rows: Mapping[int, LegacyRow]) -> dict[int, Reason]:
    """Rows of one list that name an earlier row's paper again: row number -> reason."""
    first: dict[tuple[str, str], int] = {}
    found = {}
    for row, legacy in rows.items():
        earlier = first.setdefault(legacy.key, row)
        if earlier != row:
            found[row] = reason("legacy_twice", "number", row=earlier)
    return found


COMPARED = (
    "name", "identity", "occupation", "mapped", "level", "issuer", "issued", "expires", "recorded",
    "reference",
)  # fmt: skip
"""Columns that a list or a correction may give another value; kind and number name the paper."""

LABELS = {
    "kind": "证书种类", "number": "证书编号", "name": "姓名", "identity": "证件号码",
    "occupation": "职业（原文）", "mapped": "对应目录职业", "level": "等级（原文）",
    "issuer": "发证单位（原文）", "issued": "发证日期", "expires": "有效期至",
    "recorded": "原登记状态", "reference": "档案位置",
}  # fmt: skip


def differences(stored: LegacyRow, new: LegacyRow) -> tuple[Reason, ...]:
    """What differs between a registered paper and a new row of the same :attr:`LegacyRow.key`.

    Empty means the same again. An ID number is told by its last four only. A value that the new
    row leaves out where the source may stay silent is no difference.
    """
    if stored.key != new.key:
        raise ValueError("only rows of the same paper can differ")
    found = []
    for column in COMPARED:
        old, now = getattr(stored, column), getattr(new, column)
        is_silent = now is None and column in ("mapped", "reference")
        if old == now or is_silent or now is Recorded.UNKNOWN:
            continue
        found.append(
            reason("conflict", column, field=LABELS[column], stored=shown(old), new=shown(now))
        )
    return tuple(found)


def shown(value: object) -> str:
    """A value as conflicts and histories show it; of an ID number only the last four."""
    if value is None:
        return "--"
    if isinstance(value, Identity):
        return f"****{value.last4}"
    if isinstance(value, Recorded):
        return RECORDED_NAMES[value][0]
    return value.isoformat() if isinstance(value, date) else str(value)

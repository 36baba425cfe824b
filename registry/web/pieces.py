"""``/_pieces``: every piece that pages are made of, and every verdict, on one page."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from registry.web.office import Office, office
from registry.web.pages import Fault
from registry.web.words import mark
from schemas.certificate import Facts, Kind
from verifier import render, verdict
from verifier.render import TEXTS
from verifier.report import CHECKS, Report, Verdict

routes = APIRouter(include_in_schema=False)

_AT = 1_795_320_000
_NOTE = {
    "date": "2026-11-20", "state": 1, "phone": "000-00000000",
    "authority": {"zh": "示例省住房和城乡建设厅", "en": "Example Department"},
    "ground": {"code": "fraud", "zh": "以不正当手段取得证书", "en": "Obtained by deceit"},
    "appeal": {"body": "示例复议机关", "until": "2027-01-20"},
    "replacement": None,
}  # fmt: skip
_FACTS = Facts(
    base="https://certs.example.gov.cn", uuid=UUID(int=0), issuer="example",
    number="Y001011999966215000001", version=1, kind=Kind.LEVEL, name="买买提·吐尔逊",
    last4="002X", occupation="6-29-01-04", occupation_name="钢筋工", level="3", work_type="020",
    site="72003018", assessed=date(2026, 11, 2), awarded=date(2026, 11, 9), valid_from=None,
    valid_until=None, signed_at=_AT, status_list=1, status_index=7,
)  # fmt: skip


@routes.get("/_pieces")
def pieces(request: Request, here: Annotated[Office, Depends(office)]) -> Response:
    """Every piece that pages are made of, on one page."""
    levels = [("5", "五级/初级工"), ("4", "四级/中级工"), ("3", "三级/高级工")]
    faults = [Fault("name", mark("请填写姓名。"))]
    return here.pages.render(
        request, "pieces/all.html", faults=faults, levels=levels, form_token="",
        reports=_samples(),
    )  # fmt: skip


def _samples() -> list[dict[str, Any]]:
    """One report for every line of the precedence table that has words of its own."""
    shown: dict[str, dict[str, Any]] = {"valid": _sample(None)}
    for rule in verdict.RULES:
        key = f"{rule.verdict}.{rule.reason}" if rule.reason else str(rule.verdict)
        if key in TEXTS["verdicts"] and key not in shown:
            shown[key] = _sample(rule.code)
    return list(shown.values())


def _sample(deciding: str | None) -> dict[str, Any]:
    codes = []
    for check in CHECKS:
        missing = f"{check}.no_evidence"
        code = missing if missing in TEXTS["codes"] else f"{check}.ok"
        if deciding is not None and deciding.startswith(f"{check}."):
            code = deciding
        codes.append(code)
        if code in verdict.STOPS:
            break
    decided, reason, steps = verdict.decide(tuple(codes))
    is_read = codes[-1] not in verdict.STOPS
    has_note = decided in (Verdict.REVOKED, Verdict.SUSPENDED)
    return render.document(
        Report(
            verdict=decided, reason=reason, form="qr", at=_AT, steps=steps,
            facts=_FACTS if is_read else None, issuer_name="示例技能评价机构",
            issuer_name_en="Example Assessment Body", status_as_of=_AT if is_read else None,
            note=_NOTE if has_note else None,
        )
    )  # fmt: skip

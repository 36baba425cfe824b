"""A plan with two provinces, as the tests use it."""

from datetime import date

from keys.plan import Body, Plan
from schemas.certificate import Kind

NOW = 1_790_000_000


def plan(**changes: object) -> Plan:
    fields: dict[str, object] = {
        "base": "http://127.0.0.1:8000",
        "holders": ("1", "2", "3"),
        "threshold": 2,
        "start": NOW - 86400,
        "phone": "12345",
        "bodies": (
            body("js", "江苏实施机构", ("issuer",), kinds=(Kind.LEVEL,), checks=("issued",)),
            body("js-dept", "江苏主管部门", ("authority",)),
            body("gd", "广东实施机构", ("issuer", "document"), provinces=("19",)),
            body("gd-dept", "广东主管部门", ("authority",), provinces=("19",)),
        ),
    }
    return Plan(**(fields | changes))  # type: ignore[arg-type]


def body(id: str, zh: str, roles: tuple[str, ...], **more: object) -> Body:
    fields: dict[str, object] = {"provinces": ("10",)} | more
    return Body(
        id=id,
        zh=zh,
        en=f"Body {id}",
        since=date(2020, 1, 1),
        roles=roles,
        **fields,  # type: ignore[arg-type]
    )

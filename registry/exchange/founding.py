"""The written plan of a registry, TOML or JSON, as the rules read it."""

import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from registry.exchange.fields import Fields
from registry.rules import founding, founding_checks, identity, names
from registry.rules.decision import Reason, RefusedError, reason
from registry.rules.examiners import Grade, RelationKind
from registry.rules.founding import (
    Account,
    Body,
    Designation,
    Examiner,
    Filing,
    Person,
    Plan,
    PolicyRow,
    Relation,
    Scope,
    Site,
)
from registry.rules.identity import Identity
from registry.rules.permissions import Role
from registry.rules.policy import Policy
from schemas import jcs
from schemas.errors import FormatError

MAX_SIZE = 8 * 2**20
"""Most bytes of a plan."""
_CODE = r"[0-9A-Za-z](?:[0-9A-Za-z._-]{0,62}[0-9A-Za-z])?"
_SIGN_IN = r"[0-9A-Za-z](?:[0-9A-Za-z._@-]{0,78}[0-9A-Za-z])?"
_LEVELS = r"(?!.*(.).*\1)[1-5]{1,5}"
_MOST = 2**53


def read(data: bytes, on: date, policy: Policy) -> Plan:
    """A plan from the bytes of a file; a first character ``{`` makes it JSON.

    Args:
        data: the file.
        on: the day on which birth dates must be plausible.
        policy: the published policy: documents, provinces, tables.

    Raises:
        RefusedError: with every fault, whose columns are the paths to the values.
    """
    faults: list[Reason] = []
    whole = Fields(_document(data), "", faults)
    provinces = {row["code"] for row in policy.rows("areas", on)}
    reader = _Reader(on, policy, frozenset(provinces))
    plan = Plan(
        bodies=whole.tables("bodies", reader.body),
        designations=whole.tables("designations", reader.designation),
        policy=tuple(_policy(whole)),
        sites=whole.tables("sites", reader.site),
        filings=whole.tables("filings", reader.filing),
        persons=tuple(each for each in whole.tables("persons", reader.person) if each is not None),
        accounts=whole.tables("accounts", reader.account),
        examiners=whole.tables("examiners", reader.examiner),
        relations=tuple(
            each for each in whole.tables("relations", reader.relation) if each is not None
        ),
    )
    whole.close()
    # What does not fit together is told once every value can be read.
    if found := faults or list(founding_checks.check(plan, policy)):
        raise RefusedError(*found)
    return plan


def _document(data: bytes) -> object:
    try:
        if len(data) > MAX_SIZE:
            raise FormatError(f"more than {MAX_SIZE} bytes")
        if data.lstrip()[:1] == b"{":
            return jcs.load(data, max_size=MAX_SIZE)
        return tomllib.loads(data.decode())
    except RecursionError:
        problem = "nested too deeply"
    except (FormatError, ValueError) as error:
        problem = str(error)
    printable = "".join(each if each.isprintable() else "�" for each in problem)
    raise RefusedError(reason("founding_unreadable", problem=printable[:300]))


class _Reader:
    """One reader per table of the plan, over the policy of a day."""

    def __init__(self, on: date, policy: Policy, provinces: frozenset[str]) -> None:
        self._on, self._policy, self._provinces = on, policy, provinces

    def body(self, given: Fields) -> Body:
        return Body(
            id=given.text("id", 64, _CODE, "js"),
            role=given.choice("role", founding.BODY_ROLES),
            zh=given.text("zh", 120),
            en=given.text("en", 200),
            from_on=given.day("from"),
            signs=given.flag("signs", True),
            key=given.words("key", 64),
            letter=given.words("letter", 1, "[YS]", "Y, S"),
            code=given.words("code", 4, "[0-9]{4}", "0000"),
            province=given.maybe("province", lambda name: self._province(given, name)),
            parent=given.words("parent", 64),
            url=given.words("url", 200, r"https?://[^\s]+", "https://body.example"),
            phone=given.words("phone", 40),
            appeal_body=given.words("appeal_body", 120),
        )

    def designation(self, given: Fields) -> Designation:
        return Designation(
            department=given.text("department", 64), body=given.text("body", 64),
            from_on=given.day("from"), source=given.text("source", 300),
        )  # fmt: skip

    def site(self, given: Fields) -> Site:
        return Site(
            number=given.text("number", 8, "[0-9]{8}", "10012001"),
            serial=given.words("serial", 6, "[0-9]{6}", "320001"),
            body=given.text("body", 64),
            province=self._province(given, "province"),
            zh=given.text("zh", 120),
            en=given.text("en", 200),
            host=given.choice("host", founding.HOST_KINDS),
            address=given.words("address", 500),
            phone=given.words("phone", 40),
            accreditations=given.tables(
                "accreditations", lambda each: _scope(each, "decision", 200)
            ),
        )

    def filing(self, given: Fields) -> Filing:
        return Filing(body=given.text("body", 64), scope=_scope(given, "source", 300))

    def person(self, given: Fields) -> Person | None:
        id_ = given.text("id", 64, _CODE, "li-example")
        typed = given.text("name", 80)
        name = given.refused("name", lambda: names.normalise(typed)) if typed else None
        known = self._identity(given)
        return None if name is None or known is None else Person(id=id_, name=name, identity=known)

    def account(self, given: Fields) -> Account:
        return Account(
            sign_in_name=given.text("sign_in_name", 80, _SIGN_IN, "admin"),
            person=given.text("person", 64),
            roles=given.texts("roles", lambda each, name: each.member(name, Role)),
            province=given.maybe("province", lambda name: self._province(given, name)),
            site=given.words("site", 8),
            password_file=given.words("password_file", 500),
        )

    def examiner(self, given: Fields) -> Examiner:
        first, last = given.period()
        if last is None:
            given.fault("until", "founding_missing")
        return Examiner(
            card=given.text("card", 20, _CODE, "K32240001"),
            person=given.text("person", 64),
            grade=given.member("grade", Grade),
            province=self._province(given, "province"),
            from_on=first,
            until_on=last or first,
            scopes=given.tables("scopes", lambda each: _scope(each, None, 0)),
        )

    def relation(self, given: Fields) -> Relation | None:
        card = given.text("examiner", 20)
        kind = given.member("kind", RelationKind)
        known = self._identity(given)
        return None if known is None else Relation(examiner=card, candidate=known, kind=kind)

    def _province(self, given: Fields, name: str) -> str:
        code = given.text(name, 2, "[0-9]{2}", "32")
        if len(code) == 2 and code.isdigit() and code not in self._provinces:
            given.fault(name, "founding_province", province=code)
        return code

    def _identity(self, given: Fields) -> Identity | None:
        kind = given.words("id_kind", 40) or identity.RESIDENT
        number = given.text("id_number", 40)
        if not number:
            return None
        return given.refused(
            "id_number", lambda: identity.read(kind, number, self._on, self._policy)
        )


def _scope(given: Fields, source: str | None, most: int) -> Scope:
    first, last = given.period()
    return Scope(
        occupations=given.texts("occupations", lambda each, name: each.text(name, 40)),
        levels=given.text("levels", 5, _LEVELS, "543"),
        from_on=first, until_on=last,
        source="" if source is None else given.text(source, most),
    )  # fmt: skip


def _policy(whole: Fields) -> Iterator[PolicyRow]:
    for table, rows in whole.table("policy").items():
        path = f"policy.{table}" if table.isprintable() else f"policy.{table!r}"
        if not isinstance(rows, list):
            whole.fault(path, "founding_list")
            continue
        for number, row in enumerate(rows):
            if not isinstance(row, Mapping) or not all(map(_plain, row.values())):
                whole.fault(f"{path}[{number}]", "founding_row")
                continue
            columns = {name: _column(value) for name, value in row.items()}
            yield PolicyRow(table=table, row=columns, path=f"{path}[{number}]")


def _plain(value: Any) -> bool:
    if isinstance(value, list):
        return all(isinstance(each, str) and each.isprintable() for each in value)
    if isinstance(value, str):
        return value.isprintable() and len(value) <= 1000
    if isinstance(value, int):
        return abs(value) <= _MOST
    return type(value) is date


def _column(value: Any) -> Any:
    return value.isoformat() if type(value) is date else value

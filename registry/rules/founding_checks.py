"""Whether a plan for a registry fits together, and whether the trust list bears it out.

Every fault is a reason whose column is the path to the value, e.g. ``bodies[2].parent``, so that
all of them can be told at once.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from registry.rules.decision import Reason, reason
from registry.rules.founding import Plan
from registry.rules.numbering import LayoutError, scheme
from registry.rules.permissions import Role
from registry.rules.policy import Policy, PolicyError

_OWN_TABLES = frozenset({"training_numbers"})
"""Policy tables that the package leaves to the office."""


@dataclass(frozen=True, slots=True)
class ListedKey:
    """An issuer key of the trust list that is not closed."""

    issuer: str
    provinces: tuple[str, ...] | None = None
    """First two digits of the sites that it signs for; None is any."""


def check(plan: Plan, policy: Policy) -> Iterator[Reason]:
    """Every fault that the plan has in itself."""
    yield from _twice("bodies", "id", [each.id for each in plan.bodies])
    yield from _twice("sites", "number", [each.number for each in plan.sites])
    yield from _twice("persons", "id", [each.id for each in plan.persons])
    yield from _twice("persons", "id_number", [each.identity for each in plan.persons])
    yield from _twice("accounts", "sign_in_name", [each.sign_in_name for each in plan.accounts])
    yield from _twice("examiners", "card", [each.card for each in plan.examiners])
    yield from _bodies(plan)
    yield from _references(plan)
    yield from _accounts(plan)
    yield from _policy(plan, policy)


def check_keys(
    plan: Plan, listed: Mapping[str, ListedKey], issuers: Iterable[str]
) -> Iterator[Reason]:
    """What the plan says of keys and issuers that the trust list does not bear out.

    Args:
        plan: the plan.
        listed: open issuer keys of the trust list by name.
        issuers: ids of the bodies in the trust list.
    """
    known = frozenset(issuers)
    keys = {}
    for number, body in enumerate(plan.bodies):
        path = f"bodies[{number}]"
        if body.signs and body.id not in known:
            yield reason("founding_issuer_unlisted", f"{path}.id", issuer=body.id)
        if body.key is None:
            continue
        key = listed.get(body.key)
        if key is None or key.issuer != body.id:
            yield reason("founding_key_unlisted", f"{path}.key", key=body.key, issuer=body.id)
        else:
            keys[body.id] = key
    for number, site in enumerate(plan.sites):
        key = keys.get(site.body)
        if key is not None and key.provinces is not None and site.number[:2] not in key.provinces:
            yield reason(
                "founding_key_scope", f"sites[{number}].number",
                issuer=site.body, provinces=", ".join(key.provinces),
            )  # fmt: skip


def _twice(table: str, name: str, values: Sequence[object]) -> Iterator[Reason]:
    many = {value for value, count in Counter(values).items() if count > 1}
    first: dict[object, int] = {}
    for number, value in enumerate(values):
        if value in many and first.setdefault(value, number) != number:
            other = f"{table}[{first[value]}].{name}"
            yield reason("founding_twice", f"{table}[{number}].{name}", other=other)


def _bodies(plan: Plan) -> Iterator[Reason]:
    centres = [number for number, body in enumerate(plan.bodies) if body.role == "centre"]
    for number in centres[1:]:
        other = f"bodies[{centres[0]}].role"
        yield reason("founding_twice", f"bodies[{number}].role", other=other)
    silent = [(body.role, body.province) for body in plan.bodies if not body.signs]
    for number, body in enumerate(plan.bodies):
        path = f"bodies[{number}]"
        if body.role != "centre" and body.province is None:
            yield reason("founding_missing", f"{path}.province")
        if not body.signs and body.role == "implementing":
            yield reason("founding_must_sign", f"{path}.signs")
        if not body.signs and silent.count((body.role, body.province)) > 1:
            yield reason("founding_must_sign", f"{path}.signs")
        if body.key is not None and (not body.signs or body.role != "implementing"):
            yield reason("founding_key_of_other", f"{path}.key", role=body.role)


def _references(plan: Plan) -> Iterator[Reason]:
    roles = {body.id: body.role for body in plan.bodies}
    departments = {name for name, role in roles.items() if role == "department"}
    implementing = {name for name, role in roles.items() if role == "implementing"}
    persons = {person.id for person in plan.persons}
    cards = {examiner.card for examiner in plan.examiners}
    sites = {site.number for site in plan.sites}
    names: list[tuple[str, str | None, Iterable[str]]] = [
        *((f"bodies[{n}].parent", each.parent, roles) for n, each in enumerate(plan.bodies)),
        *((f"designations[{n}].department", each.department, departments)
          for n, each in enumerate(plan.designations)),
        *((f"designations[{n}].body", each.body, implementing)
          for n, each in enumerate(plan.designations)),
        *((f"sites[{n}].body", each.body, implementing) for n, each in enumerate(plan.sites)),
        *((f"filings[{n}].body", each.body, implementing) for n, each in enumerate(plan.filings)),
        *((f"accounts[{n}].person", each.person, persons) for n, each in enumerate(plan.accounts)),
        *((f"accounts[{n}].site", each.site, sites) for n, each in enumerate(plan.accounts)),
        *((f"examiners[{n}].person", each.person, persons)
          for n, each in enumerate(plan.examiners)),
        *((f"relations[{n}].examiner", each.examiner, cards)
          for n, each in enumerate(plan.relations)),
    ]  # fmt: skip
    for path, name, known in names:
        if name is not None and name not in known:
            yield reason("founding_reference", path, name=name)
    order = {body.id: number for number, body in reversed(list(enumerate(plan.bodies)))}
    for number, body in enumerate(plan.bodies):
        if body.parent is not None and order.get(body.parent, -1) >= number:
            yield reason("founding_order", f"bodies[{number}].parent", name=body.parent)


def _accounts(plan: Plan) -> Iterator[Reason]:
    for number, account in enumerate(plan.accounts):
        path = f"accounts[{number}]"
        if Role.CANDIDATE in account.roles or not account.roles:
            yield reason("founding_roles", f"{path}.roles")
        if account.site is not None and account.province is not None:
            yield reason("founding_one_place", f"{path}.province")
        # Who keeps accounts is bound to no place; everybody else must be.
        is_central = set(account.roles) == {Role.ADMINISTRATOR}
        if Role.SITE_REGISTRAR in account.roles and account.site is None:
            yield reason("founding_missing", f"{path}.site")
        elif not is_central and account.site is None and account.province is None:
            yield reason("founding_missing", f"{path}.province")


def _policy(plan: Plan, policy: Policy) -> Iterator[Reason]:
    whole = policy
    for each in plan.policy:
        if each.table not in policy.tables and each.table not in _OWN_TABLES:
            yield reason("founding_policy_table", each.path, table=each.table)
            continue
        try:
            whole = whole.with_rows(each.table, policy_columns(each.row))
            if each.table == "training_numbers":
                scheme("training_numbers", str(each.row.get("layout", "")))
        except (PolicyError, LayoutError, ValueError, TypeError) as error:
            yield reason("founding_policy", each.path, problem=str(error)[:300])


def policy_columns(row: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a stored row with its days as dates; ValueError for a day that is none."""
    return {
        name: date.fromisoformat(value) if name in ("from", "until") else value
        for name, value in row.items()
    }

"""Founding a registry from a plan, and adding to one what a longer plan says.

What is recorded already is compared and left as it is: a plan that says otherwise is refused, with
the path to the value. Only the key that signs for a body may be named anew, because keys end. A
role that was ended or an account that was closed stays so.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.acts import (
    catalogue,
    catalogue_data,
    founding_bodies,
    founding_people,
    organisations,
)
from registry.acts.founding_record import FirstPassword, Founding
from registry.custody.personal import Personal
from registry.queries import catalogue as catalogue_queries
from registry.records.organisations import PolicyRow
from registry.rules.decision import RefusedError
from registry.rules.founding import Account, Plan


def found(
    session: Session,
    now: int,
    personal: Personal,
    plan: Plan,
    *,
    url: str,
    password: Callable[[Account], FirstPassword],
) -> Founding:
    """Record what of a plan is not recorded yet; answers record ids by label and what was added.

    Args:
        session: a writing session, to be rolled back when this raises.
        now: UTC seconds.
        personal: keys over ID numbers.
        plan: checked by :mod:`registry.rules.founding_checks`.
        url: address of bodies that give none.
        password: asked for the first password of every account that is opened.

    Raises:
        RefusedError: with every fault; the columns are paths into the plan.
        ValueError: another edition of the catalogue is loaded already.
    """
    catalogue.load(session, now, catalogue_data.published())
    founding = Founding(session, now, personal, plan, url, password)
    for row in catalogue_queries.occupations(session):
        known = row.id, frozenset(row.levels)
        founding.occupations[row.code] = founding.occupations[row.key] = known
    founding_bodies.add(founding)
    _policy(founding)
    founding_people.add(founding)
    if founding.faults:
        raise RefusedError(*founding.faults)
    founding_people.need_administrator(session)
    return founding


def _policy(founding: Founding) -> None:
    stored = founding.session.execute(select(PolicyRow.table, PolicyRow.row)).all()
    known: list[tuple[str, dict[str, Any]]] = [(row[0], row[1]) for row in stored]
    for each in founding.plan.policy:
        if (each.table, dict(each.row)) in known:
            continue
        known.append((each.table, dict(each.row)))
        with founding.at(each.path):
            organisations.add_policy_row(
                founding.session, None, founding.now, each.table, dict(each.row)
            )
            founding.added["policy"] += 1

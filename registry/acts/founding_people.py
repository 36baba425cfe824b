"""Persons, accounts, examiners and relations, from a plan."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.acts import accounts, examiners
from registry.acts.accounts import Reach
from registry.acts.examiners import NewCard
from registry.acts.founding_record import Founding
from registry.records.accounts import Account as AccountRecord
from registry.records.accounts import AccountState, Grant
from registry.records.accounts import Person as PersonRecord
from registry.records.examiners import Examiner as ExaminerRecord
from registry.records.examiners import ExaminerScope
from registry.records.examiners import Relation as RelationRecord
from registry.rules.decision import RefusedError, reason
from registry.rules.founding import Account, Examiner, Person
from registry.rules.permissions import Role


def add(founding: Founding) -> None:
    """Record persons and open their accounts, then cards, scopes and relations."""
    for number, person in enumerate(founding.plan.persons):
        _person(founding, f"persons[{number}]", person)
    for number, account in enumerate(founding.plan.accounts):
        _account(founding, f"accounts[{number}]", account)
    for number, examiner in enumerate(founding.plan.examiners):
        _examiner(founding, f"examiners[{number}]", examiner)
    _relations(founding)


def need_administrator(session: Session) -> None:
    """Refuse a registry in which nobody could open an account.

    Raises:
        RefusedError: no active account is an administrator's.
    """
    found = session.scalar(
        select(func.count())
        .select_from(Grant)
        .join(AccountRecord, AccountRecord.id == Grant.account_id)
        .where(
            Grant.role == Role.ADMINISTRATOR,
            Grant.ended_at.is_(None),
            AccountRecord.state == AccountState.ACTIVE,
        )
    )
    if not found:
        raise RefusedError(reason("founding_no_administrator", "accounts"))


def _person(founding: Founding, path: str, person: Person) -> None:
    lookups = founding.personal.lookups(person.identity)
    known = select(PersonRecord.id).where(PersonRecord.id_lookup.in_(lookups))
    is_new = founding.session.scalar(known) is None
    found = accounts.record_person(
        founding.session, founding.now, person.name, founding.personal, person.identity
    )
    if is_new:
        founding.added["persons"] += 1
    recorded = founding.session.get_one(PersonRecord, found)
    founding.same(path, {"name": person.name}, {"name": recorded.name})
    founding.persons[person.id] = found


def _account(founding: Founding, path: str, account: Account) -> None:
    session, now, person = founding.session, founding.now, founding.persons[account.person]
    known = session.scalar(
        select(AccountRecord).where(AccountRecord.sign_in_name == account.sign_in_name)
    )
    if known is None:
        with founding.at(f"{path}.password_file" if account.password_file else path):
            first = founding.password(account)
            founding.accounts[account.sign_in_name] = accounts.open_account(
                session, None, now, person, account.sign_in_name, first.text, until=first.until
            )
            founding.added["accounts"] += 1
    else:
        founding.same(path, {"person": person}, {"person": known.person_id})
        founding.accounts[account.sign_in_name] = known.id
        if known.state != AccountState.ACTIVE:
            return
    _roles(founding, path, account)


def _roles(founding: Founding, path: str, account: Account) -> None:
    found = founding.accounts.get(account.sign_in_name)
    if found is None:
        return
    # A role that an administrator has ended is not given back by running the plan again.
    given = set(founding.session.scalars(select(Grant.role).where(Grant.account_id == found)))
    for role in dict.fromkeys(account.roles):
        if role.value in given:
            continue
        with founding.at(f"{path}.roles"):
            reach = Reach(province=account.province, site=account.site)
            accounts.grant(founding.session, None, founding.now, found, role, reach)
            founding.added["roles"] += 1


def _examiner(founding: Founding, path: str, examiner: Examiner) -> None:
    session, now, person = founding.session, founding.now, founding.persons[examiner.person]
    known = session.scalar(select(ExaminerRecord).where(ExaminerRecord.card == examiner.card))
    if known is not None:
        said = {
            "person": person, "grade": examiner.grade.value, "province": examiner.province,
            "from": examiner.from_on, "until": examiner.until_on,
        }  # fmt: skip
        founding.same(path, said, {
            "person": known.person_id, "grade": known.grade, "province": known.province,
            "from": known.from_on, "until": known.until_on,
        })  # fmt: skip
        found = known.id
    else:
        card = NewCard(
            person=person, card=examiner.card, grade=examiner.grade, province=examiner.province,
            from_on=examiner.from_on, until_on=examiner.until_on,
        )  # fmt: skip
        found = examiners.record_card(session, None, now, card)
        founding.added["examiners"] += 1
    founding.examiners[examiner.card] = found
    _scopes(founding, path, examiner, found)


def _scopes(founding: Founding, path: str, examiner: Examiner, found: int) -> None:
    for number, scope in enumerate(examiner.scopes):
        known = founding.session.execute(
            select(
                ExaminerScope.occupation_id, ExaminerScope.level, ExaminerScope.from_on,
                ExaminerScope.until_on,
            ).where(ExaminerScope.examiner_id == found)
        ).all()  # fmt: skip
        rows = ((row[0], row[1], row[2], row[3], "") for row in known)
        for occupation, levels in founding.missing(f"{path}.scopes[{number}]", scope, rows):
            examiners.give_scope(
                founding.session, None, founding.now, found, occupation, levels,
                scope.from_on, scope.until_on,
            )  # fmt: skip
            founding.added["scopes"] += len(levels)


def _relations(founding: Founding) -> None:
    count = select(func.count()).select_from(RelationRecord)
    before = founding.session.scalar(count) or 0
    for each in founding.plan.relations:
        examiners.declare_relation(
            founding.session, None, founding.now, founding.personal,
            founding.examiners[each.examiner], each.candidate, each.kind,
        )  # fmt: skip
    founding.added["relations"] += (founding.session.scalar(count) or 0) - before

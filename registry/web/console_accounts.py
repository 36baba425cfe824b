"""Accounts and roles, for the administrator; and an occupation's source."""

from fastapi import APIRouter, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from registry.acts import accounts as acts
from registry.acts import catalogue as catalogue_acts
from registry.acts.accounts import Reach
from registry.queries import accounts, catalogue, organisations
from registry.queries.policy import policy
from registry.rules import identity as identities
from registry.rules import names
from registry.rules.permissions import Act, Role
from registry.web.console import Here, Officer, RecordId, Text, attempt, need, whole
from registry.web.notices import go
from registry.web.office import Office
from registry.web.pages import Fault
from registry.web.problems import Problem
from registry.web.visitors import Visitor, offer_form
from registry.web.words import mark
from schemas.dates import shanghai_day

routes = APIRouter(prefix="/console", include_in_schema=False)

OFFICE_ROLES = tuple(role.value for role in Role if role is not Role.CANDIDATE)


@routes.get("/accounts")
def account_list(request: Request, here: Here, known: Officer) -> Response:
    """Every account, and the form for a new one."""
    return _list(request, here, known)


@routes.post("/accounts")
def open_account(
    request: Request, here: Here, known: Officer, token: Text = "", person: Text = "",
    id_kind: Text = "", identity: Text = "", name: Text = "", password: Text = "", role: Text = "",
    province: Text = "", site: Text = "",
) -> Response:  # fmt: skip
    """Open an account with its first role. The ID number says whose it is.

    Duties are separated between persons: without it, one person's second account would count as
    somebody else.
    """
    need(known, Act.EDIT_ACCOUNTS)
    typed = {"person": person, "id_kind": id_kind, "identity": identity, "name": name,
             "role": role, "province": province, "site": site}  # fmt: skip
    faults = _role_faults(role, province, site)
    if not person.strip():
        faults.append(Fault("person", mark("请填写姓名。")))
    if not identity.strip():
        faults.append(Fault("identity", mark("请填写证件号码，同一个人的账号要认得出来。")))
    if not name.strip():
        faults.append(Fault("name", mark("请填写登录名。")))
    if not faults:
        faults = attempt(
            here, known, token,
            lambda session, actor: acts.grant(
                session, actor, here.clock(),
                acts.open_account(
                    session, actor, here.clock(),
                    _person(session, here, person, id_kind, identity),
                    name.strip(), password,
                ),
                Role(role), Reach(province or None, site or None),
            ),
        )  # fmt: skip
    if faults:
        return _list(request, here, known, faults, typed)
    return go("/console/accounts", "account_opened")


@routes.post("/accounts/{account}/grant")
def grant(
    account: RecordId, request: Request, here: Here, known: Officer,
    token: Text = "", role: Text = "", province: Text = "", site: Text = "",
) -> Response:  # fmt: skip
    """One more role."""
    need(known, Act.EDIT_ACCOUNTS)
    faults = _role_faults(role, province, site) or attempt(
        here, known, token,
        lambda session, actor: acts.grant(
            session, actor, here.clock(), account, Role(role), Reach(province or None, site or None)
        ),
    )  # fmt: skip
    return (
        _list(request, here, known, faults) if faults else go("/console/accounts", "role_granted")
    )


@routes.post("/accounts/end-grant")
def end_grant(
    request: Request, here: Here, known: Officer,
    token: Text = "", account: Text = "", role: Text = "",
) -> Response:  # fmt: skip
    """End a role."""
    need(known, Act.EDIT_ACCOUNTS)
    if role not in OFFICE_ROLES:
        raise Problem(422)
    faults = attempt(
        here, known, token,
        lambda session, actor: acts.end_grant(
            session, actor, here.clock(), whole(account), Role(role)
        ),
    )  # fmt: skip
    return _list(request, here, known, faults) if faults else go("/console/accounts", "role_ended")


@routes.get("/accounts/{account}")
def account_page(account: RecordId, request: Request, here: Here, known: Officer) -> Response:
    """One account: its roles, one more, one less, or the end of it."""
    need(known, Act.EDIT_ACCOUNTS)
    with here.reading() as session:
        row = next((each for each in accounts.accounts(session) if each.id == account), None)
        sites = organisations.sites(session)
    if row is None:
        raise Problem(404)
    return here.pages.render(
        request, "console/one_account.html", row=row, roles=OFFICE_ROLES,
        sites=[(site.number, f"{site.name_zh} {site.number}") for site in sites],
        form_token=offer_form(here, known),
    )  # fmt: skip


@routes.get("/accounts/{account}/close")
def close_form(account: RecordId, request: Request, here: Here, known: Officer) -> Response:
    """What closing an account does."""
    need(known, Act.EDIT_ACCOUNTS)
    with here.reading() as session:
        row = next((each for each in accounts.accounts(session) if each.id == account), None)
    if row is None:
        raise Problem(404)
    return here.pages.render(
        request, "console/close_account.html", row=row, form_token=offer_form(here, known)
    )


@routes.post("/accounts/{account}/close")
def close(
    account: RecordId, request: Request, here: Here, known: Officer, token: Text = ""
) -> Response:
    """Close an account and end its sessions."""
    need(known, Act.EDIT_ACCOUNTS)
    faults = attempt(
        here, known, token,
        lambda session, actor: acts.close_account(session, actor, here.clock(), account),
    )  # fmt: skip
    return (
        _list(request, here, known, faults) if faults else go("/console/accounts", "account_closed")
    )


@routes.get("/occupations/{key}")
def source_form(key: str, request: Request, here: Here, known: Officer) -> Response:
    """The form for an occupation's code and where it is printed."""
    return _source(request, here, known, key)


@routes.post("/occupations/{key}")
def enter_source(
    key: str, request: Request, here: Here, known: Officer,
    token: Text = "", code: Text = "", source: Text = "",
) -> Response:  # fmt: skip
    """Enter the code with its source; the occupation becomes issuable."""
    need(known, Act.EDIT_CATALOGUE)
    faults = attempt(
        here, known, token,
        lambda session, actor: catalogue_acts.enter_source(
            session, actor, here.clock(), key, code.strip(), source
        ),
    )  # fmt: skip
    if faults:
        return _source(request, here, known, key, faults, code, source)
    return go("/catalogue/" + code.strip(), "source_entered")


def _person(session: Session, here: Office, name: str, kind: str, number: str) -> int:
    now = here.clock()
    known = identities.read(kind, number, shanghai_day(now), policy(session))
    return acts.record_person(session, now, names.normalise(name), here.personal_keys(), known)


def _role_faults(role: str, province: str, site: str) -> list[Fault]:
    if role not in OFFICE_ROLES:
        return [Fault("role", mark("请选择角色。"))]
    if role == Role.SITE_REGISTRAR and not site:
        return [Fault("site", mark("站点登记员要选站点。"))]
    if province and not (len(province) == 2 and province.isascii() and province.isdigit()):
        return [Fault("province", mark("省份代码是两位数字。"))]
    if role not in (Role.SITE_REGISTRAR, Role.ADMINISTRATOR) and not province:
        return [Fault("province", mark("省级角色和考评员要填省份代码。"))]
    return []


def _list(
    request: Request, here: Office, known: Visitor, faults: list[Fault] | None = None,
    typed: dict[str, str] | None = None,
) -> Response:  # fmt: skip
    need(known, Act.EDIT_ACCOUNTS)
    with here.reading() as session:
        rows = accounts.accounts(session)
        sites = organisations.sites(session)
        kinds = policy(session).rows("identity_kinds", shanghai_day(here.clock()))
    language = here.pages.words(request).language
    typed = {"id_kind": "resident_id"} | (typed or {})
    blank = dict.fromkeys(("person", "identity", "name", "role", "province", "site"), "")
    return here.pages.render(
        request, "console/accounts.html", status=409 if faults else 200, rows=rows,
        sites=[(site.number, f"{site.name_zh} {site.number}") for site in sites],
        roles=OFFICE_ROLES, faults=faults or [], typed=blank | typed,
        kinds=[(kind["kind"], kind[language]) for kind in kinds],
        form_token=offer_form(here, known),
    )  # fmt: skip


def _source(
    request: Request, here: Office, known: Visitor, key: str,
    faults: list[Fault] | None = None, code: str = "", source: str = "",
) -> Response:  # fmt: skip
    need(known, Act.EDIT_CATALOGUE)
    with here.reading() as session:
        row = catalogue.occupation(session, key)
    return here.pages.render(
        request, "console/source.html", status=409 if faults else 200, row=row,
        faults=faults or [], code=code or row.code_2022 or "", source=source,
        form_token=offer_form(here, known),
    )  # fmt: skip

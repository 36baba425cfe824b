"""Accounts, roles, sessions, forms and doors that close."""

import hashlib

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from registry.acts import accounts, form_tokens, throttles
from registry.acts.accounts import Reach
from registry.custody import passwords
from registry.queries import accounts as seen
from registry.queries.throttles import SIGN_IN, closed_until
from registry.records.errors import NotFoundError
from registry.rules.decision import RefusedError
from registry.rules.permissions import Role
from tests.registry.office import NOW, PASSWORD, PERSONAL, SITE, Office, citizen
from tests.registry.refusals import codes

TOKEN, FORM = hashlib.sha256(b"session").digest(), hashlib.sha256(b"form").digest()
CALLER = hashlib.sha256(b"caller").digest()


def test_a_password_is_kept_as_argon2id_only(session: Session, here: Office) -> None:
    found = seen.credentials(session, "checker")
    assert found is not None
    assert found.password_hash.startswith("$argon2id$")
    assert passwords.matches(found.password_hash, PASSWORD)
    assert not passwords.matches(found.password_hash, PASSWORD + "x")
    assert not passwords.matches(None, "nobody has this account")
    assert seen.credentials(session, "unknown") is None
    assert PASSWORD not in repr(found)


def test_a_session_lasts_until_its_end(session: Session, here: Office) -> None:
    accounts.sign_in(session, here.checker, NOW, TOKEN, NOW + 100)
    found = seen.signed_in(session, TOKEN, NOW + 99)
    assert found is not None
    assert found.actor == here.checker
    assert seen.signed_in(session, TOKEN, NOW + 100) is None
    assert seen.signed_in(session, FORM, NOW) is None


def test_signing_out_ends_it(session: Session, here: Office) -> None:
    accounts.sign_in(session, here.checker, NOW, TOKEN, NOW + 100)
    accounts.sign_out(session, here.checker, NOW + 1, TOKEN)
    assert seen.signed_in(session, TOKEN, NOW + 2) is None


@pytest.mark.parametrize("how", ["close", "password"])
def test_closing_and_a_new_password_end_sessions(session: Session, here: Office, how: str) -> None:
    accounts.sign_in(session, here.checker, NOW, TOKEN, NOW + 100)
    if how == "close":
        accounts.close_account(session, here.administrator, NOW, here.checker.account)
        with pytest.raises(NotFoundError):
            seen.actor(session, here.checker.account)
    else:
        accounts.change_password(session, here.checker, NOW, "another-password")
    assert seen.signed_in(session, TOKEN, NOW + 1) is None


def test_a_form_is_used_once_and_by_its_session(session: Session) -> None:
    form_tokens.offer_form(session, FORM, TOKEN, NOW + 100)
    assert not form_tokens.use_form(session, NOW, FORM, CALLER)
    assert not form_tokens.use_form(session, NOW + 100, FORM, TOKEN)
    assert form_tokens.use_form(session, NOW, FORM, TOKEN)
    assert not form_tokens.use_form(session, NOW, FORM, TOKEN)


def test_a_door_closes_and_opens_again(session: Session) -> None:
    for second in range(SIGN_IN.most):
        assert closed_until(session, SIGN_IN, CALLER, NOW + second) is None
        throttles.failed(session, NOW + second, SIGN_IN, CALLER)
    assert closed_until(session, SIGN_IN, CALLER, NOW + 10) == NOW + SIGN_IN.seconds
    assert closed_until(session, SIGN_IN, TOKEN, NOW + 10) is None
    later = NOW + SIGN_IN.seconds
    assert closed_until(session, SIGN_IN, CALLER, later) is None
    throttles.failed(session, later, SIGN_IN, CALLER)
    assert closed_until(session, SIGN_IN, CALLER, later) is None


def test_a_success_forgets_failures(session: Session) -> None:
    for _ in range(SIGN_IN.most):
        throttles.failed(session, NOW, SIGN_IN, CALLER)
    throttles.succeeded(session, SIGN_IN, CALLER)
    assert closed_until(session, SIGN_IN, CALLER, NOW) is None


def test_roles_of_an_account_belong_to_one_place(session: Session, here: Office) -> None:
    accounts.grant(
        session, here.administrator, NOW, here.checker.account, Role.PROVINCIAL_ISSUER, Reach("32")
    )
    assert seen.actor(session, here.checker.account).roles == {
        Role.PROVINCIAL_CHECKER, Role.PROVINCIAL_ISSUER,
    }  # fmt: skip
    for reach in (Reach("33"), Reach(site=SITE)):
        with pytest.raises(RefusedError) as caught:
            accounts.grant(
                session, here.administrator, NOW, here.checker.account, Role.SITE_REGISTRAR, reach
            )
        assert codes(caught) == {"scopes_differ"}


def test_an_ended_role_is_gone(session: Session, here: Office) -> None:
    accounts.end_grant(
        session, here.administrator, NOW, here.checker.account, Role.PROVINCIAL_CHECKER
    )
    assert seen.actor(session, here.checker.account).roles == frozenset()


def test_only_an_administrator_keeps_accounts(session: Session, here: Office) -> None:
    with pytest.raises(RefusedError) as caught:
        accounts.open_account(session, here.checker, NOW, 1, "new", PASSWORD)
    assert codes(caught) == {"role_lacks_act"}


@pytest.mark.parametrize(
    ("name", "password", "code"),
    [("checker", PASSWORD, "sign_in_name_taken"), ("new", "short", "password_too_short")],
)
def test_an_account_needs_its_own_name_and_a_long_password(
    session: Session, here: Office, name: str, password: str, code: str
) -> None:
    with pytest.raises(RefusedError) as caught:
        accounts.open_account(session, here.administrator, NOW, 1, name, password)
    assert codes(caught) == {code}


def test_one_identity_is_one_person(session: Session) -> None:
    first = accounts.record_person(session, NOW, "张示例", PERSONAL, citizen(5))
    assert accounts.record_person(session, NOW, "张示 例", PERSONAL, citizen(5)) == first
    assert accounts.record_person(session, NOW, "张示例", PERSONAL, citizen(6)) != first
    stored = session.execute(text("SELECT * FROM persons")).all()
    assert citizen(5).number not in str(stored)


def test_the_list_of_accounts_shows_roles_and_reach(session: Session, here: Office) -> None:
    rows = {row.sign_in_name: row for row in seen.accounts(session)}
    assert (rows["registrar"].roles, rows["registrar"].site) == (("site_registrar",), SITE)
    assert (rows["checker"].province, rows["admin"].province) == ("32", None)

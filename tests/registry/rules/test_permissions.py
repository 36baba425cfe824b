"""Role x act: what each role may do, where its reach ends, and what nobody may."""

import itertools

import pytest

from registry.rules import permissions
from registry.rules.decision import Granted, Refused
from registry.rules.permissions import PERMISSIONS, Act, Actor, Reach, Role, Where

HOME = Where(province="32", site="11003001", persons=frozenset({7}))
ABROAD = Where(province="33", site="12003001", persons=frozenset({8}))


def actor(*roles: Role) -> Actor:
    return Actor(account=1, person=7, roles=frozenset(roles), province="32", site="11003001")


@pytest.mark.parametrize(("role", "act"), list(itertools.product(Role, Act)))
def test_table(role: Role, act: Act) -> None:
    reach = PERMISSIONS[act].get(role)
    here = permissions.decide(actor(role), act, HOME)
    away = permissions.decide(actor(role), act, ABROAD)
    assert isinstance(here, Granted) is (reach is not None)
    assert isinstance(away, Granted) is (reach is Reach.EVERYWHERE)
    if reach is None:
        assert isinstance(here, Refused) and here.reasons[0].code == "role_lacks_act"


def test_every_act_has_somebody() -> None:
    assert set(PERMISSIONS) == set(Act)
    assert all(PERMISSIONS.values())


def test_no_role_both_enters_and_decides() -> None:
    decides = {Act.CHECK_BATCH, Act.APPROVE_BATCH, Act.REVOKE, Act.WITHDRAW, Act.CANCEL}
    for role in (Role.SITE_REGISTRAR, Role.EXAMINER, Role.CANDIDATE, Role.ADMINISTRATOR):
        assert not any(role in PERMISSIONS[act] for act in decides)
    assert Role.PROVINCIAL_CHECKER not in PERMISSIONS[Act.APPROVE_BATCH]
    assert Role.PROVINCIAL_ISSUER not in PERMISSIONS[Act.CHECK_BATCH]


def test_no_place_is_no_permission() -> None:
    placeless = Actor(account=1, person=7, roles=frozenset(Role))
    for act in (Act.IMPORT_BATCH, Act.CHECK_BATCH, Act.REVOKE):
        found = permissions.decide(placeless, act, Where())
        assert isinstance(found, Refused) and found.reasons[0].code == "outside_reach"


def test_several_roles_add_up() -> None:
    both = actor(Role.CANDIDATE, Role.PROVINCIAL_CHECKER)
    assert isinstance(permissions.decide(both, Act.CHECK_BATCH, HOME), Granted)
    assert isinstance(permissions.decide(both, Act.APPROVE_BATCH, HOME), Refused)

"""Who may do what: six roles, acts, and where a role's reach ends. A table, not code."""

from dataclasses import dataclass
from enum import StrEnum

from registry.rules.decision import Decision, Granted, Refused, ground, reason


class Role(StrEnum):
    """The six roles of an account."""

    CANDIDATE = "candidate"
    SITE_REGISTRAR = "site_registrar"
    EXAMINER = "examiner"
    PROVINCIAL_CHECKER = "provincial_checker"
    PROVINCIAL_ISSUER = "provincial_issuer"
    ADMINISTRATOR = "administrator"


class Act(StrEnum):
    """Acts that need permission."""

    IMPORT_BATCH = "import_batch"
    SUBMIT_BATCH = "submit_batch"
    CONFIRM_BATCH = "confirm_batch"
    CHECK_BATCH = "check_batch"
    RETURN_BATCH = "return_batch"
    APPROVE_BATCH = "approve_batch"
    ISSUE_BATCH = "issue_batch"
    SEARCH_CERTIFICATES = "search_certificates"
    REVOKE = "revoke"
    CANCEL = "cancel"
    WITHDRAW = "withdraw"
    SUSPEND = "suspend"
    REINSTATE = "reinstate"
    CORRECT = "correct"
    EDIT_CATALOGUE = "edit_catalogue"
    EDIT_SITES = "edit_sites"
    EDIT_EXAMINERS = "edit_examiners"
    EDIT_ACCOUNTS = "edit_accounts"
    DECLARE_RELATION = "declare_relation"
    DOWNLOAD_OWN = "download_own"
    SEARCH_LEGACY = "search_legacy"
    IMPORT_LEGACY = "import_legacy"
    CONFIRM_LEGACY = "confirm_legacy"
    CORRECT_LEGACY = "correct_legacy"
    CHECK_LEGACY = "check_legacy"
    APPROVE_LEGACY = "approve_legacy"
    REFUSE_LEGACY = "refuse_legacy"


class Reach(StrEnum):
    """How far a role's permission goes."""

    EVERYWHERE = "everywhere"
    PROVINCE = "province"
    SITE = "site"
    OWN = "own"
    """Only what concerns the person: the examiner's own batches, the candidate's certificates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts: an account, the person behind it, and where it belongs."""

    account: int
    person: int
    """Duties are separated between persons, so that a second account changes nothing."""
    roles: frozenset[Role]
    province: str | None = None
    site: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """What an act touches; None where the thing has no such place."""

    province: str | None = None
    site: str | None = None
    persons: frozenset[int] = frozenset()
    """Persons whom it concerns: examiners of the batch, holder of the certificate."""


_SITE, _PROVINCE, _OWN, _ALL = Reach.SITE, Reach.PROVINCE, Reach.OWN, Reach.EVERYWHERE
_R = Role

PERMISSIONS: dict[Act, dict[Role, Reach]] = {
    Act.IMPORT_BATCH: {_R.SITE_REGISTRAR: _SITE},
    Act.SUBMIT_BATCH: {_R.SITE_REGISTRAR: _SITE},
    Act.CONFIRM_BATCH: {_R.EXAMINER: _OWN},
    Act.CHECK_BATCH: {_R.PROVINCIAL_CHECKER: _PROVINCE},
    Act.RETURN_BATCH: {
        _R.EXAMINER: _OWN, _R.PROVINCIAL_CHECKER: _PROVINCE, _R.PROVINCIAL_ISSUER: _PROVINCE
    },
    Act.APPROVE_BATCH: {_R.PROVINCIAL_ISSUER: _PROVINCE},
    Act.ISSUE_BATCH: {_R.PROVINCIAL_ISSUER: _PROVINCE},
    Act.SEARCH_CERTIFICATES: {
        _R.SITE_REGISTRAR: _SITE, _R.PROVINCIAL_CHECKER: _PROVINCE,
        _R.PROVINCIAL_ISSUER: _PROVINCE, _R.ADMINISTRATOR: _ALL,
    },
    Act.REVOKE: {_R.PROVINCIAL_ISSUER: _PROVINCE},
    Act.CANCEL: {_R.PROVINCIAL_ISSUER: _PROVINCE},
    Act.WITHDRAW: {_R.PROVINCIAL_ISSUER: _PROVINCE},
    Act.SUSPEND: {_R.PROVINCIAL_ISSUER: _PROVINCE},
    Act.REINSTATE: {_R.PROVINCIAL_ISSUER: _PROVINCE},
    Act.CORRECT: {_R.PROVINCIAL_ISSUER: _PROVINCE},
    Act.EDIT_CATALOGUE: {_R.ADMINISTRATOR: _ALL},
    Act.EDIT_SITES: {_R.PROVINCIAL_CHECKER: _PROVINCE, _R.ADMINISTRATOR: _ALL},
    Act.EDIT_EXAMINERS: {_R.PROVINCIAL_CHECKER: _PROVINCE, _R.ADMINISTRATOR: _ALL},
    Act.EDIT_ACCOUNTS: {_R.ADMINISTRATOR: _ALL},
    Act.DECLARE_RELATION: {_R.CANDIDATE: _OWN, _R.EXAMINER: _OWN, _R.SITE_REGISTRAR: _SITE},
    Act.DOWNLOAD_OWN: {_R.CANDIDATE: _OWN},
    # Either officer may bring or confirm an existing certificate: never the same person both.
    Act.SEARCH_LEGACY: {_R.PROVINCIAL_CHECKER: _PROVINCE, _R.PROVINCIAL_ISSUER: _PROVINCE},
    Act.IMPORT_LEGACY: {_R.PROVINCIAL_CHECKER: _PROVINCE, _R.PROVINCIAL_ISSUER: _PROVINCE},
    Act.CONFIRM_LEGACY: {_R.PROVINCIAL_CHECKER: _PROVINCE, _R.PROVINCIAL_ISSUER: _PROVINCE},
    Act.CORRECT_LEGACY: {_R.PROVINCIAL_CHECKER: _PROVINCE, _R.PROVINCIAL_ISSUER: _PROVINCE},
    Act.CHECK_LEGACY: {_R.PROVINCIAL_CHECKER: _PROVINCE},
    Act.APPROVE_LEGACY: {_R.PROVINCIAL_ISSUER: _PROVINCE},
    Act.REFUSE_LEGACY: {_R.PROVINCIAL_CHECKER: _PROVINCE, _R.PROVINCIAL_ISSUER: _PROVINCE},
}  # fmt: skip
"""Role x act with its reach; what is not listed is refused. An administrator keeps accounts and
catalogue but decides on nobody's certificate."""


def decide(actor: Actor, act: Act, where: Where, policy: str = "") -> Decision:
    """Whether the actor may do the act there: by any of the roles that the account has."""
    reaches = {role: reach for role, reach in PERMISSIONS[act].items() if role in actor.roles}
    if not reaches:
        return Refused((reason("role_lacks_act", act=act.value),))
    for role, reach in reaches.items():
        if _within(actor, reach, where):
            return Granted((ground("role", role=role.value, reach=reach.value),), policy)
    return Refused((reason("outside_reach", act=act.value),))


def _within(actor: Actor, reach: Reach, where: Where) -> bool:
    if reach is Reach.EVERYWHERE:
        return True
    if reach is Reach.PROVINCE:
        return actor.province is not None and actor.province == where.province
    if reach is Reach.SITE:
        return actor.site is not None and actor.site == where.site
    return actor.person in where.persons

"""Founding a registry from a written plan, and adding to it what a longer plan says."""

import argparse
import secrets
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from keys import custody
from keys.errors import SealedFileError
from registry.acts import accounts as account_acts
from registry.acts import founding as acts
from registry.acts.founding_record import FirstPassword
from registry.acts.founding_record import Founding as Progress
from registry.cli import common
from registry.config import Config, ConfigError
from registry.custody import store
from registry.exchange import founding as exchange
from registry.publish.storage import public_tree
from registry.queries import accounts as account_queries
from registry.records.session import open_engine, writing
from registry.rules import founding_checks, words
from registry.rules.decision import Reason, RefusedError, reason
from registry.rules.founding import Account, Plan
from registry.rules.founding_checks import ListedKey
from registry.rules.policy import published
from registry.work import open
from schemas.certificate import Instant
from schemas.dates import shanghai_day, utc
from verifier.trust import Trust

DAYS = 14
"""How long a password that this command makes up opens anything."""
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
"""Characters of such a password: none that is taken for another on paper."""


def found(argv: list[str]) -> int:
    """Record bodies, sites and people from a written plan; adds what is new, changes nothing."""
    parser = common.parser("found", found.__doc__)
    parser.add_argument("plan", type=Path, nargs="?", help="TOML or JSON, see registry/README.md")
    parser.add_argument("--check", action="store_true", help="tell what would be done and stop")
    parser.add_argument("--renew", metavar="NAME", help="a new one-time password for this account")
    arguments = parser.parse_args(argv)
    if (arguments.plan is None) == (arguments.renew is None):
        parser.error("give a plan, or --renew NAME")
    try:
        if arguments.renew is not None:
            return _renew(common.config(arguments), arguments.renew, int(time.time()))
        return _found(common.config(arguments), arguments, int(time.time()))
    except RefusedError as error:
        for each in error.reasons:
            print(f"hallmark: {arguments.plan}: {_line(each)}", file=sys.stderr)
        return common.FAILED
    except (*common.TROUBLE, *common.DATABASE) as error:
        return common.fail(error)


def _found(config: Config, arguments: argparse.Namespace, now: Instant) -> int:
    file: Path = arguments.plan
    plan = exchange.read(file.read_bytes(), shanghai_day(now), published())
    if (plan.persons or plan.relations) and stat.S_IMODE(file.stat().st_mode) & stat.S_IRWXO:
        raise RefusedError(reason("founding_open_file"))
    _borne_out(plan, open.open_trust(config.root_note, public_tree(config)))
    first = _Passwords(file.parent, now + DAYS * 86_400)
    personal = store.open_personal(config)
    with writing(open_engine(config.database_url))() as session:
        done = acts.found(session, now, personal, plan, url=config.base, password=first)
        if arguments.check:
            session.rollback()
        else:
            session.commit()
    for line in _told(done, first, is_dry=arguments.check):
        print(line)
    return 0


def _borne_out(plan: Plan, trust: Trust) -> None:
    keys = {
        key.name: ListedKey(key.issuer, key.provinces)
        for key in trust.list.keys_in("issuer")
        if key.closed is None and key.issuer is not None
    }
    issuers = [issuer.id for issuer in trust.list.issuers]
    if faults := list(founding_checks.check_keys(plan, keys, issuers)):
        raise RefusedError(*faults)


class _Passwords:
    """First passwords: out of the files that the plan names, else made up and told once."""

    def __init__(self, folder: Path, until: Instant) -> None:
        self._folder, self.until = folder, until
        self.made: dict[str, str] = {}

    def __call__(self, account: Account) -> FirstPassword:
        if account.password_file is None:
            text = self.made[account.sign_in_name] = _password()
            return FirstPassword(text, self.until)
        try:
            secret = custody.read_passphrase(self._folder / account.password_file)
            return FirstPassword(secret.decode(), self.until)
        except SealedFileError as error:
            problem = str(error)
        except UnicodeDecodeError:
            problem = "not UTF-8"
        raise RefusedError(reason("founding_password", problem=problem))


def _password() -> str:
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(5)) for _ in range(4))


def _renew(config: Config, name: str, now: Instant) -> int:
    """For an administrator who has lost their own password; everybody else asks that one."""
    text, until = _password(), now + DAYS * 86_400
    with writing(open_engine(config.database_url)).begin() as session:
        known = account_queries.credentials(session, name)
        if known is None or not known.is_active:
            raise ConfigError(f"no open account is called {name!r:.80}")
        account_acts.renew_password(session, None, now, known.account, text, until)
    print(f"one-time password of {name}, shown here only, good until {utc(until)}:\n  {text}")
    return 0


def _told(done: Progress, first: _Passwords, *, is_dry: bool) -> Iterator[str]:
    news = ", ".join(f"{table} {count}" for table, count in done.added.items() if count)
    if not news:
        yield "nothing is new"
    else:
        yield f"would add {news}; nothing was written" if is_dry else f"added {news}"
    if first.made and not is_dry:
        yield f"one-time passwords, shown here only, good until {utc(first.until)}:"
        width = max(map(len, first.made))
        yield from (f"  {name:<{width}}  {text}" for name, text in first.made.items())


def _line(fault: Reason) -> str:
    path = f"{fault.column}: " if fault.column else ""
    return f"{path}{fault.sentence('en').rstrip('.')} ({words.who_name(fault.who, 'en')})"

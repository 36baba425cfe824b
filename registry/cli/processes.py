"""The two processes of a registry: the web, and the worker that alone opens signing keys."""

import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import HTTPServer
from pathlib import Path
from threading import Event

from sqlalchemy.exc import DBAPIError

from registry.cli import children, common, gauges, server
from registry.config import Config
from registry.operations import exporter, logs, tally
from registry.records import revision
from registry.records.session import open_engine, reading
from registry.work import (
    identities,
    importing,
    issue,
    loop,
    open,
    photographs,
    publish,
    renewal,
    standing,
    tidy,
)
from registry.work.attendance import Attendance
from registry.work.renewal import Renewal

STEPS = (
    renewal.step,
    standing.step,
    issue.step,
    publish.step,
    importing.step,
    photographs.step,
    identities.step,
    tidy.step,
)
"""What a worker does, in turn."""
REST = 0.5
"""Seconds before a worker that stops when nothing is left asks again, while others are busy."""


def serve(argv: list[str]) -> int:
    """Serve the pages and the API; holds no signing key."""
    parser = common.parser("serve", serve.__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--fd", type=int, help="a listening socket that is open already")
    parser.add_argument("--workers", type=int, default=1, help="processes (default: 1)")
    arguments = parser.parse_args(argv)
    logs.configure()
    try:
        config = common.config(arguments)
        os.environ["HALLMARK_DIR"] = str(config.folder)
        _check_tables(config)
        listening = server.listener(arguments.host, arguments.port, arguments.fd)
        with _counting(config.serve_metrics_port):
            if arguments.workers == 1:
                server.run(listening)
                return 0
            words = ["serve", "--fd", str(listening.fileno())]
            return children.keep(words, arguments.workers, _told_to_stop(), [listening.fileno()])
    except common.TROUBLE as error:
        return common.fail(error)


def work(argv: list[str]) -> int:
    """Prepare, sign, issue and publish: the only process that opens signing keys."""
    parser = common.parser("work", work.__doc__)
    parser.add_argument("--once", action="store_true", help="stop when nothing is left to do")
    parser.add_argument("--workers", type=int, default=1, help="processes (default: 1)")
    parser.add_argument(
        "--clock-is-right", action="store_true",
        help="go on although something was recorded at a later instant than this clock says",
    )  # fmt: skip
    arguments = parser.parse_args(argv)
    logs.configure()
    try:
        config = common.config(arguments)
        os.environ["HALLMARK_DIR"] = str(config.folder)
        _check_tables(config)
        words = ["work", *(["--clock-is-right"] if arguments.clock_is_right else [])]
        if arguments.once and arguments.workers > 1:
            return children.together([*words, "--once"], arguments.workers)
        if arguments.once:
            return _work_once(config, arguments.clock_is_right)
        stop = _told_to_stop()
        with _counting(config.work_metrics_port, gauges.of(config)):
            if arguments.workers > 1:
                return children.keep(words, arguments.workers, stop)
            counting = tally.begin()
            try:
                _work_until(config, stop, arguments.clock_is_right)
            finally:
                if counting is not None:
                    counting.close()
    except (*common.TROUBLE, *common.DATABASE) as error:
        return common.fail(error)
    return 0


def _work_once(config: Config, trusts_clock: bool) -> int:
    context = replace(open.context(config, loop.now), trusts_clock=trusts_clock)
    with Attendance(context) as present:
        watched = [present.watched(step) for step in STEPS]
        done = loop.run_until_idle(context, watched, rest=REST, renew=Renewal(context))
    print(f"{done} steps")
    return 0


def _work_until(config: Config, stop: Event, trusts_clock: bool) -> None:
    context = replace(open.context(config, loop.now), trusts_clock=trusts_clock)
    with Attendance(context) as present:
        watched = [present.watched(step) for step in STEPS]
        loop.run_forever(context, watched, stop, present.failed, renew=Renewal(context))


def _told_to_stop() -> Event:
    """Set by the signals that ask for an orderly end."""
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def _check_tables(config: Config) -> None:
    """Refuse to serve over other tables; a database that does not answer is waited for.

    Raises:
        RevisionError: the tables are not those of this program.
    """
    engine = open_engine(config.database_url)
    try:
        with reading(engine)() as session:
            revision.check(session)
    except DBAPIError as error:
        # Pages that need it say so, and work as soon as it is there.
        print(f"hallmark: the database does not answer yet: {type(error.orig).__name__}",
              file=sys.stderr)  # fmt: skip
    finally:
        engine.dispose()


@contextmanager
def _counting(port: int | None, look_up: exporter.Gauges | None = None) -> Iterator[None]:
    """Collect the counts of this command's processes and tell them at a port, if one is set.

    Raises:
        OSError: the port is taken.
    """
    if tally.FOLDER in os.environ or port is None:
        yield  # a process of a command that collects already, or nobody asks
        return
    with tempfile.TemporaryDirectory(prefix="hallmark-tally-") as folder:
        os.environ[tally.FOLDER] = folder
        told: HTTPServer = exporter.listen(
            port, exporter.Tallies(Path(folder), os.getpid(), look_up)
        )
        try:
            yield
        finally:
            told.shutdown()
            told.server_close()
            del os.environ[tally.FOLDER]

"""The two processes of a registry: the web, and the worker that alone opens signing keys."""

import json
import os
import signal
import sys
from threading import Event

import uvicorn

from registry.cli import common
from registry.config import ConfigError
from registry.work import identities, issue, loop, open, publish, tidy

STEPS = (issue.step, publish.step, identities.step, tidy.step)
"""What a worker does, in turn."""


def serve(argv: list[str]) -> int:
    """Serve the pages and the API; holds no signing key."""
    parser = common.parser("serve", serve.__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=1)
    arguments = parser.parse_args(argv)
    try:
        os.environ["HALLMARK_DIR"] = str(common.config(arguments).folder)
    except ConfigError as error:
        return common.fail(error)
    uvicorn.run(
        "registry.app:from_environment", factory=True, host=arguments.host, port=arguments.port,
        workers=arguments.workers, log_level="warning", access_log=False, server_header=False,
        date_header=True, proxy_headers=False,
    )  # fmt: skip
    return 0


def work(argv: list[str]) -> int:
    """Prepare, sign, issue and publish: the only process that opens signing keys."""
    parser = common.parser("work", work.__doc__)
    parser.add_argument("--once", action="store_true", help="stop when nothing is left to do")
    arguments = parser.parse_args(argv)
    stop = Event()
    try:
        context = open.context(common.config(arguments), loop.now)
        if arguments.once:
            done = loop.run_until_idle(context, STEPS)
            print(f"{done} steps")
            return 0
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        loop.run_forever(context, STEPS, stop, _report)
    except (*common.TROUBLE, *common.DATABASE) as error:
        return common.fail(error)
    return 0


def _report(step: str, error: Exception) -> None:
    known = isinstance(error, common.TROUBLE)
    line = {"at": loop.now(), "step": step, "error": type(error).__name__}
    # Foreign errors may quote rows; only our own sentences are free of personal data.
    print(json.dumps(line | ({"why": str(error)} if known else {})), file=sys.stderr, flush=True)

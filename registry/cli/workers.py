"""Several workers as one command: processes of their own that end with the one that started them.

Nothing is started again in silence: when one ends with an error or is killed, the others finish
their step and stop, and the command's status says so to whatever watches over it.
"""

import os
import signal
import sys
from collections.abc import Callable
from threading import Thread


def together(count: int, work: Callable[[], int]) -> int:
    """Run ``work`` in so many processes; answers 0 when all of them ended well, else 1.

    Args:
        count: how many, at least 2.
        work: opens what it needs by itself, stops by SIGTERM, answers an exit status.
    """
    lifeline, held = os.pipe()
    running = {_start(work, lifeline, held) for _ in range(count)}
    os.close(lifeline)

    def forward(number: int, _frame: object) -> None:
        for child in running:
            os.kill(child, number)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, forward)
    failed = False
    while running:
        child, ending = os.waitpid(-1, 0)
        running.discard(child)
        status = os.waitstatus_to_exitcode(ending)
        if status != 0:
            failed = True
            print(f"worker {child} ended with {status}; all of them stop", file=sys.stderr)
            forward(signal.SIGTERM, None)
    os.close(held)
    return int(failed)


def _start(work: Callable[[], int], lifeline: int, held: int) -> int:
    """Fork before anything is opened; the child never returns from here."""
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        os.close(held)
        Thread(target=_follow, args=(lifeline,), daemon=True).start()
        status = work()
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(status)


def _follow(lifeline: int) -> None:
    """Stop this process once nobody holds the other end any more: the starter is gone."""
    os.read(lifeline, 1)
    os.kill(os.getpid(), signal.SIGTERM)

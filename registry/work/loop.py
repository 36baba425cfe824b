"""The worker's loop: one step after another until nothing is left to do, then a short rest."""

import time
from collections.abc import Callable, Sequence
from threading import Event
from typing import TypeAlias

from registry.work import lease, trouble
from registry.work.context import Context

Step: TypeAlias = Callable[[Context], bool]
"""One bounded piece of work; answers whether it did anything."""
Renew: TypeAlias = Callable[[Context], Context]
"""The context with what has changed outside the process, e.g. a new trust list."""


def run_until_idle(
    context: Context,
    steps: Sequence[Step],
    most: int = 1_000_000,
    rest: float | None = None,
    renew: Renew | None = None,
) -> int:
    """Run the steps in turn until none has anything to do; answers how many did something.

    Args:
        context: what the steps need.
        steps: in the order in which they run.
        most: rounds.
        rest: seconds between rounds while another worker, or the claim of one that died, holds
            what is left; without it that counts as nothing to do.
        renew: gives the context of each round, with what has changed outside.

    Raises:
        RuntimeError: after ``most`` rounds, because a step that is never done is a fault.
    """
    count = 0
    for _ in range(most):
        context = context if renew is None else renew(context)
        worked = sum(step(context) for step in steps)
        if worked:
            count += worked
        elif rest is None or not lease.others(context, context.clock()):
            return count
        else:
            time.sleep(rest)
    raise RuntimeError("work without end")


def run_forever(
    context: Context,
    steps: Sequence[Step],
    stop: Event,
    failed: Callable[[str, Exception], None],
    rest: float = 0.5,
    renew: Renew | None = None,
) -> None:
    """Run the steps until told to stop; a failing step is reported and tried again later.

    Args:
        context: what the steps need.
        steps: in the order in which they run.
        stop: set by a signal; the step under way ends first.
        failed: told the step's name and its error, without personal data.
        rest: seconds between rounds that found nothing, eight times that after a failure.
        renew: gives the context of each round, with what has changed outside. While it fails
            nothing is done: a key that was just closed must not sign once more.
    """
    while not stop.is_set():
        worked, broken = False, False
        try:
            context = context if renew is None else renew(context)
        except Exception as error:  # told, and looked at again: an operator is at work
            failed("renewal", error)
            stop.wait(rest * 8)
            continue
        for step in steps:
            if stop.is_set():
                return
            try:
                worked = step(context) or worked
            except Exception as error:  # a step must not take the others down with it
                broken = True
                failed(step.__module__.rpartition(".")[2], trouble.told(error))
        if broken:
            stop.wait(rest * 8)
        elif not worked:
            stop.wait(rest)


def now() -> int:
    """The clock of a worker, UTC seconds."""
    return int(time.time())

"""``python -m tests.benchmarks``: every ratio in one run; ``--write`` puts them into README.md."""

import argparse
import subprocess
import sys

from tests.benchmarks import issuing, lists, opening, peers, readme, serving
from tests.benchmarks.harness import beside_others, table

MARK = "bench"


def main() -> int:
    """Measure, print, and write where asked; never fails for being slow."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=main.__doc__)
    parser.add_argument("--write", action="store_true", help="put the tables into README.md")
    parser.add_argument("--count", type=int, default=issuing.COUNT, help="certificates to issue")
    parser.add_argument(
        "--large", action="store_true", help="10 million certificates in PostgreSQL instead"
    )
    arguments, rest = parser.parse_known_args()
    if arguments.large:
        words = [*rest, *(["--write"] if arguments.write else [])]
        return subprocess.run([sys.executable, "-m", "tests.benchmarks.large", *words]).returncode
    if rest:
        parser.error(f"unknown: {' '.join(rest)}")
    ratios = [*opening.lines(), issuing.lines(arguments.count), serving.lines()]
    others = beside_others(list(peers.lines()))
    text = f"{table(ratios, [lists.time()])}\n\n{others}\n\n{readme.machine()}"
    print(text)
    if arguments.write:
        readme.write(MARK, text)
    return 0


if __name__ == "__main__":
    sys.exit(main())

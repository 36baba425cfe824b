"""``python -m tests.benchmarks``: every ratio in one run; ``--write`` puts them into README.md."""

import argparse
import platform
import sys
from pathlib import Path

from tests.benchmarks import issuing, lists, opening, peers, serving
from tests.benchmarks.harness import beside_others, table

README = Path(__file__).parents[2] / "README.md"
BEGIN, END = "<!-- bench -->", "<!-- /bench -->"


def main() -> int:
    """Measure, print, and write where asked; never fails for being slow."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=main.__doc__)
    parser.add_argument("--write", action="store_true", help="put the tables into README.md")
    parser.add_argument("--count", type=int, default=issuing.COUNT, help="certificates to issue")
    arguments = parser.parse_args()
    ratios = [*opening.lines(), issuing.lines(arguments.count), serving.lines()]
    others = beside_others(list(peers.lines()))
    text = f"{table(ratios, [lists.time()])}\n\n{others}\n\n{_machine()}"
    print(text)
    if arguments.write:
        README.write_text(_placed(README.read_text("utf-8"), text), "utf-8")
    return 0


def _placed(readme: str, text: str) -> str:
    """The README with the tables between its markers, which are added where there are none."""
    if BEGIN not in readme:
        readme = f"{readme.rstrip()}\n\n{BEGIN}\n{END}\n"
    before, _, rest = readme.partition(BEGIN)
    return f"{before}{BEGIN}\n{text}\n{END}{rest.partition(END)[2]}"


def _machine() -> str:
    model = "unknown processor"
    for each in Path("/proc/cpuinfo").read_text().splitlines():
        if each.startswith("model name"):
            model = each.partition(":")[2].strip()
            break
    python = platform.python_version()
    return f"Measured on {model}, Python {python}, {platform.system()}; shared machine, CPU time."


if __name__ == "__main__":
    sys.exit(main())

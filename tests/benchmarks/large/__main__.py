"""``python -m tests.benchmarks.large``: operations on 10 thousand to 10 million certificates."""

import argparse
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks import readme
from tests.benchmarks.large import measuring, operations, registries
from tests.benchmarks.large.measuring import Row
from tests.benchmarks.large.registries import told

COUNTS = (10_000, 1_000_000, 10_000_000)
MARK = "bench-large"


def main() -> int:
    """Make a server and its registries, time, print, remove them; never fails for being slow."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.large", description=main.__doc__
    )
    parser.add_argument("--write", action="store_true", help="put the table into README.md")
    parser.add_argument("--dir", type=Path, help="where there is room (default: /tmp)")
    parser.add_argument("--counts", type=int, nargs="+", default=COUNTS, metavar="N")
    parser.add_argument("--only", default="", metavar="WORDS", help="rows whose name has these")
    parser.add_argument("--keep", action="store_true", help="leave the registries in --dir")
    arguments = parser.parse_args()
    with TemporaryDirectory(dir=arguments.dir, prefix="hallmark-large-") as name:
        folder = arguments.dir if arguments.keep and arguments.dir else Path(name)
        text = run(folder, tuple(arguments.counts), arguments.only)
    print(text)
    if arguments.write:
        readme.write(MARK, text)
    return 0


def run(folder: Path, counts: Sequence[int], only: str = "") -> str:
    """Build what is not there yet and time it; answers the table."""
    folder.chmod(0o755)  # the server's own user has to pass
    server = registries.server(folder)
    if not (folder / registries.DONE).exists():
        registries.build(server, folder, counts)
    with registries.serving(server, folder, counts) as opened:
        rows = []
        for operation in operations.operations():
            if only not in operation.name:
                continue
            told(operation.name)
            rows.append(measuring.measure(operation, opened.benches))
            told(table(rows[-1:], counts).splitlines()[-1])
        return f"{table(rows, counts)}\n\n{opened.sizes()}\n\n{readme.machine()}"


def table(rows: Sequence[Row], counts: Sequence[int]) -> str:
    """Markdown table as the README shows it."""
    small, large = counts[0], counts[-1]
    heads = " | ".join(f"{count:,}" for count in counts)
    text = [
        f"| what, ms of CPU | {heads} | ratio | quartiles | wall | target |",
        "|---|" + "---:|" * (len(counts) + 4),
    ]
    for row in rows:
        ratios = row.ratios(small, large)
        first, _, third = (
            statistics.quantiles(ratios, n=4, method="inclusive") if len(ratios) > 1 else ratios * 3
        )
        times = " | ".join(_milliseconds(row.cpu(count)) for count in counts)
        text.append(
            f"| {row.operation.name} | {times} | **{statistics.median(ratios):.2f}** "
            f"| {first:.2f} to {third:.2f} | {row.wall(small, large):.2f} "
            f"| {row.operation.target:.1f} |"
        )
    return "\n".join(text)


def _milliseconds(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}" if value < 10 else f"{value:.1f}"


if __name__ == "__main__":
    sys.exit(main())

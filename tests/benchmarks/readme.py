"""Tables in the README, each between marks of its own, and the machine that they were made on."""

import platform
from pathlib import Path

README = Path(__file__).parents[2] / "README.md"


def write(mark: str, text: str) -> None:
    """Put a text between the marks of that name; nothing else is touched."""
    README.write_text(placed(README.read_text("utf-8"), mark, text), "utf-8")


def placed(page: str, mark: str, text: str) -> str:
    """The page with the text between its marks, which are added at its end where there are none."""
    begin, end = f"<!-- {mark} -->", f"<!-- /{mark} -->"
    if begin not in page:
        page = f"{page.rstrip()}\n\n{begin}\n{end}\n"
    before, _, rest = page.partition(begin)
    return f"{before}{begin}\n{text}\n{end}{rest.partition(end)[2]}"


def machine() -> str:
    """One sentence on processor and Python."""
    model = "unknown processor"
    for each in Path("/proc/cpuinfo").read_text().splitlines():
        if each.startswith("model name"):
            model = each.partition(":")[2].strip()
            break
    python = platform.python_version()
    return f"Measured on {model}, Python {python}, {platform.system()}; shared machine, CPU time."

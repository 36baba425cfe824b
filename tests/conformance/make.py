"""Writes ``cases/*.json``: inputs with real signatures and the report that each must get.

``python -m tests.conformance.make`` rewrites them; a test regenerates and compares. Verdict, reason
and deciding code are stated by hand beside each case and asserted before anything is written, so
that a change of the verifier cannot silently become the new expectation.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from tests.conformance import documents, forms, issuers, states
from tests.conformance.case import Case

FOLDER = Path(__file__).parent / "cases"


def cases() -> Iterator[Case]:
    """Return every case, names unique."""
    for module in (states, issuers, forms, documents):
        yield from module.cases()


def written(case: Case) -> str:
    """Return the file of a case."""
    return json.dumps(case.body(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def main() -> None:
    """Rewrite the folder, and take out cases that are no more."""
    FOLDER.mkdir(exist_ok=True)
    made = {f"{case.name}.json": written(case) for case in cases()}
    for path in FOLDER.glob("*.json"):
        if path.name not in made:
            path.unlink()
    for name, body in made.items():
        (FOLDER / name).write_text(body, encoding="utf-8")
    print(f"{len(made)} cases in {FOLDER.name}/")


if __name__ == "__main__":
    main()

"""Issues and verifies credentials with openvc-core and counts CPU time; run by its interpreter.

Standard input: ``{"credentials": [unsecured, …], "seed": hex, "method": id, "warm": n}``. Standard
output: ``{"issue", "verify"}``, CPU-seconds for each credential after the first n.
"""

import json
import sys
import time
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ed25519
from openvc.keys import Ed25519SigningKey
from openvc.proof.di_jcs import EddsaJcsProofSuite


def main() -> None:
    """Measure both."""
    given = json.load(sys.stdin)
    private = ed25519.Ed25519PrivateKey.from_private_bytes(bytes.fromhex(given["seed"]))
    key = Ed25519SigningKey(private, given["method"])
    suite, public, warm = EddsaJcsProofSuite(), key.public_jwk(), given["warm"]

    def issue(credential: dict[str, Any]) -> dict[str, Any]:
        return suite.add_proof(credential, signing_key=key, verification_method=given["method"])

    def verify(secured: dict[str, Any]) -> None:
        suite.verify(secured, public_key_jwk=public)

    issued, issuing = cost(given["credentials"], issue, warm)
    _, verifying = cost(issued, verify, warm)
    print(json.dumps({"issue": issuing, "verify": verifying}))


def cost(items: list[Any], work: Callable[[Any], Any], warm: int) -> tuple[list[Any], float]:
    """What the work answers, and CPU-seconds for each item after the first ones."""
    done = [work(item) for item in items[:warm]]
    start = time.process_time()
    done += [work(item) for item in items[warm:]]
    return done, (time.process_time() - start) / (len(items) - warm)


if __name__ == "__main__":
    main()

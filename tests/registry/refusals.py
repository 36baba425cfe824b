"""Reading the codes of a refusal."""

import pytest

from registry.rules.decision import RefusedError


def codes(caught: pytest.ExceptionInfo[RefusedError]) -> set[str]:
    """Codes of the reasons."""
    return {reason.code for reason in caught.value.reasons}

"""What tests read off a page."""

import re

from httpx2 import Response


def token_of(page: Response) -> str:
    """The one-time token of the page's form."""
    found = re.search(r'name="token" value="([^"]+)"', page.text)
    assert found is not None, page.text[:2000]
    return found[1]


def version_of(page: Response) -> str:
    """The version that the page's form is bound to."""
    found = re.search(r'name="version" value="(\d+)"', page.text)
    assert found is not None
    return found[1]

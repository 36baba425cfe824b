"""What may be shown of a person: a default until a published rule replaces it."""

from schemas.certificate import Facts

STAR = "*"


def name(text: str) -> str:
    """First and last character; of two characters only the first; with ``·`` only the first."""
    if "·" in text:
        first = text.split("·", 1)[0]
        return first[:1] + STAR * 2 + "·" + STAR * 2
    if len(text) <= 1:
        return STAR * len(text)
    if len(text) == 2:
        return text[0] + STAR
    return text[0] + STAR * (len(text) - 2) + text[-1]


def identity(last4: str) -> str:
    """An ID number by its last four only."""
    return STAR * 14 + last4[-4:]


def number(text: str) -> str:
    """A certificate number in logs and lists of other people: its head and last two."""
    return (
        text[:4] + STAR * max(len(text) - 6, 0) + text[-2:] if len(text) > 6 else STAR * len(text)
    )


def holder(facts: Facts) -> str:
    """The holder in one line for pages that prove nothing yet: ``欧**娜（****002X）``."""
    return f"{name(facts.name)}（{STAR * 4}{facts.last4}）"

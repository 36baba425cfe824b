"""The shapes that stand for verdicts, as SVG: the shape carries the meaning beside the colour.

The same drawings as on the pages; a test holds the two against each other.
"""

COLOURS = {
    "green": "#14653a",
    "red": "#a3201a",
    "amber": "#855300",
    "blue": "#1d4f86",
    "grey": "#4b555f",
}
"""Print colours by the names of the verdict texts; all are dark enough on white."""

_LINE = 'fill="none" stroke="INK" stroke-linecap="round" stroke-linejoin="round"'
_MARK = 'fill="none" stroke="#fff" stroke-linecap="round" stroke-linejoin="round"'

SHAPES = {
    "check": f"""<circle cx="24" cy="24" r="22" fill="INK"/>
        <path d="M13.5 24.8l7.2 7.2L34.5 17" {_MARK} stroke-width="4.6"/>""",
    "void": f"""<circle cx="24" cy="24" r="19" {_LINE} stroke-width="5"/>
        <path d="M11 37L37 11" fill="none" stroke="INK" stroke-width="5"/>""",
    "pause": f"""<path d="M24 3.5L45.5 43h-43z" fill="INK" stroke="INK" stroke-width="4"
        stroke-linejoin="round"/>
        <path d="M19.5 21.5v14M28.5 21.5v14" {_MARK} stroke-width="4.4"/>""",
    "arrow": f"""<rect x="3" y="3" width="42" height="42" rx="9" fill="INK"/>
        <path d="M12 24h23M26 14.5L35.5 24 26 33.5" {_MARK} stroke-width="4.6"/>""",
    "clock": f"""<circle cx="24" cy="24" r="20" {_LINE} stroke-width="4.4"/>
        <path d="M24 12.5V25l8.5 5.5" {_LINE} stroke-width="4.4"/>""",
    "calendar": f"""<rect x="4.5" y="8.5" width="39" height="35" rx="5" {_LINE} stroke-width="4.4"/>
        <path d="M4.5 19.5h39M15 3.5v9M33 3.5v9" {_LINE} stroke-width="4.4"/>
        <path d="M12.5 25h4.5v4.5h-4.5zM21.75 25h4.5v4.5h-4.5zM12.5 33h4.5v4.5h-4.5z
        M28.5 29h9v8.5h-9z" fill="INK"/>""",
    "octagon": f"""<path d="M15 2.5h18L45.5 15v18L33 45.5H15L2.5 33V15z" fill="INK"/>
        <path d="M24 12.5v14.5" {_MARK} stroke-width="5.2"/>
        <circle cx="24" cy="35.2" r="3.2" fill="#fff"/>""",
    "building": f"""<path d="M24 3L45 15.5v4.5H3v-4.5z" fill="INK"/>
        <path d="M3 40.500h42V46H3z" fill="INK"/>
        <path d="M8.5 20v20.500M39.5 20v20.5" fill="none" stroke="INK" stroke-width="5.4"/>
        <path d="M19.7 27.300c0-5.6 8.8-5.3 8.8-.5 0 3-4.3 3.1-4.3 6" {_LINE} stroke-width="3"/>
        <circle cx="24.1" cy="36.8" r="2" fill="INK"/>""",
    "question": f"""<circle cx="24" cy="24" r="20" {_LINE} stroke-width="4.4"/>
        <path d="M17.5 19.200c0-8.6 13.4-8.2 13.4-.8 0 4.6-6.7 4.9-6.7 9.8"
        {_LINE} stroke-width="4.2"/>
        <circle cx="24.2" cy="34.8" r="2.8" fill="INK"/>""",
    "frame": f"""<path d="M4.5 14.500v-10h10M33.5 4.500h10v10M43.5 33.500v10h-10
        M14.5 43.500h-10v-10" {_LINE} stroke-width="4.6"/>
        <path d="M15 15h6v6h-6zM27 15h6v6h-6zM15 27h6v6h-6zM27.5 27.500h2.500v2.500h-2.500z
        M31 31h2.500v2.500H31z" fill="INK"/>""",
    "up": f"""<rect x="4.5" y="4.5" width="39" height="39" rx="9" {_LINE} stroke-width="4.4"/>
        <path d="M24 35V14.500M14.8 23.200L24 14l9.2 9.2" {_LINE} stroke-width="4.4"/>""",
    "dashes": """<circle cx="24" cy="24" r="20" fill="none" stroke="INK" stroke-width="4.4"
        stroke-dasharray="8.36 7.35"/>
        <path d="M14 24h3.500M22.25 24h3.500M30.5 24H34" fill="none" stroke="INK" stroke-width="4.6"
        stroke-linecap="round"/>""",
}


def svg(icon: str, colour: str) -> str:
    """The icon in a colour of :data:`COLOURS`.

    Raises:
        ValueError: there is no such icon or colour.
    """
    if icon not in SHAPES or colour not in COLOURS:
        raise ValueError(f"there is no icon {icon!r} in {colour!r}")
    body = SHAPES[icon].replace("INK", COLOURS[colour])
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48">{body}</svg>'

"""Sentences of reasons and names of the roles that resolve them, read once from package data."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


@cache
def table() -> Mapping[str, Mapping[str, str]]:
    """Every reason: code -> ``who``, ``zh``, ``en``."""
    return MappingProxyType(_document()["reasons"])


@cache
def _document() -> dict[str, Any]:
    text = files("registry").joinpath("data", "reasons.toml").read_text("utf-8")
    return tomllib.loads(text)


@cache
def placeholders(code: str) -> frozenset[str]:
    """Names of the parameters that the sentence of ``code`` needs."""
    return frozenset(_PLACEHOLDER.findall(table()[code]["zh"]))


def who(code: str) -> str:
    """Role that can resolve a reason of this code."""
    return table()[code]["who"]


def who_name(role: str, language: str = "zh") -> str:
    """Name of a resolving role in words."""
    name: str = _document()["who"][role][language]
    return name


def sentence(code: str, parameters: Mapping[str, str], language: str = "zh") -> str:
    """The sentence with its parameters filled in; a value is never read as a template."""
    template = table()[code][language]
    return _PLACEHOLDER.sub(lambda found: parameters[found.group(1)], template)

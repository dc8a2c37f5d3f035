"""GS1 keys on labels: element strings, bracketed text, Digital Links and what scanners say before them. Pure: no database, no net.

GS1 General Specifications and GS1 Digital Link Standard: URI Syntax. The conformance set of the syntax engine is run in the tests.
"""

from __future__ import annotations

from revlog.scanning.gs1.elements import BadElements, Element, bracketed, joined, parse, parse_bracketed, validate
from revlog.scanning.gs1.links import link, parse_link

__all__ = [
    "BadElements",
    "Element",
    "bracketed",
    "joined",
    "link",
    "parse",
    "parse_bracketed",
    "parse_link",
    "validate",
]

"""How the documentation is built: sphinx-build -W -q docs docs/_build/html."""

from importlib.metadata import version as version_of
from typing import Any


project = "customer_identification"
author = "The customer_identification authors"
copyright = f"2026, {author}"
release = version = version_of("customer-identification")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = f"Customer identification {release}"

myst_heading_anchors = 3

autodoc_typehints = "none"  # the docstrings say it, with units
autodoc_member_order = "bysource"
napoleon_google_docstring = False
napoleon_use_ivar = True  # fields are described once, in the class


def _close_code_blocks(_: Any, __: str, source: list[str]) -> None:
    """Drop the empty line that tells doctest where an output ends."""
    source[0] = source[0].replace("\n\n```\n", "\n```\n")


def setup(app: Any) -> None:
    """Let Sphinx call us."""
    app.connect("source-read", _close_code_blocks)

"""For the site's builder: the section `Example:` of our docstrings holds doctests."""

from typing import Any

import griffe


class Examples(griffe.Extension):
    """Call the section as griffe does, which else takes it for a remark in prose."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Each object, once it was read."""
        if obj.docstring:
            obj.docstring.value = obj.docstring.value.replace("\nExample:\n", "\nExamples:\n")

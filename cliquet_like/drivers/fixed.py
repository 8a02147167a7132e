"""Statements that are sent again and again, with other values each time but letter by letter the same."""


class FixedStatement(str):
    """SQL of a constant, whose values are bound by name; a client may let its server prepare it.

    It is for statements whose best plan depends on no value: what filters make of a list is none.
    Where its text is not the same each time it costs more than any other.
    """

    __slots__ = ("parts",)

    parts: tuple[str, ...]
    """Its single statements."""

    def __new__(cls, *parts: str) -> "FixedStatement":
        """Statement of one part, or of several that happen as a whole."""
        made = super().__new__(cls, ";\n".join(parts))
        made.parts = parts
        return made

"""The error of a query string, without HTTP: what is wrong, and where."""


class QueryError(ValueError):
    """A parameter cannot be understood; ``name`` is the parameter, ``description`` for the client."""

    location = "querystring"

    def __init__(self, name: str, description: str) -> None:
        """Keep both for the error answer."""
        self.name = name
        self.description = description
        super().__init__(f"{name}: {description}")

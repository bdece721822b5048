"""The errors this library raises, all under one base.

::

    CustomerIdentificationError
    ├── InvalidInputError        (ValueError)   what was given cannot be right
    │   ├── MissingColumnError   (LookupError)  a column that was promised is not there
    │   ├── BadRowsError                        some rows cannot be used
    │   └── SerializationError                  plain data that is none of ours
    ├── UnknownCustomerError     (KeyError)     nobody here has that id
    └── EngineError              (RuntimeError) the host's engine failed at its work

    LeakWarning                  (UserWarning)  what is learnt from may only be known later

A message says what must hold, how many rows break it and where the first one is;
it never repeats a name, an id, an address or an amount. What an engine says itself
stands behind an EngineError as its cause, and may repeat data.
"""

from collections.abc import Iterable


__all__ = [
    "BadRowsError",
    "CustomerIdentificationError",
    "EngineError",
    "InvalidInputError",
    "LeakWarning",
    "MissingColumnError",
    "SerializationError",
    "UnknownCustomerError",
]


class CustomerIdentificationError(Exception):
    """Base of everything this library raises on purpose.

    Parameters
    ----------
    message : str
        What must hold, how many break it, where the first is.
    code : str
        A short stable word for programs to look at.
    column : str, optional
        Our name of the column at fault.
    positions : iterable of int
        The first few positions at fault, from 0.

    Examples
    --------
    >>> error = InvalidInputError("k must be above 0", code="too_small", column="k")
    >>> error.code, error.column, error.positions
    ('too_small', 'k', ())
    """

    def __init__(
        self,
        message: str,
        *,
        code: str = "invalid",
        column: str | None = None,
        positions: Iterable[int] = (),
    ) -> None:
        super().__init__(message)
        self.code = code
        self.column = column
        self.positions = tuple(int(position) for position in positions)

    def __str__(self) -> str:
        return str(self.args[0])

    def __reduce__(self) -> tuple[object, ...]:
        return (
            _rebuild,
            (type(self), self.args[0], self.code, self.column, self.positions),
        )


def _rebuild(
    kind: type[CustomerIdentificationError],
    message: str,
    code: str,
    column: str | None,
    positions: tuple[int, ...],
) -> CustomerIdentificationError:
    return kind(message, code=code, column=column, positions=positions)


class InvalidInputError(CustomerIdentificationError, ValueError):
    """What was given cannot be right."""


class MissingColumnError(InvalidInputError, LookupError):
    """A column that is needed, or was promised, is not in the data."""


class BadRowsError(InvalidInputError):
    """Some rows cannot be used; `on_bad_rows="report"` sets them aside."""


class SerializationError(InvalidInputError):
    """Plain data that is not what :func:`to_dict` makes."""


class UnknownCustomerError(CustomerIdentificationError, KeyError):
    """Nobody here has that id."""


class EngineError(CustomerIdentificationError, RuntimeError):
    """The engine of a frame is missing a package, or failed while it aggregated."""


class LeakWarning(UserWarning):
    """An attribute tells the outcome so well that it may only be known with it."""

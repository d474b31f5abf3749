"""The one exception that unbend raises for bad input; the command line turns it into a sentence and an exit status."""

from typing import ClassVar


class UnbendError(ValueError):
    """Bad input, said in one clear sentence that names the value, the place and the mend.

    >>> raise UnbendError("there is no activation 'rulu'; did you mean 'relu'?")
    Traceback (most recent call last):
    ...
    unbend.errors.UnbendError: there is no activation 'rulu'; did you mean 'relu'?
    """

    exit_status: ClassVar[int] = 2


class DataError(UnbendError):
    """A table or recording that cannot be used as it is (exit status 3)."""

    exit_status: ClassVar[int] = 3


def did_you_mean(word: object, known: "list[str] | tuple[str, ...]") -> str:
    """The ending of a sentence that offers the nearest known word, or lists them all when none is near.

    >>> did_you_mean("rulu", ["relu", "tanh"])
    "did you mean 'relu'?"
    >>> did_you_mean("q", ["relu", "tanh"])
    'known are relu, tanh'
    """
    import difflib

    near = difflib.get_close_matches(str(word).lower(), list(known), n=1, cutoff=0.5)
    return f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"


def reason(error: BaseException) -> str:
    """What a foreign exception says, in one line without a stop; its kind if it says nothing.

    >>> reason(OSError("no signature found.")), reason(EOFError())
    ('no signature found', 'EOFError')
    """
    said = str(error).strip()
    return said.splitlines()[0][:120].rstrip(".") if said else type(error).__name__

"""What the commands read out of the words of a call: lists, widths, folders, file names."""

import os
import re
from pathlib import Path

from unbend.errors import UnbendError

LONGEST_SLUG = 40  # two of them make a file name, and a Chinese character takes three bytes


def split_activations(text: str, most: int | None = None) -> list[str]:
    """The activations of a list, split at commas outside parentheses; ``name=value`` belongs to what stands before.

    >>> split_activations("tanh,leaky_relu(alpha=0.2),max(x, a*x); a=0.1, relu")
    ['tanh', 'leaky_relu(alpha=0.2)', 'max(x, a*x); a=0.1', 'relu']
    """
    parts, depth = [""], 0
    for character in text:
        depth += (character == "(") - (character == ")")
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    names: list[str] = []
    for part in (part.strip() for part in parts):
        if names and ";" in names[-1] and re.fullmatch(r"\w+\s*=[^=]+", part):
            names[-1] += f", {part}"
        else:
            names.append(part)
    if not all(names):
        raise UnbendError(f"--activation {text!r} has an empty entry; write names such as tanh,relu")
    if len(names) != len(set(names)):
        raise UnbendError(f"--activation {text!r} names one twice; name each once")
    if most is not None and len(names) > most:
        raise UnbendError(f"--activation names {len(names)}, and {most} fit side by side; leave some out")
    return names


def widths_of(text: str, or_none: bool = True) -> tuple[int, ...]:
    """Hidden widths from ``"32,32"``; ``"0"`` for no hidden layer, which is only offered with ``or_none``.

    >>> widths_of("32, 16"), widths_of("0")
    ((32, 16), ())
    """
    parts = [part.strip() for part in text.split(",")]
    if parts == ["0"]:
        return ()
    if not all(part.isdecimal() and 1 <= int(part) <= 1024 for part in parts):
        raise UnbendError(
            f"--hidden {text!r} must be widths from 1 to 1024 with commas, such as 2 or 32,32{', or 0' * or_none}"
        )
    return tuple(int(part) for part in parts)


def numbers_of(text: str, option: str) -> tuple[float, ...]:
    """Numbers from a list with commas.

    >>> numbers_of("0.001, 1e-2", "--learning-rates")
    (0.001, 0.01)
    """
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        raise UnbendError(f"{option} {text!r} must be numbers with commas, such as 0.001,0.01") from None


def folds_of(text: str) -> tuple[int, int | None]:
    """Folds and repeats from ``"10x3"``; the repeats may be left out.

    >>> folds_of("10x3"), folds_of("5")
    ((10, 3), (5, None))
    """
    match = re.fullmatch(r"(\d{1,3})(?:[x×](\d{1,3}))?", text.strip())
    if not match or int(match[1]) < 2 or match[2] == "0":
        raise UnbendError(f"--cv {text!r} must be folds, or folds x repeats, such as 5 or 10x3")
    return int(match[1]), int(match[2]) if match[2] else None


def writable(folder: Path) -> Path:
    """``folder``, if it is there or can be made: better known before the training than after it."""
    there = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    if not there.is_dir():
        raise UnbendError(f"--out '{folder}' cannot be a folder: '{there}' is a file; choose another place")
    if not os.access(there, os.W_OK | os.X_OK):
        raise UnbendError(f"--out '{folder}' cannot be written: '{there}' is read-only; choose another place")
    return folder


def slug(text: str) -> str:
    """A file name without surprises.

    >>> slug("x*sigmoid(1.7*x)")
    'x-sigmoid-1.7-x'
    """
    return re.sub(r"[^\w.]+", "-", text)[:LONGEST_SLUG].strip("-.") or "run"

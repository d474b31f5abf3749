"""Words in two languages, and measured numbers written for a reader; it knows neither lessons nor pages."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite

from unbend.drawing.words import LANGUAGES, number, percent
from unbend.errors import UnbendError, did_you_mean

Form = Callable[[float], str]


@dataclass(frozen=True)
class Text:
    """The same words in Chinese and in English; ``{names}`` in braces wait for measured values.

    >>> Text(zh="一条直线", en="a line")("zh")
    '一条直线'
    """

    zh: str
    en: str

    def __call__(self, lang: str) -> str:
        """The words in ``lang``, "zh" or "en"; `UnbendError` for another language."""
        if lang not in LANGUAGES:
            raise UnbendError(f"there is no language {lang!r}; {did_you_mean(lang, LANGUAGES)}")
        return self.zh if lang == "zh" else self.en

    def fill(self, values: "Mapping[str, str | Text]") -> "Text":
        """Both languages with every ``{name}`` replaced; `UnbendError` names a value that was not measured.

        >>> Text(zh="最好 {best}", en="at best {best}").fill({"best": "75%"}).en
        'at best 75%'
        """
        return Text(zh=_fill(self.zh, values, "zh"), en=_fill(self.en, values, "en"))


def _fill(template: str, values: "Mapping[str, str | Text]", lang: str) -> str:
    try:
        return template.format_map({name: in_language(value, lang) for name, value in values.items()})
    except KeyError as missing:
        raise UnbendError(f"the text {template!r} names {missing}, which the experiment did not measure") from None


def in_language(value: "str | Text", lang: str) -> str:
    """A cell, a number or a sentence in ``lang``; a plain string is the same in both.

    >>> in_language("x", "zh"), in_language(Text(zh="点", en="point"), "zh")
    ('x', '点')
    """
    return value if isinstance(value, str) else value(lang)


def share(value: float) -> str:
    """A share as a percentage; only a true 1 is written as 100%.

    >>> share(0.8535)
    '85.4%'
    """
    if not isfinite(value):
        return str(value)
    return percent(value)


def count(value: float) -> str:
    """A whole number, thousands apart.

    >>> count(2000)
    '2,000'
    """
    return f"{round(value):,}" if isfinite(value) else str(value)


__all__ = ["Form", "Text", "count", "in_language", "number", "share"]

"""Words in two languages; it knows neither lessons nor pages, nor how numbers are written."""

from collections.abc import Mapping
from dataclasses import dataclass

from unbend.errors import UnbendError, did_you_mean

LANGUAGES = ("en", "zh")


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

"""How the numbers of a choice are written: scores and differences in the units of their metric, chances, p-values."""

import math
import re

PERCENT = ("accuracy", "balanced_accuracy")
BLANK = re.compile("(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])")
POINTS = {"en": "percentage points", "zh": "个百分点"}


def score(metric: str, value: float) -> str:
    """A score: a percentage for shares of right answers, else three significant digits or decimals.

    >>> score("accuracy", 0.97341), score("r2", 0.48213), score("neg_mean_absolute_error", -43.216)
    ('97.3%', '0.482', '−43.2')
    """
    if metric in PERCENT:
        return f"{100 * value:.1f}%".replace("-", "−")
    return _plain(value)


def difference(metric: str, value: float, lang: str = "en", signed: bool = True) -> str:
    """A difference of scores, with its unit where it has one.

    >>> difference("accuracy", 0.0121), difference("r2", -0.0213, signed=False)
    ('+1.2 percentage points', '0.021')
    >>> difference("accuracy", 0.01, signed=False), difference("accuracy", 0.01, "zh", signed=False)
    ('1 percentage point', '1 个百分点')
    """
    number = bare_difference(metric, value if signed else abs(value))
    if not signed:
        number = number.removeprefix("+").removesuffix(".0") if metric in PERCENT else number.removeprefix("+")
    unit = POINTS[lang].removesuffix("s") if number == "1" else POINTS[lang]
    return f"{number} {unit}" if metric in PERCENT else number


def bare_difference(metric: str, value: float) -> str:
    """A difference with its sign and without a unit; shares in percentage points.

    >>> bare_difference("accuracy", -0.0121), bare_difference("r2", 0.02), bare_difference("r2", -0.0)
    ('−1.2', '+0.020', '0.000')
    """
    text = f"{100 * value:.1f}" if metric in PERCENT else _plain(value)
    if not text.strip("−-0."):
        return text.strip("−-")
    return text.replace("-", "−") if value < 0 else f"+{text}"


def possible(metric: str, value: float) -> float:
    """An end of an interval, no higher than the metric can be: an interval of Student's t knows no bound.

    >>> possible("accuracy", 1.02), possible("r2", -3.0), possible("neg_log_loss", 0.2)
    (1.0, -3.0, 0.0)
    """
    return min(value, 0.0 if metric.startswith("neg_") else 1.0)


def interval(metric: str, low: float, high: float, lang: str = "en", of: str = "score") -> str:
    """Both ends of an interval of scores, or ``of="difference"``.

    >>> interval("accuracy", 0.951, 0.983), interval("r2", -0.01, 0.02, of="difference")
    ('95.1% to 98.3%', '−0.010 to +0.020')
    """
    word = "to" if lang == "en" else "到"
    if of == "difference":
        return f"{bare_difference(metric, low)} {word} {bare_difference(metric, high)}"
    return f"{score(metric, low)} {word} {score(metric, possible(metric, high))}"


def chance(value: float) -> str:
    """A probability in two digits, never rounded to 0 or 1.

    >>> chance(0.954), chance(0.9999), chance(0.0)
    ('0.95', '> 0.99', '< 0.01')
    """
    if not 0.01 <= value <= 0.99:
        return "> 0.99" if value > 0.5 else "< 0.01"
    return f"{value:.2f}"


def p_value(p: float) -> str:
    """A p-value with its sign of relation.

    >>> p_value(0.0432), p_value(0.0000012), p_value(1.0)
    ('= 0.043', '< 0.001', '= 1')
    """
    return "< 0.001" if p < 0.001 else f"= {p:.2g}"


def rate(value: float) -> str:
    """A learning rate in two significant digits.

    >>> rate(0.00316227766), rate(0.1), rate(1e-05)
    ('0.0032', '0.1', '1e-05')
    """
    return f"{value:.2g}"


def share(value: float) -> str:
    """A share as a whole percentage, never rounded to 0 or 100 when it is neither.

    >>> share(0.0), share(0.001), share(0.336), share(0.999)
    ('0%', '< 1%', '34%', '> 99%')
    """
    if 0 < value < 0.005:
        return "< 1%"
    return "> 99%" if 0.995 < value < 1 else f"{value:.0%}"


def closed(text: str) -> str:
    """The same without blanks between Chinese characters, as numbers with units leave them in sentences.

    >>> closed("好出 1 个百分点 以上")
    '好出 1 个百分点以上'
    """
    return BLANK.sub("", text)


def _plain(value: float) -> str:
    if not math.isfinite(value):
        return str(value)
    size = abs(value)
    if size < 9.9995:
        text = f"{value:.3f}" if size >= 0.0005 or not size else f"{value:.1e}"
    else:
        text = f"{value:.1f}" if size < 1e3 else f"{value:,.0f}"
    return text.replace("-", "−")

"""Why arms score as they do, in sentences: what was only measured "goes with" a score; "because" is said of a cause
whose change, in networks trained once more, moved both itself and the score beyond chance.
"""

from collections.abc import Callable, Sequence
from itertools import groupby
from math import isfinite

from unbend.choosing.metrics import METRICS
from unbend.choosing.reason_words import LANGUAGES, WORDS
from unbend.choosing.salient import healthy, salient
from unbend.choosing.verdict import Ranked, Verdict
from unbend.choosing.why import Diagnosis, Intervention
from unbend.errors import UnbendError, did_you_mean

MOST = 1e6  # times; a ratio beyond is told as this


def reasons(
    verdict: Verdict, diagnoses: Sequence[Diagnosis], interventions: Sequence[Intervention] = (), lang: str = "en"
) -> tuple[str, ...]:
    """The sentences, arm by arm in the order of the ranking, then one for every change that was tried.

    Every arm is compared with the best; differences that a reader would not see in a chart are left out. Raises
    `UnbendError` for another language than "en" and "zh".
    """
    if lang not in LANGUAGES:
        raise UnbendError(f"there is no language {lang!r}; {did_you_mean(lang, LANGUAGES)}")
    words = _Words(lang, METRICS[verdict.metric].words[LANGUAGES.index(lang)])
    by_name = {one.activation: one for one in diagnoses}
    best = by_name[verdict.best]
    found = [] if best.bends else [words("linear_best", arm=best.activation)]
    for ranked in verdict.ranking[1:]:
        found += _of_arm(words, verdict, ranked, by_name[ranked.activation], best)
    tried = [
        _of_change(words, list(group)) for _, group in groupby(interventions, lambda one: (one.activation, one.change))
    ]
    return tuple(found or [words("nothing" if healthy(best) else "alike")]) + tuple(tried)


class _Words:
    """The words of one language."""

    def __init__(self, lang: str, metric: str) -> None:
        self.place, self.metric = LANGUAGES.index(lang), metric

    def __call__(self, name: str, **values: str) -> str:
        return WORDS[name][self.place].format(metric=self.metric, **values)

    def joined(self, kind: str, parts: Sequence[str]) -> str:
        """Parts as a list in a sentence."""
        *first, last = parts or ("",)
        return f"{WORDS[kind][self.place].join(first)}{WORDS[f'last_{kind}'][self.place]}{last}" if first else last

    def times(self, ratio: float) -> str:
        """A ratio of gradients, as how many times one is smaller or larger."""
        if not ratio > 0:
            return self("none")
        return self("smaller" if ratio < 1 else "larger", times=digits(min(max(ratio, 1 / ratio), MOST)))


def _of_arm(words: _Words, verdict: Verdict, ranked: Ranked, own: Diagnosis, best: Diagnosis) -> list[str]:
    """What is to be said of an arm that is not the best: nothing where it is like the best."""
    beaten = own.activation not in verdict.not_excluded
    told = {"arm": own.activation, "best": best.activation}
    difference = digits(verdict.comparison(best.activation, own.activation).difference)
    if not own.bends:
        return [words("linear_loses" if beaten else "linear_holds", difference=difference, **told)]
    measured = words.joined("measured", [_measured(words, name, own, best) for name in salient(own, best)])
    if not beaten:
        return [words("no_matter", measures=measured, **told)] if measured else []
    return [words("goes_with" if measured else "unexplained", difference=difference, measures=measured, **told)]


def _measured(words: _Words, name: str, own: Diagnosis, best: Diagnosis) -> str:
    """One measure of an arm beside that of the best."""
    value, form = _VALUES[name], words.times if name == "gradient" else _FORMS[name]
    values = [form(value(one)) if isfinite(value(one)) else words("none") for one in (own, best)]
    return words(name, own=values[0], other=values[1], best=best.activation)


def _of_change(words: _Words, group: Sequence[Intervention]) -> str:
    """What came of one change, whatever measures were looked at."""
    first = group[0]
    moved = [one for one in group if one.cause_moved]
    name = {
        (True, True): "because", (True, False): "other_way", (False, True): "no_rise", (False, False): "no_effect",
    }[first.score_rose, bool(moved)]  # fmt: skip
    return words(
        name,
        change=words(f"by_{first.change}", arm=first.activation),
        before=digits(first.score_before, 3),
        after=digits(first.score_after, 3),
        p=_p(first.p),
        moved=words.joined("moved", [_moved(words, one) for one in moved]),
        causes=words.joined("causes", [words(f"cause_{one.measure}") for one in moved or group]),
    )


def _moved(words: _Words, one: Intervention) -> str:
    form = _FORMS[one.measure]
    return words(f"moved_{one.measure}", own=form(one.cause_before), new=form(one.cause_after))


def digits(value: float, count: int = 2) -> str:
    """A number with so many significant digits, without an exponent.

    >>> digits(0.02134), digits(1234.5), digits(0.83333, 3)
    ('0.021', '1,200', '0.833')
    """
    rounded = float(f"{value:.{count}g}")
    if abs(rounded) >= 1000:
        return f"{rounded:,.0f}"
    import numpy as np

    return np.format_float_positional(rounded, trim="-")


def _percent(share: float) -> str:
    return f"{100 * share:.0f}%"


def _p(p: float) -> str:
    return "p < 0.001" if p < 0.001 else f"p = {digits(p)}"


_VALUES: dict[str, Callable[[Diagnosis], float]] = {
    "gradient": lambda one: one.gradient_ratio,
    "dead": lambda one: float(one.dead[-1]),
    "saturated": lambda one: float(one.saturated[-1]),
    "diverged": lambda one: one.failure_rate,
    "basin": lambda one: one.basin,
    "epochs": lambda one: one.epochs_to_90,
}
_FORMS: dict[str, Callable[[float], str]] = {
    "gradient": digits,
    "dead": _percent,
    "saturated": _percent,
    "diverged": _percent,
    "basin": lambda value: f"{value:.1f}",
    "epochs": digits,
    "learning rate": digits,
}

"""Why arms score as they do, in sentences: what was only measured "goes with" a score; "because" is said of a cause
whose change, in networks trained once more, moved both itself and the score beyond chance.
"""

from collections.abc import Callable, Sequence
from itertools import groupby
from math import isfinite

import numpy as np

from unbend.choosing import forms
from unbend.choosing.metrics import METRICS
from unbend.choosing.reason_words import LANGUAGES, WORDS
from unbend.choosing.salient import GRADIENT, healthy, salient
from unbend.choosing.verdict import Ranked, Verdict
from unbend.choosing.why import Diagnosis, Intervention
from unbend.errors import UnbendError, did_you_mean

MOST = 1e6  # times; a ratio beyond is told as this
USUAL = 0.05  # share of flat slopes that is told of because it is no fault
ALIKE = 1.05  # times; a ratio within is told as none


def reasons(
    verdict: Verdict, diagnoses: Sequence[Diagnosis], interventions: Sequence[Intervention] = (), lang: str = "en"
) -> tuple[str, ...]:
    """The sentences, arm by arm in the order of the ranking, then one for every change that was tried.

    Every arm is compared with the best; differences that a reader would not see in a chart are left out. Raises
    `UnbendError` for another language than "en" and "zh".
    """
    if lang not in LANGUAGES:
        raise UnbendError(f"there is no language {lang!r}; {did_you_mean(lang, LANGUAGES)}")
    words = _Words(lang, verdict.metric)
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
        self.lang, self.place, self.metric = lang, LANGUAGES.index(lang), metric

    def __call__(self, name: str, **values: str) -> str:
        metric = METRICS[self.metric].words[self.place]
        return forms.closed(WORDS[name][self.place].format(metric=metric, **values))

    def joined(self, kind: str, parts: Sequence[str]) -> str:
        """Parts as a list in a sentence."""
        *first, last = parts or ("",)
        return f"{WORDS[kind][self.place].join(first)}{WORDS[f'last_{kind}'][self.place]}{last}" if first else last

    def times(self, ratio: float) -> str:
        """A ratio of gradients, as how many times one is smaller or larger."""
        if not ratio > 0:
            return self("none")
        times = min(max(ratio, 1 / ratio), MOST)
        if times < ALIKE:
            return self("alike_large")
        return self("smaller" if ratio < 1 else "larger", times=digits(times))


def _of_arm(words: _Words, verdict: Verdict, ranked: Ranked, own: Diagnosis, best: Diagnosis) -> list[str]:
    """What is to be said of an arm that is not the best: nothing where it is like the best."""
    beaten = own.activation not in verdict.not_excluded
    told = {"arm": own.activation, "best": best.activation}
    ahead = verdict.comparison(best.activation, own.activation).difference
    difference = forms.difference(verdict.metric, ahead, words.lang, signed=False)
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
    if name == "saturated":
        values = [_with_usual(words, said, one) for said, one in zip(values, (own, best), strict=True)]
    return words(name, own=values[0], other=values[1], best=best.activation)


def _with_usual(words: _Words, said: str, one: Diagnosis) -> str:
    """A share of flat slopes, and how many there are in a healthy network of an activation that has flat pieces."""
    return words("usual", said=said, usual=forms.share(one.usually_flat)) if one.usually_flat >= USUAL else said


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
        before=forms.score(words.metric, first.score_before),
        after=forms.score(words.metric, first.score_after),
        p=f"p {forms.p_value(first.p)}",
        moved=words.joined("moved", [_moved(words, one) for one in moved]),
        causes=words.joined("causes", [words(_cause(one)) for one in moved or group]),
    )


def _moved(words: _Words, one: Intervention) -> str:
    form = _FORMS[one.measure]
    return words(f"moved_{one.measure}", own=form(one.cause_before), new=form(one.cause_after))


def _cause(one: Intervention) -> str:
    if one.measure == "gradient" and not 1 / GRADIENT < one.cause_before < GRADIENT:
        return "cause_vanishing" if one.cause_before < 1 else "cause_exploding"
    return f"cause_{one.measure}"


def digits(value: float) -> str:
    """A number in two significant digits, without an exponent.

    >>> digits(0.00002134), digits(1234.5)
    ('0.000021', '1,200')
    """
    rounded = float(f"{value:.2g}")
    return f"{rounded:,.0f}" if abs(rounded) >= 1000 else np.format_float_positional(rounded, trim="-")


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
    "dead": forms.share,
    "saturated": forms.share,
    "diverged": forms.share,
    "basin": lambda value: f"{value:.1f}",
    "epochs": digits,
    "learning rate": forms.rate,
}

"""What tuning does to a ranking: every arm with its chosen learning rates beside the same arm at one usual rate."""

from unbend.choosing import forms
from unbend.choosing.choice import Choice
from unbend.choosing.untuned import untuned
from unbend.drawing import style
from unbend.drawing.picture import Figure
from unbend.drawing.rows import finished, metric_words, rows
from unbend.drawing.words import Words


def untuned_figure(choice: Choice, lang: str = "en") -> Figure:
    """Full dots: with the learning rate chosen for each arm; hollow: all at one rate. At the right, both places."""
    words, verdict, other = Words(lang), choice.verdict, untuned(choice)
    places = {name: place for place, name in enumerate(other.scores, start=1)}
    names = [one.activation for one in verdict.ranking]
    said = [f"{place} → {places[name]}" for place, name in enumerate(names, start=1)]
    axis = words("choice_untuned", metric=metric_words(verdict.metric, lang), rate=forms.rate(other.learning_rate))
    with style.settings():
        canvas, axes = rows(names, said, axis, verdict.metric)
        for place, one in enumerate(verdict.ranking):
            plain = other.scores[one.activation]
            axes.plot([plain, one.mean], [place, place], color=style.GRID, linewidth=2.4)
            axes.plot(
                plain, place, "o", markersize=8, markerfacecolor=style.PAPER, markeredgecolor=style.NEGATIVE,
                markeredgewidth=2.2,
            )  # fmt: skip
            axes.plot(one.mean, place, "o", markersize=8, color=style.POSITIVE, markeredgecolor=style.POSITIVE)
        axes.margins(x=0.06)
        return finished(canvas)

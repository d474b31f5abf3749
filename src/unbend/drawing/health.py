"""All pictures of a watched model: for its page, and for the tools that its numbers go to."""

from unbend.drawing.health_course import QUANTITIES, course_figure
from unbend.drawing.health_theory import chi_figure, variance_figure
from unbend.drawing.health_units import units_figure
from unbend.drawing.picture import Figure
from unbend.watching.health import Health
from unbend.watching.history import History


def health_figures(health: Health, history: History, lang: str = "en") -> dict[str, Figure]:
    """The pictures by name, of what there is to show: each quantity along the run, the units, theory and measurement.

    ``lang``: "en" or "zh"; `UnbendError` for another language.
    """
    found: dict[str, Figure | None] = {name: course_figure(history, name, lang) for name in QUANTITIES}
    found["units"] = units_figure([one.measure for one in health.layers], lang)
    if health.theory is not None:
        found |= {"variance": variance_figure(health.theory, lang), "chi": chi_figure(health.theory, lang)}
    return {name: figure for name, figure in found.items() if figure is not None}

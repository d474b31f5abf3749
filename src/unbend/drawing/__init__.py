"""Pictures and films of runs; everything is loaded when it is first used, matplotlib among it."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from unbend.drawing.bend_films import bend_film as bend_film
    from unbend.drawing.caps import lift as lift
    from unbend.drawing.cheat_sheet import cards_figure as cards_figure
    from unbend.drawing.critical_difference import rank_diagram as rank_diagram
    from unbend.drawing.cubes import cube as cube
    from unbend.drawing.curves import curve as curve
    from unbend.drawing.figures import compare as compare
    from unbend.drawing.figures import figure as figure
    from unbend.drawing.films import film as film
    from unbend.drawing.often import Reached as Reached
    from unbend.drawing.one_card import card_figure as card_figure
    from unbend.drawing.path_films import path_figure as path_figure
    from unbend.drawing.path_films import path_film as path_film
    from unbend.drawing.picture import Figure as Figure
    from unbend.drawing.strip import passage as passage

_HOMES = {
    "Figure": "picture",
    "Reached": "often",
    "bend_film": "bend_films",
    "card_figure": "one_card",
    "cards_figure": "cheat_sheet",
    "compare": "figures",
    "cube": "cubes",
    "curve": "curves",
    "figure": "figures",
    "film": "films",
    "lift": "caps",
    "passage": "strip",
    "path_figure": "path_films",
    "path_film": "path_films",
    "rank_diagram": "critical_difference",
}

# No module is called like a name here: importing it would put the module in the place of the function.
__all__ = [
    "Figure",
    "Reached",
    "bend_film",
    "card_figure",
    "cards_figure",
    "compare",
    "cube",
    "curve",
    "figure",
    "film",
    "lift",
    "passage",
    "path_figure",
    "path_film",
    "rank_diagram",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)

"""Pictures and films of runs; everything is loaded when it is first used, matplotlib among it."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from unbend.drawing.cheat_sheet import cards_figure as cards_figure
    from unbend.drawing.curves import curve as curve
    from unbend.drawing.figures import compare as compare
    from unbend.drawing.figures import figure as figure
    from unbend.drawing.films import film as film
    from unbend.drawing.often import Reached as Reached
    from unbend.drawing.one_card import card_figure as card_figure
    from unbend.drawing.picture import Figure as Figure

_HOMES = {
    "Figure": "picture",
    "Reached": "often",
    "card_figure": "one_card",
    "cards_figure": "cheat_sheet",
    "compare": "figures",
    "curve": "curves",
    "figure": "figures",
    "film": "films",
}

# No module is called like a name here: importing it would put the module in the place of the function.
__all__ = ["Figure", "Reached", "card_figure", "cards_figure", "compare", "curve", "figure", "film"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)

"""Which shapes cause which problem: rules over the numbers of a card, by which the cheat sheet is ordered.

An activation stands in the group of the first rule that holds; all that hold are its problems.
"""

import math
from collections.abc import Callable

from unbend.properties.record import Card

NEAR = 10.0  # saturation farther out than this hardly meets a signal
OFF_CENTRE = 0.25


def _dies(card: Card) -> bool:
    zones = list(zip(card.dead_zone, card.dead_zone_exact, strict=True))
    return any(exact for _, exact in zones) and not _saturates(card)


def _saturates(card: Card) -> bool:
    beyond = card.gradient_below_0_01
    return beyond is not None and 0 < beyond <= NEAR  # 0: it has no gradient at all


def _explodes(card: Card) -> bool:
    return card.max_gradient == math.inf


def _has_kink(card: Card) -> bool:
    return card.smoothness in ("discontinuous", "C0")


def _is_not_monotone(card: Card) -> bool:
    return not card.monotone


def _is_off_centre(card: Card) -> bool:
    return card.mean_normal is not None and abs(card.mean_normal) > OFF_CENTRE


# in the order in which they decide
RULES: dict[str, Callable[[Card], bool]] = {
    "explodes": _explodes,
    "dies": _dies,
    "saturates": _saturates,
    "wavy": _is_not_monotone,
    "kink": _has_kink,
    "off_centre": _is_off_centre,
}
GROUPS = (*RULES, "healthy")


def problems(card: Card) -> tuple[str, ...]:
    """The rules that hold, in order; ``("healthy",)`` if none does.

    >>> from unbend.properties import card
    >>> problems(card("relu")), problems(card("elu"))
    (('dies', 'kink', 'off_centre'), ('healthy',))
    """
    return tuple(name for name, rule in RULES.items() if rule(card)) or ("healthy",)


def group(card: Card) -> str:
    """The group of the cheat sheet in which a card stands.

    >>> from unbend.properties import card
    >>> group(card("tanh"))
    'saturates'
    """
    return problems(card)[0]

"""The card of an activation: every property of it, computed from its formula."""

from unbend.properties.compute import card
from unbend.properties.record import Card
from unbend.properties.table import Cards, cards

__all__ = ["Card", "Cards", "card", "cards"]

"""The card of an activation: every property of it, computed from its formula."""

from unbend.properties.compute import card
from unbend.properties.record import Card

__all__ = ["Card", "card"]

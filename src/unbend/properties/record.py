"""The `Card`: what is known of one activation, as numbers; words and pictures are made of it elsewhere."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from unbend.activations.activation import Activation
from unbend.properties.extremes import Place

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult

    from unbend.drawing import Figure

KEYS = (
    "name", "formula", "latex", "parameters", "range", "limits", "kinks", "monotone", "odd", "mean_normal",
    "gain_exact", "gain_pytorch", "max_gradient", "max_gradient_at", "gradient_below_0_1", "gradient_below_0_01",
    "saturated_share_normal", "lipschitz", "minimum", "minimum_at", "taylor", "smoothness", "fixed_points",
    "edge_of_chaos", "dead_zone", "relative_cost", "source", "libraries",
    "domain", "range_reached", "strictly_monotone", "direction", "even", "maximum", "maximum_at", "gradient_limits",
    "saturates_from", "dead_zone_exact", "chi_1", "gradient_growth", "depth_scale", "settled_variance",
    "self_normalising", "use", "code",
)  # fmt: skip


@dataclass(frozen=True, eq=False, repr=False)
class Card:
    """Every property of one activation, computed in float64; see `to_dict` for what each means.

    A place is a number, an interval, or None where there is none; infinite numbers are ``inf``.
    """

    activation: Activation
    latex: str
    domain: tuple[tuple[float, float], ...] | None
    range: tuple[float, float] | None
    range_reached: tuple[bool, bool]
    limits: tuple[float | None, float | None]
    kinks: tuple[float, ...]
    monotone: bool
    strictly_monotone: bool
    direction: str | None
    odd: bool
    even: bool
    mean_normal: float | None
    gain_exact: float | None
    gain_pytorch: float | None
    max_gradient: float | None
    max_gradient_at: Place
    gradient_limits: tuple[float | None, float | None]
    gradient_below_0_1: float | None
    gradient_below_0_01: float | None
    saturates_from: tuple[float | None, float | None]
    saturated_share_normal: float | None
    lipschitz: float | None
    minimum: float | None
    minimum_at: Place
    maximum: float | None
    maximum_at: Place
    taylor: tuple[float, ...] | None
    smoothness: str | None
    fixed_points: tuple[float | tuple[float, float], ...]
    edge_of_chaos: list[tuple[float, float]] | None
    chi_1: float | None
    gradient_growth: dict[str, float | None]
    depth_scale: dict[str, float | None]
    settled_variance: dict[str, float | None]
    self_normalising: bool
    dead_zone: tuple[tuple[float, float], ...]
    dead_zone_exact: tuple[bool, ...]
    libraries: dict[str, Any]
    use: dict[str, str] | None

    @property
    def name(self) -> str:
        """The name in the catalogue, or the formula."""
        return self.activation.name

    @property
    def formula(self) -> str:
        """The formula with its parameters."""
        return self.activation.formula

    @property
    def parameters(self) -> dict[str, float]:
        """The values of the parameters."""
        return dict(self.activation.parameters)

    @property
    def source(self) -> str | None:
        """The paper that proposed it, if it stands in the catalogue."""
        return self.activation.source or None

    @cached_property
    def relative_cost(self) -> dict[str, Any] | None:
        """Time of the value, and of value and gradient, relative to ReLU, measured on this machine when first asked."""
        from unbend.properties.cost import relative_cost

        return relative_cost(self.activation)

    @cached_property
    def code(self) -> dict[str, str]:
        """Source for PyTorch, Keras and JAX: the library's own where it has one, else a function."""
        from unbend.properties.code import library_code

        return library_code(self.activation)

    def to_dict(self, cost: bool = True) -> dict[str, Any]:
        """Everything by name, ready for JSON: infinities are ``"inf"`` and ``"-inf"``, what does not exist is None.

        ``cost=False`` leaves ``relative_cost``, which takes a moment to measure, at None. A list of two numbers is an
        interval. Of ``gradient_growth``, ``depth_scale`` and ``settled_variance`` the entries are starting weights
        of variance 1 (glorot), 2 (he) and the exact gain squared, over fan-in.

        >>> from unbend.properties import card
        >>> card("relu").to_dict(cost=False)["range"]
        [0.0, 'inf']
        """
        return {key: None if key == "relative_cost" and not cost else plain(getattr(self, key)) for key in KEYS}

    def figure(self, lang: str = "en") -> "Figure":
        """The picture of the card; see `unbend.drawing.card_figure`."""
        from unbend.drawing import card_figure

        return card_figure(self, lang)

    def __repr__(self) -> str:
        """One line with the numbers that say most."""
        return f"<Card {self.name}: {self.smoothness}, range {self.range}, largest gradient {self.max_gradient}>"

    def __rich_console__(self, console: "Console", options: "ConsoleOptions") -> "RenderResult":
        """A table in a terminal."""
        from unbend.properties.telling import rich_table

        yield rich_table(self)

    def _repr_html_(self) -> str:
        """A table in a notebook."""
        from unbend.properties.telling import html_table

        return html_table(self)


def plain(value: Any) -> Any:
    """A value as JSON has it.

    >>> plain((1.0, float("inf"), None, float("nan")))
    [1.0, 'inf', None, None]
    """
    if isinstance(value, float):
        return value if math.isfinite(value) else None if math.isnan(value) else "inf" if value > 0 else "-inf"
    if isinstance(value, (tuple, list)):
        return [plain(item) for item in value]  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}  # pyright: ignore[reportUnknownVariableType]
    return value

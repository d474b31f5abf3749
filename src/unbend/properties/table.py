"""Many cards side by side: the comparison of the whole catalogue."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from unbend.activations import Activation, catalogue_names
from unbend.errors import UnbendError
from unbend.properties.compute import card
from unbend.properties.groups import group, problems
from unbend.properties.record import Card, plain
from unbend.properties.telling import Said, interval, shown

if TYPE_CHECKING:
    from unbend.drawing import Figure

# column -> what it shows of a card
COLUMNS: dict[str, Callable[[Card], Any]] = {
    "name": lambda card: card.name,
    "formula": lambda card: card.formula,
    "group": group,
    "problems": lambda card: " ".join(problems(card)),
    "range_low": lambda card: card.range[0] if card.range else None,
    "range_high": lambda card: card.range[1] if card.range else None,
    **{key: lambda card, key=key: getattr(card, key) for key in (
        "smoothness", "monotone", "strictly_monotone", "odd", "even", "mean_normal", "max_gradient", "lipschitz",
        "gradient_below_0_1", "gradient_below_0_01", "saturated_share_normal", "minimum", "gain_exact", "gain_pytorch",
        "chi_1", "self_normalising",
    )},
    "growth_glorot": lambda card: card.gradient_growth["glorot"],
    "growth_he": lambda card: card.gradient_growth["he"],
    "cost_value": lambda card: (card.relative_cost or {}).get("value"),
    "cost_gradient": lambda card: (card.relative_cost or {}).get("gradient"),
}  # fmt: skip
SHORT = ("name", "range", "mean", "max_gradient", "below_0_01", "gain_exact", "chi", "cost")


@dataclass(frozen=True, eq=False, repr=False)
class Cards(Sequence[Card]):
    """Cards in the order in which they were asked for."""

    cards: tuple[Card, ...]

    def __getitem__(self, index: Any) -> Any:
        """The card at a place, or several."""
        return Cards(self.cards[index]) if isinstance(index, slice) else self.cards[index]

    def __len__(self) -> int:
        """How many cards there are."""
        return len(self.cards)

    def __iter__(self) -> Iterator[Card]:
        """The cards in order."""
        return iter(self.cards)

    def table(self) -> dict[str, list[Any]]:
        """Columns by name, one entry for each card; infinite numbers are ``"inf"``. Measures every cost.

        >>> cards(["tanh", "relu"]).table()["max_gradient"]
        [1.0, 1.0]
        """
        return {name: [plain(value(card)) for card in self.cards] for name, value in COLUMNS.items()}

    def rows(self, lang: str = "en") -> list[list[str]]:
        """The short comparison in words: a heading, then a row for each card."""
        said = Said(lang)
        heads = [
            {"name": "", "mean": said("mean"), "below_0_01": said("below_0_01")}.get(key) or said(key)
            for key in SHORT[1:]
        ]
        return [["f", *heads], *(_row(card) for card in self.cards)]

    def figure(self, lang: str = "en") -> "Figure":
        """The cheat sheet: small curves, ordered by the problem that a shape causes; see `unbend.drawing`."""
        from unbend.drawing import cards_figure

        return cards_figure(self, lang)

    def __repr__(self) -> str:
        """How many, and the first names."""
        names = ", ".join(card.name for card in self.cards[:4]) + (", …" if len(self.cards) > 4 else "")
        return f"<Cards of {len(self.cards)} activations: {names}>"

    def _repr_html_(self) -> str:
        from html import escape

        head, *body = self.rows()
        cells = ["".join(f"<td>{escape(cell)}</td>" for cell in row) for row in body]
        titles = "".join(f"<th>{escape(cell)}</th>" for cell in head)
        return f"<table><tr>{titles}</tr>{''.join(f'<tr>{row}</tr>' for row in cells)}</table>"


def _row(card: Card) -> list[str]:
    return [
        card.name,
        interval(*card.range, closed=card.range_reached) if card.range else "–",
        shown(card.mean_normal),
        shown(card.max_gradient),
        "–" if card.gradient_below_0_01 is None else shown(card.gradient_below_0_01),
        shown(card.gain_exact),
        shown(card.chi_1),
        shown(card.relative_cost["value"]) if card.relative_cost else "–",
    ]


def cards(names: "Sequence[str | Activation | Callable[..., Any]] | None" = None) -> Cards:
    """The cards of ``names``, whatever `card` takes; None: of the whole catalogue.

    Raises `UnbendError` as `card` does, and where nothing or a single text is given.

    >>> cards(["tanh", "x*sigmoid(x)"])
    <Cards of 2 activations: tanh, x*sigmoid(x)>
    """
    if isinstance(names, str):
        raise UnbendError(f"cards takes several names, such as [{names!r}, 'relu']; for one, call card({names!r})")
    wanted = catalogue_names() if names is None else tuple(names)
    if not wanted:
        raise UnbendError("cards needs at least one name, such as ['tanh', 'relu']; without argument it takes all")
    return Cards(tuple(card(name) for name in wanted))

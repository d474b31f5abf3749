"""How often, beside how: the words for what became of many networks that differ in their seed alone."""

from dataclasses import dataclass

from unbend.drawing.words import Words


@dataclass(frozen=True)
class Reached:
    """How often it works: ``count`` of ``seeds`` networks that differ in nothing else reach the metric ``target``."""

    count: int
    seeds: int
    target: float = 0.99


def reached_text(reached: Reached, words: Words, metric_name: str, short: bool = False) -> str:
    """The line that says it.

    >>> reached_text(Reached(229, 256), Words("en"), "accuracy")
    '229 of 256 seeds reach 99%'
    """
    target = f"{100 * reached.target:g}%" if metric_name == "accuracy" else f"R² {reached.target:g}"
    return words("seeds_short" if short else "seeds", reached=reached.count, seeds=reached.seeds, target=target)

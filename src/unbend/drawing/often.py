"""How often, beside how: the words for what became of many networks that differ in their seed alone."""

from dataclasses import dataclass

from unbend.drawing.words import Words


@dataclass(frozen=True)
class Reached:
    """How often it works: ``count`` of ``seeds`` networks that differ in nothing else reach the metric ``target``."""

    count: int
    seeds: int
    target: float = 0.99


def target_text(target: float, metric_name: str) -> str:
    """A target with its unit.

    >>> target_text(0.99, "accuracy"), target_text(0.9, "r2")
    ('99%', 'R² 0.9')
    """
    return f"{100 * target:g}%" if metric_name == "accuracy" else f"R² {target:g}"


def reached_text(reached: Reached, words: Words, metric_name: str, short: bool = False) -> str:
    """The line that says it.

    >>> reached_text(Reached(229, 256), Words("en"), "accuracy")
    '229 of 256 seeds reach 99%'
    """
    target = target_text(reached.target, metric_name)
    return words("seeds_short" if short else "seeds", reached=reached.count, seeds=reached.seeds, target=target)

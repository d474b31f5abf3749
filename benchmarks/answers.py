"""What choosing answers on real tables and on toys, with a hidden twin and, for toys, with a network that cannot bend.

``python benchmarks/answers.py [NAME …]`` prints a row of Markdown for each; every number is measured in the call.
"""

import sys
import time

from unbend.choosing.choose import ACTIVATIONS, choose

TABLES = ("iris", "wine", "breast_cancer", "digits", "diabetes")
TOYS = ("xor", "circles", "moons", "spiral", "curves", "ring", "sine")
HEADER = (
    "| table | metric | verdict | best | not excluded | linear | trees | scikit-learn | twin | detectable | seconds |"
)


def row(name):
    activations = ACTIVATIONS if name in TABLES else (*ACTIVATIONS, "identity")
    started = time.perf_counter()
    choice = choose(name, activations=activations, control=True, hidden=((32,) if name in TABLES else (8,),))
    seconds = time.perf_counter() - started
    verdict, means = choice.verdict, {one.name: one.scores.mean() for one in choice.baselines}
    out = [one.activation for one in verdict.ranking if one.activation not in verdict.not_excluded]
    left = f"all but {', '.join(out)}" if out and len(out) < 4 else f"{len(verdict.not_excluded)} of {len(activations)}"
    twin = "not told apart" if choice.control.p > verdict.alpha else f"differs, p {choice.control.p:.3f}"
    return (
        f"| {name} | {verdict.metric} | {verdict.word} | {verdict.best} {verdict.ranking[0].mean:.3f} | {left} "
        f"| {means['linear']:.3f} | {means['trees']:.3f} | {means['sklearn_mlp']:.3f} | {twin} "
        f"| {verdict.detectable_difference:.3f} | {seconds:.0f} |"
    )


def main():
    print(HEADER)
    print("|" + "---|" * HEADER.count(" | ") + "---|")
    for name in sys.argv[1:] or (*TABLES, *TOYS):
        print(row(name), flush=True)


if __name__ == "__main__":
    main()

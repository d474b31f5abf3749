"""How fast populations of small networks train: unbend beside JAX, PyTorch and scikit-learn, on the same work.

``python benchmarks/population.py [--json] [--case N …]``. Engines run one after another, each in a process of its own,
in ``--rounds`` turns; the figure of an engine is the median of its turns. Needs ``pip install '.[bench]'``.
"""

import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from cases import CASES  # noqa: E402
from engines import ENGINES  # noqa: E402
from peak import multiply_add_peak  # noqa: E402


def measure(engine, number):
    """One turn: {"rate": network-steps per second, "loss": …}, or None where the engine is not installed."""
    command = [sys.executable, str(HERE / "engines.py"), engine, str(number)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"  {engine}: {done.stderr.strip().splitlines()[-1]}", file=sys.stderr)
        return None
    return json.loads(done.stdout.splitlines()[-1])


def compare(number, rounds):
    """Rates and losses of every engine on one case, and the ratios of unbend to them."""
    turns = {engine: [] for engine in ENGINES}
    for _ in range(rounds):
        for engine in ENGINES:
            turns[engine].append(measure(engine, number))
    found = {e: t for e, t in ((e, [t for t in ts if t]) for e, ts in turns.items()) if t}
    rates = {engine: statistics.median(turn["rate"] for turn in ts) for engine, ts in found.items()}
    losses = {engine: ts[0]["loss"] for engine, ts in found.items()}
    own = rates["unbend"]
    return {
        "case": CASES[number].name,
        "rates": rates,
        "losses": losses,
        "ratios": {engine: own / rate for engine, rate in rates.items() if engine != "unbend"},
        "over_best_jax": own / max(rate for engine, rate in rates.items() if engine.startswith("jax")),
        "gflops": own * CASES[number].flops / 1e9,
    }


def show(result, peak):
    case = next(case for case in CASES if case.name == result["case"])
    print(f"\n{result['case']}")
    for engine, rate in result["rates"].items():
        ratio = "" if engine == "unbend" else f"{result['ratios'][engine]:9.1f}x"
        print(f"  {engine:36s}{rate:14,.0f} network-steps/s {ratio:>10s}   loss {result['losses'][engine]:.6f}")
    best, default = result["over_best_jax"], result["ratios"]["jax vmap"]
    print(f"  over the best JAX {best:.1f}x (aim {case.over_best_jax}x), over default vmap {default:.1f}x "
          f"(aim {case.over_default_jax}x); {result['gflops']:.0f} of {peak:.0f} GFLOP/s in matrix products "
          f"({result['gflops'] / peak:.0%})")  # fmt: skip


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--json", action="store_true")
    arguments.add_argument("--case", type=int, nargs="*", default=range(len(CASES)))
    arguments.add_argument("--rounds", type=int, default=3)
    chosen = arguments.parse_args()
    peak = multiply_add_peak(2)
    results = []
    for number in chosen.case:
        results.append(compare(number, chosen.rounds))
        if not chosen.json:
            show(results[-1], peak)
    if chosen.json:
        print(json.dumps({"peak_gflops": peak, "cases": results}, indent=1))


if __name__ == "__main__":
    main()

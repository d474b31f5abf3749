"""kill −9 at random moments of a real run, again and again; then the resumed results against an undisturbed run.

``python benchmarks/kill_resume.py [--kills N] [--workers N]``: breast_cancer, four activations, 3 x 10 folds.
"""

import argparse
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from unbend.choosing.choose import plan_choice
from unbend.choosing.engine import run
from unbend.choosing.plan import Protocol
from unbend.choosing.study import read_study


def carry_out(folder, workers=None):
    plan = plan_choice("breast_cancer", activations=["relu", "tanh", "gelu", "silu"], protocol=Protocol(repeats=3))
    run(plan, folder, workers)
    return plan


def contents(folder):
    return {path.name: path.read_bytes() for path in (folder / "shards").iterdir()}


def kill_again_and_again(folder, kills, workers):
    """Start the run, kill it after a random while, and look how far it has come."""
    again = [sys.executable, __file__, "--folder", str(folder), *(["--workers", str(workers)] if workers else [])]
    chance = random.Random(0)
    for number in range(kills):
        driver = subprocess.Popen(again, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        driver.stdout.readline()
        time.sleep(chance.uniform(0.0, 2.0))
        ended = driver.poll() is not None
        driver.kill()
        driver.wait()
        there = len(list(folder.glob("shards/*.parquet")))
        print(f"kill {number + 1}: {there} shards there{', it had ended' if ended else ''}", flush=True)


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--kills", type=int, default=20)
    arguments.add_argument("--workers", type=int)
    arguments.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    chosen = arguments.parse_args()
    if chosen.folder:
        print("begun", flush=True)
        carry_out(chosen.folder, chosen.workers)
        return
    with tempfile.TemporaryDirectory() as place:
        undisturbed, killed = Path(place, "undisturbed"), Path(place, "killed")
        plan = carry_out(undisturbed)
        kill_again_and_again(killed, chosen.kills, chosen.workers)
        carry_out(killed, chosen.workers)
        same = contents(undisturbed) == contents(killed)
        scores = [read_study(plan, folder).scores.values for folder in (undisturbed, killed)]
        print(f"{len(plan.shards)} shards; the same bytes: {same}; the same scores: {(scores[0] == scores[1]).all()}")
        sys.exit(not same)


if __name__ == "__main__":
    main()

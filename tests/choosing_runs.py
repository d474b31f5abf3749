"""A small plan, work that goes wrong, and a driver to be killed: ``choosing_runs.py FOLDER [WORKERS|ADDRESS]``."""

import os
import signal
import sys
import time
from pathlib import Path

import unbend as ub
from unbend.choosing.arms import arms
from unbend.choosing.engine import run
from unbend.choosing.plan import Protocol, make_plan
from unbend.choosing.shard import run_shard
from unbend.data.tabular import tabular
from unbend.errors import UnbendError

QUICK = Protocol(epochs=12, learning_rates=(0.003, 0.03, 0.3), extensions=1, seeds=2, folds=3, repeats=2)
LONG = Protocol(epochs=100_000, learning_rates=(0.003, 0.03), seeds=2, folds=2, repeats=1)
BAD = (1, 2)  # the arm and split that go wrong


def small_plan(protocol=QUICK, rows=90):
    return make_plan(tabular(ub.data.moons(n=rows, noise=0.2)), arms(["tanh", "relu"], hidden=[(6,)]), protocol)


def contents(folder):
    return {path.name: path.read_bytes() for path in (folder / "shards").iterdir()}


def slow(plan, arm, split):
    time.sleep(0.05)
    return run_shard(plan, arm, split)


def raises(plan, arm, split):
    if (arm, split) == BAD:
        raise ArithmeticError("the moon is full")
    return run_shard(plan, arm, split)


def kills(plan, arm, split):
    if (arm, split) == BAD:
        time.sleep(0.3)  # dask gives a worker up that dies while it starts
        os.kill(os.getpid(), signal.SIGKILL)
    return run_shard(plan, arm, split)


def kills_once(marker, plan, arm, split):
    if (arm, split) == BAD and not Path(marker).exists():
        Path(marker).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return run_shard(plan, arm, split)


def main(folder, where="", what="slow"):
    chosen = {"workers": int(where)} if where.isdigit() else {"scheduler": where} if where else {}
    if what == "full":
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
    plan = small_plan(LONG, 2000) if what == "long" else small_plan()
    print("begun", flush=True)
    try:
        run(plan, Path(folder), **chosen, work=slow if what == "slow" else run_shard)
    except UnbendError as error:
        print(error, file=sys.stderr)
        return error.exit_status
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

"""The document about clusters: every snippet runs, with a local cluster where SLURM's or Kubernetes' would be."""

import functools
import re
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import unbend as ub
from unbend.choosing import choose as choosing
from unbend.choosing.plan import Protocol

DOCUMENT = Path(__file__).parent.parent / "docs" / "cluster.md"
SNIPPETS = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), flags=re.DOTALL)
QUICK = Protocol(epochs=5, learning_rates=(0.01, 0.1), extensions=0, seeds=1, folds=2, repeats=1)


def local_cluster(**asked):
    """What stands in for a cluster of somebody else's; ``asked`` are its arguments, and its size is ours."""
    from distributed import LocalCluster

    class Somewhere(LocalCluster):
        def scale(self, n=0, *, jobs=0):
            super().scale(n or jobs)

    assert asked
    return Somewhere(n_workers=1, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0")


@pytest.mark.parametrize("snippet", SNIPPETS, ids=["local", "slurm", "kubernetes"])
def test_the_snippets_run(snippet, tmp_path, monkeypatch):
    for name, cluster in (("dask_jobqueue", "SLURMCluster"), ("dask_kubernetes.operator", "KubeCluster")):
        module = ModuleType(name)
        setattr(module, cluster, local_cluster)
        monkeypatch.setitem(sys.modules, name.split(".")[0], ModuleType(name))
        monkeypatch.setitem(sys.modules, name, module)
    quick = functools.partial(choosing.choose, activations=["relu", "tanh"], hidden=[(3,)], protocol=QUICK)
    monkeypatch.setattr(ub, "choose", quick, raising=False)
    monkeypatch.chdir(tmp_path)
    rows = np.random.default_rng(0).normal(size=(40, 3))
    table = [f"{a:.4f},{b:.4f},{'yes' if c > 0 else 'no'}" for a, b, c in rows]
    Path("clients.csv").write_text("\n".join(["age,visits,churn", *table]), encoding="utf-8")
    found = {}
    exec(compile(snippet, "docs/cluster.md", "exec"), found)
    assert found["choice"].study.complete
    assert len(list(Path("run", "shards").iterdir())) == 4

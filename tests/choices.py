"""Choices to be told of: real small studies, quickly made."""

import tempfile
from dataclasses import replace
from pathlib import Path

import unbend as ub
from unbend.choosing.arms import arms
from unbend.choosing.baselines import baselines
from unbend.choosing.conclude import conclude
from unbend.choosing.engine import run
from unbend.choosing.plan import Protocol, make_plan
from unbend.choosing.study import read_study
from unbend.choosing.verdict import Comparison
from unbend.data.tabular import Table, tabular

QUICK = Protocol(epochs=12, learning_rates=(0.001, 0.01, 0.1), extensions=0, seeds=1, folds=3, repeats=2)


def table_of(data):
    return data if isinstance(data, Table) else tabular(data)


def choose_quickly(
    data=None, activations=("tanh", "relu", "identity"), hidden=((6,),), control=False, folder=None, **changes
):
    """A real choice; keywords that a `Protocol` has change it."""
    data = data or ub.data.moons(n=90, noise=0.2)
    plan = make_plan(table_of(data), arms(activations, hidden, control=control), replace(QUICK, **changes))
    return concluded(plan, folder)


def concluded(plan, folder=None):
    with tempfile.TemporaryDirectory() as made:
        place = Path(folder or made)
        run(plan, place)
        study = read_study(plan, place)
        return conclude(study, baselines(plan))


def against(choice, name, **numbers):
    """The best arm against a baseline, with numbers of the test's choice."""
    usual = {
        "difference": 0.0,
        "low": -0.1,
        "high": 0.1,
        "p": 0.5,
        "p_holm": 0.5,
        "worse": 0.1,
        "equivalent": 0.8,
        "better": 0.1,
        "wins": 0.5,
    }
    return Comparison(choice.verdict.best, name, **usual | numbers)

"""Choices to be told of: real small studies, with diagnoses read off their shards."""

import tempfile
from dataclasses import replace
from pathlib import Path
from unittest import mock

import numpy as np

import unbend as ub
from unbend.choosing import conclude as concluding
from unbend.choosing.arms import arms
from unbend.choosing.baselines import baselines
from unbend.choosing.engine import run
from unbend.choosing.plan import Protocol, make_plan
from unbend.choosing.study import read_study
from unbend.choosing.verdict import Comparison
from unbend.choosing.why import Diagnosis
from unbend.data.tabular import Table, tabular

QUICK = Protocol(epochs=12, learning_rates=(0.001, 0.01, 0.1), extensions=0, seeds=1, folds=3, repeats=2)
REASONS = {
    "en": ("A steady gradient goes with the lead of tanh.", "2 < 3 & so on."),
    "zh": ("梯度平稳，与 tanh 的领先相伴。", "2 < 3 & 如此。"),
}


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
        with mock.patch.object(concluding, "diagnose", diagnoses):
            return concluding.conclude(study, baselines(plan))


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


def diagnoses(study):
    return tuple(_diagnosis(study, arm) for arm in range(len(study.plan.arms)))


def _diagnosis(study, arm):
    shards, epochs = study.shards[arm], np.array(study.plan.protocol.checkpoints())
    rates = np.array(study.plan.protocol.learning_rates)

    def chosen(column):
        found = [v for s in shards for v, own in zip(s[column], s["chosen"], strict=True) if own]
        return np.mean(np.array(found, np.float64), axis=0)

    def by_rate(column):
        rows = [
            [v for v, r in zip(s[column], s["learning_rate"], strict=True) if r == rate]
            for rate in rates
            for s in shards
        ]
        return np.array(rows, np.float64).reshape(len(rates), -1)

    return Diagnosis(
        activation=study.plan.arms[arm].name, epochs=epochs, train_loss=chosen("train_loss"),
        validation_loss=chosen("validation_losses"), dead=chosen("dead"), saturated=chosen("saturated"),
        gradient_first=chosen("gradient_first"), gradient_last=chosen("gradient_last"), rates=rates,
        loss_by_rate=by_rate("validation_loss").mean(axis=1), score_by_rate=by_rate("test_score").mean(axis=1),
        diverged_by_rate=(by_rate("diverged_at") >= 0).mean(axis=1),
        chosen_rates=np.array([_chosen_rate(shard) for shard in shards]),
        gradient_growth=float("nan") if arm == 1 else 1.07, epochs_to_90=9.0, basin=1.5,
    )  # fmt: skip


def _chosen_rate(shard):
    return next(rate for rate, own in zip(shard["learning_rate"], shard["chosen"], strict=True) if own)

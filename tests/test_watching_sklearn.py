"""scikit-learn's perceptrons are watched, and everything in them comes out as without it, to the last bit."""

import copy
import pickle
import random
import warnings

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import unbend as ub

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

LISTENERS = ("_fit", "_backprop", "__getstate__")
RNG = np.random.default_rng(0)
X = RNG.standard_normal((300, 6))
Y = (X[:, 0] + X[:, 1] * X[:, 2] > 0).astype(int)
SETTINGS = {
    "adam": {"solver": "adam", "activation": "relu"},
    "sgd": {"solver": "sgd", "activation": "tanh", "learning_rate": "adaptive", "learning_rate_init": 0.05},
    "lbfgs": {"solver": "lbfgs", "activation": "logistic"},
    "early stopping": {"solver": "adam", "early_stopping": True, "n_iter_no_change": 2, "max_iter": 30},
    "warm start": {"solver": "sgd", "warm_start": True, "activation": "logistic"},
    "own random state": {"random_state": np.random.RandomState(3)},
}


def made(kind=MLPClassifier, **settings):
    given = {"hidden_layer_sizes": (16, 8), "max_iter": 8, "random_state": 0, "batch_size": 50, **settings}
    return kind(**copy.deepcopy(given))


def plain(value):
    """Every number in a value to the last bit, ready to compare."""
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    if isinstance(value, np.random.RandomState):
        return plain(value.get_state())
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    return plain(vars(value)) if hasattr(value, "__dict__") else repr(value)


def numbers(network):
    """Everything that training has left in a network."""
    return {name: value for name, value in plain(vars(network)).items() if name not in LISTENERS}


def same_layers(one, other):
    """Whether two watches have seen the same at their start; NaN, of what is not measured, is like NaN."""
    return repr(one.history.samples[0].layers) == repr(other.history.samples[0].layers)


def drawn():
    return pickle.dumps((random.getstate(), np.random.get_state()))  # noqa: NPY002


def fit_twice(network, x, y):
    return [numbers(network.fit(x, y)), numbers(network.fit(x, y))]


def fit_in_parts(network, x, y):
    found = []
    for _ in range(4):
        more = {"classes": [0, 1]} if isinstance(network, MLPClassifier) else {}
        found.append(numbers(network.partial_fit(x, y, **more)))
    return found


@pytest.mark.parametrize("every, probe", [(1, None), (3, 64), ("auto", 64)])
@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
def test_a_fit_is_the_same_to_the_last_bit(kind, setting, probe, every):
    alone = fit_twice(made(kind, **SETTINGS[setting]), X, Y)
    network, before = made(kind, **SETTINGS[setting]), drawn()
    with ub.watch(network, probe=None if probe is None else X[:probe], every=every) as watched:
        found = fit_twice(network, X, Y)
    assert found == alone and drawn() == before
    assert not set(LISTENERS) & set(vars(network))
    assert watched.steps > 8 and watched.history.samples[0].step == 0
    assert numbers(pickle.loads(pickle.dumps(network))) == alone[-1]


@pytest.mark.parametrize("solver", ["adam", "sgd"])
@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
def test_fitting_in_parts_is_the_same_to_the_last_bit(kind, solver):
    alone = fit_in_parts(made(kind, solver=solver), X, Y)
    network = made(kind, solver=solver)
    watched = ub.watch(network, probe=X[:64], every=1)
    found = []
    for _ in range(4):
        more = {"classes": [0, 1]} if kind is MLPClassifier else {}
        with watched:
            network.partial_fit(X, Y, **more)
        found.append(numbers(network))
    assert found == alone
    assert [sample.step for sample in watched.history.samples] == list(range(25))


def test_float32_stays_float32_and_the_same():
    alone = numbers(made().fit(X.astype(np.float32), Y))
    network = made()
    with ub.watch(network, probe=X[:64], every=2):
        network.fit(X.astype(np.float32), Y)
    assert numbers(network) == alone and network.coefs_[0].dtype == np.float32


def test_copies_made_meanwhile_are_without_listeners():
    network = made()
    with ub.watch(network, every=1) as watched:
        network.fit(X, Y)
        steps = watched.steps
        for other in (copy.deepcopy(network), copy.copy(network), pickle.loads(pickle.dumps(network)), clone(network)):
            assert not set(LISTENERS) & set(vars(other))
            assert numbers(other.fit(X, Y)) == numbers(copy.deepcopy(network))
        assert watched.steps == steps


def test_an_exception_leaves_nothing_behind():
    network = made()
    with pytest.raises(ValueError, match="NaN"), ub.watch(network, probe=X[:64]):
        network.fit(np.full_like(X, np.nan), Y)
    assert set(vars(network)) == set(vars(made()))
    with pytest.raises(KeyError, match="mine"), ub.watch(network, probe=X[:64]):
        raise KeyError("mine")
    assert set(vars(network)) == set(vars(made()))


def test_watches_end_in_any_order():
    network = made()
    first, second = ub.watch(network, every=1), ub.watch(network, every=2)
    first.__enter__()
    second.__enter__()
    network.fit(X, Y)
    first.__exit__(None, None, None)
    network.fit(X, Y)
    second.__exit__(None, None, None)
    assert (first.steps, second.steps) == (48, 96)
    assert not set(LISTENERS) & set(vars(network))


def test_the_comparison_notices_one_extra_draw():
    network = made(random_state=np.random.RandomState(0))
    alone = numbers(made(random_state=np.random.RandomState(0)).fit(X, Y))
    network.random_state.uniform()
    assert numbers(network.fit(X, Y)) != alone


# ---------------------------------------------------------------------- what is measured
@pytest.mark.parametrize("name", ["relu", "tanh", "logistic"])
def test_numbers_are_those_of_the_networks_own_forward_pass(name):
    network = made(activation=name).fit(X, Y)
    probe = X[:100]
    (sample,) = ub.watch(network, probe=probe).history.samples
    passes = network._forward_pass([probe, *[None] * 3])
    z = probe @ network.coefs_[0] + network.intercepts_[0]
    first, second, output = sample.layers
    assert [layer.name for layer in sample.layers] == ["hidden layer 1", "hidden layer 2", "output layer"]
    assert first.mean == pytest.approx(z.mean()) and first.spread == pytest.approx(z.std())
    for layer, values in zip(sample.layers, passes[1:], strict=True):
        assert layer.output_spread == pytest.approx(values.std(axis=0).mean())
    assert (first.units, second.units, output.role) == (16, 8, "output")
    assert first.activation == {"logistic": "sigmoid"}.get(name, name)
    assert [weight.name for weight in sample.weights] == ["coefs_[0]", "coefs_[1]", "coefs_[2]"]
    assert sample.weights[1].norm == pytest.approx(np.linalg.norm(network.coefs_[1]))


@pytest.mark.parametrize("name", ["relu", "tanh", "logistic"])
def test_gradients_are_those_of_pytorch(name):
    torch = pytest.importorskip("torch", reason="the gradients are checked with PyTorch")
    bend = {"relu": torch.nn.ReLU, "tanh": torch.nn.Tanh, "logistic": torch.nn.Sigmoid}[name]
    network = made(MLPRegressor, activation=name).fit(X, np.stack([Y, 1 - Y, X[:, 0]], axis=1))
    layers = []
    for weight, bias in zip(network.coefs_, network.intercepts_, strict=True):
        layers.append(torch.nn.Linear(*weight.shape, dtype=torch.float64))
        layers[-1].weight.data, layers[-1].bias.data = torch.tensor(weight.T), torch.tensor(bias)
        layers.append(bend())
    watched = ub.watch(network, probe=X[:64])
    other = ub.watch(torch.nn.Sequential(*layers[:-1]), probe=torch.tensor(X[:64]))
    for mine, theirs in zip(watched.history.samples[0].layers, other.history.samples[0].layers, strict=True):
        for what in ("gradient", "dead", "saturated", "usual_saturated", "dormant", "mean", "spread", "rank"):
            assert getattr(mine, what) == pytest.approx(getattr(theirs, what), rel=1e-4), what
    np.testing.assert_allclose(watched.theory.chi, other.theory.chi, rtol=1e-5)
    np.testing.assert_allclose(watched.theory.measured_chi, other.theory.measured_chi, rtol=1e-4)


def test_updates_and_gradients_are_those_of_each_step():
    network = made(solver="sgd", momentum=0, learning_rate_init=0.1, batch_size=300, shuffle=False, max_iter=3)
    start = made(max_iter=1, solver="sgd", momentum=0, learning_rate_init=1e-300, shuffle=False).fit(X, Y).coefs_
    with ub.watch(network, probe=X[:64], every=1) as watched:
        network.fit(X, Y)
    zero, one, *_ = watched.history.samples
    for place, (before, after) in enumerate(zip(zero.weights, one.weights, strict=True)):
        assert before.norm == pytest.approx(np.linalg.norm(start[place]))
        assert np.isnan(before.update) and np.isnan(before.gradient)
        assert after.update == pytest.approx(0.1 * after.gradient / before.norm)


def test_planted_dead_units_are_counted():
    network = made().fit(X, Y)
    network.intercepts_[0][:5] = -1e3
    first, second, _ = ub.watch(network, probe=X[:64]).history.samples[0].layers
    assert first.dead_units == (0, 1, 2, 3, 4) and first.dead == 5 / 16 and second.dead < 1


def test_unscaled_input_saturates_a_logistic_network():
    network = made(activation="logistic")
    with ub.watch(network, probe=1e4 * X[:64]) as watched:
        network.fit(1e4 * X, Y)
    flag = next(flag for flag in watched.health.flags if flag.kind == "saturated")
    assert (flag.place, flag.since) == ("hidden layer 1", 0)


def test_nan_is_told_with_its_step():
    network = made(MLPRegressor, solver="sgd", learning_rate_init=1e6, momentum=0, shuffle=False)
    with pytest.raises(ValueError, match="non-finite"), np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        with ub.watch(network, probe=X[:64]) as watched:
            network.fit(X, 1e3 * X[:, 0])
    (flag,) = (flag for flag in watched.health.flags if flag.kind.startswith("broken"))
    assert flag.severity == "alarm" and flag.before == flag.since - 1 < 20
    assert not set(LISTENERS) & set(vars(network))


# ---------------------------------------------------------------------- when it is looked
def test_there_is_nothing_to_see_before_the_first_fit():
    watched = ub.watch(made(), probe=X[:64])
    assert not watched.history.samples and watched.theory is None
    assert not watched.health.is_healthy and "Nothing was measured" in str(watched)
    with pytest.raises(ub.UnbendError, match="MLPClassifier has no weights yet; call fit while it is watched"):
        ub.watch(made(), probe=X[:64], every=1).step()


def test_a_fit_from_new_weights_begins_at_their_start():
    network = made().fit(X, Y)
    old = ub.watch(network, probe=X[:64])
    fresh = ub.watch(made(), probe=X[:64])
    with old:
        network.fit(X, Y)
    with fresh:
        fresh._source.network.fit(X, Y)
    assert same_layers(old, fresh)
    np.testing.assert_array_equal(old.theory.chi, fresh.theory.chi)
    assert not old.notices
    with old:
        network.fit(X, Y)
    assert "After step 48 fit began anew" in old.notices[0]("en") and "第 48 步" in old.notices[0]("zh")


def test_a_fit_that_goes_on_begins_where_it_was():
    network = made(warm_start=True).fit(X, Y)
    watched = ub.watch(network, probe=X[:64])
    norm = np.linalg.norm(network.coefs_[0])
    with watched:
        network.fit(X, Y)
        network.fit(X, Y)
    assert watched.history.samples[0].weights[0].norm == norm and not watched.notices


@pytest.mark.parametrize("every", [1, 1000])
def test_early_stopping_ends_with_the_best_weights(every):
    network = made(early_stopping=True, n_iter_no_change=2, max_iter=50, learning_rate_init=0.1, solver="sgd")
    with ub.watch(network, probe=X[:64], every=every) as watched:
        network.fit(X, Y)
    last = watched.history.samples[-1]
    assert last.step == watched.steps and np.isnan(last.weights[0].update) and np.isnan(last.weights[0].gradient)
    assert last.weights[0].norm == np.linalg.norm(network.coefs_[0])
    assert "early_stopping brought the weights of the best epoch back" in watched.summary()


def test_lbfgs_is_followed_by_its_evaluations():
    network = made(solver="lbfgs", max_iter=20)
    with ub.watch(network, probe=X[:64], every=1) as watched:
        network.fit(X, Y)
    assert watched.steps >= network.n_iter_ and "one evaluation of the loss" in watched.summary()
    assert all(np.isnan(weight.update) for sample in watched.history.samples for weight in sample.weights)
    last = watched.history.samples[-1]
    assert last.weights[0].norm == np.linalg.norm(network.coefs_[0])


# ---------------------------------------------------------------------- probes
def test_without_a_probe_the_first_batch_is_it():
    network = made(shuffle=False, batch_size=280)
    with ub.watch(network) as watched:
        network.fit(X, Y)
    with ub.watch(made(shuffle=False, batch_size=280), probe=X[:256]) as given:
        given._source.network.fit(X, Y)
    assert same_layers(watched, given)


def test_the_probe_goes_through_the_fitted_steps_in_front():
    frame = pd.DataFrame(X, columns=list("abcdef"))
    frame["kind"] = np.where(X[:, 3] > 0, "up", "down")
    front = make_column_transformer((StandardScaler(), list("abcdef")), (OneHotEncoder(), ["kind"]))
    model = make_pipeline(front, make_pipeline("passthrough", made()))
    alone = numbers(clone(model).fit(frame, Y)[-1][-1])
    with ub.watch(model, probe=frame[:64], every=1) as watched:
        model.fit(frame, Y)
    network = model[-1][-1]
    assert numbers(network) == alone
    z = model[:-1].transform(frame[:64]) @ network.coefs_[0] + network.intercepts_[0]
    assert watched.history.samples[-1].layers[0].mean == pytest.approx(z.mean())
    assert watched.name == "Pipeline" and watched.history.samples[0].step == 0


def test_frames_sparse_matrices_and_long_probes_are_taken():
    frame = pd.DataFrame(X, columns=list("abcdef"))
    network = made().fit(frame, Y)
    dense = ub.watch(network, probe=frame)
    assert same_layers(dense, ub.watch(network, probe=X))
    (thin,), (full,) = ub.watch(network, probe=sparse.csr_matrix(X)).history.samples, dense.history.samples
    assert thin.layers[0].mean == pytest.approx(full.layers[0].mean)
    with ub.watch(made(), every=5) as watched:
        watched._source.network.fit(sparse.csr_matrix(X), Y)
    assert watched.history.samples[-1].layers[0].units == 16
    long = ub.watch(network, probe=np.resize(X, (20_000, 6)))
    assert "Of the 20,000 rows of the probe one in 3 is sent through the model." in long.summary()


# ---------------------------------------------------------------------- errors
@pytest.mark.parametrize(
    "model, said",
    [
        (made(activation="identity"), "activation='identity', which bends nothing: all its layers are one linear map"),
        (made(hidden_layer_sizes=()), r"hidden_layer_sizes=\(\): without a hidden layer"),
        (RandomForestClassifier(), "RandomForestClassifier has no activations to watch; give an MLPClassifier"),
        (make_pipeline(StandardScaler(), RandomForestClassifier()), "RandomForestClassifier has no activations"),
        (GridSearchCV(made(), {}), "GridSearchCV trains copies of its estimator, which cannot be followed"),
    ],
)
def test_what_cannot_be_watched_is_told(model, said):
    with pytest.raises(ub.UnbendError, match=said):
        ub.watch(model, probe=X[:64])


@pytest.mark.parametrize(
    "probe, said",
    [
        (X[:9, :5], r"MLPClassifier does not take the probe of shape \(9, 5\): X has 5 features, but MLPClassifier is"),
        (np.full((3, 6), np.nan), "contains NaN"),
        (X[:0], r"of shape \(0, 6\): Found array with 0 sample"),
        (X[0], "Expected 2D array, got 1D array"),
        (pd.DataFrame(X[:9], columns=list("abcdeg")), "feature names"),
    ],
)
def test_a_probe_that_does_not_fit_is_told(probe, said):
    network = made().fit(pd.DataFrame(X, columns=list("abcdef")), Y)
    with pytest.raises(ub.UnbendError, match=said) as told:
        ub.watch(network, probe=probe)
    assert "\n" not in str(told.value)


def test_a_probe_that_does_not_fit_is_told_before_the_first_step():
    network = made()
    with pytest.raises(ub.UnbendError, match="X has 5 features"), ub.watch(network, probe=X[:9, :5]) as watched:
        network.fit(X, Y)
    assert watched.steps == 0 and not set(LISTENERS) & set(vars(network))


def test_convergence_is_still_warned_about():
    network = made(max_iter=1)
    with pytest.warns(ConvergenceWarning, match="Maximum iterations"), ub.watch(network):
        network.fit(X, Y)

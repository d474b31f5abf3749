"""Asking a recording: weights, layers, predictions, scores, weights from elsewhere, and its affine map."""

import numpy as np
import pytest

import unbend as ub
from unbend.errors import UnbendError
from unbend.network import initialise

LETTERS = list("nynyny")
TABLE = ub.data.table((np.array([[10.0, 0], [20, 300], [30, 100], [40, 500], [50, 200], [60, 400]]), LETTERS))
PRICE = ub.data.table((np.arange(12.0)[:, None], 1000 + 7 * np.arange(12.0)))
XOR = ([[2.0, -2.0], [2.0, -2.0]], [-1.0, 3.0]), ([[5.0], [5.0]], [-7.5])  # two half planes and their intersection


def test_the_weights_of_an_epoch_are_those_of_the_last_kept_epoch_before_it():
    run = ub.train(TABLE, epochs=9, keep=[2, 5, 9])
    for epoch, place in ((2, 0), (4, 0), (5, 1), (np.int64(8), 1), (9, 2), (-1, 2)):
        assert np.array_equal(run.network.flatten(run.weights(epoch)), run.weights_at[place])


@pytest.mark.parametrize("epoch", [1, 10, -2])
def test_an_epoch_that_was_not_kept_is_refused(epoch):
    run = ub.train(TABLE, epochs=9, keep=[2, 5, 9])
    with pytest.raises(UnbendError, match=f"epoch {epoch} was not kept; choose one from 2 to 9, or -1"):
        run.weights(epoch)


def test_an_epoch_is_a_whole_number():
    with pytest.raises(UnbendError, match="epoch='last' must be a whole number, or -1 for the last"):
        ub.train(TABLE, epochs=1).forward(epoch="last")


def test_forward_takes_the_networks_units_and_predict_the_original_ones():
    run = ub.train(TABLE, epochs=300, learning_rate=0.5, hidden=4)
    original = TABLE.x * TABLE.x_scale + TABLE.x_mean
    assert np.array_equal(run.forward()[-1].activation, run.forward(TABLE.x)[-1].activation)
    proba = run.predict_proba(original)
    assert np.allclose(proba[:, 1], run.forward()[-1].activation[:, 0]) and np.allclose(proba.sum(axis=1), 1)
    assert run.predict(original).dtype == np.int64
    assert np.array_equal(run.predict(original), proba.argmax(axis=1))
    assert run.score(original, TABLE.y) == run.score() == run.score(original, LETTERS)


def test_regression_predicts_in_the_targets_own_units():
    run = ub.train(PRICE, hidden=(), epochs=200, learning_rate=0.1)
    x = np.arange(12.0)[:, None]
    assert np.allclose(run.predict(x), 1000 + 7 * x[:, 0], atol=1e-3)
    assert run.score(x, 1000 + 7 * x[:, 0]) == pytest.approx(1.0)
    with pytest.raises(UnbendError, match="predict_proba needs a classifier"):
        run.predict_proba(x)


def test_classes_of_many():
    run = ub.train(ub.data.iris(), hidden=4, epochs=3)
    x = ub.data.iris().x[:5] * run.dataset.x_scale + run.dataset.x_mean
    assert run.predict_proba(x).shape == (5, 3) and set(run.predict(x)) <= {0, 1, 2}


@pytest.mark.parametrize(
    ("ask", "sentence"),
    [
        (lambda run: run.predict([1.0, 2.0]), "x has the shape (2,); the network takes (n, 2)"),
        (lambda run: run.predict([[1.0, 2.0, 3.0]]), "x has the shape (1, 3); the network takes (n, 2)"),
        (lambda run: run.predict([["a", "b"]]), "x must hold numbers, not [['a', 'b']]"),
        (lambda run: run.predict([[1j, 2]]), "x must hold numbers"),
        (lambda run: run.predict([[1, 2], [3, np.nan]]), "x holds nan in row 1; every value must be finite"),
        (lambda run: run.score([[1, 2]]), "score needs both x and y, or neither for the training rows"),
        (lambda run: run.score([[1, 2]], [0, 1]), "score: x has 1 rows and y 2; they must be equal"),
        (
            lambda run: run.score([[1, 2]], [2]),
            "y holds 2 in row 0; give class names (n, y) or their codes from 0 to 1",
        ),
        (lambda run: run.score([[1, 2]], ["m"]), "y holds 'm', which is no class; known are n, y"),
        (lambda run: run.score([[1, 2]], [[1]]), "y has the shape (1, 1); it must be (n,), one entry per row"),
        (lambda run: run.score(np.empty((0, 2)), []), "y has the shape (0,); it must be (n,), one entry per row"),
    ],
)
def test_points_that_cannot_be_used_are_one_sentence(ask, sentence):
    with pytest.raises(UnbendError) as refusal:
        ask(ub.train(TABLE, epochs=1))
    assert sentence in str(refusal.value)


def test_r2_needs_two_different_values():
    with pytest.raises(UnbendError, match=r"y is 3 in every row; r² needs at least two different values"):
        ub.train(PRICE, epochs=1).score([[1.0], [2.0]], [3, 3])


def test_figure_and_film_are_those_of_the_drawing_room(monkeypatch):
    calls = []
    monkeypatch.setattr("unbend.drawing.figure", lambda *given: calls.append(given) or "figure", raising=False)
    monkeypatch.setattr("unbend.drawing.film", lambda *given: calls.append(given), raising=False)
    run = ub.train(TABLE, epochs=1)
    assert run.figure(0, "zh") == "figure"
    run.film("a.gif", seconds=3)
    assert calls == [(run, 0, "zh"), (run, "a.gif", "en", 3)]


# ---------------------------------------------------------------------- weights that were trained elsewhere
def test_weights_from_elsewhere_are_kept_as_they_are():
    run = ub.Recording.from_weights(ub.data.xor(), XOR, activation="sigmoid")
    assert run.weights_at.dtype == np.float64 and run.network.widths == (2, 2, 1)
    assert run.epochs.tolist() == [0] and [len(values) for values in run.history.values()] == [1, 1]
    assert run.weights()[1][1].tolist() == [-7.5] and run.score() == run.history["accuracy"][0]


def test_lists_for_several_epochs_become_one_recording():
    run = ub.train(TABLE, epochs=3, hidden=(3, 2))
    lists = [run.weights(epoch) for epoch in range(4)]
    again = ub.Recording.from_weights(TABLE, lists, activation="tanh")
    assert again.weights_at.tobytes() == run.weights_at.tobytes() and again.weights_at.dtype == np.float32
    assert np.allclose(again.history["loss"], run.history["loss"], atol=1e-6)
    named = ub.Recording.from_weights(TABLE, lists, epochs=[0, 10, 20, 50])
    assert named.epochs.tolist() == [0, 10, 20, 50] and np.array_equal(named.weights(15)[0][0], lists[1][0][0])
    assert named.fork(epochs=2).epochs.tolist() == [0, 1, 2]


def test_a_linear_model_from_elsewhere():
    run = ub.Recording.from_weights(PRICE, [(np.array([[1.0]]), np.array([0.0]))])
    assert run.history["r2"].item() == pytest.approx(1.0)


GOOD = (np.ones((2, 3)), np.ones(3)), (np.ones((3, 1)), np.ones(1))


@pytest.mark.parametrize(
    ("weights", "options", "sentence"),
    [
        ([], {}, "weights must be a list of layers"),
        (3, {}, "weights must be a list of layers"),
        ([GOOD[0][0], GOOD[0][1]], {}, "weights"),
        ([GOOD[0]], {}, "do not lead from 2 inputs to 1 output(s)"),
        ([(w.T, b) for w, b in GOOD], {}, "PyTorch's must be transposed"),
        ([(GOOD[0][0], np.ones(2)), GOOD[1]], {}, "weights 0: shapes"),
        ([GOOD, GOOD[:1]], {}, "weights 1: shapes"),
        ([(*GOOD[0], 1), GOOD[1]], {}, "weights 0, layer 1: a layer is (weight (in, out), bias (out,)), not 3 arrays"),
        ([(GOOD[0][0] * np.nan, GOOD[0][1]), GOOD[1]], {}, "weights 0, layer 1: holds numbers that are not finite"),
        ([GOOD[0], ([["a"]] * 3, ["b"])], {}, "weights 0, layer 2: not two arrays of numbers"),
        ([GOOD, GOOD], {"epochs": [3, 3]}, "epochs=[3, 3] must be 2 rising numbers from 0 on"),
        (GOOD, {"epochs": [0, 1]}, "epochs=[0, 1] must be 1 rising numbers"),
        (GOOD, {"activation": ["relu", "tanh"]}, "activation names 2 layers and hidden 1"),
    ],
)
def test_weights_that_do_not_fit_are_one_sentence(weights, options, sentence):
    with pytest.raises(UnbendError) as refusal:
        ub.Recording.from_weights(ub.data.xor(), weights, **options)
    assert sentence in str(refusal.value)


# ---------------------------------------------------------------------- the affine map
def test_a_linear_run_collapses_at_every_epoch():
    run = ub.train(TABLE, hidden=(3, 3), activation=["identity", "2*x + 1"], epochs=4)
    for epoch in (0, -1):
        scores = run.forward(epoch=epoch)[-1].pre_activation
        assert np.abs(ub.collapse(run, epoch=epoch)(TABLE.x) - scores).max() < 1e-10
    assert np.array_equal(ub.collapse(run).weight, ub.collapse(run.network, run.weights()).weight)
    start = run.network.unflatten(initialise(run.network, [5])[0])
    assert ub.collapse(run.network, start).weight.shape == (2, 1)


def test_a_run_that_bends_does_not_collapse():
    with pytest.raises(UnbendError, match="'tanh' of hidden layer 1 bends space"):
        ub.collapse(ub.train(TABLE, epochs=1))

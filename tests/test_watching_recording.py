"""Models of the user's as recordings: their scores are the framework's own, and what is no MLP is refused."""

import functools
import subprocess
import sys
from typing import ClassVar

import numpy as np
import pytest

import unbend as ub
from unbend.errors import DataError, UnbendError
from unbend.geometry import fold_lines
from unbend.watching.history import STACK_BYTES, History, Sample
from unbend.watching.stack import Stack

MOONS = ub.data.moons(n=120, seed=3)
X, Y = MOONS.x, MOONS.y.astype(int)
THREE = (np.arange(120) % 3).astype(int)
NUMBERS = X[:, 0] ** 2 - X[:, 1]


def scores(run, x=X):
    """What the network of a recording answers to points in the model's own units."""
    return run.forward(run._standardised(x))[-1]


class TestTorch:
    torch = pytest.importorskip("torch", reason="a PyTorch model needs torch")
    nn, F = torch.nn, torch.nn.functional

    class Written(nn.Module):
        """Layers as attributes, everything else as functions."""

        def __init__(self, bend, outputs=1):
            super().__init__()
            nn = TestTorch.nn
            self.first, self.second, self.last = nn.Linear(2, 6), nn.Linear(6, 5), nn.Linear(5, outputs)
            self.bend = bend

        def forward(self, x):
            h = self.bend(self.first(x.flatten(1)))
            return self.last(TestTorch.F.dropout(self.bend(self.second(h)), training=self.training)).squeeze(-1)

    def own(self, model, x=X):
        return model.eval()(self.torch.tensor(x, dtype=self.torch.float32)).detach().numpy().astype(np.float64)

    def sequential(self, *bends, outputs=1, end=()):
        nn, layers, width = self.nn, [], 2
        for bend in bends:
            layers += [nn.Linear(width, 6), bend]
            width = 6
        self.torch.manual_seed(1)
        return nn.Sequential(*layers, nn.Linear(width, outputs), *end)

    BENDS = (
        nn.ReLU(), nn.ReLU(inplace=True), nn.ReLU6(), nn.LeakyReLU(0.2), nn.ELU(0.5), nn.CELU(2.0), nn.SELU(),
        nn.GELU(), nn.GELU(approximate="tanh"), nn.SiLU(), nn.Mish(), nn.Softplus(3.0), nn.Softsign(), nn.Sigmoid(),
        nn.Hardsigmoid(), nn.LogSigmoid(), nn.Tanh(), nn.Hardtanh(), nn.Hardtanh(-0.3, 0.7), nn.Tanhshrink(),
        nn.Hardshrink(0.1), nn.Softshrink(0.1), nn.Hardswish(), nn.Threshold(0.1, -0.2), nn.PReLU(init=0.3),
        nn.RReLU(0.1, 0.5), nn.Identity(),
    )  # fmt: skip

    @pytest.mark.parametrize("bend", BENDS, ids=repr)
    def test_every_activation_gives_the_models_own_scores(self, bend):
        model = self.sequential(bend, self.nn.Tanh())
        run = ub.Recording.from_model(model, X, Y)
        assert run.network.widths == (2, 6, 6, 1)
        np.testing.assert_allclose(scores(run).pre_activation, self.own(model), atol=1e-5)

    FUNCTIONS = (
        F.relu, torch.tanh, lambda z: z.clamp(min=0), lambda z: z * z.sigmoid(), lambda z: TestTorch.F.elu(z, 0.3),
        lambda z: z.clamp(-0.5, 0.25), torch.sin,
    )  # fmt: skip

    @pytest.mark.parametrize("bend", FUNCTIONS, ids=range(len(FUNCTIONS)))
    def test_functions_count_as_modules_do(self, bend):
        self.torch.manual_seed(2)
        model = self.Written(bend)
        run = ub.Recording.from_model(model, X, Y)
        np.testing.assert_allclose(scores(run).pre_activation[:, 0], self.own(model), atol=1e-5)
        assert run.dataset.name == "Written"

    ENDS: ClassVar = {
        "one logit": (Y, 1, (), lambda own: 1 / (1 + np.exp(-own))),
        "sigmoid": (Y, 1, (nn.Sigmoid(),), lambda own: own),
        "two logits": (Y, 2, (), lambda own: 1 / (1 + np.exp(own[:, :1] - own[:, 1:]))),
        "two of a softmax": (Y, 2, (nn.Softmax(-1),), lambda own: own[:, 1:]),
        "logits": (THREE, 3, (), lambda own: np.exp(own) / np.exp(own).sum(axis=1, keepdims=True)),
        "log-softmax": (THREE, 3, (nn.LogSoftmax(-1),), np.exp),
        "identity": (NUMBERS, 1, (), lambda own: own),
    }

    @pytest.mark.parametrize("end", ENDS)
    def test_every_end(self, end):
        y, outputs, layers, expected = self.ENDS[end]
        model = self.sequential(self.nn.Tanh(), outputs=outputs, end=layers)
        run = ub.Recording.from_model(model, self.torch.tensor(X), self.torch.tensor(y).reshape(-1, 1))
        np.testing.assert_allclose(scores(run).activation, expected(self.own(model)), atol=1e-5)

    def test_batch_normalisation_is_folded_wherever_it_stands_and_said(self):
        nn = self.nn
        layers = (
            nn.BatchNorm1d(2), nn.Linear(2, 6), nn.BatchNorm1d(6), nn.ReLU(), nn.BatchNorm1d(6, affine=False),
            nn.Dropout(), nn.Linear(6, 4, bias=False), nn.Tanh(), nn.Linear(4, 1),
        )  # fmt: skip
        model = nn.Sequential(*layers)
        for _ in range(5):
            model(self.torch.randn(64, 2) * 3 + 1)
        before = {key: value.clone() for key, value in model.state_dict().items()}
        run = ub.Recording.from_model(model, X, Y)
        assert model.training and all(self.torch.equal(before[key], one) for key, one in model.state_dict().items())
        np.testing.assert_allclose(scores(run).pre_activation, self.own(model), atol=1e-5)
        assert "'0', '2', '4' folded into the linear layers" in run.dataset.origin

    def test_affine_maps_in_code_and_bare_weights_are_layers_too(self):
        torch = self.torch

        class Bare(self.nn.Module):
            def __init__(self):
                super().__init__()
                self.w, self.b = (torch.nn.Parameter(torch.randn(*shape)) for shape in ((2, 3), (3,)))
                self.v = torch.nn.Parameter(torch.randn(3, 1))

            def forward(self, x):
                return 2 * (torch.tanh((x - 0.5) / 3 @ self.w + self.b) @ self.v) - 1

        model = Bare()
        run = ub.Recording.from_model(model, X, Y)
        np.testing.assert_allclose(scores(run).pre_activation, self.own(model), atol=1e-5)

    def test_an_unknown_activation_is_taken_as_a_formula_and_checked(self):
        quick = self.Written(lambda z: z * self.torch.sigmoid(1.702 * z))
        with pytest.raises(UnbendError, match=r"mul, sigmoid, mul after linear layer 1 is no activation of the cat"):
            ub.Recording.from_model(quick, X, Y)
        run = ub.Recording.from_model(quick, X, Y, activation="x*sigmoid(1.702*x)")
        np.testing.assert_allclose(scores(run).pre_activation[:, 0], self.own(quick), atol=1e-5)
        with pytest.raises(UnbendError, match="Written answers differently from its linear layers and activations"):
            ub.Recording.from_model(quick, X, Y, activation="relu")

    def test_a_small_module_of_the_users_is_an_activation(self):
        class Cubed(self.nn.Module):
            def forward(self, z):
                return z**3 / 3 - z

        model = self.sequential(Cubed())
        with pytest.raises(UnbendError, match=r"layer '1' \(Cubed\) after linear layer 1 is no activation of the cat"):
            ub.Recording.from_model(model, X, Y)
        run = ub.Recording.from_model(model, X, Y, activation="x**3/3 - x")
        np.testing.assert_allclose(scores(run).pre_activation, self.own(model), atol=1e-5)

    def test_images_are_flattened_and_constant_pixels_stay(self):
        nn = self.nn
        images = np.random.Generator(np.random.Philox(1)).normal(size=(60, 1, 4, 4))
        images[:, 0, 0, 0] = 0.0
        model = nn.Sequential(nn.Flatten(), nn.Linear(16, 5), nn.ReLU(), nn.Linear(5, 3))
        run = ub.Recording.from_model(model, images, THREE[:60])
        own = self.own(model, images)
        np.testing.assert_allclose(scores(run, images.reshape(60, -1)).pre_activation, own, atol=1e-5)

    def refused(self):
        nn, F = self.nn, self.F

        class Residual(self.Written):
            def forward(self, x):
                h = F.relu(self.first(x))
                return self.last(F.relu(self.second(h)) + h[:, :5])

        class Twice(self.Written):
            def forward(self, x):
                return self.last(F.relu(self.second(F.relu(self.first(x))))), x

        return {
            "convolution": (nn.Sequential(nn.Conv1d(1, 2, 1)), r"layer '0' \(conv1d\) makes the model more than a st"),
            "residual": (Residual(F.relu), "takes the values of an earlier layer too: .*w.film"),
            "pair": (Twice(F.relu), "Twice returns a tuple instead of its last scores"),
            "layer norm": (self.sequential(nn.LayerNorm(6)), r"layer '1' \(layer_norm\) after linear layer 1 is no a"),
            "own statistics": (
                self.sequential(nn.BatchNorm1d(6, track_running_stats=False)), "normalises by each batch's own",
            ),
            "end": (self.sequential(nn.ReLU(), end=(nn.Tanh(),)), "Sequential ends in tanh, and a recording in scores"),
            "begin": (nn.Sequential(nn.ReLU(), nn.Linear(2, 1)), "bends the inputs before the first linear layer"),
            "slopes": (self.sequential(nn.PReLU(6)), r"layer '1' \(prelu\) after linear layer 1 is no activation"),
            "no layer": (nn.Sequential(nn.ReLU()), "has no linear layer, so there are no weights to record"),
            "columns": (nn.Sequential(nn.Linear(3, 1)), r"does not take the probe of shape \(64, 2\)"),
            "classes": (self.sequential(nn.ReLU(), outputs=4), r"ends in 4 output\(s\) with scores, and y holds 2 cl"),
            "several": (self.sequential(nn.ReLU(), outputs=4, end=(nn.Sigmoid(),)), r"4 output\(s\) with a sigmoid"),
        }  # fmt: skip

    def test_what_is_no_mlp_is_refused_in_a_sentence(self):
        for name, (model, sentence) in self.refused().items():
            x = X.reshape(-1, 1, 2) if name == "convolution" else X
            with pytest.raises(UnbendError, match=sentence):
                ub.Recording.from_model(model, x, Y)

    def test_bad_tables_are_refused_with_every_fault(self):
        model = self.sequential(self.nn.ReLU())
        spoilt = X.copy()
        spoilt[4, 1] = np.nan
        with pytest.raises(UnbendError, match=r"column 'x2': 1 value is missing \(NaN\), in row 5"):
            ub.Recording.from_model(model, spoilt, Y)
        with pytest.raises(DataError, match="X has 120 rows and y has 100"):
            ub.Recording.from_model(model, X, Y[:100])
        with pytest.raises(UnbendError, match=r"nowhere: a model's weights are read from \.pt, \.pth, \.safetensors"):
            ub.Recording.from_model("nowhere", X, Y)
        with pytest.raises(UnbendError, match=r"a int is no model that becomes a recording; give a PyTorch module"):
            ub.Recording.from_model(3, X, Y)


class TestStateDicts:
    torch = pytest.importorskip("torch", reason="state dicts are PyTorch's")

    def model(self, layers=12):
        self.torch.manual_seed(4)
        nn = self.torch.nn
        hidden = [part for _ in range(layers) for part in (nn.Linear(3, 3), nn.Tanh())]
        return nn.Sequential(nn.Linear(2, 3), nn.Tanh(), *hidden, nn.Linear(3, 1))

    def expected(self, model):
        return model(self.torch.tensor(X, dtype=self.torch.float32)).detach().numpy()

    @pytest.mark.parametrize("form", ["mapping", "arrays", "pt", "checkpoint", "safetensors"])
    def test_each_form_gives_the_models_own_scores(self, form, tmp_path):
        model = self.model()
        given = self.written(model.state_dict(), form, tmp_path)
        run = ub.Recording.from_model(given, X, Y, activation="tanh")
        np.testing.assert_allclose(scores(run).pre_activation, self.expected(model), atol=1e-5)

    def written(self, state, form, folder):
        if form == "mapping":
            return state
        if form == "arrays":
            return {key: value.numpy() for key, value in state.items()}
        if form == "safetensors":
            from safetensors.torch import save_file

            save_file(state, folder / "model.safetensors")
            return folder / "model.safetensors"
        path = folder / "model.pt"
        self.torch.save(state if form == "pt" else {"epoch": 3, "model_state_dict": state}, path)
        return str(path)

    def test_what_is_none_is_refused(self, tmp_path):
        model, nn = self.model(1), self.torch.nn
        with pytest.raises(UnbendError, match=r"\(not in a state dict\) after linear layer 1 .*pass activation="):
            ub.Recording.from_model(model.state_dict(), X, Y)
        normed = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Linear(3, 1)).state_dict()
        with pytest.raises(UnbendError, match=r"layer '1' \(1.weight \(3,\)\) is no linear layer, or needs the model"):
            ub.Recording.from_model(normed, X, Y, activation="tanh")
        crossed = {"a.weight": np.zeros((3, 2)), "b.weight": np.zeros((1, 4))}
        with pytest.raises(UnbendError, match="layer 'a' gives 3 values and 'b' takes 4: they do not follow one anoth"):
            ub.Recording.from_model(crossed, X, Y, activation="tanh")
        self.torch.save(model, tmp_path / "whole.pt")
        with pytest.raises(DataError, match=r"whole.pt: damaged, or holds more than tensors .*save model.state_dict"):
            ub.Recording.from_model(tmp_path / "whole.pt", X, Y, activation="tanh")
        for ending in ("pt", "safetensors"):
            (tmp_path / f"bad.{ending}").write_bytes(b"no file of theirs")
            with pytest.raises(DataError, match=rf"bad.{ending}: (cut off, )?damaged"):
                ub.Recording.from_model(tmp_path / f"bad.{ending}", X, Y, activation="tanh")
        with pytest.raises(DataError, match=r"nowhere.pt: there is no such file"):
            ub.Recording.from_model("nowhere.pt", X, Y)


class TestScikitLearn:
    def fitted(self, network, y, *scalers):
        from sklearn.pipeline import make_pipeline

        model = make_pipeline(*scalers, network) if scalers else network
        return model.fit(X * 40 + 7, y)

    @pytest.mark.parametrize("activation", ["identity", "logistic", "tanh", "relu"])
    def test_classifiers_and_regressors_agree(self, activation):
        from sklearn.neural_network import MLPClassifier, MLPRegressor

        settings = {"activation": activation, "solver": "lbfgs", "max_iter": 15, "hidden_layer_sizes": (5, 4)}
        x = X * 40 + 7
        for names in (np.array(["no", "yes"])[Y], np.array(["a", "b", "c"])[THREE]):
            model = self.fitted(quiet(MLPClassifier(**settings)), names)
            run = ub.Recording.from_model(model, x, names)
            np.testing.assert_allclose(run.predict_proba(x), model.predict_proba(x), atol=1e-9)
            assert run.dataset.class_names == tuple(model.classes_)
        for numbers in (NUMBERS, Y.astype(float)):  # 0 and 1 are numbers, where a regressor was trained on them
            model = self.fitted(quiet(MLPRegressor(**settings)), numbers)
            run = ub.Recording.from_model(model, x, numbers)
            np.testing.assert_allclose(run.predict(x), model.predict(x), atol=1e-9)

    def test_scalers_become_the_standardisation(self):
        from sklearn import preprocessing as p
        from sklearn.neural_network import MLPClassifier

        x = X * 40 + 7
        for scalers in (
            [p.StandardScaler()], [p.StandardScaler(with_mean=False)], [p.MinMaxScaler((-1, 1))], [p.MaxAbsScaler()],
            [p.RobustScaler()], [p.StandardScaler(with_std=False), p.MinMaxScaler(), "passthrough"],
        ):  # fmt: skip
            model = self.fitted(quiet(MLPClassifier(max_iter=3)), Y, *scalers)
            run = ub.Recording.from_model(model, x, Y)
            np.testing.assert_allclose(run.predict_proba(x), model.predict_proba(x), atol=1e-9)
            np.testing.assert_allclose(run.dataset.x, model[:-1].transform(x), atol=1e-9)
            np.testing.assert_allclose(run.dataset.x * run.dataset.x_scale + run.dataset.x_mean, x)

    def test_what_is_none_is_refused(self):
        from sklearn.linear_model import LogisticRegression
        from sklearn.neural_network import MLPClassifier
        from sklearn.preprocessing import PolynomialFeatures

        with pytest.raises(UnbendError, match="LogisticRegression is no multilayer perceptron; give a fitted MLPClass"):
            ub.Recording.from_model(LogisticRegression(), X, Y)
        with pytest.raises(UnbendError, match="MLPClassifier is not fitted yet and has no weights"):
            ub.Recording.from_model(MLPClassifier(), X, Y)
        model = self.fitted(quiet(MLPClassifier(max_iter=3)), Y, PolynomialFeatures())
        with pytest.raises(UnbendError, match="the pipeline's PolynomialFeatures is no scaling of each column"):
            ub.Recording.from_model(model, X, Y)

    def test_columns_of_a_dataframe_keep_their_names(self):
        pandas = pytest.importorskip("pandas", reason="dataframes need pandas")
        from sklearn.neural_network import MLPClassifier

        frame = pandas.DataFrame(X, columns=["age", "income"])
        run = ub.Recording.from_model(quiet(MLPClassifier(max_iter=3)).fit(frame, Y), frame, pandas.Series(Y, name="t"))
        assert run.dataset.feature_names == ("age", "income") and run.dataset.target_name == "t"


def quiet(network):
    """The network, whose `fit` says nothing of steps that were not enough."""
    import warnings

    fit = network.fit

    @functools.wraps(fit)
    def silently(*args, **kwargs):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return fit(*args, **kwargs)

    network.fit = silently
    return network


class TestKeras:
    keras = pytest.importorskip("keras", reason="a Keras model needs Keras")
    layers = keras.layers

    def own(self, model):
        return self.keras.ops.convert_to_numpy(model(X.astype(np.float32))).astype(np.float64)

    BENDS = (
        "celu", "elu", "exponential", "gelu", "hard_shrink", "hard_sigmoid", "hard_silu", "hard_tanh", "leaky_relu",
        "linear", "log_sigmoid", "mish", "relu", "relu6", "selu", "silu", "soft_shrink", "softplus", "softsign",
        "sparse_plus", "sparse_sigmoid", "squareplus", "tanh", "tanh_shrink", "sigmoid",
        layers.LeakyReLU(negative_slope=0.4), layers.ELU(alpha=0.3),
        layers.ReLU(max_value=0.5, negative_slope=0.1, threshold=0.2), layers.ReLU(6.0), layers.PReLU(shared_axes=[1]),
    )  # fmt: skip

    @pytest.mark.parametrize("bend", BENDS, ids=str)
    def test_every_activation_gives_the_models_own_scores(self, bend):
        self.keras.utils.set_random_seed(5)
        dense = [self.layers.Dense(6, bend)] if isinstance(bend, str) else [self.layers.Dense(6), bend]
        model = self.keras.Sequential([self.keras.Input((2,)), *dense, self.layers.Dense(1)])
        run = ub.Recording.from_model(model, X, NUMBERS)
        np.testing.assert_allclose(scores(run).pre_activation, self.own(model), atol=1e-5)

    def test_graphs_models_in_models_and_normalisations(self):
        keras, layers = self.keras, self.layers
        keras.utils.set_random_seed(6)
        given = keras.Input((2,))
        inner = keras.Sequential([keras.Input((2,)), layers.Dense(5, "gelu"), layers.BatchNormalization()])
        inner.layers[1].set_weights([np.full(5, value, np.float32) for value in (1.5, 0.2, 0.1, 0.7)])
        h = layers.Normalization(mean=[0.1, 0.3], variance=[1.5, 0.5])(layers.Rescaling(2.0, 0.5)(given))
        model = keras.Model(given, layers.Dense(3, "softmax")(layers.Dropout(0.5)(inner(h))))
        run = ub.Recording.from_model(model, X, THREE)
        np.testing.assert_allclose(scores(run).activation, self.own(model), atol=1e-5)
        assert run.dataset.x_mean is not None and "folded" in run.dataset.origin

    def test_what_is_none_is_refused(self):
        keras, layers = self.keras, self.layers
        given = keras.Input((2,))
        h = layers.Dense(4, "relu")(given)

        def refused(sentence, model):
            with pytest.raises(UnbendError, match=sentence):
                ub.Recording.from_model(model, X, Y)

        residual = layers.Dense(1)(layers.Concatenate()([h, given]))
        refused(r"\(Concatenate\) brings several branches together: .*w.film", keras.Model(given, residual))
        refused("has 1 input.* and 2 output", keras.Model(given, [layers.Dense(1)(h), layers.Dense(1)(h)]))
        refused("has no weights yet", keras.Sequential([layers.Dense(1)]))
        normed = [keras.Input((2,)), layers.Dense(3), layers.LayerNormalization(name="norm"), layers.Dense(1)]
        refused(r"layer 'norm' \(LayerNormalization\) makes the model more than a stack", keras.Sequential(normed))
        odd = [keras.Input((2,)), layers.Dense(3, activation=lambda z: z * z), layers.Dense(1)]
        refused(r"\(<lambda>\) after linear layer 1 is no activation", keras.Sequential(odd))

        class Coded(keras.Model):
            def __init__(self):
                super().__init__()
                self.only = layers.Dense(1)

            def call(self, x):
                return self.only(x)

        coded = Coded()
        coded(X.astype(np.float32))
        refused("Coded calls its layers in code of its own", coded)


class TestWatch:
    torch = pytest.importorskip("torch", reason="a PyTorch model needs torch")

    def trained(self, model, steps=60, every=5, rate=0.1, target=Y):
        torch = self.torch
        x, y = torch.tensor(X, dtype=torch.float32), torch.tensor(target, dtype=torch.float32)
        optimizer, weights = torch.optim.SGD(model.parameters(), lr=rate), {}
        with ub.watch(model, probe=x[:64], every=every) as watch:
            for step in range(1, steps + 1):
                optimizer.zero_grad()
                torch.nn.functional.binary_cross_entropy_with_logits(model(x)[:, 0], y).backward()
                optimizer.step()
                weights[step] = [one.detach().numpy().copy() for one in model.parameters()]
        return watch, weights

    def mlp(self, bend=torch.nn.Tanh):
        self.torch.manual_seed(7)
        nn = self.torch.nn
        return nn.Sequential(nn.Linear(2, 2), bend(), nn.Linear(2, 1))

    def test_the_weights_after_the_sampled_steps_are_the_epochs(self):
        watch, weights = self.trained(self.mlp())
        run = watch.recording(X, Y)
        assert run.epochs.tolist() == list(range(0, 61, 5)) and run.unit == "step" and run.diverged_at is None
        for step in range(5, 61, 5):
            first, bias, last, end = weights[step]
            expected = [first.T, bias, last.T, end]
            found = [part for layer in run.weights(epoch=step) for part in layer]
            assert all(np.array_equal(one, other) for one, other in zip(found, expected, strict=True))
        assert run.history["loss"][-1] < run.history["loss"][0]
        assert repr(run).endswith("60 steps, accuracy " + f"{run.history['accuracy'][-1]:.4g}>")

    def test_a_model_that_changes_meanwhile_is_looked_through_again(self):
        torch, calls = self.torch, []

        class Changing(torch.nn.Module):
            def __init__(self, mlp):
                super().__init__()
                self.mlp, self.bend = mlp, torch.tanh

            def forward(self, x):
                calls.append(1)
                return self.mlp[2](self.bend(self.mlp[0](x)))

        model = Changing(self.mlp())
        with ub.watch(model, probe=torch.tensor(X[:64], dtype=torch.float32), every=1) as watch:
            before = len(calls)
            watch.step()
            assert len(calls) == before + 1  # for the look; the weights are read without another call
            model.mlp[2] = torch.nn.Linear(2, 1)
            watch.step()
            last = watch.history.samples[-1].stack.weights[-1][0]
            assert np.array_equal(last, model.mlp[2].weight.detach().numpy().T)
            watch.recording(X, Y)
            model.bend = torch.relu
            watch.step()
        with pytest.raises(UnbendError, match="learns its own shape"):
            watch.recording(X, Y)

    def test_what_a_model_does_besides_is_found_by_its_first_answers(self):
        watch, _ = self.trained(self.mlp())
        assert [sample.stack.answers is None for sample in watch.history.samples] == [False] + [True] * 12
        with pytest.raises(UnbendError, match="answers differently"):
            watch.recording(X, Y, activation="relu")

    def test_film_figure_lab_file_and_folds(self, tmp_path):
        watch, _ = self.trained(self.mlp(self.torch.nn.ReLU))
        run = watch.recording(X, Y)
        run.film(tmp_path / "mine.mp4", seconds=1)
        for lang, said in (("en", "step 60 of 60"), ("zh", "第 60 步，共 60 步")):
            run.figure(lang=lang).save(tmp_path / "mine.svg")
            texts = [text.get_text() for text in run.figure(lang=lang).canvas.texts]
            assert any(said in text for text in texts)
        run.save(tmp_path / "run.unbend")
        again = ub.load(tmp_path / "run.unbend")
        assert again.unit == "step" and np.array_equal(again.weights_at, run.weights_at)
        assert (tmp_path / "mine.mp4").stat().st_size > 1000
        assert len(fold_lines(run)) > 0
        from unbend.lab.document import export
        from unbend.lab.widget import run_bytes

        assert export(tmp_path / "lab.html", "", run_bytes(run), "en").exists()
        with pytest.raises(UnbendError, match="the network does not collapse"):
            ub.collapse(run)

    def test_a_linear_stack_collapses(self):
        torch = self.torch
        watch, _ = self.trained(torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Linear(3, 2), torch.nn.Tanh(),
                                                    torch.nn.Linear(2, 1)))  # fmt: skip
        run = watch.recording(X, Y)
        assert [one.name for one in run.network.activations] == ["identity", "tanh"]
        model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Linear(3, 1))
        affine = ub.collapse(ub.Recording.from_model(model, X, Y))
        np.testing.assert_allclose(affine(X), model(torch.tensor(X, dtype=torch.float32)).detach(), atol=1e-5)

    def test_a_divergence_is_kept_and_said(self):
        torch, model = self.torch, self.mlp(self.torch.nn.ReLU)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        with ub.watch(model, probe=torch.tensor(X[:64], dtype=torch.float32), every=1) as watch:
            for step in range(6):
                optimizer.zero_grad()
                loss = model(torch.tensor(X, dtype=torch.float32)).square().mean()
                (loss * (float("nan") if step == 3 else 1.0)).backward()
                optimizer.step()
        run = watch.recording(X, Y)
        assert run.diverged_at is not None and run.diverged_at in (4, 5) and np.isfinite(run.weights_at).all()
        assert run.epochs[-1] < run.diverged_at

    def test_why_there_is_none_is_said(self):
        nn = self.torch.nn
        learnt, _ = self.trained(self.mlp(nn.PReLU))
        with pytest.raises(UnbendError, match=r"layer '1' \(prelu\) learns its own shape"):
            learnt.recording(X, Y)
        normed = nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.LayerNorm(4), nn.Linear(4, 1))
        watch, _ = self.trained(normed, steps=5)
        with pytest.raises(UnbendError, match=r"\(relu, layer_norm\) after linear layer 1 is no activation"):
            watch.recording(X, Y)
        wide = nn.Sequential(nn.Linear(2, 2900), nn.ReLU(), nn.Linear(2900, 2900), nn.ReLU(), nn.Linear(2900, 1))
        with pytest.raises(UnbendError, match="the weights of Sequential take 32 MB, of which a watch has no room"):
            ub.watch(wide, probe=X[:8].astype(np.float32)).recording(X, Y)

    def test_layers_are_thinned_so_that_all_have_room(self):
        history = History()
        each = STACK_BYTES // 10
        weight = np.broadcast_to(np.zeros(1, np.uint8), (each, 1))
        for step in range(300):
            history.record(Sample(step, (), stack=Stack(((weight, np.zeros(0, np.uint8)),), (), "identity")))
        kept = [sample.step for sample in history.with_stack]
        assert len(history.samples) == 256 and len(kept) == 10 and (kept[0], kept[-1]) == (0, 299)
        gaps = np.diff(np.log1p(kept))
        assert gaps.max() < 4 * np.median(gaps)  # evenly on the scale of log(1 + step)


class TestWatchedElsewhere:
    """Keras and scikit-learn hand their weights over at the same steps."""

    def test_keras(self):
        keras = pytest.importorskip("keras", reason="a Keras model needs Keras")
        keras.utils.set_random_seed(3)
        layers = [keras.layers.Dense(6, "tanh"), keras.layers.BatchNormalization(), keras.layers.Dense(1)]
        model = keras.Sequential([keras.Input((2,)), *layers])
        model.compile("sgd", loss=keras.losses.BinaryCrossentropy(from_logits=True))
        x = X.astype(np.float32)
        with ub.watch(model, probe=x[:64], every=4) as watch:
            model.fit(x, Y, epochs=2, batch_size=20, verbose=0)
        run = watch.recording(x, Y)
        assert run.epochs.tolist() == [0, 4, 8, 12] and run.unit == "step"
        assert len({weights.tobytes() for weights in run.weights_at}) == 4
        np.testing.assert_allclose(scores(run).pre_activation, model.predict(x, verbose=0), atol=1e-5)

    def test_scikit_learn_in_a_pipeline(self):
        from sklearn.neural_network import MLPClassifier
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        model = make_pipeline(StandardScaler(), quiet(MLPClassifier((6,), max_iter=12, random_state=0)))
        with ub.watch(model, every=3) as watch:
            model.fit(X * 20, Y)
        run = watch.recording(X * 20, Y)
        assert run.epochs.tolist() == [0, 3, 6, 9, 12]
        np.testing.assert_allclose(run.predict_proba(X * 20), model.predict_proba(X * 20), atol=1e-9)


def test_nothing_imports_a_framework_before_it_is_needed():
    code = (
        "import sys, unbend as ub, numpy as np; state = {'weight': np.ones((1, 2))}; "
        "ub.Recording.from_model(state, np.eye(4)[:, :2], [0, 1, 0, 1]); "
        "print([name for name in ('torch', 'keras', 'h5py', 'matplotlib') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True)
    assert done.stdout == "[]\n"

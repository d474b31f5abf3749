"""Files of deepreplay: one that it wrote, ones in its exact format, and ones that are damaged or hostile."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import unbend as ub
from unbend.errors import DataError, UnbendError
from unbend.watching import deepreplay

h5py = pytest.importorskip("h5py", reason="files of deepreplay need h5py")

# From https://github.com/dvgodoy/deepreplay, tests/rawdata, licence beside it.
REAL = Path(__file__).with_name("deepreplay") / "hyperparms_in_action.h5"
KERNEL = "layer0/weights0"
RNG = np.random.Generator(np.random.Philox(5))
X = RNG.normal(size=(40, 2))
Y = (X[:, 0] > 0).astype(float)


def group(file, name, layers, functions, targets=Y, inputs=X, epochs=3):
    """A run as deepreplay's callback writes it; ``layers``: the shapes of the weights of each."""
    made = file.create_group(name)
    attributes = {"samples": len(inputs), "batch_size": 16, "n_batches": 3, "n_epochs": epochs, "n_layers": len(layers)}
    made.attrs.update({key: np.int64(value) for key, value in attributes.items()})
    made.attrs["activation_functions"] = [np.bytes_(one) for one in functions]
    made.create_dataset("inputs", data=inputs)
    made.create_dataset("targets", data=targets.reshape(len(targets), -1))
    for measured in ("loss", "acc", "lr"):
        made.create_dataset(measured, shape=(epochs,), dtype="f")
    for i, shapes in enumerate(layers):
        layer = made.create_group(f"layer{i}")
        for j, shape in enumerate(shapes):
            layer.create_dataset(f"weights{j}", data=RNG.normal(size=(epochs + 1, *shape)).astype(np.float32))
    return made


@pytest.fixture
def path(tmp_path):
    return tmp_path / "runs.h5"


class TestReal:
    def test_the_weights_of_every_epoch_are_there(self):
        run = deepreplay.read(REAL)
        assert run.network.widths == (2, 2, 1) and run.epochs.tolist() == list(range(21)) and run.unit == "epoch"
        assert [one.name for one in run.network.activations] == ["sigmoid"] and len(run.dataset) == 2000
        # Of part1_activation_functions_epoch20.h5 beside it, the Keras model of that epoch.
        expected = [[-0.08842517, -0.13725366, -3.2544944, 1.1338488], [-0.1156744, 0.07050386],
                    [3.4244192, -1.3216982], [-0.8098368]]  # fmt: skip
        found = [part.ravel() for layer in run.weights() for part in layer]
        for one, other in zip(found, expected, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-6)

    def test_loss_and_accuracy_follow_what_keras_said(self):
        run = deepreplay.read(REAL)
        with h5py.File(REAL) as file:
            said = file["part1_activation_functions/loss"][()]
        # Keras averages over the batches of an epoch, so its loss lies between those before and after it.
        measured = run.history["loss"]
        assert ((said < measured[:-1] + 1e-4) & (said > measured[1:] - 1e-4)).all()


class TestFormat:
    def test_layers_without_weights_are_activations_or_nothing(self, path):
        with h5py.File(path, "w") as file:
            shapes = [[(2, 4), (4,)], [], [], [(4, 3)], [], [(3, 1), (1,)]]
            made = group(file, "run", shapes, ["linear", "tanh", "", "hard_sigmoid", "", "sigmoid"])
            arrays = [made[name][-1] for name in ("layer0/weights0", "layer0/weights1", "layer3/weights0",
                                                  "layer5/weights0", "layer5/weights1")]  # fmt: skip
        run = deepreplay.read(path)
        assert [one.name for one in run.network.activations] == ["tanh", "hard_sigmoid_keras2"]
        w, b, v, u, c = arrays
        own = np.clip(0.2 * (np.tanh(X @ w + b) @ v) + 0.5, 0, 1) @ u + c
        np.testing.assert_allclose(run.forward()[-1].pre_activation, own, atol=1e-5)

    def test_one_hot_targets_are_classes_and_numbers_a_regression(self, path):
        with h5py.File(path, "w") as file:
            codes = np.arange(40) % 3
            group(file, "classes", [[(2, 4), (4,)], [(4, 3), (3,)]], ["relu", "softmax"], np.eye(3)[codes])
            group(file, "numbers", [[(2, 4), (4,)], [(4, 1), (1,)]], ["relu", "linear"], X[:, 0] * 3)
        run = deepreplay.read(path, "classes")
        assert run.network.output == "softmax" and run.dataset.y.tolist() == codes.tolist()
        assert deepreplay.read(path, group="numbers").network.output == "identity"

    def test_a_group_of_the_start_alone_and_a_run_that_was_stopped(self, path):
        with h5py.File(path, "w") as file:
            group(file, "run_init", [[(2, 4), (4,)], [(4, 1), (1,)]], ["relu", "sigmoid"], epochs=0)
            stopped = group(file, "stopped", [[(2, 4), (4,)], [(4, 1), (1,)]], ["relu", "sigmoid"], epochs=9)
            broken = group(file, "broken", [[(2, 4), (4,)], [(4, 1), (1,)]], ["relu", "sigmoid"], epochs=9)
            for layer in ("layer0", "layer1"):
                for weights in stopped[layer].values():
                    weights[6:] = 0  # what the callback had laid out and never reached
                for weights in broken[layer].values():
                    weights[4:] = np.nan
        assert deepreplay.read(path, "run_init").epochs.tolist() == [0]
        assert deepreplay.read(path, "stopped").epochs.tolist() == [0, 1, 2, 3, 4, 5]
        run = deepreplay.read(path, "broken")
        assert run.epochs.tolist() == [0, 1, 2, 3] and run.diverged_at == 4

    def test_an_activation_that_the_file_does_not_name(self, path):
        with h5py.File(path, "w") as file:
            group(file, "run", [[(2, 4), (4,)], [], [(4, 1), (1,)]], ["linear", "", "sigmoid"])
        with pytest.raises(
            UnbendError, match=r"layer 'layer1' \(a layer without a name or weights\) .*pass activation"
        ):
            deepreplay.read(path)
        assert (
            deepreplay.read(path, activation="leaky_relu(alpha=0.3)").network.activations[0].parameters["alpha"] == 0.3
        )


class TestRefused:
    def written(self, path, change, shapes=([(2, 4), (4,)], [(4, 1), (1,)])):
        with h5py.File(path, "w") as file:
            change(group(file, "run", shapes, ["relu", "sigmoid"]))
        return path

    @pytest.mark.parametrize(
        ("sentence", "change"),
        [
            ("targets is missing, or a link to somewhere else", lambda run: run.pop("targets")),
            ("no more than|at most", lambda run: huge(run, KERNEL, (2**40, 2, 4))),
            ("its layers were recorded at different epochs", lambda run: replaced(run, "layer1/weights0", (2, 4, 1))),
            ("values of type", lambda run: replaced(run, "inputs", (40, 2), "S3")),
            ("inputs is missing, or a link", lambda run: link(run, "inputs", h5py.ExternalLink("other.h5", "/x"))),
            ("a layer is a link to somewhere else", lambda run: link(run, "layer1", h5py.SoftLink("/run/layer0"))),
            ("inputs is no array in this file", lambda run: outside(run, "inputs")),
            (r"layer0 holds weights of .* \(3, 3, 1, 4\)", lambda run: replaced(run, KERNEL, (4, 3, 3, 1, 4))),
            ("x has 3 columns and run takes 2", lambda run: replaced(run, "inputs", (40, 3), values=True)),
            ("'layer0' gives 4 values and 'layer1' takes 5", lambda run: replaced(run, "layer1/weights0", (4, 5, 1))),
            ("are not finite before training", lambda run: run[KERNEL].write_direct(np.full((4, 2, 4), np.nan))),
            ("X has 40 rows and y has 7", lambda run: replaced(run, "targets", (7, 1))),
        ],
    )  # fmt: skip
    def test_damaged_and_hostile_files_are_refused_in_one_sentence(self, path, sentence, change):
        self.written(path, change)
        with pytest.raises(UnbendError, match=sentence) as caught:
            deepreplay.read(path)
        assert "\n" not in str(caught.value)

    def test_no_file_of_deepreplay(self, path, tmp_path):
        with h5py.File(path, "w") as file:
            file.create_group("model_weights")
        with pytest.raises(
            DataError, match="not a file of deepreplay: it has no group with inputs and layers, but mode"
        ):
            deepreplay.read(path)
        path.write_bytes(b"\x89HDF\r\n\x1a\n and then nothing")
        with pytest.raises(DataError, match="cut off, damaged or no file of deepreplay"):
            deepreplay.read(path)
        path.write_bytes(REAL.read_bytes()[:30_000])
        with pytest.raises(DataError, match="cut off, damaged or no file of deepreplay"):
            deepreplay.read(path)
        with pytest.raises(DataError, match="is a directory"):
            deepreplay.read(tmp_path)

    def test_of_several_runs_one_must_be_named(self, path):
        with h5py.File(path, "w") as file:
            for name in ("first", "second"):
                group(file, name, [[(2, 1), (1,)]], ["sigmoid"])
        with pytest.raises(UnbendError, match=r"it holds 2 runs; name one with group \(--group\): first, second"):
            deepreplay.read(path)
        with pytest.raises(UnbendError, match="there is no run 'third'; name one"):
            deepreplay.read(path, "third")

    def test_without_h5py(self, monkeypatch):
        monkeypatch.setitem(sys.modules, "h5py", None)
        with pytest.raises(
            UnbendError, match=r"needs h5py, which is not installed; pip install 'unbend\[deepreplay\]'"
        ):
            deepreplay.read(REAL)


def replaced(run, name, shape, dtype="f", values=False):
    del run[name]
    run.create_dataset(name, data=RNG.normal(size=shape)) if values else run.create_dataset(name, shape, dtype)


def huge(run, name, shape):
    del run[name]
    run.create_dataset(name, shape, "f", chunks=(1, 1, 1))


def link(run, name, to):
    del run[name]
    run[name] = to


def outside(run, name):
    del run[name]
    run.create_dataset(name, (40, 2), "f", external=[("/etc/hostname", 0, 320)])


class TestCommand:
    def see(self, folder, *arguments):
        code = "from unbend.cli import main; main()"
        return subprocess.run(
            [sys.executable, "-c", code, "see", *arguments], cwd=folder, capture_output=True, encoding="utf-8",
            timeout=120,
        )  # fmt: skip

    def test_a_file_of_deepreplay_and_then_the_recording_of_it(self, tmp_path):
        done = self.see(tmp_path, str(REAL), "--out", "seen", "--film", "gif", "--lang", "en")
        assert done.returncode == 0, done.stderr
        first, *paths = done.stdout.splitlines()
        assert first == (
            "part1_activation_functions: 2-2-1, sigmoid; epochs 0 to 20, 21 kept; accuracy on its 2000 rows: 76.9%"
        )
        assert [Path(one).suffix for one in paths] == [".unbend", ".svg", ".png", ".gif"]
        assert all((tmp_path / one).stat().st_size > 1000 for one in paths)
        again = self.see(tmp_path, paths[0], "--film", "none", "--lang", "zh", "--out", "again")
        assert again.returncode == 0, again.stderr
        assert again.stdout.startswith("part1_activation_functions：2-2-1，sigmoid；第 0 至 20 轮，保留 21 组权重；")
        assert ub.load(tmp_path / paths[0]).epochs[-1] == 20

    def test_options_that_do_not_fit_are_refused(self, tmp_path):
        done = self.see(tmp_path, str(REAL), "--epochs", "3", "--learning-rate", "0.1")
        assert done.returncode == 2
        assert "holds a training that is over, and --epochs, --learning-rate would be for a new one" in done.stderr
        done = self.see(tmp_path, "moons", "--group", "first")
        assert done.returncode == 2 and "--group goes with a recording of deepreplay (.h5)" in done.stderr
        done = self.see(tmp_path, "nowhere.h5")
        assert done.returncode == 3 and done.stderr == "unbend: nowhere.h5: there is no such file\n"

"""The code that the page gives away: each script runs, and says what the network on the page says."""

import numpy as np
import pytest

import unbend as ub
from lab_modules import run_module
from test_lab_recording_file import LAB, OWN
from unbend.network import initialise
from unbend.training.reference import reference_train

CODE = (
    "import { kerasCode, pythonLine, pytorchCode, sklearnCode } from './code.js';\n"
    "import { makeTrainer } from './trainer.js';\n"
    + LAB
    + """
console.log(JSON.stringify(given.map(settings => {
  const lab = labOf(settings), { data } = lab;
  const parameters = initialise(lab.network, lab.settings.init, lab.settings.gain, lab.settings.seed);
  const none = new Float64Array(0), untested = { ...data, test: { n: 0, x: none, y: none } };
  const trainer = makeTrainer(lab.network, lab.settings, untested, lab.inputs, none, { parameters });
  trainer.runEpochs(lab.frame.epoch);
  return {
    trained: Array.from(trainer.parameters),
    python: pythonLine(lab), torch: pytorchCode(lab), keras: kerasCode(lab), sklearn: sklearnCode(lab),
    outputs: Array.from(forward(lab.network, lab.frame.parameters, lab.inputs, data.n).at(-1).post),
    inputs: Array.from(lab.inputs), x: Array.from(data.x), d: data.d, y: Array.from(data.y),
    mean: data.x_mean ? Array.from(data.x_mean) : null, scale: data.x_scale ? Array.from(data.x_scale) : null,
    columns: lab.settings.features.map(name => data.feature_names.indexOf(name)),
  };
})));
"""
)
TYPED = "where(x > 0, x, s*(exp(x) - 1)) - (x**2 + 1)**-2/(x**4 + 1) + min(x, tanh(x)); s=0.5"
CASES = {
    "tanh": {"data": {"name": "xor", "n": 40}, "activations": ["tanh"]},
    "relu": {"data": {"name": "circles", "n": 40}, "features": ["x1", "x1^2", "x1*x2"], "activations": ["relu"]},
    "gelu": {"data": {"name": "spiral", "n": 40}, "features": ["x2", "x2^2", "sin(pi*x1)"], "activations": ["gelu"]},
    "typed": {"data": {"name": "moons", "n": 40}, "activations": [TYPED]},
    "mixed": {"data": {"name": "moons", "n": 40}, "activations": ["softplus", "clip(x**3, -1, 2)"], "hidden": [3, 5]},
    "multiclass": {"data": {"name": "blobs", "n": 30}, "activations": ["sigmoid"], "batch_size": None},
    "iris": {"data": {"name": "iris"}, "features": ["sepal length", "petal width"], "activations": ["identity"]},
    "regression": {"data": {"name": "sine", "n": 30}, "features": ["x", "sin(pi*x)"], "loss": "huber"},
    "shallow": {"data": {"name": "plane", "n": 30}, "hidden": [], "optimizer": "adam", "gain": "exact", "seed": 3},
    "own": {"data": {"name": "own", "own": OWN, "test": 0}, "activations": ["silu"], "learning_rate": 1e-7},
}  # fmt: skip


@pytest.fixture(scope="module")
def codes():
    settings = [dict(case) for case in CASES.values()]
    iris = ub.data.load("iris").feature_names
    settings[list(CASES).index("iris")]["features"] = [iris[0], iris[3]]
    return dict(zip(CASES, run_module(CODE, settings), strict=True))


def points(code):
    """The rows of the page in their own units."""
    x = np.reshape(code["x"], (-1, code["d"]))
    x = x if code["mean"] is None else x * code["scale"] + code["mean"]
    return x[:, code["columns"]] if code["d"] > 2 else x


def run_script(text):
    names = {}
    exec(compile(text, "script.py", "exec"), names)
    return names


@pytest.mark.parametrize("library", ["torch", "keras", "sklearn"])
@pytest.mark.parametrize("name", CASES)
def test_a_script_predicts_what_the_page_predicts(codes, name, library, capsys):
    code = codes[name]
    if library == "sklearn" and name not in ("tanh", "relu", "multiclass", "iris", "regression", "shallow"):
        assert code["sklearn"].startswith("# scikit-learn has ") and "LAYERS" not in run_script(code["sklearn"])
        return
    found = run_script(code[library])["predict"](points(code))
    np.testing.assert_allclose(np.ravel(found), code["outputs"], atol=1e-5)
    assert capsys.readouterr().out.strip()


@pytest.mark.parametrize("name", CASES)
def test_the_lines_of_python_train_on_the_same_inputs(codes, name):
    run = run_script(codes[name]["python"])["run"]
    np.testing.assert_allclose(run.dataset.x.ravel(), codes[name]["inputs"], atol=1e-9)
    np.testing.assert_allclose(run.dataset.y, codes[name]["y"], atol=1e-9)
    case = CASES[name]
    assert run.epochs[-1] == 7 and run.network.widths[1:-1] == tuple(case.get("hidden", [4, 2]))
    assert (run.recipe.learning_rate, run.recipe.optimizer) == (
        case.get("learning_rate", 0.1),
        case.get("optimizer", "sgd"),
    )
    assert run.recipe.batch_size == case.get("batch_size", 10) and run.recipe.seed == case.get("seed", 0)
    meant = [ub.activation(one).formula for one in case.get("activations", [] if name == "shallow" else ["tanh"])]
    assert {a.formula for a in run.network.activations} == set(meant)


@pytest.mark.parametrize("name", CASES)
def test_the_lines_of_python_train_the_same_network(codes, name):
    run = run_script(codes[name]["python"])["run"]
    start = initialise(run.network, [run.recipe.seed])
    rates = np.array([run.recipe.learning_rate])
    exact = reference_train(run.dataset.x, run.dataset.y, run.network, run.recipe, start, rates)
    np.testing.assert_allclose(exact.weights[-1, 0], codes[name]["trained"], rtol=1e-6, atol=1e-9)
    found = run.network.flatten(run.weights())  # in float32
    np.testing.assert_allclose(found, codes[name]["trained"], rtol=1e-4, atol=2e-6)


def test_what_scikit_learn_does_not_have_is_an_estimator_of_unbend(codes):
    found = run_script(codes["gelu"]["sklearn"])["network"]
    assert isinstance(found, ub.ActivationClassifier) and found.hidden_layer_sizes == (4, 2)
    assert ub.activation(found.activation).formula == ub.activation("gelu").formula


def test_names_from_data_stay_text(codes):
    hostile = {
        **OWN,
        "feature_names": ['"""\nimport os #', "\\"],
        "class_names": ['a"); exit(', '\\"'],
        "target_name": "'\n",
    }
    (code,) = run_module(CODE, [{"data": {"name": "own", "own": hostile, "test": 0}, "activations": ["tanh"]}])
    for library in ("torch", "keras", "sklearn"):
        assert "os" not in run_script(code[library])
    assert run_script(code["python"])["run"].dataset.feature_names == tuple(hostile["feature_names"])

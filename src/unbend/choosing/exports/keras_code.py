"""A fitted network as Keras 3 code for every backend, or as a live model.

The preparation of the inputs stays in NumPy: it needs float64, which JAX does not have unless it is asked for.
"""

import re
from collections.abc import Callable
from typing import Any

from unbend.choosing.exports.schema import Exported, exported
from unbend.choosing.exports.source import PREPARE, READ, docstring, loaded, module_text, parted, tables
from unbend.choosing.model import Model
from unbend.packages import needed
from unbend.properties.code import library_code

_USAGE = """
network = build() is a keras.Sequential for inputs made by prepare(rows), whatever the
backend. predict(network, rows) takes a dataframe, a mapping from column names to
columns, or (n, columns) values in the order of NUMBERS and then LEVELS; values may be
missing (None, NaN) and levels unknown.
"""
_BUILD = '''\
def build():
    """The fitted network."""
    network = keras.Sequential([keras.Input((len(LAYERS[0][0]),))])
{hidden}    network.add(keras.layers.Dense(len(LAYERS[-1][1]){link}))
    network.set_weights([array for layer in LAYERS for array in layer])
    return network


def outputs(network, rows):
    """(n, outputs) what the network makes of the rows."""
    inputs = prepare(rows).astype(np.float32)
    return keras.ops.convert_to_numpy(network(inputs))'''
_HIDDEN = """    for _, bias in LAYERS[:-1]:
        network.add(keras.layers.Dense(len(bias), activation={f}))
"""
_NAMED = '''\
@keras.saving.register_keras_serializable("unbend")
def activation(x):
    """The activation of the hidden layers, by a name that a saved model can refer to."""
    return f(x)'''
_ANSWERS = {
    "binary": '''\
def predict_proba(network, rows):
    """(n, 2) probabilities, in the order of CLASSES."""
    chance = outputs(network, rows)
    return np.concatenate([1 - chance, chance], axis=1)''',
    "multiclass": '''\
def predict_proba(network, rows):
    """(n, classes) probabilities, in the order of CLASSES."""
    return outputs(network, rows)''',
    "regression": '''\
def predict(network, rows):
    """(n,) the target in its own units."""
    return outputs(network, rows)[:, 0] * Y_SCALE + Y_MEAN''',
}
_PREDICT = '''\
def predict(network, rows):
    """(n,) names of classes."""
    return CLASSES[predict_proba(network, rows).argmax(axis=1)]'''
_LINKS = {"binary": ', activation="sigmoid"', "multiclass": ', activation="softmax"', "regression": ""}


def keras_code(model: Model) -> str:
    """A module that builds the ``keras.Sequential`` with its weights, and prepares inputs by NumPy.

    The activation is Keras' own where it has one.
    """
    parts = exported(model)
    imports, functions, name = _activation(parts)
    hidden = _HIDDEN.format(f=name) if name else ""
    answers = [_ANSWERS[parts.task], *([] if parts.task == "regression" else [_PREDICT])]
    build = _BUILD.format(hidden=hidden, link=_LINKS[parts.task])
    return module_text(
        docstring(parts, _USAGE),
        ["import keras", "import numpy as np", *imports],
        [tables(parts), READ, PREPARE, *functions, build, *answers],
    )


def to_keras(model: Model) -> tuple[Any, Callable[[Any], Any]]:
    """A live ``keras.Sequential`` and the function that makes its inputs (n, width) of rows.

    `UnbendError` where Keras is not installed.
    """
    needed("keras", "keras", "an export to Keras")
    module = loaded(keras_code(model))
    return module.build(), module.prepare


def _activation(parts: Exported) -> tuple[list[str], list[str], str]:
    """Imports, functions, and what a layer takes as its activation."""
    if parts.activation is None:
        return [], [], ""
    imports, function = parted(library_code(parts.activation)["keras"])
    own = re.search(r"return keras\.activations\.(\w+)\(x\)$", function)
    return (imports, [], f'"{own[1]}"') if own else (imports, [function, _NAMED], "activation")

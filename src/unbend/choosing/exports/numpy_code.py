"""A fitted network as a Python module that needs NumPy alone."""

from unbend.activations import emit_numpy
from unbend.choosing.exports.schema import exported
from unbend.choosing.exports.source import PREPARE, READ, docstring, module_text, parted, tables
from unbend.choosing.model import Model

_USAGE = """
predict(rows){both} a dataframe, a mapping from column names to columns, or
(n, columns) values in the order of NUMBERS and then LEVELS. Values may be missing
(None, NaN) and levels unknown.
"""
_SCORES = '''\
def scores(x):
    """Scores (n, outputs) before the link, from prepared inputs (n, width)."""
    with np.errstate(all="ignore"):
        for weight, bias in LAYERS[:-1]:
            x = f(x @ weight + bias)
    weight, bias = LAYERS[-1]
    return x @ weight + bias'''
_LINEAR = '''\
def scores(x):
    """Scores (n, outputs) before the link, from prepared inputs (n, width)."""
    ((weight, bias),) = LAYERS
    return x @ weight + bias'''
_REGRESSION = '''\
def predict(rows):
    """(n,) the target in its own units."""
    return scores(prepare(rows))[:, 0] * Y_SCALE + Y_MEAN'''
_PREDICT = '''\
def predict(rows):
    """(n,) names of classes."""
    return CLASSES[{choice}]'''
_CHANCES = {
    "binary": '''\
def predict_proba(rows):
    """(n, 2) probabilities, in the order of CLASSES."""
    chance = np.exp(-np.logaddexp(0, -scores(prepare(rows))))
    return np.concatenate([1 - chance, chance], axis=1)''',
    "multiclass": '''\
def predict_proba(rows):
    """(n, classes) probabilities, in the order of CLASSES."""
    found = scores(prepare(rows))
    grown = np.exp(found - found.max(axis=1, keepdims=True))
    return grown / grown.sum(axis=1, keepdims=True)''',
}
_CHOICE = {
    "binary": "(scores(prepare(rows))[:, 0] > 0).astype(np.int64)",
    "multiclass": "scores(prepare(rows)).argmax(axis=1)",
}


def numpy_code(model: Model) -> str:
    """A module with ``predict(rows)`` and, for classes, ``predict_proba(rows)``; the weights stand in it.

    Names of columns, levels and classes are written as ASCII literals, so that nothing in them can become code.
    """
    parts = exported(model)
    imports, function = parted(emit_numpy(parts.activation)) if parts.activation else (["import numpy as np"], "")
    if parts.task == "regression":
        answers = [_REGRESSION]
    else:
        answers = [_CHANCES[parts.task], _PREDICT.format(choice=_CHOICE[parts.task])]
    usage = _USAGE.format(both=" takes" if parts.task == "regression" else " and predict_proba(rows) take")
    sections = [tables(parts), READ, PREPARE, function, _SCORES if parts.activation else _LINEAR, *answers]
    return module_text(docstring(parts, usage), imports, sections)

"""Formulas: text or a Python function becomes a small tree, the tree becomes values, derivatives and source."""

from unbend.activations.activation import Activation
from unbend.activations.array_source import emit_jax, emit_keras, emit_numpy
from unbend.activations.catalogue import catalogue_names
from unbend.activations.javascript import emit_javascript
from unbend.activations.latex import to_latex
from unbend.activations.numpy_algebra import numpy_values
from unbend.activations.onnx_nodes import OnnxNodes, emit_onnx
from unbend.activations.specification import activation
from unbend.activations.torch_source import emit_torch

__all__ = [
    "Activation",
    "OnnxNodes",
    "activation",
    "catalogue_names",
    "emit_javascript",
    "emit_jax",
    "emit_keras",
    "emit_numpy",
    "emit_onnx",
    "emit_torch",
    "numpy_values",
    "to_latex",
]

"""Ways out of the room of choosing: the fitted network as code, as a graph or as a live object; a run's results."""

from unbend.choosing.exports.keras_code import keras_code, to_keras
from unbend.choosing.exports.numpy_code import numpy_code
from unbend.choosing.exports.onnx_graph import to_onnx
from unbend.choosing.exports.torch_code import to_torch, torch_code

__all__ = ["keras_code", "numpy_code", "to_keras", "to_onnx", "to_torch", "torch_code"]

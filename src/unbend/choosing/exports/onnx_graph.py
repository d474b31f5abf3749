"""A fitted network as an ONNX graph: preparation in float64, layers and activation in float32, answers by name.

Inputs and outputs follow sklearn-onnx: one matrix ``X`` (n, columns) where all columns are numbers, else one input
(n, 1) for each column under its own name; ``label`` and ``probabilities`` of classes, ``variable`` of a regression.
"""

from typing import Any

import numpy as np

from unbend.activations import OnnxNodes, emit_onnx
from unbend.activations.onnx_nodes import OPSET, OnnxNode
from unbend.choosing.exports.schema import Exported, exported
from unbend.choosing.model import Model
from unbend.packages import needed

IR_VERSION, ML_OPSET = 8, 3  # the versions that belong to the opset
_DOUBLE, _FLOAT, _WHOLE, _WORD = map(np.dtype, (np.float64, np.float32, np.int64, object))
Value = tuple[str, Any, list[Any]]  # name, type, shape


def to_onnx(model: Model) -> Any:
    """An ``onnx.ModelProto`` that takes raw columns: float64 numbers, NaN where missing, and strings.

    A string that is no known level, such as an empty one, counts as unknown. `UnbendError` where onnx is not installed.
    """
    onnx = needed("onnx", "onnx", "an export to ONNX")
    parts, nodes = exported(model), OnnxNodes()
    given = _inputs(parts, nodes)
    x = _prepared(parts, nodes, [name for name, _, _ in given])
    for depth, (weight, bias) in enumerate(parts.layers):
        last = depth == len(parts.layers) - 1
        constants = nodes.constant(weight, f"weight_{depth + 1}"), nodes.constant(bias, f"bias_{depth + 1}")
        z = nodes.add("Gemm", x, *constants)
        x = z if last or parts.activation is None else emit_onnx(parts.activation, nodes, z)
    answers = _variable(parts, nodes, x) if parts.task == "regression" else _label(parts, nodes, x)
    return _model(onnx, parts, nodes, given, answers)


def _inputs(parts: Exported, nodes: OnnxNodes) -> list[Value]:
    if not parts.levels:
        return [(nodes.free("X"), _DOUBLE, ["n", len(parts.numbers)])]
    numbers: list[Value] = [(nodes.free(name), _DOUBLE, ["n", 1]) for name in parts.numbers]
    return numbers + [(nodes.free(name), _WORD, ["n", 1]) for name in parts.levels]


def _prepared(parts: Exported, nodes: OnnxNodes, names: list[str]) -> str:
    """The network's inputs (n, width) in float32."""
    columns = names[: len(names) - len(parts.levels)]
    found = [_scaled(parts, nodes, columns)] if columns else []
    for name, known in zip(names[len(columns) :], parts.levels.values(), strict=True):
        if known:
            hot = nodes.add("OneHotEncoder", name, cats_strings=list(known), zeros=1)
            found.append(nodes.add("Reshape", hot, nodes.constant(np.array([-1, len(known)]), "shape")))
    return nodes.add("Concat", *found, axis=1) if len(found) > 1 else found[0]


def _scaled(parts: Exported, nodes: OnnxNodes, columns: list[str]) -> str:
    """The numbers, robustly scaled and smoothly clipped (`unbend.choosing.preparation`)."""
    constant = nodes.constant
    numbers = nodes.add("Concat", *columns, axis=1) if len(columns) > 1 else columns[0]
    centre, scale = constant(parts.centre, "centre"), constant(parts.scale, "scale")
    filled = nodes.add("Where", nodes.add("IsNaN", numbers), centre, numbers)
    scaled = nodes.add("Sub", nodes.add("Div", filled, scale), constant(parts.centre / parts.scale, "shift"))
    scaled = nodes.add("Clip", scaled, constant(-1e9), constant(1e9))
    share = nodes.add("Div", scaled, constant(3.0))
    size = nodes.add("Sqrt", nodes.add("Add", nodes.add("Mul", share, share), constant(1.0)))
    return nodes.add("Cast", nodes.add("Div", scaled, size), to=_FLOAT)


def _variable(parts: Exported, nodes: OnnxNodes, scores: str) -> list[Value]:
    """A regression's target in its own units, in float64."""
    wide = nodes.add("Mul", nodes.add("Cast", scores, to=_DOUBLE), nodes.constant(parts.y_scale, "y_scale"))
    name = nodes.add("Add", wide, nodes.constant(parts.y_mean, "y_mean"), output=nodes.free("variable"))
    return [(name, _DOUBLE, ["n", 1])]


def _label(parts: Exported, nodes: OnnxNodes, scores: str) -> list[Value]:
    """The names of the classes and their probabilities."""
    label, chances = nodes.free("label"), nodes.free("probabilities")
    if parts.task == "binary":
        both = [nodes.add("Sigmoid", nodes.add("Neg", scores)), nodes.add("Sigmoid", scores)]
        nodes.add("Concat", *both, axis=1, output=chances)
        second = nodes.add("Greater", scores, nodes.constant(np.float32(0)))
        place = nodes.add("Squeeze", nodes.add("Cast", second, to=_WHOLE), nodes.constant(np.array([1]), "axis"))
    else:
        nodes.add("Softmax", scores, axis=1, output=chances)
        place = nodes.add("ArgMax", scores, axis=1, keepdims=0)
    classes = nodes.constant(np.array(parts.classes, object), "classes")
    nodes.add("Gather", classes, place, axis=0, output=label)
    return [(label, _WORD, ["n"]), (chances, _FLOAT, ["n", len(parts.classes)])]


def _model(onnx: Any, parts: Exported, nodes: OnnxNodes, given: list[Value], answers: list[Value]) -> Any:
    helper = onnx.helper
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid("ai.onnx.ml", ML_OPSET)]
    graph = graph_of(onnx, nodes, given, answers)
    model = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name="unbend")
    activation = parts.activation.formula if parts.activation else "x"
    helper.set_model_props(model, {"target": parts.target, "task": parts.task, "activation": activation})
    onnx.checker.check_model(model, full_check=True)
    return model


def graph_of(onnx: Any, nodes: OnnxNodes, given: list[Value], answers: list[Value]) -> Any:
    """The ``onnx.GraphProto`` of some nodes between named inputs and outputs."""
    helper = onnx.helper
    kind = helper.np_dtype_to_tensor_dtype

    def node(row: OnnxNode) -> Any:
        said = {name: kind(value) if isinstance(value, np.dtype) else value for name, value in row.attributes.items()}
        domain = "ai.onnx.ml" if row.operation == "OneHotEncoder" else ""
        return helper.make_node(row.operation, row.inputs, [row.output], row.output, domain=domain, **said)

    def values(rows: list[Value]) -> list[Any]:
        return [helper.make_tensor_value_info(name, kind(dtype), shape) for name, dtype, shape in rows]

    used = {name for row in nodes.nodes for name in row.inputs}
    constants = [onnx.numpy_helper.from_array(array, name) for name, array in nodes.constants.items() if name in used]
    return helper.make_graph([node(row) for row in nodes.nodes], "unbend", values(given), values(answers), constants)

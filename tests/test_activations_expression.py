"""Expression trees: one object per value, whatever the way it came about."""

import copy
import pickle
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError

import pytest

from unbend.activations import activation
from unbend.activations.expression import OPERATIONS, Node, distinct_nodes, evaluate
from unbend.activations.javascript import JavaScriptAlgebra
from unbend.activations.latex import _LatexAlgebra
from unbend.activations.numpy_algebra import NumpyAlgebra
from unbend.activations.powers import whole_power
from unbend.activations.python_source import PythonAlgebra
from unbend.activations.text import _TextAlgebra
from unbend.activations.torch_source import TORCH


def test_equal_nodes_are_one_object():
    gelu = activation("gelu")
    assert pickle.loads(pickle.dumps(gelu.derivative)) is gelu.derivative
    assert copy.deepcopy(gelu.expression) is gelu.expression
    assert Node("constant", value=2.0) is Node("constant", value=2.0)
    assert Node("constant", value=0.0) is not Node("constant", value=-0.0)


def test_nodes_are_frozen():
    with pytest.raises(FrozenInstanceError, match="cannot assign to field 'op'"):
        Node("x").op = "y"


def test_equal_nodes_from_many_threads_are_one_object():
    with ThreadPoolExecutor(8) as pool:
        nodes = list(pool.map(lambda i: Node("add", (Node("x"), Node("constant", value=float(i % 7)))), range(2000)))
    assert len({id(node) for node in nodes}) == 7


def test_a_shared_tree_costs_its_distinct_nodes():
    node = Node("x")
    for _ in range(200):
        node = Node("add", (node, node))  # 2**200 operations if written out
    started = time.perf_counter()
    assert evaluate([node], 1, type("Sum", (), {"add": lambda self, a, b: a + b})()) == [2**200]
    assert sum(1 for _ in distinct_nodes(node)) == 201
    assert len(repr(node)) < 100
    assert time.perf_counter() - started < 10  # far from it, unless the work explodes


def test_every_back_end_has_every_operation():
    arguments = {"where": ("a", "b", "c")}
    for operation, count in OPERATIONS.items():
        assert callable(getattr(NumpyAlgebra(), operation)), operation
        for algebra in (JavaScriptAlgebra(), PythonAlgebra(TORCH)):
            getattr(algebra, operation)(*arguments.get(operation, ("a", "b"))[:count])
        for algebra in (_TextAlgebra(), _LatexAlgebra()):
            first = ("x>0", "x<=0") if operation == "where" else ("x", 6)
            getattr(algebra, operation)(first, *[("x", 6)] * (count - 1))


@pytest.mark.parametrize("exponent", range(1, 65))
def test_whole_power(exponent):
    assert whole_power(3, exponent, lambda a, b: a * b) == 3**exponent

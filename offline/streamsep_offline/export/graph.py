"""An ONNX graph that is written like arithmetic.

    graph = Graph("step")
    x = graph.input("x", (2, 512))
    graph.output("y", 0.5 * x + 1.0, (2, 512))
    graph.save(path, {"streamsep": "..."})

Only operators of opset 18 that every runtime has are used. All numbers are float32, axes are counted from 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from streamsep.errors import MissingExtraError

OPSET = 18
IR_VERSION = 9


def require_onnx(feature: str) -> ModuleType:
    """The module `onnx`.

    Raises:
        MissingExtraError: It is not installed.
    """
    try:
        import onnx
        import onnx.helper
        import onnx.numpy_helper
    except ImportError as error:
        raise MissingExtraError(feature, "onnx", "bench") from error
    return onnx


class Value:
    """A tensor of a graph; arithmetic with it adds nodes."""

    __array_ufunc__ = None
    """numpy leaves arithmetic with arrays to us."""

    def __init__(self, graph: Graph, name: str) -> None:
        self.graph, self.name = graph, name

    def __add__(self, other: Operand) -> Value:
        return self.graph.op("Add", self, other)

    def __radd__(self, other: Operand) -> Value:
        return self.graph.op("Add", other, self)

    def __sub__(self, other: Operand) -> Value:
        return self.graph.op("Sub", self, other)

    def __rsub__(self, other: Operand) -> Value:
        return self.graph.op("Sub", other, self)

    def __mul__(self, other: Operand) -> Value:
        return self.graph.op("Mul", self, other)

    def __rmul__(self, other: Operand) -> Value:
        return self.graph.op("Mul", other, self)

    def __truediv__(self, other: Operand) -> Value:
        return self.graph.op("Div", self, other)

    def __rtruediv__(self, other: Operand) -> Value:
        return self.graph.op("Div", other, self)

    def __matmul__(self, other: Operand) -> Value:
        return self.graph.op("MatMul", self, other)

    def __rmatmul__(self, other: Operand) -> Value:
        return self.graph.op("MatMul", other, self)

    def __gt__(self, other: Operand) -> Value:
        return self.graph.op("Greater", self, other)

    def __lt__(self, other: Operand) -> Value:
        return self.graph.op("Less", self, other)

    def __and__(self, other: Value) -> Value:
        return self.graph.op("And", self, other)

    def __or__(self, other: Value) -> Value:
        return self.graph.op("Or", self, other)

    def __invert__(self) -> Value:
        return self.graph.op("Not", self)

    def reshape(self, *shape: int) -> Value:
        """Another shape of as many numbers."""
        return self.graph.op("Reshape", self, np.array(shape, np.int64))

    def transpose(self, *order: int) -> Value:
        """Axes in another order."""
        return self.graph.op("Transpose", self, perm=list(order))

    def take(self, start: int, stop: int, axis: int = 0) -> Value:
        """A range along an axis, which stays."""
        bounds = (np.array([i], np.int64) for i in (start, stop, axis))
        return self.graph.op("Slice", self, *bounds)

    def sum(self, axis: int) -> Value:
        """Sum along an axis, which stays with length 1."""
        return self.graph.op("ReduceSum", self, np.array([axis], np.int64), keepdims=1)

    def mean(self, axis: int) -> Value:
        """Mean along an axis, which stays with length 1."""
        return self.graph.op("ReduceMean", self, np.array([axis], np.int64), keepdims=1)

    def clip(self, least: float | None = None, most: float | None = None) -> Value:
        """No smaller than `least`, no larger than `most`."""
        return self.graph.op(
            "Clip", self, "" if least is None else least, "" if most is None else most
        )

    def where(self, yes: Operand, no: Operand) -> Value:
        """`yes` where this is true, `no` elsewhere."""
        return self.graph.op("Where", self, yes, no)


Operand = Value | np.ndarray | float | int | str


class Graph:
    """Collects nodes, constants, inputs and outputs; see the module's docstring.

    Args:
        name: For people.

    Raises:
        MissingExtraError: onnx is not installed.
    """

    def __init__(self, name: str) -> None:
        self._onnx = require_onnx("exporting to ONNX")
        self._name = name
        self._nodes: list[Any] = []
        self._constants: dict[str, Any] = {}
        self._known: dict[tuple[str, bytes], Value] = {}
        self._inputs: list[Any] = []
        self._outputs: list[Any] = []
        self.states: dict[str, tuple[int, ...]] = {}

    def input(self, name: str, shape: Sequence[int]) -> Value:
        """A tensor that callers bring."""
        self._inputs.append(self._described(name, shape))
        return Value(self, name)

    def output(self, name: str, value: Value, shape: Sequence[int]) -> None:
        """A tensor that callers get."""
        self._nodes.append(self._onnx.helper.make_node("Identity", [value.name], [name]))
        self._outputs.append(self._described(name, shape))

    def state(self, name: str, *shape: int) -> Value:
        """What the graph remembers: input `state.<name>`, zeros at the start."""
        self.states[name] = shape
        return self.input(f"state.{name}", shape)

    def remember(self, name: str, value: Value) -> None:
        """The state of that name after this call: output `next.<name>`."""
        self.output(f"next.{name}", value, self.states[name])

    def op(self, kind: str, *inputs: Operand, **attributes: Any) -> Value:
        """A node with one output."""
        return self.ops(kind, 1, *inputs, **attributes)[0]

    def ops(self, kind: str, n: int, *inputs: Operand, **attributes: Any) -> list[Value]:
        """A node with n outputs; an input of "" is left out."""
        names = [self._operand(x) for x in inputs]
        outputs = [f"{kind.lower()}_{len(self._nodes)}_{i}" for i in range(n)]
        self._nodes.append(self._onnx.helper.make_node(kind, names, outputs, **attributes))
        return [Value(self, name) for name in outputs]

    def concat(self, values: Sequence[Operand], axis: int = 0) -> Value:
        """Tensors one after the other along an axis."""
        return self.op("Concat", *values, axis=axis)

    def constant(self, array: np.ndarray) -> Value:
        """Numbers that never change; floating point becomes float32. Equal ones are kept once."""
        array = np.ascontiguousarray(array) if array.ndim else np.array(array)
        array = array.astype(np.float32) if array.dtype.kind == "f" else array
        key = (f"{array.dtype}{array.shape}", array.tobytes())
        if key not in self._known:
            name = f"constant_{len(self._constants)}"
            self._constants[name] = self._onnx.numpy_helper.from_array(array, name)
            self._known[key] = Value(self, name)
        return self._known[key]

    def save(self, path: Path, properties: Mapping[str, str]) -> None:
        """Write the model.

        Args:
            path: Where to.
            properties: Kept in the file's `metadata_props`.
        """
        helper = self._onnx.helper
        graph = helper.make_graph(
            self._nodes, self._name, self._inputs, self._outputs, list(self._constants.values())
        )
        model = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR_VERSION,
            producer_name="streamsep",
        )
        helper.set_model_props(model, dict(properties))
        self._onnx.checker.check_model(model, full_check=True)
        self._onnx.save(model, str(path))

    def _operand(self, x: Operand) -> str:
        if isinstance(x, Value):
            return x.name
        if isinstance(x, str):
            return x
        return self.constant(np.asarray(x, None if isinstance(x, np.ndarray) else np.float32)).name

    def _described(self, name: str, shape: Sequence[int]) -> Any:
        float32 = self._onnx.TensorProto.FLOAT
        return self._onnx.helper.make_tensor_value_info(name, float32, list(shape))

"""ONNX Runtime as a peer: the step of all networks as one graph, float32 and dynamic int8.

One thread, default graph optimisations. int8 means `quantize_dynamic`: weights per tensor,
activations quantised on the fly. Graphs with `Gemm` or `MatMul` per gate in place of the `LSTM`
operator, and unsigned weights, were tried and were not faster.
"""

from __future__ import annotations

import importlib.util
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from streamsep.bench.workload import PIP_BENCH, Candidate, Workload
from streamsep.errors import EngineError, MissingExtraError
from streamsep.models.open_unmix_fold import fold_batch_norm, fold_output

if TYPE_CHECKING:
    import onnx

NAME = "ONNX Runtime"
OPSET = 18
_ON_CUDA = "CUDAExecutionProvider"


def candidates(workload: Workload) -> list[Candidate]:
    """float32 and dynamic int8, or rows that say what is missing."""
    if any(importlib.util.find_spec(package) is None for package in ("onnx", "onnxruntime")):
        return [Candidate(NAME, precision, None, PIP_BENCH) for precision in ("float32", "int8")]
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    with tempfile.TemporaryDirectory() as folder:
        plain, quantised = Path(folder) / "float32.onnx", Path(folder) / "int8.onnx"
        onnx.save(_Graph(workload).model(), plain)
        quantize_dynamic(plain, quantised, weight_type=QuantType.QInt8)
        return [
            Candidate(NAME, "float32", _step(plain, workload)),
            Candidate(NAME, "int8", _step(quantised, workload), "int8 activations"),
        ]


def cuda_step(workload: Workload) -> Callable[[np.ndarray], np.ndarray]:
    """The float32 graph on a card, from host memory to host memory.

    Raises:
        MissingExtraError: onnx or onnxruntime is missing.
        EngineError: This onnxruntime does not run on CUDA.
    """
    for package in ("onnx", "onnxruntime"):
        if importlib.util.find_spec(package) is None:
            raise MissingExtraError(NAME, package, "bench")
    import onnx
    import onnxruntime

    if _ON_CUDA not in onnxruntime.get_available_providers():
        raise EngineError("this onnxruntime has no CUDA; pip install onnxruntime-gpu")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "float32.onnx"
        onnx.save(_Graph(workload).model(), path)
        return _step(path, workload, _ON_CUDA)


def _step(
    path: Path, workload: Workload, provider: str = "CPUExecutionProvider"
) -> Callable[[np.ndarray], np.ndarray]:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=[provider])
    shape = _state_shape(workload)
    memory = [np.zeros(shape, np.float32), np.zeros(shape, np.float32)]

    def step(magnitude: np.ndarray) -> np.ndarray:
        feed = {"magnitude": magnitude[None], "hidden": memory[0], "cell": memory[1]}
        gains, *memory[:] = session.run(["gains", "new_hidden", "new_cell"], feed)
        return gains

    return step


def _state_shape(workload: Workload) -> tuple[int, int, int]:
    layers = workload.settings.nb_layers * len(workload.weights)
    return layers, 1, workload.settings.hidden_size


class _Graph:
    """Collects nodes and constants of the step graph."""

    def __init__(self, workload: Workload) -> None:
        self._workload = workload
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def model(self) -> onnx.ModelProto:
        """The step: magnitude [1, channels, bins] and states in, gains and states out."""
        from onnx import TensorProto, checker, helper

        load = self._workload
        shape, n_layers = _state_shape(load), load.settings.nb_layers
        seen = self._op("Slice", "magnitude", *(self._ints(i) for i in (0, self._n_seen, 2)))
        hidden, cell = (self._split(name, shape[0]) for name in ("hidden", "cell"))
        gains: list[str] = []
        states: list[tuple[str, str]] = []
        for j, weights in enumerate(load.weights.values()):
            layers = slice(j * n_layers, (j + 1) * n_layers)
            gain, after = self._network(weights, seen, hidden[layers], cell[layers])
            gains.append(gain)
            states += after
        self._join(gains, "gains")
        self._join([h for h, _ in states], "new_hidden")
        self._join([c for _, c in states], "new_cell")

        def info(name: str, dimensions: tuple[int, ...]) -> onnx.ValueInfoProto:
            return helper.make_tensor_value_info(name, TensorProto.FLOAT, dimensions)

        n_bins, channels = load.spec.profile.n_bins, load.spec.channels
        inputs = [
            info("magnitude", (1, channels, n_bins)),
            info("hidden", shape),
            info("cell", shape),
        ]
        outputs = [
            info("gains", (len(load.weights), channels * n_bins)),
            info("new_hidden", shape),
            info("new_cell", shape),
        ]
        graph = helper.make_graph(self._nodes, "step", inputs, outputs, self._constants)
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=9
        )
        checker.check_model(model)
        # quantize_dynamic looks for this mark, else it advises a step that changes nothing here.
        helper.set_model_props(model, {"onnx.quant.pre_process": "onnxruntime.quant"})
        return model

    @property
    def _n_seen(self) -> int:
        return self._workload.settings.max_bin or self._workload.spec.profile.n_bins

    def _network(
        self, weights: Mapping[str, np.ndarray], seen: str, hidden: list[str], cell: list[str]
    ) -> tuple[str, list[tuple[str, str]]]:
        """One network; name of its gains, and of each layer's new hidden and cell."""
        size, states = self._workload.settings.hidden_size, []
        x = self._op("Add", seen, self._constant(weights["input_mean"]))
        x = self._op("Mul", x, self._constant(weights["input_scale"]))
        x = self._op("Reshape", x, self._ints(1, -1))
        encoded = self._op("Tanh", self._linear(x, *fold_batch_norm(weights, "fc1", "bn1")))
        x = encoded
        for layer, memory in enumerate(zip(hidden, cell, strict=True)):
            x = self._op("Reshape", x, self._ints(1, 1, size))
            x, after = self._lstm(weights, layer, x, *memory)
            states.append((x, after))
        joined = self._op("Concat", encoded, self._op("Reshape", x, self._ints(1, size)), axis=1)
        x = self._op("Relu", self._linear(joined, *fold_batch_norm(weights, "fc2", "bn2")))
        return self._linear(x, *fold_output(weights, self._workload.spec.channels)), states

    def _lstm(
        self, weights: Mapping[str, np.ndarray], layer: int, x: str, hidden: str, cell: str
    ) -> tuple[str, str]:
        """LSTM operator; its gates are ordered input, output, forget, cell."""

        def reordered(array: np.ndarray) -> np.ndarray:
            i, f, g, o = np.split(array, 4)
            return np.concatenate([i, o, f, g])

        w, r, wb, rb = (
            reordered(weights[f"lstm.{name}_l{layer}"])
            for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        )
        constants = (self._constant(a[None]) for a in (w, r, np.concatenate([wb, rb])))
        size = self._workload.settings.hidden_size
        inputs = (x, *constants, "", hidden, cell)
        _, new_hidden, new_cell = self._ops("LSTM", 3, *inputs, hidden_size=size)
        return new_hidden, new_cell

    def _linear(self, x: str, matrix: np.ndarray, bias: np.ndarray) -> str:
        constants = (self._constant(a.astype(np.float32)) for a in (matrix.T, bias))
        return self._op("Gemm", x, *constants)

    def _split(self, name: str, count: int) -> list[str]:
        return self._ops("Split", count, name, axis=0, num_outputs=count)

    def _join(self, names: list[str], output: str) -> None:
        from onnx import helper

        self._nodes.append(helper.make_node("Concat", names, [output], axis=0))

    def _op(self, kind: str, *inputs: str, **attributes: int) -> str:
        return self._ops(kind, 1, *inputs, **attributes)[0]

    def _ops(self, kind: str, n_outputs: int, *inputs: str, **attributes: Any) -> list[str]:
        from onnx import helper

        outputs = [f"{kind}_{len(self._nodes)}_{i}" for i in range(n_outputs)]
        self._nodes.append(helper.make_node(kind, inputs, outputs, **attributes))
        return outputs

    def _constant(self, array: np.ndarray) -> str:
        from onnx import numpy_helper

        name = f"constant_{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def _ints(self, *values: int) -> str:
        return self._constant(np.array(values, np.int64))

import numpy as np
import onnxruntime

from streamsep_offline.export.graph import Graph


def test_arithmetic_is_that_of_numpy(tmp_path):
    rng = np.random.default_rng(0)
    x, m = rng.standard_normal((3, 4)).astype(np.float32), rng.standard_normal((2, 3))
    graph = Graph("sums")
    v = graph.input("x", (3, 4))
    y = (m @ (2.0 - v / 4.0)).transpose(1, 0) * m[:, 0] - 1.0 / (
        v.take(0, 1).reshape(4, 1) * v.mean(1).sum(0) + 9.0
    )
    graph.output("y", (y > 0.1).where(y, y.clip(-0.5)), (4, 2))
    graph.save(tmp_path / "g.onnx", {"a": "b"})
    session = onnxruntime.InferenceSession(
        str(tmp_path / "g.onnx"), providers=["CPUExecutionProvider"]
    )
    wanted = (m @ (2 - x / 4)).T * m[:, 0] - 1 / (x[0][:, None] * x.mean(1).sum() + 9)
    wanted = np.where(wanted > 0.1, wanted, np.maximum(wanted, -0.5))
    np.testing.assert_allclose(session.run(None, {"x": x})[0], wanted, rtol=1e-5, atol=1e-6)
    assert session.get_modelmeta().custom_metadata_map == {"a": "b"}


def test_equal_constants_are_kept_once(tmp_path):
    table = np.ones((100, 100))
    graph = Graph("twice")
    x = graph.input("x", (100, 100))
    graph.output("y", x * table + table, (100, 100))
    graph.save(tmp_path / "g.onnx", {})
    assert (tmp_path / "g.onnx").stat().st_size < 50000

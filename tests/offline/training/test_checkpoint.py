import pytest
import torch

from streamsep.errors import CheckpointError
from streamsep_offline.training.checkpoint import load_checkpoint, save_checkpoint


def test_what_was_saved_comes_back_and_nothing_else_lies_there(tmp_path):
    path = tmp_path / "run" / "checkpoint.pt"
    for step in (1, 2):
        save_checkpoint({"step": step, "w": torch.arange(3), "norms": [1.5]}, path)
    memory = load_checkpoint(path)
    assert memory["step"] == 2
    assert torch.equal(memory["w"], torch.arange(3))
    assert [p.name for p in path.parent.iterdir()] == ["checkpoint.pt"]


def test_what_is_missing_or_damaged_is_told(tmp_path):
    with pytest.raises(CheckpointError, match="no checkpoint"):
        load_checkpoint(tmp_path / "checkpoint.pt")
    for damage in (b"", b"PK\x03\x04 rest", b"\x80\x04cos\nsystem\n."):
        (tmp_path / "checkpoint.pt").write_bytes(damage)
        with pytest.raises(CheckpointError, match="is damaged"):
            load_checkpoint(tmp_path / "checkpoint.pt")

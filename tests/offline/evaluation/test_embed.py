"""One page with everything inside: its only script is its own, and a failure leaves what was there."""

import base64
import hashlib

import pytest

from streamsep.errors import AudioFileError
from streamsep_offline.evaluation.embed import image_element, write_document


def test_only_the_pages_own_script_may_run(tmp_path):
    path = tmp_path / "page.html"
    write_document(path, "title", "", "<p>body</p>", "let x = 1;")
    text = path.read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(b"let x = 1;").digest()).decode()
    assert f"script-src 'sha256-{digest}'" in text
    assert "<script>let x = 1;</script>" in text
    write_document(path, "title", "", "<p>body</p>")
    assert "script" not in path.read_text(encoding="utf-8")


def test_a_page_that_cannot_be_written_leaves_nothing_half_done(tmp_path):
    (tmp_path / "page.html").mkdir()
    with pytest.raises(AudioFileError, match=r"page .*page\.html cannot be written \(.*; name a"):
        write_document(tmp_path / "page.html", "", "", "")
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]


def test_descriptions_are_text():
    assert '"x"' not in image_element("png", b"", '"x"><script>')
    assert "<script" not in image_element("png", b"", '"x"><script>')

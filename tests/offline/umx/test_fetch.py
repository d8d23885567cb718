"""Downloads against a real server on this machine: good, cut, altered, missing; with and without ranges."""

import contextlib
import http.server
import json
import re
import socketserver
import threading
from dataclasses import dataclass, field

import pytest

from streamsep.commands.main import main
from streamsep.errors import CheckpointError, ParameterError
from streamsep_offline.umx.digests import RECORD, sha256_of
from streamsep_offline.umx.estimator import load_umx
from streamsep_offline.umx.fetch import FetchError, FetchOptions, fetch_set, models_folder
from streamsep_offline.umx.registry import SETS, find_set


@dataclass
class Mirror:
    """A server whose misbehaviour is chosen by the test.

    Attributes:
        files: Content by path.
        ranges: Whether it knows HTTP Range.
        cut: Bytes that the next connections send before they break, one entry per connection.
        status: Codes that the next connections answer with instead.
        asked: Paths and ranges that were asked for.
    """

    files: dict[str, bytes]
    ranges: bool = True
    cut: list[int] = field(default_factory=list)
    status: list[int] = field(default_factory=list)
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    address: str = ""

    def serve(self, request: http.server.BaseHTTPRequestHandler) -> None:
        wanted = request.headers.get("Range")
        self.asked.append((request.path, wanted))
        data = self.files.get(request.path)
        if self.status:
            return self._end(request, self.status.pop(0))
        if data is None:
            return self._end(request, 404)
        start = int(re.match(r"bytes=(\d+)-$", wanted)[1]) if wanted and self.ranges else 0
        if start >= len(data) > 0:
            return self._end(request, 416, {"Content-Range": f"bytes */{len(data)}"})
        request.send_response(206 if start else 200)
        if start:
            request.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        request.send_header("Content-Length", str(len(data) - start))
        request.end_headers()
        request.wfile.write(data[start:][: self.cut.pop(0) if self.cut else None])

    def _end(self, request, code: int, headers: dict | None = None) -> None:
        request.send_response(code)
        for name, value in {"Content-Length": "0", **(headers or {})}.items():
            request.send_header(name, value)
        request.end_headers()


@pytest.fixture
def mirror(published):
    files = {
        f"/m/{s.name}/{name}": published[name]
        for s in SETS.values()
        for name in s.files.values()
        if name in published
    }
    served = Mirror(files)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            with contextlib.suppress(ConnectionError):
                served.serve(self)

        def log_message(self, *_):
            pass

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        served.address = f"http://127.0.0.1:{server.server_address[1]}/m"
        yield served
        server.shutdown()
        thread.join()


def fetch(mirror, name="tiny", progress=lambda *_: None, **options):
    folder = models_folder() / name
    made = FetchOptions(mirror=mirror.address, pause_s=0.0, **options)
    fetch_set(find_set(name), folder, made, progress)
    return folder


def first_file(name="tiny") -> str:
    return next(iter(find_set(name).files.values()))


def test_a_good_mirror_gives_a_set_that_loads(mirror):
    folder = fetch(mirror)
    assert load_umx("tiny").targets == ("vocals", "drums")
    record = json.loads((folder / RECORD).read_text())
    for name in find_set("tiny").files.values():
        assert record["sha256"][name] == sha256_of(folder / name)
        assert len(record["sha256"][name]) == 64
    assert not list(folder.glob("*.part"))


def test_what_is_there_is_verified_and_not_fetched_again(mirror):
    fetch(mirror)
    mirror.asked.clear()
    fetch(mirror)
    assert mirror.asked == []


@pytest.mark.parametrize("ranges", [True, False], ids=["ranges", "no ranges"])
def test_a_cut_download_goes_on_in_the_same_run(mirror, ranges):
    mirror.ranges, mirror.cut = ranges, [1000, 500] if ranges else [1000, 1500]
    folder = fetch(mirror)
    path = f"/m/tiny/{first_file()}"
    assert mirror.asked[:3] == [(path, None), (path, "bytes=1000-"), (path, "bytes=1500-")]
    assert (folder / first_file()).read_bytes() == mirror.files[path]


def test_a_mirror_that_always_breaks_leaves_a_part_that_a_later_run_completes(mirror):
    mirror.ranges, mirror.cut = False, [1000] * 10
    with pytest.raises(FetchError, match=r"stopped after 1000 bytes .*run again to go on"):
        fetch(mirror)
    folder = models_folder() / "tiny"
    assert not (folder / first_file()).exists()
    assert (folder / f"{first_file()}.part").stat().st_size == 1000
    mirror.ranges, mirror.cut = True, []
    mirror.asked.clear()
    fetch(mirror)
    assert mirror.asked[0] == (f"/m/tiny/{first_file()}", "bytes=1000-")


def test_ctrl_c_leaves_a_part_to_go_on_from(mirror):
    def stop(name, done, total):
        assert total == len(mirror.files[f"/m/tiny/{first_file()}"])
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(mirror, progress=stop)
    part = models_folder() / "tiny" / f"{first_file()}.part"
    size = part.stat().st_size
    assert size > 0
    assert not part.with_suffix("").exists()
    mirror.asked.clear()
    fetch(mirror)
    assert mirror.asked[0][1] == f"bytes={size}-"
    load_umx("tiny")


def test_a_whole_part_and_a_part_of_something_else_are_both_handled(mirror):
    folder, path = models_folder() / "tiny", f"/m/tiny/{first_file()}"
    folder.mkdir(parents=True)
    part = folder / f"{first_file()}.part"
    for content in (mirror.files[path], mirror.files[path] + b"more", b"something else"):
        part.write_bytes(content)
        fetch(mirror)
        assert (folder / first_file()).read_bytes() == mirror.files[path]
        (folder / first_file()).unlink()


def test_an_altered_file_is_refused_and_not_kept(mirror):
    path = f"/m/tiny/{first_file()}"
    mirror.files[path] = mirror.files[path][:-1] + b"!"
    with pytest.raises(
        CheckpointError, match=r"published is [0-9a-f]{8}\.\.\.: damaged or altered"
    ):
        fetch(mirror)
    assert not list((models_folder() / "tiny").glob("*.p*t*"))


def test_a_file_that_changes_later_is_refused_even_if_the_published_digits_fit(mirror, monkeypatch):
    folder = fetch(mirror)
    # Eight digits can be forged; what came first cannot.
    name = first_file()
    record = json.loads((folder / RECORD).read_text())
    record["sha256"][name] = record["sha256"][name][:8] + "0" * 56
    (folder / RECORD).write_text(json.dumps(record))
    for act in (lambda: fetch(mirror), lambda: load_umx("tiny")):
        with pytest.raises(CheckpointError, match="at its first fetch it had"):
            act()
    (folder / name).unlink()
    with pytest.raises(CheckpointError, match="at its first fetch it had"):
        fetch(mirror)
    assert not (folder / name).exists()


def test_a_missing_file_is_named_at_once(mirror):
    del mirror.files[f"/m/tiny/{first_file()}"]
    with pytest.raises(FetchError, match=r"is not to be had \(404 Not Found\); .*--mirror"):
        fetch(mirror)
    assert len(mirror.asked) == 1


def test_a_busy_server_is_asked_again_and_a_dead_one_given_up(mirror):
    mirror.status = [503, 429, 500]
    fetch(mirror)
    dead = Mirror({}, address="http://127.0.0.1:9")
    with pytest.raises(FetchError, match="stopped after 0 bytes"):
        fetch(dead, "tinyl")


def test_offline_verifies_and_says_what_is_missing(mirror):
    with pytest.raises(FetchError, match=rf"lacks {first_file()}, drums-.*without --offline"):
        fetch(mirror, is_offline=True)
    assert mirror.asked == []
    folder = fetch(mirror)
    mirror.asked.clear()
    fetch(mirror, is_offline=True)
    assert mirror.asked == []
    (folder / first_file()).write_bytes(b"altered")
    with pytest.raises(CheckpointError, match="damaged or altered"):
        fetch(mirror, is_offline=True)


def test_mirrors_are_web_addresses(published):
    with pytest.raises(ParameterError, match="must begin with http"):
        fetch(Mirror({}, address="ftp://example.org"))


def test_a_folder_that_cannot_be_made_is_named(mirror, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("STREAMSEP_MODELS", str(tmp_path / "file"))
    with pytest.raises(FetchError, match="set STREAMSEP_MODELS to a folder of yours"):
        fetch(mirror)


def test_the_command_fetches_lists_and_verifies(mirror, capsys):
    assert main(["models", "get", "tiny", "--mirror", mirror.address]) == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert "licence MIT" in said.err
    assert "tiny: verified, in" in said.err
    assert main(["models", "get", "tiny", "--offline", "--quiet"]) == 0
    assert main(["models", "--json"]) == 0
    rows = {r.get("set"): r for r in json.loads(capsys.readouterr().out)}
    assert rows["tiny"]["is_fetched"]
    assert not rows["umxhq"]["is_fetched"]
    assert rows["umxl"]["licence"] == "CC BY-NC-SA 4.0"
    assert main(["models"]) == 0
    table = capsys.readouterr().out
    assert re.search(r"umxl .* 452 MB .* no ", table)
    assert re.search(r"tiny .* yes ", table)
    assert "CC BY-NC-SA 4.0" in table


def test_the_environment_names_mirror_and_offline(mirror, monkeypatch, capsys):
    monkeypatch.setenv("STREAMSEP_MIRROR", mirror.address)
    monkeypatch.setenv("STREAMSEP_OFFLINE", "1")
    assert main(["models", "get", "tiny"]) == 2
    assert "STREAMSEP_OFFLINE" in capsys.readouterr().err
    monkeypatch.setenv("STREAMSEP_OFFLINE", "0")
    assert main(["models", "get", "tiny"]) == 0


def test_what_a_mirror_calls_umxhq_must_be_umxhq(mirror, capsys):
    data = next(iter(mirror.files.values()))
    for name in find_set("umxhq").files.values():
        mirror.files[f"/m/umxhq/{name}"] = data
    assert main(["models", "get", "umxhq", "--mirror", mirror.address]) == 2
    assert "published is b62c91ce...: damaged or altered" in capsys.readouterr().err
    assert not list((models_folder() / "umxhq").glob("*.pth*"))


def test_unknown_sets_are_named(capsys):
    assert main(["models", "get", "umxhd"]) == 2
    assert "did you mean 'umxhq'? there are: umxhq, umx, umxl, umxse" in capsys.readouterr().err


class Terminal:
    """Standard input of a person."""

    def __init__(self, answer: str) -> None:
        self.answer = answer

    def isatty(self) -> bool:
        return True

    def readline(self) -> str:
        return self.answer + "\n"


def test_a_non_commercial_licence_is_refused_unread_without_a_person(mirror, capsys):
    assert main(["models", "get", "tinyl", "--mirror", mirror.address]) == 2
    said = capsys.readouterr().err
    assert "CC BY-NC-SA 4.0, https://example.org/licence" in said
    assert "--accept-licence" in said
    assert mirror.asked == []


def test_a_person_is_asked_once_and_the_set_waits_for_the_answer(mirror, monkeypatch, capsys):
    get = ["models", "get", "tinyl", "--mirror", mirror.address]
    monkeypatch.setattr("sys.stdin", Terminal("no"))
    assert main(get) == 2
    assert "was not accepted: not fetched" in capsys.readouterr().err
    assert mirror.asked == []
    monkeypatch.setattr("sys.stdin", Terminal("yes"))
    assert main(get) == 0
    assert "not for commercial use" in capsys.readouterr().err
    monkeypatch.setattr("sys.stdin", Terminal("no"))
    assert main(get) == 0
    estimator = load_umx("tinyl")
    assert not estimator.is_commercial
    assert "CC BY-NC-SA 4.0" in estimator.licence


def test_a_set_copied_in_place_is_not_used_before_its_licence_is_accepted(mirror, capsys):
    folder = models_folder() / "tinyl"
    folder.mkdir(parents=True)
    for name in find_set("tinyl").files.values():
        (folder / name).write_bytes(mirror.files[f"/m/tinyl/{name}"])
    with pytest.raises(CheckpointError, match=r"CC BY-NC-SA 4\.0.*streamsep models get tinyl"):
        load_umx("tinyl")
    assert main(["models", "get", "tinyl", "--offline", "--accept-licence"]) == 0
    load_umx("tinyl")


def test_ctrl_c_in_the_command_says_how_to_go_on(mirror, monkeypatch, capsys):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("streamsep_offline.umx.source.fetch_set", stop)
    assert main(["models", "get", "tiny", "--mirror", mirror.address]) == 130
    assert "run again to go on with tiny" in capsys.readouterr().err

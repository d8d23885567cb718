import asyncio
import os

import pytest

from serve_client import Stream
from streamsep.errors import ParameterError
from streamsep_bridge import ServeSettings, StreamServer
from streamsep_bridge.serve.refused import Refused
from streamsep_bridge.serve.tokens import Tokens

HALL, STUDIO, OLD = "Zq3vN0x8RtS2mUe5yWkA", "kP7cJ4hD9sLf1bGx6oTi", "aaaaaaaaaaaaaaaaaaaa"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "tokens"
    write(path, f"# who\nhall {HALL} 2999-12-31T23:59:59Z\nstudio {STUDIO}\nold {OLD} 2020-01-01\n")
    return path


def write(path, text):
    path.write_text(text)
    path.chmod(0o600)


def test_a_token_has_a_name(file):
    tokens = Tokens(file)
    assert (tokens.check(HALL), tokens.check(STUDIO)) == ("hall", "studio")
    assert tokens.are_needed


@pytest.mark.parametrize("token", [None, "", "x", OLD, HALL + " ", HALL[:-1], "é" * 20])
def test_others_open_nothing_and_are_told_the_same(file, token):
    with pytest.raises(Refused, match="needs a valid token") as problem:
        Tokens(file).check(token)
    assert problem.value.code == 1008


def test_without_a_file_everybody_comes_in():
    assert Tokens(None).check(None) == ""
    assert not Tokens(None).are_needed


def test_the_file_counts_as_it_is_now(file):
    tokens = Tokens(file)
    write(file, f"hall {HALL}\n")
    with pytest.raises(Refused):
        tokens.check(STUDIO)
    assert not tokens.is_valid("studio")
    assert tokens.is_valid("hall")
    write(file, "damaged")
    assert not tokens.is_valid("hall")
    os.remove(file)
    with pytest.raises(Refused):
        tokens.check(HALL)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "1 to 1000"),
        ("hall short", "NAME TOKEN"),
        (f"hall {HALL} tomorrow", "NAME TOKEN"),
        (f"../hall {HALL}", "NAME TOKEN"),
        (f"hall {HALL}\nhall {STUDIO}", "twice"),
    ],
)
def test_a_file_that_is_no_good_is_told(file, text, why):
    write(file, text)
    with pytest.raises(ParameterError, match=why):
        Tokens(file)


def test_a_file_that_others_read_is_none(file):
    file.chmod(0o644)
    with pytest.raises(ParameterError, match="chmod 600"):
        Tokens(file)


def test_an_old_token_that_is_replayed_opens_nothing_and_ends_what_it_opened(file, song):
    lines = []
    settings = ServeSettings(port=0, tokens=file, max_streams=2, drain_s=1.0)

    async def run(server):
        async with Stream(server.url) as nobody, Stream(server.url, token=OLD) as old:
            assert [one.heard.ready["reason"] for one in (nobody, old)] == ["token", "token"]
        async with (
            Stream(server.url, token=HALL) as hall,
            Stream(server.url, token=STUDIO) as other,
        ):
            assert hall.heard.ready["type"] == other.heard.ready["type"] == "ready"
            write(file, f"studio {STUDIO}\n")
            heard = await hall.read()
            assert (heard.of("error")[0]["reason"], heard.code) == ("token", 1008)
            async with Stream(server.url, token=HALL) as again:  # as somebody overheard it
                assert again.heard.ready["reason"] == "token"
            await other.send(song[:, :3000])
            await other.order({"type": "end"})
            assert (await other.read()).of("ended") == [{"type": "ended", "position": 4023}]

    with StreamServer("classic", settings=settings, tell=lines.append) as server:
        asyncio.run(run(server))
    assert any("token" in line for line in lines)
    assert not any(token in line for line in lines for token in (HALL, STUDIO, OLD))

"""`streamsep serve` as users start and end it."""

import asyncio
import contextlib
import json
import signal
import subprocess
import sys
import urllib.error
import urllib.request

import numpy as np
import pytest
import websockets

from serve_client import Stream, separate, stream_url
from signals import music
from streamsep import Separator
from streamsep.commands.main import main

COMMAND = [
    sys.executable,
    "-c",
    "from streamsep.commands.main import main; raise SystemExit(main())",
]


@contextlib.contextmanager
def serving(*options):
    command = [*COMMAND, "serve", "--preset", "classic", "--port", "0", "--json", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process, json.loads(process.stdout.readline())["url"]
        finally:
            process.kill()


def test_sigterm_cuts_no_block():
    song = music(4.0, seed=5)
    block = 700

    async def obeys(url):
        """Ends when it hears of the end."""
        async with Stream(url) as stream:
            for start in range(0, 30 * block, block):
                await stream.send(song[:, start : start + block])
            await stream.read(until=lambda event: event["type"] == "draining")
            await stream.order({"type": "end"})
            return await stream.read()

    async def run(process, url):
        clients = [
            asyncio.ensure_future(one)
            for one in (
                obeys(url),
                separate(url, song, block, speed=1.0, is_ending=False),
                separate(url, song, block, speed=1.0, is_ending=False, want="mix"),
                separate(url, song, block, is_ending=False),  # as fast as it is let
            )
        ]
        await asyncio.sleep(0.7)
        process.send_signal(signal.SIGTERM)
        await asyncio.sleep(0.5)
        with pytest.raises(websockets.InvalidStatus) as problem:
            await websockets.connect(stream_url(url))
        assert problem.value.response.status_code == 503
        health = await asyncio.to_thread(status_of, url + "health")
        return await asyncio.gather(*clients), health

    with serving("--drain", "1.2") as (process, url):
        heard, health = asyncio.run(run(process, url))
        assert process.wait(30) == 0
        events = [json.loads(line)["event"] for line in process.stdout]
    assert events[-1] == "ended"
    assert "draining" in events
    assert health == 503
    separator = Separator.from_preset("classic")
    for one in heard:
        assert one.code == 1012
        assert len(one.of("draining")) == 1
        n_heard = one.of("ended")[0]["position"] - one.ready["latency_samples"]
        assert n_heard > 0
        assert n_heard % block == 0 or n_heard == song.shape[1]
        want = np.concatenate([separator.process(song[:, :n_heard]), separator.flush()], axis=-1)
        want = want.sum(axis=0)[None] if one.ready["stems"] == ["mix"] else want
        np.testing.assert_allclose(one.stems, want, atol=1e-5)


def status_of(url):
    try:
        with urllib.request.urlopen(url) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


@pytest.mark.parametrize(
    ("options", "remedy"),
    [
        (["--listen", "0.0.0.0"], "--tokens FILE"),
        (["--tls-cert", "cert.pem"], "--tls-key"),
        (["--tokens", "nothing-here"], "give a text file"),
        (["--preset", "nothing"], "there are"),
        (["--speed", "0.5"], "at least 1"),
    ],
)
def test_bad_orders_are_one_line_with_a_remedy(capsys, options, remedy):
    assert main(["serve", "--port", "0", *options]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert remedy in line


def test_without_its_packages_it_says_how_to_get_them(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    assert main(["serve"]) == 2
    assert "pip install 'streamsep[serve]'" in capsys.readouterr().err

"""Real sockets: what comes over them is what a `Separator` makes, for everybody at once."""

import asyncio
import json
import shutil
import ssl
import subprocess
import urllib.error
import urllib.request
from dataclasses import replace

import numpy as np
import pytest

from serve_client import Stream, separate
from signals import music
from streamsep import Separator
from streamsep_bridge import ServeSettings, StreamServer
from streamsep_bridge.serve.opening import ServeError


def fetch(url, **headers):
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read().decode()


def test_stems_are_those_of_a_separator(server, song, expected):
    heard = asyncio.run(separate(server.url, song, block=700))
    assert heard.code == 1000
    assert heard.of("ended") == [{"type": "ended", "position": expected.shape[-1]}]
    np.testing.assert_allclose(heard.stems, expected, atol=1e-5)
    assert heard.ready["stems"] == ["vocals", "drums", "bass", "other"]
    assert heard.ready["latency_samples"] == expected.shape[-1] - song.shape[1]


def test_a_promise_makes_it_quicker(server, song):
    async def run():
        async with Stream(server.url, block=512) as stream:
            for start in range(0, 512 * 60, 512):
                await stream.send(song[:, start : start + 512])
            await stream.order({"type": "end"})
            return await stream.read()

    heard = asyncio.run(run())
    separator = Separator.from_preset("classic", block_size=512)
    want = np.concatenate([separator.process(song[:, : 512 * 60]), separator.flush()], axis=-1)
    assert heard.ready["latency_samples"] == separator.latency_samples == 512
    np.testing.assert_allclose(heard.stems, want, atol=1e-5)


def test_a_broken_promise_is_told(server, song):
    async def run():
        async with Stream(server.url, block=512) as stream:
            await stream.send(song[:, :500])
            return await stream.read()

    heard = asyncio.run(run())
    assert heard.code == 1003
    assert "promise" in heard.of("error")[0]["message"]


def test_many_at_once_are_equal_and_complete(server, song, expected):
    async def run():
        blocks = (256, 441, 512, 1024, 3000, 700, 64, 5000)
        return await asyncio.gather(*(separate(server.url, song, block=n) for n in blocks))

    for heard in asyncio.run(run()):
        np.testing.assert_allclose(heard.stems, expected, atol=1e-5)


def test_48_khz_16_bits_and_mono(server):
    sound = music(0.8, 48000, channels=1)
    heard = asyncio.run(separate(server.url, sound, format="s16", sample_rate=48000))
    separator = Separator.from_preset("classic", sample_rate=48000)
    want = separator.process(np.repeat(np.rint(sound * 32768.0) / 32768.0, 2, axis=0))
    got = heard.stems[..., : want.shape[-1]]
    np.testing.assert_allclose(got, want[:, :1], atol=0.6 / 32768.0)


def test_the_mix_obeys_levels_and_mutes(server, song, expected):
    async def run():
        async with Stream(server.url, want="mix") as stream:
            await stream.order({"type": "gains", "gains_db": {"vocals": -6.0, "bass": 6.0}})
            await stream.order({"type": "mute", "stems": ["drums"]})
            for start in range(0, 40000, 5000):
                await stream.send(song[:, start : start + 5000])
            await stream.order({"type": "end"})
            return await stream.read()

    heard = asyncio.run(run())
    gains = 10.0 ** (np.array([-6.0, -np.inf, 6.0, 0.0]) / 20.0)
    want = np.tensordot(gains, expected[..., 1000:40000], 1)
    assert heard.ready["stems"] == ["mix"]
    np.testing.assert_allclose(heard.stems[0, :, 1000:40000], want, atol=1e-5)


def test_a_reset_is_a_new_stream_after_all_that_was_sent(server, song, expected):
    async def run():
        async with Stream(server.url) as stream:
            await stream.send(song[:, :3000])
            await stream.order({"type": "ping", "id": 7})
            await stream.order({"type": "reset"})
            await stream.send(song[:, :5000])
            await stream.order({"type": "end"})
            return await stream.read()

    heard = asyncio.run(run())
    assert [event["type"] for event in heard.events if event["type"] != "late"] == [
        "pong",
        "reset",
        "ended",
    ]
    np.testing.assert_allclose(heard.stems[..., :3000], expected[..., :3000], atol=1e-5)
    np.testing.assert_allclose(heard.stems[..., 3000:8000], expected[..., :5000], atol=1e-5)


def test_the_end_without_sound_is_an_end(server):
    heard = asyncio.run(separate(server.url, np.zeros((2, 0), np.float32)))
    assert (heard.code, heard.stems) == (1000, None)


def test_health_metrics_and_the_page(server, song):
    asyncio.run(separate(server.url, song[:, :20000]))
    status, headers, text = fetch(server.url + "health")
    assert (status, json.loads(text)["status"]) == (200, "ok")
    assert headers["X-Content-Type-Options"] == "nosniff"
    _, _, text = fetch(server.url + "metrics")
    lines = dict(line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
    assert float(lines["streamsep_streams"]) == 0.0
    assert float(lines["streamsep_block_latency_seconds_count"]) >= 20.0
    assert float(lines["streamsep_served_total"]) >= 1.0
    _, headers, page = fetch(server.url)
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "://" not in page.replace("https://www.w3.org", ""), (
        "the page loads nothing from elsewhere"
    )
    assert fetch(server.url + "nothing")[0] == 404


def test_a_port_that_is_taken_is_told(server):
    with pytest.raises(ServeError, match=r"choose another with --port"):
        StreamServer("classic", settings=ServeSettings(port=server.port)).__enter__()


def test_tls(tmp_path, song):
    if shutil.which("openssl") is None:
        pytest.skip("no openssl here to make a certificate with")
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    make = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
    more = ["-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", cert]
    subprocess.run([*make.split(), *more], check=True, capture_output=True)
    settings = ServeSettings(port=0, tls_cert=cert, tls_key=key, max_streams=1)
    with StreamServer("classic", settings=settings) as server:
        url = server.url.replace("127.0.0.1", "localhost")
        assert url.startswith("https:")
        trust = ssl.create_default_context(cafile=cert)

        async def run():
            async with Stream(url, {"ssl": trust, "origin": url.rstrip("/")}) as stream:
                await stream.send(song[:, :5000])
                await stream.order({"type": "end"})
                return await stream.read()

        assert asyncio.run(run()).stems.shape == (4, 2, 6023)
    with pytest.raises(ServeError, match="PEM"):
        StreamServer("classic", settings=replace(settings, tls_key=cert)).__enter__()


def test_to_stop_is_to_end_at_once():
    async def run(server):
        async with Stream(server.url) as stream:
            server.drain()
            await stream.read(until=lambda event: event["type"] == "draining")
            server.stop()
            assert await asyncio.to_thread(server.wait, 30.0)

    with StreamServer("classic", settings=ServeSettings(port=0, drain_s=1000.0)) as server:
        asyncio.run(run(server))


def test_an_engine_that_fails_is_told_to_all(song):
    async def run(server):
        async with Stream(server.url) as stream:
            for batch in server._batches.values():
                batch.close()
            await stream.send(song[:, :3000])
            return await stream.read()

    with StreamServer("classic", settings=ServeSettings(port=0)) as server:
        heard = asyncio.run(run(server))
        with pytest.raises(ServeError, match="engine failed"):
            server.wait(30.0)
    assert (heard.of("error")[0]["reason"], heard.code) == ("failed", 1011)

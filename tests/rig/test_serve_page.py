"""The page of `streamsep serve` in a real browser: a file goes in, stems come out, faders are heard."""

import asyncio

import pytest
import soundfile

from rig.browser import Page, missing
from signals import music
from streamsep_bridge import ServeSettings, StreamServer

MOVE = """(name, db) => {
  const fader = document.querySelector(`[data-stem=${name}] input`);
  fader.value = db;
  fader.dispatchEvent(new Event("input"));
}"""

# RMS of the master, the mean over a second; silence at first while the desk settles.
HEARD = """(async () => {
  await new Promise(done => setTimeout(done, 300));
  let sum = 0;
  for (let i = 0; i < 20; i++) {
    await new Promise(done => setTimeout(done, 50));
    sum += window.desk.levels().master ** 2;
  }
  return Math.sqrt(sum / 20);
})()"""


@pytest.fixture(scope="module")
def server():
    if missing():
        pytest.skip(missing())
    with StreamServer("classic", settings=ServeSettings(port=0, max_streams=2)) as running:
        yield running


def click(selector):
    return f"document.querySelector('{selector}').click()"


def test_a_file_is_separated_and_faders_are_heard(server, tmp_path):
    sound = music(40.0, 44100, seed=2)
    soundfile.write(tmp_path / "song.wav", sound.T, 44100)
    sent_rms = float((sound.astype("f8") ** 2).mean() ** 0.5)
    names = ("vocals", "drums", "bass", "other")

    async def run():
        async with Page(server.url) as page:
            await page.choose_file("#file", tmp_path / "song.wav")
            await page.wait("!document.querySelector('#play').disabled")
            await page.value(click("#play"))
            await page.wait("window.desk.levels() && window.desk.levels().master > 1e-3")
            levels = await page.value("window.desk.levels()")
            found = {"all": await page.value(HEARD)}
            for name in names[1:]:
                await page.value(f"({MOVE})('{name}', -60)")
            found["vocals"] = await page.value(HEARD)
            await page.value(f"({MOVE})('vocals', -20)")
            found["quiet vocals"] = await page.value(HEARD)
            await page.value(click('[data-stem=vocals] [data-does="muted"]'))
            found["nothing"] = await page.value(HEARD)
            numbers = await page.value("window.desk.numbers()")
            text = await page.value("document.querySelector('#numbers').textContent")
            await page.value(click("#stop"))
            assert await page.value("window.desk.levels()") is None
            return found, levels, numbers, text, page.problems

    found, levels, numbers, text, problems = asyncio.run(run())
    assert problems == []
    assert set(levels) == {*names, "master"}
    assert numbers["played"] > 44100
    assert "ms from sound to stems" in text
    # Gaps of a busy machine take something away, so levels are compared roughly.
    assert 0.3 * sent_rms < found["all"] < 1.5 * sent_rms
    assert 0.02 * sent_rms < found["vocals"] < 0.95 * found["all"]
    assert found["quiet vocals"] < 0.35 * found["vocals"]
    assert found["nothing"] < 1e-4


def test_the_microphone_on_a_phone(server):
    async def run():
        async with Page(server.url, 390, 800) as page:
            await page.value(click("#mic"))
            await page.wait("window.desk.levels() && window.desk.levels().master > 1e-4")
            wide = await page.value("document.documentElement.scrollWidth <= innerWidth")
            return wide, page.problems

    assert asyncio.run(run()) == (True, [])


def test_the_server_full_is_told(server):
    async def run():
        async with Page(server.url) as page:
            await page.value(
                "window.others = [1, 2].map(() => new WebSocket('ws' + location.href.slice(4) + 'stream'))"
            )
            await page.wait("window.others.every(one => one.readyState === 1)")
            await page.value("window.others.forEach(one => one.send('{}'))")
            await asyncio.sleep(0.5)
            await page.value(click("#mic"))
            return await page.wait("document.querySelector('#state.bad')?.textContent")

    assert "places are taken" in asyncio.run(run())

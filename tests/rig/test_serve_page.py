"""The page of `streamsep serve` in a real browser: a file goes in, stems come out, faders are heard."""

import asyncio

import pytest
import soundfile

from rig.browser import Page, missing
from rig.jack import is_thorough
from signals import music
from streamsep_bridge import ServeSettings, StreamServer

STEMS = ("vocals", "drums", "bass", "other")

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


def click(selector):
    return f"document.querySelector('{selector}').click()"


async def file_with_faders(page, path):
    """Levels of the master with all stems, the vocals, quiet vocals, nothing."""
    await page.choose_file("#file", path)
    await page.wait("!document.querySelector('#play').disabled")
    await page.value(click("#play"))
    await page.wait("window.desk.levels() && window.desk.levels().master > 1e-3")
    assert set(await page.value("window.desk.levels()")) == {*STEMS, "master"}
    found = [await page.value(HEARD)]
    for name in STEMS[1:]:
        await page.value(f"({MOVE})('{name}', -60)")
    found.append(await page.value(HEARD))
    await page.value(f"({MOVE})('vocals', -20)")
    found.append(await page.value(HEARD))
    await page.value(click('[data-stem=vocals] [data-does="muted"]'))
    found.append(await page.value(HEARD))
    assert (await page.value("window.desk.numbers()"))["played"] > 44100
    assert "ms from sound to stems" in await page.value("document.body.innerText")
    await page.value(click("#stop"))
    assert await page.value("window.desk.levels()") is None
    return found


async def microphone(page):
    """The browser's own, which beeps."""
    await page.value(click('[data-stem=vocals] [data-does="muted"]'))
    for name in STEMS:
        await page.value(f"({MOVE})('{name}', 0)")
    await page.value(click("#mic"))
    await page.wait("window.desk.levels() && window.desk.levels().master > 1e-4")
    assert await page.value("document.documentElement.scrollWidth <= innerWidth")
    await page.value(click("#stop"))


async def no_place(page):
    """What a user reads when others have all places."""
    await page.value("window.other = new WebSocket(`ws${location.href.slice(4)}stream`)")
    await page.wait("window.other.readyState === 1")
    await page.value("""new Promise(done => {
        window.other.onmessage = done;
        window.other.send("{}");
    }).then(() => 1)""")
    await page.value(click("#mic"))
    assert "places are taken" in await page.wait(
        "document.querySelector('#state.bad')?.textContent"
    )


def test_the_page_on_a_phone(tmp_path):
    if not is_thorough():
        pytest.skip("a browser takes its time: with RIG=long only")
    if missing():
        pytest.skip(missing())
    sound = music(30.0, 44100, seed=2)
    soundfile.write(tmp_path / "song.wav", sound.T, 44100)

    async def run(url):
        async with Page(url, 390, 800) as page:
            found = await file_with_faders(page, tmp_path / "song.wav")
            await microphone(page)
            await asyncio.sleep(0.3)
            await no_place(page)
            return found, page.problems

    settings = ServeSettings(port=0, max_streams=1)
    with StreamServer("classic", settings=settings) as server:
        (everything, vocals, quiet, nothing), problems = asyncio.run(run(server.url))
    assert problems == []
    # Gaps of a busy machine take something away, so levels are compared roughly.
    rms = float((sound.astype("f8") ** 2).mean() ** 0.5)
    assert 0.3 * rms < everything < 1.5 * rms
    assert 0.02 * rms < vocals < 0.95 * everything
    assert quiet < 0.35 * vocals
    assert nothing < 1e-4

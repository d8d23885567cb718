"""The listening page from a file in a real browser: switching keeps the place, and every source is heard."""

import asyncio

import numpy as np
import pytest

from rig.browser import Page, missing
from streamsep_offline.evaluation.clips import Clip, Source
from streamsep_offline.evaluation.listening_page import write_listening_page
from streamsep_offline.evaluation.players import Player, encode
from streamsep_offline.evaluation.spectrogram_picture import draw, levels_db

pytest.importorskip("matplotlib")
SECONDS = 8.0
PARTS = (("mixture", -1), ("reference", -1), ("estimate", 0), ("estimate", 1))
STATE = "listening.state()"

# Every source is a tone that rises in a range of its own: what is heard says which source plays, and where.
LOWEST_HZ, RANGE_HZ, RISE_HZ = 1000.0, 2000.0, 200.0

# Frequency of the loudest bin of an analyser; the place that the page says, less half of what that hears.
HEARD = """(async () => {
  window.ear ||= new AnalyserNode(listening.output().context, { fftSize: 8192, smoothingTimeConstant: 0 });
  listening.output().connect(ear);
  await new Promise(done => setTimeout(done, 500));
  const levels = new Float32Array(ear.frequencyBinCount), rate = ear.context.sampleRate;
  ear.getFloatFrequencyData(levels);
  return [levels.indexOf(Math.max(...levels)) * rate / 8192, listening.state().at - 4096 / rate];
})()"""
CLOCK = f"(() => [{STATE}.at, listening.output().context.currentTime])()"


def lowest_hz(source):
    return LOWEST_HZ + RANGE_HZ * source


def write_page(path):
    t = np.arange(round(SECONDS * 44100)) / 44100
    turns = [lowest_hz(k) * t + 0.5 * RISE_HZ * t**2 for k in range(4)]
    sounds = np.stack([[0.3 * np.sin(2 * np.pi * x)] * 2 for x in turns])
    sources = tuple(
        Source(Player("vocals", part, encode(sound, 44100)), picture, model)
        for (part, model), sound, picture in zip(
            PARTS, sounds, draw(levels_db(sounds, 44100)), strict=True
        )
    )
    clips = [Clip(name, "", 0.0, SECONDS, sources) for name in ("one", "two")]
    write_listening_page(path, ["first", "second"], clips)


def press(key):
    return f'document.body.dispatchEvent(new KeyboardEvent("keydown", {{ key: "{key}", bubbles: true }}))'


def click(selector):
    return f"document.querySelector('{selector}').click()"


async def switching(page):
    """Every key chooses its source, at the place where the last one was."""
    await page.value(press(" "))
    await page.wait(f"{STATE}.isPlaying")
    at, now = await page.value(CLOCK)
    for source in (1, 3, 0, 2):
        await page.value(press(source + 1))
        assert (await page.value(STATE))["source"] == source
        heard_hz, place = await page.value(HEARD)
        assert heard_hz == pytest.approx(lowest_hz(source) + RISE_HZ * place, abs=40.0)
        later_at, later = await page.value(CLOCK)
        assert later_at - at == pytest.approx(later - now, abs=0.035), "it went on as time did"


async def places(page):
    """A click in a spectrogram goes there; the end is the end, or the beginning in a loop."""
    box = "document.querySelectorAll('.spectrogram')[3]"
    await page.value(press(" "))
    await page.value(f"""(box => box.dispatchEvent(new PointerEvent("pointerdown", {{
        clientX: box.getBoundingClientRect().left + 0.75 * box.getBoundingClientRect().width
    }})))({box})""")
    state = await page.value(STATE)
    assert (state["isPlaying"], state["source"]) == (False, 3)
    assert state["at"] == pytest.approx(0.75 * SECONDS, abs=0.02)
    cursor = await page.value(f"{box}.querySelector('i').offsetLeft / {box}.clientWidth")
    assert cursor == pytest.approx(0.75, abs=0.01)
    await page.value(click("#loop"))
    await page.value(press(" "))
    await page.wait(f"{STATE}.at < 0.5 * {SECONDS}")
    assert (await page.value(STATE))["isPlaying"]
    await page.value(click("#loop"))
    for _ in range(4):
        await page.value(press("ArrowRight"))
    await page.wait(f"!{STATE}.isPlaying && {STATE}.at === 0")


async def one_at_a_time(page):
    await page.value(press(" "))
    await page.wait(f"{STATE}.isPlaying")
    await page.value("document.querySelectorAll('.play')[1].click()")
    await page.wait(f"{STATE}.isPlaying && {STATE}.clip === 1")
    labels = "[...document.querySelectorAll('.play')].map(x => x.textContent)"
    assert await page.value(labels) == ["Play", "Pause"]
    await page.value(press(" "))


async def blind(page):
    """Names and figures go, and come back on demand; keys follow the order that is seen."""
    names = "[...document.querySelectorAll('tr[data-part=estimate] .name')].map(x => x.textContent)"
    order = "[...document.querySelectorAll('tr[data-part=estimate]')].map(x => x.dataset.model)"
    assert await page.value(names) == ["first", "second"] * 2
    orders = set()
    for _ in range(12):
        await page.value(click("#blind"))
        assert await page.value(names) == ["A", "B"] * 2
        orders.add(tuple(await page.value(order)))
        hidden = "getComputedStyle(document.querySelector('td.figure span')).visibility"
        assert await page.value(hidden) == "hidden"
        shown = (await page.value(order))[2:]
        await page.value(press("3"))
        assert (await page.value(STATE))["source"] == 2 + int(shown[0])
        await page.value(click("#reveal"))
        models = [("first", "second")[int(k)] for k in shown]
        expected = [f"{letter} was {model}" for letter, model in zip("AB", models, strict=True)]
        assert (await page.value(names))[2:] == expected
        await page.value(click("#blind"))
        assert await page.value(order) == ["0", "1"] * 2
    assert len(orders) > 1


def test_listening_in_a_browser(tmp_path):
    if missing():
        pytest.skip(missing())
    write_page(tmp_path / "page.html")

    async def run():
        url = (tmp_path / "page.html").as_uri()
        async with Page(url, ready="!!window.listening") as page:
            await switching(page)
            await places(page)
            await one_at_a_time(page)
            await blind(page)
            return page.problems

    assert asyncio.run(run()) == []

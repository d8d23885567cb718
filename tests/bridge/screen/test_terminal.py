import io
import time

import pytest
from rich.console import Console

from streamsep.errors import PresetError
from streamsep_bridge.screen.terminal import Screen

LEAVE = "\x1b[?1049l"
"""What a terminal is sent to show again what was there before."""


@pytest.fixture
def screen(session):
    console = Console(
        file=io.StringIO(), width=100, height=30, force_terminal=True, highlight=False
    )
    return Screen(session, console, "Scarlett")


def output(screen):
    return screen._console.file.getvalue()


def test_it_draws_and_gives_the_terminal_back(screen, status):
    with screen:
        screen.show(status(), 1.0)
        assert "classic at stage" in output(screen)
        assert LEAVE not in output(screen)
    assert LEAVE in output(screen)
    screen.end(status("stopped"), 61.0)
    assert output(screen).endswith("played 1:01 min, 0 xruns, 0 late hops, 0 restarts\n")


def test_it_gives_the_terminal_back_after_an_error(screen):
    with pytest.raises(ZeroDivisionError), screen:
        raise ZeroDivisionError
    assert LEAVE in output(screen)


def test_a_profile_that_was_asked_for_is_changed_to_beside(screen, session, status):
    with screen:
        screen._view.asked_profile = "tight"
        screen.show(status(), 1.0)
        screen._changing.join(5.0)
        screen.show(status(), 1.0)
    assert session.changes == [{"profile": "tight"}]
    assert "preparing tight" in screen._view.messages[0]


def test_a_refusal_is_a_message(screen, session, status):
    session.refusal = PresetError("preset 'x' has no profile 'tight'")
    with screen:
        screen._view.asked_profile = "tight"
        screen.show(status(), 1.0)
        screen._changing.join(5.0)
    assert screen._view.messages[-1].endswith("preset 'x' has no profile 'tight'")


def test_events_are_messages(screen, facts):
    screen.tell({"event": "playing", **facts()})
    screen.tell({"event": "stopped"})
    assert len(screen._view.messages) == 1
    assert "playing classic at stage" in screen._view.messages[0]


def test_the_key_for_the_end_ends_it(screen, status):
    with screen:
        screen.show(status(), 1.0)
        assert not screen.is_ended
        screen._view.is_ended = True
        screen.show(status(), 1.0)
        assert screen.is_ended


def test_drawing_is_cheap(screen, status):
    with screen:
        screen.show(status(), 0.0)
        began = time.process_time()
        for _ in range(20):
            screen.show(status(), 0.0)
    assert (time.process_time() - began) / 20 < 0.02  # at ten a second: a fifth of a core at most

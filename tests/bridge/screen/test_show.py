import threading
import time

import pytest

from streamsep.errors import StreamsepError
from streamsep_bridge.audio.portaudio import DeviceError
from streamsep_bridge.screen.face import Face
from streamsep_bridge.screen.show import STOP_S, TAIL_S, Course, play


class FakeFace(Face):
    """Notes what it is told; `on_show` may change the session meanwhile."""

    def __init__(self, on_show=lambda n: None):
        self.on_show = on_show
        self.told, self.shown, self.ended = [], [], []
        self.is_left = False

    def __exit__(self, kind, error, trace):
        self.is_left = True

    def tell(self, event):
        self.told.append(event["event"])

    def show(self, status, played_s):
        self.shown.append(status.state)
        self.on_show(len(self.shown))

    def end(self, status, played_s):
        self.ended.append((status, played_s))


def test_it_plays_for_so_long_from_the_first_sound_on(session, status):
    def sound_comes(n):
        if n == 2:
            session.now = status(time=44100)
            session.tell("playing")

    face = FakeFace(sound_comes)
    began = time.monotonic()
    play(session, face, seconds=0.5)
    assert 0.5 <= time.monotonic() - began < 3.0
    assert session.is_started
    assert session.is_stopped
    assert face.shown[:2] == ["starting", "starting"]
    assert set(face.shown[2:]) == {"playing"}
    assert face.told == ["playing"]
    assert [played_s for _, played_s in face.ended] == [1.0]
    assert session.listeners == []


def test_a_device_that_is_not_there_is_an_error(session, status):
    session.now = status("starting", "no input device is there")
    face = FakeFace()
    with pytest.raises(DeviceError, match="no input device is there"):
        play(session, face)
    assert session.is_stopped
    assert face.is_left
    assert face.ended == []


def test_its_event_is_not_told_before_the_error(session):
    face = FakeFace(lambda n: session.tell("waiting", reason="no input device is there"))
    with pytest.raises(DeviceError, match="no input device is there"):
        play(session, face)
    assert face.told == []


def test_patience_waits_for_it(session, status):
    session.now = status("starting", "no input device is there")
    face = FakeFace()

    def device_comes(n):
        if n == 1:
            session.tell("waiting", reason="no input device is there")
        if n == 3:
            session.now = status()
            face.is_ended = True

    face.on_show = device_comes
    play(session, face, is_patient=True)
    assert face.told == ["waiting"]


def test_a_device_that_went_away_is_waited_for_without_being_asked(session, status):
    states = {1: status(), 3: status("waiting", "no input device is there"), 5: status()}
    face = FakeFace()

    def change(n):
        session.now = states.get(n, session.now)
        face.is_ended = n == 7

    face.on_show = change
    play(session, face)
    assert face.shown == ["starting", *["playing"] * 2, *["waiting"] * 2, *["playing"] * 2]


def test_an_error_of_the_start_is_raised(session):
    def start(timeout_s):
        raise StreamsepError("this model sees 1 channel")

    session.start = start
    with pytest.raises(StreamsepError, match="sees 1 channel"):
        play(session, FakeFace())
    assert session.is_stopped


def test_ctrl_c_stops_the_session_and_says_how_it_was(session, status):
    session.now = status(time=88200)

    def interrupt(n):
        raise KeyboardInterrupt

    face = FakeFace(interrupt)
    with pytest.raises(KeyboardInterrupt):
        play(session, face)
    assert session.is_stopped
    assert face.is_left
    assert face.ended[0][1] == 2.0


def test_a_session_that_hangs_does_not_keep_the_user(session, status):
    session.now = status(time=44100)
    is_free = threading.Event()
    session.stop = lambda: is_free.wait(30.0)
    face = FakeFace()
    face.on_show = lambda n: setattr(face, "is_ended", True)
    began = time.monotonic()
    play(session, face)
    assert time.monotonic() - began < STOP_S + 1.0
    assert face.ended[0][1] == 1.0
    is_free.set()


def test_played_time_goes_on_over_restarts(status):
    course = Course()
    for samples in (44100, 88200, 4410, 44100):
        course.add(status(time=samples))
        course.add(status("waiting", "no device"))
    assert course.played_s == pytest.approx(3.0)


def test_it_ends_when_the_source_was_heard_to_its_end(session, status):
    def song_ends(n):
        session.now = status(source={"is_over": n >= 3})

    face = FakeFace(song_ends)
    session.now = status(source={"is_over": False})
    began = time.monotonic()
    play(session, face)
    assert time.monotonic() - began >= TAIL_S
    assert session.is_stopped
    assert len(face.ended) == 1

"""What is told while the session changes under it."""

from streamsep_bridge.osc.server import OscServer


def test_a_stem_that_has_just_gone_tells_nothing(session):
    """The model may change between the look at which stems there are and the look at their faders."""
    console, feedback = OscServer(session).make_view()
    before = console.controls
    session.stems.use(("vocals", "accompaniment"))
    bass = "/streamsep/stem/bass/gain"
    assert feedback.look_at(bass, before[bass]) is None
    vocals = "/streamsep/stem/vocals/gain"
    assert feedback.look_at(vocals, before[vocals]) == ((1.0,), 0)

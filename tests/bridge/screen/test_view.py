from streamsep_bridge.screen.view import HOLD_S, N_MESSAGES, View


def held(*peaks_and_times):
    view = View()
    for peak_db, now_s in peaks_and_times:
        view.hold_peaks({"mix": peak_db}, now_s)
    return view.held_db["mix"]


def test_a_peak_is_held_and_then_let_go():
    assert held((-6.0, 0.0), (-40.0, 0.9 * HOLD_S)) == -6.0
    assert held((-6.0, 0.0), (-40.0, 0.9 * HOLD_S), (-41.0, 1.1 * HOLD_S)) == -41.0


def test_a_higher_peak_is_taken_at_once_and_held_anew():
    assert held((-6.0, 0.0), (-3.0, 1.0), (-40.0, 0.9 * HOLD_S + 1.0)) == -3.0


def test_names_that_are_gone_are_forgotten():
    view = View()
    view.hold_peaks({"piano": -6.0, "mix": -3.0}, 0.0)
    view.hold_peaks({"mix": -9.0}, 0.1)
    assert view.held_db == {"mix": -3.0}
    view.hold_peaks({"piano": -30.0, "mix": -9.0}, 0.2)
    assert view.held_db["piano"] == -30.0


def test_only_the_latest_messages_stay():
    view = View()
    view.messages.extend(map(str, range(N_MESSAGES + 2)))
    assert view.messages[-1] == str(N_MESSAGES + 1)
    assert len(view.messages) == N_MESSAGES

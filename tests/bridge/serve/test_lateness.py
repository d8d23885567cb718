from streamsep_bridge.serve.lateness import Lateness


def test_a_block_is_late_when_the_next_could_come():
    lateness = Lateness(1000, hop_s=0.01)
    arrived_s = lateness.arrival_s(0, 5.0)
    lateness.add(20, 20, arrived_s)
    assert lateness.ready(19, 5.1) == ([], 0)
    assert lateness.ready(20, 5.019) == ([5.019 - 5.0], 0)
    lateness.add(25, 5, lateness.arrival_s(20, 5.02))
    lateness.add(30, 5, lateness.arrival_s(25, 5.025))
    took_s, n_late = lateness.ready(30, 5.032)  # less than a hop after the first, and the second
    assert (len(took_s), n_late) == (2, 1)
    assert lateness.news(5.04)["blocks"] == 1
    assert lateness.news(5.05) is None


def test_whoever_sends_ahead_is_not_late_because_of_it():
    lateness = Lateness(1000, hop_s=0.01)
    for n in range(100):
        lateness.add(20 * n + 20, 20, lateness.arrival_s(20 * n, 5.0))
    assert lateness.ready(2000, 5.019) == ([5.019 - 5.0] + [0.0] * 99, 0)


def test_news_are_rare():
    lateness = Lateness(1000, hop_s=0.01)
    told = 0
    for n in range(100):
        lateness.add(20 * n + 20, 20, 5.0)
        lateness.ready(20 * n + 20, 6.0 + 0.02 * n)
        told += lateness.news(6.0 + 0.02 * n) is not None
    assert told == 2

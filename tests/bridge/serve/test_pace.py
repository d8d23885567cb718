from streamsep_bridge.serve.pace import BURST_S, MIN_FRAMES, Pace


def test_a_start_is_free_then_it_costs_its_time():
    pace = Pace(1000, max_speed=2.0)
    assert pace.wait_s(int(BURST_S * 2000) - 100) == 0.0
    assert 3.0 < pace.wait_s(8000) < 4.1


def test_tiny_messages_and_orders_cost_something():
    pace, orders = Pace(1000, max_speed=1.0), Pace(1000, max_speed=1.0)
    n = round(1000 / MIN_FRAMES)
    waits = [pace.wait_s(0) for _ in range(2 * n)]
    assert waits[0] == 0.0
    assert waits[-1] > 0.9
    assert [orders.order_wait_s() for _ in range(250)][-1] > 1.0

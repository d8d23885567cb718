"""What `streamsep bench` measures: networks against peers and the floor, hops against time.

`workload` says what is computed, `ours`, `peers_torch` and `peers_onnx` compute it, `bandwidth` is
the floor, `networks` runs them side by side, `hops` times whole engines, `report` and `plot` show
it. Everything runs in one thread. Needs nothing but the base install; peers that are missing say
so.
"""

"""What `streamsep bench` measures: networks against peers and the floor, hops and streams against time.

`workload` says what is computed, `ours`, `peers_torch` and `peers_onnx` compute it, `bandwidth` is
the floor, `networks` runs them side by side, `hops` times whole engines, `report` and `plot` show
it, all in one thread. `streams` counts the real-time streams that a machine holds, `stream_load` is
the processes that serve them. Needs nothing but the base install; peers that are missing say so.
"""

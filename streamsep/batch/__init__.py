"""Many independent streams that share one model: `StreamBatch` and its `BatchStream`s.

`stream_batch` says who is due, `batch_stream` is what a client holds, `rings` lies between the two,
and a `backend` runs one hop of many streams at once.
"""

from streamsep.batch.backend import HopBackend, create_backend
from streamsep.batch.batch_stream import BatchStream
from streamsep.batch.stream_batch import StreamBatch

__all__ = ["BatchStream", "HopBackend", "StreamBatch", "create_backend"]

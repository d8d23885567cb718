"""Python runs this when it starts: a thread that, once a file is there, holds the GIL 100 ms at a time.

As careless C code does. Not before: starting a program under it takes minutes.
"""

import os
import threading
import time


def hog(sign):
    while not os.path.exists(sign):
        time.sleep(0.05)
    while True:
        sum(range(4_000_000))  # one call into C, which does not let go of the GIL


threading.Thread(target=hog, args=(os.environ["HOG_SIGN"],), daemon=True).start()

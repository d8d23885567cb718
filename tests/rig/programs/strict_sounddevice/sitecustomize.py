"""On the path of a program, sounddevice takes no machine code there: what its next version may do."""

import sounddevice

_init = sounddevice._StreamBase.__init__


def _strict(self, *arguments, wrap_callback=None, **options):
    if wrap_callback is None:
        raise TypeError("a callback is a Python function")
    _init(self, *arguments, wrap_callback=wrap_callback, **options)


sounddevice._StreamBase.__init__ = _strict

"""A model as one C function: a hop of samples from a fixed place to stems in a fixed place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numba
import numpy as np
from numba import types

from streamsep.engine.compiled.engine import CompiledEngine
from streamsep.engine.live.machine import Block, call_bound
from streamsep.spec import StreamSpec


@dataclass(frozen=True)
class Program:
    """A model with a state of its own, callable from machine code; keep it as long as it is called.

    Attributes:
        spec: Windows, rate, channels and stems.
        function: Address of `void f(intptr_t context)`, which runs one hop.
        context: Its argument.
        hop: Read by the function. float32 [channels, hop]
        stems: Written by it. float32 [estimated, channels, hop]
        kept: What lies behind the addresses.
    """

    spec: StreamSpec
    function: int
    context: int
    hop: np.ndarray
    stems: np.ndarray
    kept: Any


def make_program(engine: CompiledEngine) -> Program:
    """A program with a fresh state; the machine code of the hop is the engine's own.

    Thread: any, but not an audio callback: it allocates, and translates a few lines of glue.
    """
    spec = engine.spec
    state = engine.init_state()
    hop = np.zeros((spec.channels, spec.profile.hop), np.float32)
    kernel, arguments = engine.bind(hop, state)
    argument_types = tuple(numba.typeof(argument) for argument in arguments)
    block = Block(arguments)
    glue = _glue(kernel, argument_types)
    return Program(spec, glue.address, block.address, hop, state.stems, (glue, block))


_GLUES: dict[Any, Any] = {}


def _glue(kernel: Any, argument_types: tuple[types.Type, ...]) -> Any:
    """The C function for a kernel and types of arguments; made once per process."""
    key = (kernel, argument_types)
    if key not in _GLUES:
        kernel.compile(argument_types)
        compiled = kernel.overloads[argument_types]
        function = compiled.library.get_pointer_to_function(compiled.fndesc.llvm_func_name)
        call = call_bound(argument_types, function)

        @numba.cfunc(types.void(types.intp))
        def glue(context: int) -> None:
            call(context)

        _GLUES[key] = glue
    return _GLUES[key]

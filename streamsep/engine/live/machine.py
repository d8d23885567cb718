"""What numba does not offer by itself: values and functions behind an address, ordered memory, a clock.

An audio callback gets one pointer. Behind it lies the path's memory, laid out as numba lays out named
tuples of arrays: `pack_value` writes that layout, `loader` makes an intrinsic that reads it. Models are
called through a function pointer and one argument (`call_at`), so that the path is compiled once for all.
"""

from __future__ import annotations

import platform
import struct
import sys
from collections.abc import Callable
from typing import Any

import llvmlite.ir as ir
import numpy as np
from numba.core import cgutils, types
from numba.extending import intrinsic

_HAS_MXCSR = platform.machine().lower() in ("x86_64", "amd64")
_FLUSH_TO_ZERO = 0x9FC0
"""No exceptions, round to nearest, denormal numbers read and written as 0."""

CLOCK_MONOTONIC = 6 if sys.platform == "darwin" else 1
"""Number of the monotonic clock for `clock_gettime`."""


def pack_value(value: Any) -> bytes:
    """Bytes of a value as numba keeps it: numpy arrays, whole numbers, float32, tuples of these.

    Arrays are borrowed: whoever holds the bytes must hold the arrays too.
    """
    packed, _ = _pack(value)
    return packed


def _pack(value: Any) -> tuple[bytes, int]:
    """The bytes and their alignment."""
    if isinstance(value, np.ndarray):
        head = (0, 0, value.size, value.itemsize, value.ctypes.data)
        return struct.pack(f"{5 + 2 * value.ndim}q", *head, *value.shape, *value.strides), 8
    if isinstance(value, np.float32):
        return struct.pack("f", value), 4
    if isinstance(value, int):
        return struct.pack("q", value), 8
    packed, widest = b"", 1
    for part in value:
        data, alignment = _pack(part)
        packed += b"\0" * (-len(packed) % alignment) + data
        widest = max(widest, alignment)
    return packed + b"\0" * (-len(packed) % widest), widest


class Block:
    """Bytes of a value at a fixed address, for as long as this object lives.

    Args:
        value: As for `pack_value`; kept alive too.

    Attributes:
        address: Where the bytes are; a multiple of 64.
    """

    def __init__(self, value: Any) -> None:
        data = pack_value(value)
        self._value = value
        self._memory = np.zeros(len(data) + 64, np.uint8)
        skip = -self._memory.ctypes.data % 64
        self._memory[skip : skip + len(data)] = np.frombuffer(data, np.uint8)
        self.address = self._memory.ctypes.data + skip


def loader(make_type: Callable[[], types.Type]) -> Any:
    """An intrinsic `load(address)` that reads a value of one type; arrays in it are borrowed.

    Args:
        make_type: Gives the numba type; called when the first caller is compiled.
    """

    @intrinsic
    def load(typing_context: Any, address: Any) -> Any:
        value_type = make_type()

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            pointer = context.get_value_type(value_type).as_pointer()
            return builder.load(builder.inttoptr(arguments[0], pointer))

        return value_type(types.intp), generate

    return load


def call_bound(argument_types: tuple[types.Type, ...], function_address: int) -> Any:
    """An intrinsic `call(address)`: a compiled numba function, its arguments packed at the address.

    Args:
        argument_types: Of the function.
        function_address: Of its native code, in numba's own calling convention.
    """
    packed_type = types.Tuple(argument_types)

    @intrinsic
    def call(typing_context: Any, address: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            pointer = context.get_value_type(packed_type).as_pointer()
            packed = builder.load(builder.inttoptr(arguments[0], pointer))
            parts = [builder.extract_value(packed, i) for i in range(len(argument_types))]
            function_type = context.call_conv.get_function_type(types.none, argument_types)
            number = ir.Constant(ir.IntType(64), function_address)
            function = builder.inttoptr(number, function_type.as_pointer())
            context.call_conv.call_function(builder, function, types.none, argument_types, parts)
            return context.get_dummy_value()

        return types.void(types.intp), generate

    return call


@intrinsic
def call_at(typing_context: Any, function: Any, argument: Any) -> Any:
    """Call the C function `void f(intptr_t)` at an address."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        function_type = ir.FunctionType(ir.VoidType(), [ir.IntType(64)])
        builder.call(builder.inttoptr(arguments[0], function_type.as_pointer()), [arguments[1]])
        return context.get_dummy_value()

    return types.void(types.intp, types.intp), generate


def _element(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    array = context.make_array(signature.args[0])(context, builder, arguments[0])
    return builder.gep(array.data, [arguments[1]])


@intrinsic
def load_acquire(typing_context: Any, array: Any, index: Any) -> Any:
    """array[index] of int64; what another thread wrote before its `store_release` is visible after."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer = _element(context, builder, signature, arguments)
        return builder.load_atomic(pointer, ordering="acquire", align=8)

    return types.int64(array, types.intp), generate


@intrinsic
def store_release(typing_context: Any, array: Any, index: Any, value: Any) -> Any:
    """array[index] = value, int64; see `load_acquire`."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer = _element(context, builder, signature, arguments)
        builder.store_atomic(arguments[2], pointer, ordering="release", align=8)
        return context.get_dummy_value()

    return types.void(array, types.intp, types.int64), generate


@intrinsic
def read_clock(typing_context: Any, clock: Any, time: Any) -> Any:
    """clock_gettime(clock, time): seconds and nanoseconds into time, int64 [2]; no system call on Linux."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = context.make_array(signature.args[1])(context, builder, arguments[1])
        function_type = ir.FunctionType(
            ir.IntType(32), [ir.IntType(32), ir.IntType(64).as_pointer()]
        )
        function = cgutils.get_or_insert_function(builder.module, function_type, "clock_gettime")
        clock_id = builder.trunc(arguments[0], ir.IntType(32))
        builder.call(function, [clock_id, array.data])
        return context.get_dummy_value()

    return types.void(types.int64, time), generate


@intrinsic
def as_pointer(typing_context: Any, address: Any) -> Any:
    """An address as a pointer, for `numba.carray`."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], cgutils.voidptr_t)

    return types.voidptr(types.intp), generate


@intrinsic
def nap(typing_context: Any, microseconds: Any) -> Any:
    """Let other threads run for a while. POSIX; never in an audio callback."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        function_type = ir.FunctionType(ir.IntType(32), [ir.IntType(32)])
        function = cgutils.get_or_insert_function(builder.module, function_type, "usleep")
        builder.call(function, [builder.trunc(arguments[0], ir.IntType(32))])
        return context.get_dummy_value()

    return types.void(types.int64), generate


@intrinsic
def flush_denormals(typing_context: Any) -> Any:
    """From now on this thread takes denormal numbers for 0: fading echoes would cost it dearly. x86-64."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        if _HAS_MXCSR:
            word = cgutils.alloca_once_value(builder, ir.Constant(ir.IntType(32), _FLUSH_TO_ZERO))
            function_type = ir.FunctionType(ir.VoidType(), [cgutils.voidptr_t])
            name = "llvm.x86.sse.ldmxcsr"
            function = cgutils.get_or_insert_function(builder.module, function_type, name)
            builder.call(function, [builder.bitcast(word, cgutils.voidptr_t)])
        return context.get_dummy_value()

    return types.void(), generate


def c_address(compiled: Any, signature: tuple[types.Type, ...]) -> int:
    """Address of a kernel as a C function: plain numbers in, a plain number out.

    Args:
        compiled: A `kernel`; its machine code comes from the cache where it is there.
        signature: Types of its arguments.
    """
    compiled.compile(signature)
    result = compiled.overloads[signature]
    return int(result.library.get_pointer_to_function(result.fndesc.llvm_cfunc_wrapper_name))

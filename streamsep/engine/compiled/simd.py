"""Vectors of 16 lanes as numba values, and the few operations that matrix products need.

numba vectorises loops on its own, but keeps accumulators of such products in memory. These types
hold them in registers: each operation is one line of LLVM IR, which LLVM lowers to one AVX-512
instruction, or to two or four instructions on processors with narrower registers.

`dot_bytes` needs AVX-512 VNNI: ask `HAS_BYTE_DOT` before packing weights for it.
"""

from __future__ import annotations

import llvmlite.binding as llvm
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, models, register_model

LANES = 16
"""Lanes of every vector."""


def _has_byte_dot() -> bool:
    features = llvm.get_host_cpu_features()
    return bool(features.get("avx512vnni")) and bool(features.get("avx512f"))


HAS_BYTE_DOT = _has_byte_dot()
"""Whether this processor multiplies unsigned by signed bytes and adds fours of them into int32."""

_INT8, _INT32, _FLOAT = ir.IntType(8), ir.IntType(32), ir.FloatType()
_INT8X16, _INT32X16, _FLOATX16 = (ir.VectorType(t, LANES) for t in (_INT8, _INT32, _FLOAT))


class _Vector(types.Type):
    """Type of a register with 16 lanes of one LLVM type."""

    def __init__(self, name, llvm_type):
        self.llvm_type = llvm_type
        super().__init__(name=name)


@register_model(_Vector)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, manager, vector):
        super().__init__(manager, vector, vector.llvm_type)


float32x16 = _Vector("float32x16", _FLOATX16)
int32x16 = _Vector("int32x16", _INT32X16)


def _pointer(context, builder, array_type, array, index, llvm_type):
    """Address of array[index], the index in elements of the array, as a pointer to llvm_type."""
    data = context.make_array(array_type)(context, builder, array).data
    return builder.bitcast(builder.gep(data, [index]), llvm_type.as_pointer())


def _load(context, builder, signature, arguments, llvm_type):
    pointer = _pointer(context, builder, signature.args[0], *arguments, llvm_type)
    size = signature.args[0].dtype.bitwidth // 8
    return builder.load(pointer, align=size)


def _splat(builder, scalar, vector_type):
    undefined = ir.Constant(vector_type, ir.Undefined)
    first = builder.insert_element(undefined, scalar, _INT32(0))
    return builder.shuffle_vector(first, undefined, ir.Constant(_INT32X16, [0] * LANES))


@intrinsic
def load_floats(typingctx, array, index):
    """array[index : index + 16] of a contiguous float32 array."""

    def generate(context, builder, signature, arguments):
        return _load(context, builder, signature, arguments, _FLOATX16)

    return float32x16(array, index), generate


@intrinsic
def load_words(typingctx, array, index):
    """array[index : index + 16] of a contiguous int32 array."""

    def generate(context, builder, signature, arguments):
        return _load(context, builder, signature, arguments, _INT32X16)

    return int32x16(array, index), generate


@intrinsic
def load_bytes_as_floats(typingctx, array, index):
    """array[index : index + 16] of a contiguous int8 array, converted to float32."""

    def generate(context, builder, signature, arguments):
        packed = _load(context, builder, signature, arguments, _INT8X16)
        return builder.sitofp(builder.sext(packed, _INT32X16), _FLOATX16)

    return float32x16(array, index), generate


@intrinsic
def store_floats(typingctx, array, index, vector):
    """array[index : index + 16] = vector, of a contiguous float32 array."""

    def generate(context, builder, signature, arguments):
        array, index, vector = arguments
        pointer = _pointer(context, builder, signature.args[0], array, index, _FLOATX16)
        builder.store(vector, pointer, align=4)
        return context.get_dummy_value()

    return types.none(array, index, vector), generate


@intrinsic
def broadcast_float(typingctx, scalar):
    """A float32 in all lanes."""

    def generate(context, builder, signature, arguments):
        return _splat(builder, arguments[0], _FLOATX16)

    return float32x16(types.float32), generate


@intrinsic
def broadcast_word(typingctx, scalar):
    """An int32 in all lanes."""

    def generate(context, builder, signature, arguments):
        return _splat(builder, arguments[0], _INT32X16)

    return int32x16(types.int32), generate


@intrinsic
def multiply_add(typingctx, x, y, z):
    """X y + z, fused where the processor can."""

    def generate(context, builder, signature, arguments):
        kind = ir.FunctionType(_FLOATX16, [_FLOATX16] * 3)
        name = f"llvm.fmuladd.v{LANES}f32"
        return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), arguments)

    return float32x16(x, y, z), generate


@intrinsic
def to_floats(typingctx, vector):
    """int32 lanes as float32, rounded to nearest."""

    def generate(context, builder, signature, arguments):
        return builder.sitofp(arguments[0], _FLOATX16)

    return float32x16(vector), generate


@intrinsic
def dot_bytes(typingctx, total, unsigned, signed):
    """Add to each int32 lane its four unsigned times its four signed bytes (AVX-512 VNNI)."""

    def generate(context, builder, signature, arguments):
        kind = ir.FunctionType(_INT32X16, [_INT32X16] * 3)
        name = "llvm.x86.avx512.vpdpbusd.512"
        return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), arguments)

    return int32x16(total, unsigned, signed), generate


@intrinsic
def bits_to_float(typingctx, bits):
    """The float32 whose bit pattern is that int32."""

    def generate(context, builder, signature, arguments):
        return builder.bitcast(arguments[0], _FLOAT)

    return types.float32(types.int32), generate

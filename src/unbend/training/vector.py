"""Arithmetic on SIMD vectors of float32 in LLVM IR: the algebra in which a formula becomes machine code.

One lane is one network. Lanes never meet: no operation here moves a value from one lane to another, and none assumes
that values are finite, so a network that diverges stays alone with its NaN.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import llvmlite.ir as ir
import numpy as np

FLOAT, INT32, INT64 = ir.FloatType(), ir.IntType(32), ir.IntType(64)
CONTRACT = ("contract",)  # a * b + c may become one fused multiply-add; nothing else may be reordered
QUOTIENT = ("contract", "arcp")  # a / b may become a * (1 / b) by a refined estimate

# float32 coefficients, highest power first
_EXP = (1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1)
_LOG = (7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
        2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1)  # fmt: skip
_LOG1P = (5.232694626e-3, -2.950524331e-2, 7.822596517e-2, -1.366324754e-1, 1.910600796e-1, -2.484298266e-1,
          3.331909689e-1, -4.999949315e-1, 9.999999699e-1)  # fmt: skip
_SIN = (-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1)
_COS = (2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2)
_ATAN = (8.05374449538e-2, -1.38776856032e-1, 1.99777106478e-1, -3.33329491539e-1)
_TANH_OVER = (-2.76076847742355e-16, 2.00018790482477e-13, -8.60467152213735e-11, 5.12229709037114e-08,
              1.48572235717979e-05, 6.37261928875436e-04, 4.89352455891786e-03)  # fmt: skip
_TANH_UNDER = (1.19825839466702e-06, 1.18534705686654e-04, 2.26843463243900e-03, 4.89352518554385e-03)
_ERF_OVER = (-2.72614225801306e-10, 2.77068142495902e-08, -2.10102402082508e-06, -5.69250639462346e-05,
             -7.34990630326855e-04, -2.95459980854025e-03, -1.60960333262415e-02)  # fmt: skip
_ERF_UNDER = (-1.45660718464996e-05, -2.13374055278905e-04, -1.68282697438203e-03, -7.37332916720468e-03,
              -1.42647390514189e-02)  # fmt: skip


class VectorAlgebra:
    """Emits float32 vector instructions into one LLVM module; has a method for every operation of a formula.

    Polynomials of exp, log, sin, cos and atan are those of Moshier's Cephes library (single precision); the rational
    forms of tanh and erf are the minimax ones that Eigen uses; log(1 + t) / t on [0, 1] is our own minimax fit
    (relative error 3e-8). Errors are a few units in the last place.
    """

    def __init__(self, lanes: int):
        """An empty module for vectors of ``lanes`` float32 values."""
        self.lanes = lanes
        self.vector = ir.VectorType(FLOAT, lanes)
        self.integers = ir.VectorType(INT32, lanes)
        self.module = ir.Module()
        self.builder: Any = ir.IRBuilder()

    # ------------------------------------------------------------------ control flow and memory
    def function(self, name: str, arguments: Sequence[Any], internal: bool = True) -> Any:
        """A new function whose pointers do not overlap; the builder stands in its entry block afterwards."""
        function = ir.Function(self.module, ir.FunctionType(ir.VoidType(), arguments), name)
        function.attributes.add("nounwind")
        if internal:
            function.linkage = "internal"
            function.attributes.add("noinline")
        for argument in function.args:
            if isinstance(argument.type, ir.PointerType):
                argument.add_attribute("noalias")
        self.builder = ir.IRBuilder(function.append_basic_block())
        return function

    def loop(self, count: Any, body: Callable[..., Any], carried: Sequence[Any] = (), unroll: int = 1) -> list[Any]:
        """Run ``body(i, *carried) -> new carried`` for i < count; a known count up to ``unroll`` is written out.

        A count that is only known at run time may be 0, and then carries nothing.
        """
        if isinstance(count, int) and count <= unroll:
            values = list(carried)
            for i in range(count):
                values = list(body(self.index(i), *values) or [])
            return values
        b = self.builder
        before, head, after = b.block, b.append_basic_block(), b.append_basic_block()
        if isinstance(count, int):
            limit = self.index(count)
            b.branch(head)
        else:
            limit = count
            b.cbranch(b.icmp_unsigned("<", self.index(0), limit), head, after)
        b.position_at_end(head)
        i = b.phi(INT64)
        i.add_incoming(self.index(0), before)
        phis = [b.phi(value.type) for value in carried]
        new = list(body(i, *phis) or [])
        following = b.add(i, self.index(1))
        i.add_incoming(following, b.block)
        for phi, start, value in zip(phis, carried, new, strict=True):
            phi.add_incoming(start, before)
            phi.add_incoming(value, b.block)
        b.cbranch(b.icmp_unsigned("<", following, limit), head, after)
        b.position_at_end(after)
        return new

    def index(self, value: int) -> Any:
        """An integer constant for addresses."""
        return ir.Constant(INT64, value)

    def at(self, pointer: Any, *terms: Any) -> Any:
        """The address ``pointer + sum of terms``; a term is a number, an index, or an (index, stride) pair."""
        b, total = self.builder, None
        for term in terms:
            if isinstance(term, tuple):
                factor, stride = term
                term = b.mul(factor, self.index(stride)) if isinstance(stride, int) else b.mul(factor, stride)
            elif isinstance(term, int):
                term = self.index(term)
            total = term if total is None else b.add(total, term)
        return pointer if total is None else b.gep(pointer, [total])

    def load(self, pointer: Any, *terms: Any) -> Any:
        """The vector at an address."""
        value = self.builder.load(self.at(pointer, *terms))
        value.align = 4 * self.lanes
        return value

    def store(self, value: Any, pointer: Any, *terms: Any) -> None:
        """Write a vector to an address."""
        self.builder.store(value, self.at(pointer, *terms)).align = 4 * self.lanes

    def load_scalar(self, pointer: Any, *terms: Any) -> Any:
        """The float32 at an address, in every lane."""
        return self.splat(self.builder.load(self.at(pointer, *terms)))

    def splat(self, scalar: Any) -> Any:
        """One scalar in every lane."""
        undefined = ir.Constant(ir.VectorType(scalar.type, self.lanes), ir.Undefined)
        first = self.builder.insert_element(undefined, scalar, ir.Constant(INT32, 0))
        return self.builder.shuffle_vector(first, undefined, ir.Constant(self.integers, [0] * self.lanes))

    def call(self, name: str, *arguments: Any) -> Any:
        """An LLVM vector intrinsic such as ``llvm.sqrt``."""
        full = f"{name}.v{self.lanes}f32"
        known = self.module.globals.get(full)
        if known is None:
            known = ir.Function(self.module, ir.FunctionType(self.vector, [self.vector] * len(arguments)), full)
        return self.builder.call(known, arguments)

    # ------------------------------------------------------------------ arithmetic
    def constant(self, value: float) -> Any:
        """A number in every lane."""
        with np.errstate(over="ignore"):
            nearest = float(np.float32(value))  # infinite beyond the range of float32
        return ir.Constant(self.vector, [nearest] * self.lanes)

    def add(self, a: Any, b: Any) -> Any:
        """a + b."""
        return self.builder.fadd(a, b, flags=CONTRACT)

    def subtract(self, a: Any, b: Any) -> Any:
        """a - b."""
        return self.builder.fsub(a, b, flags=CONTRACT)

    def multiply(self, a: Any, b: Any) -> Any:
        """a * b."""
        return self.builder.fmul(a, b, flags=CONTRACT)

    def divide(self, a: Any, b: Any) -> Any:
        """a / b."""
        return self.builder.fdiv(a, b, flags=CONTRACT)

    def multiply_add(self, a: Any, b: Any, c: Any) -> Any:
        """a * b + c."""
        return self.call("llvm.fmuladd", a, b, c)

    def negative(self, a: Any) -> Any:
        """-a."""
        return self.builder.fneg(a)

    def polynomial(self, x: Any, coefficients: Sequence[float]) -> Any:
        """Horner's scheme, highest power first."""
        value = self.constant(coefficients[0])
        for coefficient in coefficients[1:]:
            value = self.multiply_add(value, x, self.constant(coefficient))
        return value

    def sqrt(self, a: Any) -> Any:
        """Square root; NaN below 0."""
        return self.call("llvm.sqrt", a)

    def abs(self, a: Any) -> Any:
        """|a|."""
        return self.call("llvm.fabs", a)

    def sign(self, a: Any) -> Any:
        """-1, 0 or 1."""
        zero = self.constant(0)
        negative = self.where(self.less(a, zero), self.constant(-1), zero)
        return self.where(self.greater(a, zero), self.constant(1), negative)

    def power(self, a: Any, b: Any) -> Any:
        """a ** b; exact products and roots where b is a whole or half number, else exp(b log a)."""
        exponent = _constant_value(b)
        if exponent is None or 2 * exponent != int(2 * exponent):
            positive = self.exp(self.multiply(b, self.log(a)))
            at_zero = self.where(self.greater(b, self.constant(0)), self.constant(0), self.constant(np.inf))
            at_zero = self.where(self.equal(b, self.constant(0)), self.constant(1), at_zero)
            return self.where(self.equal(a, self.constant(0)), at_zero, positive)
        size = abs(exponent)
        value = self._whole_power(a, int(size))
        if size != int(size):
            value = self.multiply(value, self.sqrt(a))
        return value if exponent >= 0 else self.divide(self.constant(1), value)

    def _whole_power(self, a: Any, exponent: int) -> Any:
        result, square = self.constant(1), a
        first = True
        while exponent:
            if exponent & 1:
                result, first = (square if first else self.multiply(result, square)), False
            exponent >>= 1
            square = self.multiply(square, square) if exponent else square
        return result

    # ------------------------------------------------------------------ comparison; NaN of the first argument survives
    def minimum(self, a: Any, b: Any) -> Any:
        """The smaller value."""
        return self.where(self.less(b, a), b, a)

    def maximum(self, a: Any, b: Any) -> Any:
        """The larger value."""
        return self.where(self.greater(b, a), b, a)

    def _compare(self, relation: str, a: Any, b: Any) -> Any:
        compare = self.builder.fcmp_unordered if relation == "!=" else self.builder.fcmp_ordered
        return compare(relation, a, b)

    def less(self, a: Any, b: Any) -> Any:
        """Mask of a < b."""
        return self._compare("<", a, b)

    def less_equal(self, a: Any, b: Any) -> Any:
        """Mask of a <= b."""
        return self._compare("<=", a, b)

    def greater(self, a: Any, b: Any) -> Any:
        """Mask of a > b."""
        return self._compare(">", a, b)

    def greater_equal(self, a: Any, b: Any) -> Any:
        """Mask of a >= b."""
        return self._compare(">=", a, b)

    def equal(self, a: Any, b: Any) -> Any:
        """Mask of a == b."""
        return self._compare("==", a, b)

    def not_equal(self, a: Any, b: Any) -> Any:
        """Mask of a != b."""
        return self._compare("!=", a, b)

    def where(self, mask: Any, a: Any, b: Any) -> Any:
        """A where the mask holds, else b."""
        return self.builder.select(mask, a, b)

    def step(self, a: Any) -> Any:
        """1 where a > 0, else 0."""
        return self.where(self.greater(a, self.constant(0)), self.constant(1), self.constant(0))

    def relu(self, a: Any) -> Any:
        """max(a, 0)."""
        return self.maximum(a, self.constant(0))

    # ------------------------------------------------------------------ exponential family
    def _scaled(self, x: Any, lowest: float, highest: float) -> tuple[Any, Any, Any]:
        """r, exp(r) - 1 and 2**k with x = k log 2 + r, for x clamped to the given range."""
        x = self.maximum(self.minimum(x, self.constant(highest)), self.constant(lowest))
        k = self.call("llvm.rint", self.multiply(x, self.constant(1.44269504)))
        r = self.multiply_add(k, self.constant(-0.693359375), x)
        r = self.multiply_add(k, self.constant(2.12194440e-4), r)
        rest = self.multiply_add(self.multiply(self.polynomial(r, _EXP), r), r, r)
        return r, rest, self._two_to(k)

    def _two_to(self, k: Any) -> Any:
        b = self.builder
        biased = b.add(b.fptosi(k, self.integers), ir.Constant(self.integers, [127] * self.lanes))
        return b.bitcast(b.shl(biased, ir.Constant(self.integers, [23] * self.lanes)), self.vector)

    def exp(self, x: Any) -> Any:
        """e**x; infinite above 88.72, 0 below -87.33."""
        _, rest, scale = self._scaled(x, -87.33, 88.37)
        value = self.multiply_add(rest, scale, scale)
        value = self.where(self.greater(x, self.constant(88.37)), self.constant(np.inf), value)
        return self.where(self.less(x, self.constant(-87.33)), self.constant(0), value)

    def expm1(self, x: Any) -> Any:
        """e**x - 1, exact for small x."""
        _, rest, scale = self._scaled(x, -20.0, 88.37)
        value = self.multiply_add(rest, scale, self.subtract(scale, self.constant(1)))
        return self.where(self.greater(x, self.constant(88.37)), self.constant(np.inf), value)

    def log(self, x: Any) -> Any:
        """Natural logarithm; -inf at 0, NaN below."""
        b, shift = self.builder, lambda n: ir.Constant(self.integers, [n] * self.lanes)
        bits = b.bitcast(x, self.integers)
        exponent = b.sub(b.lshr(bits, shift(23)), shift(126))
        mantissa = b.bitcast(b.or_(b.and_(bits, shift(0x007FFFFF)), shift(0x3F000000)), self.vector)
        small = self.less(mantissa, self.constant(0.70710678))
        k = self.subtract(b.sitofp(exponent, self.vector), self.where(small, self.constant(1), self.constant(0)))
        m = self.subtract(self.add(mantissa, self.where(small, mantissa, self.constant(0))), self.constant(1))
        square = self.multiply(m, m)
        tail = self.multiply(self.multiply(self.polynomial(m, _LOG), m), square)
        tail = self.multiply_add(k, self.constant(-2.12194440e-4), tail)
        tail = self.multiply_add(square, self.constant(-0.5), tail)
        value = self.multiply_add(k, self.constant(0.693359375), self.add(m, tail))
        value = self.where(self.greater(x, self.constant(3.0e38)), x, value)
        value = self.where(self.equal(x, self.constant(0)), self.constant(-np.inf), value)
        return self.where(self.greater_equal(x, self.constant(0)), value, self.constant(np.nan))

    def log1p(self, x: Any) -> Any:
        """log(1 + x), exact for small x (Kahan's correction)."""
        u = self.add(self.constant(1), x)
        corrected = self.divide(self.multiply(self.log(u), x), self.subtract(u, self.constant(1)))
        value = self.where(self.greater(self.abs(x), self.constant(1e7)), self.log(u), corrected)
        return self.where(self.equal(u, self.constant(1)), x, value)

    def sigmoid(self, x: Any) -> Any:
        """1 / (1 + e**-x)."""
        _, rest, scale = self._scaled(self.negative(x), -87.33, 87.33)
        return self.quotient(self.constant(1), self.add(self.constant(1), self.multiply_add(rest, scale, scale)))

    def softplus(self, x: Any) -> Any:
        """log(1 + e**x), as max(x, 0) + log(1 + t) with t = e**-|x| in [0, 1]."""
        _, rest, scale = self._scaled(self.negative(self.abs(x)), -87.33, 0.0)
        t = self.multiply_add(rest, scale, scale)
        return self.multiply_add(self.polynomial(t, _LOG1P), t, self.relu(x))

    def gaussian(self, x: Any) -> Any:
        """e**(-x*x)."""
        return self.exp(self.negative(self.multiply(x, x)))

    def tanh(self, x: Any) -> Any:
        """Hyperbolic tangent."""
        return self._odd_rational(x, 7.99881172180175781, _TANH_OVER, _TANH_UNDER)

    def erf(self, x: Any) -> Any:
        """Gauss's error function."""
        return self._odd_rational(x, 4.0, _ERF_OVER, _ERF_UNDER)

    def _odd_rational(self, x: Any, limit: float, over: Sequence[float], under: Sequence[float]) -> Any:
        x = self.maximum(self.minimum(x, self.constant(limit)), self.constant(-limit))
        square = self.multiply(x, x)
        return self.quotient(self.multiply(x, self.polynomial(square, over)), self.polynomial(square, under))

    def quotient(self, a: Any, b: Any) -> Any:
        """a / b for a finite b far from 0, where the processor's refined estimate of 1 / b is enough."""
        return self.builder.fdiv(a, b, flags=QUOTIENT)

    def sinh(self, x: Any) -> Any:
        """Hyperbolic sine."""
        grown = self.expm1(self.abs(x))
        half = self.add(grown, self.divide(grown, self.add(grown, self.constant(1))))
        half = self.where(self.greater(grown, self.constant(1e20)), grown, half)
        return self.call("llvm.copysign", self.multiply(self.constant(0.5), half), x)

    def cosh(self, x: Any) -> Any:
        """Hyperbolic cosine."""
        grown = self.exp(self.abs(x))
        return self.multiply(self.constant(0.5), self.add(grown, self.divide(self.constant(1), grown)))

    # ------------------------------------------------------------------ trigonometry
    def _quarter(self, x: Any) -> tuple[Any, Any, Any]:
        """Number of quarter turns, and sine and cosine of the rest."""
        turns = self.call("llvm.rint", self.multiply(x, self.constant(0.636619772)))
        r = x
        for part in (-1.5703125, -4.837512969970703e-4, -7.54978995489188e-8):
            r = self.multiply_add(turns, self.constant(part), r)
        square = self.multiply(r, r)
        sine = self.multiply_add(self.multiply(self.polynomial(square, _SIN), square), r, r)
        cosine = self.multiply(self.multiply(self.polynomial(square, _COS), square), square)
        cosine = self.add(self.multiply_add(square, self.constant(-0.5), cosine), self.constant(1))
        return self.builder.fptosi(turns, self.integers), sine, cosine

    def _turned(self, x: Any, quarter: int) -> Any:
        b, whole = self.builder, lambda n: ir.Constant(self.integers, [n] * self.lanes)
        turns, sine, cosine = self._quarter(x)
        turns = b.add(turns, whole(quarter))
        odd = b.icmp_signed("!=", b.and_(turns, whole(1)), whole(0))
        value = self.where(odd, cosine, sine)
        flipped = b.icmp_signed("!=", b.and_(turns, whole(2)), whole(0))
        return self.where(flipped, self.negative(value), value)

    def sin(self, x: Any) -> Any:
        """Sine; accurate for |x| up to about 10,000."""
        return self._turned(x, 0)

    def cos(self, x: Any) -> Any:
        """Cosine; accurate for |x| up to about 10,000."""
        return self._turned(x, 1)

    def tan(self, x: Any) -> Any:
        """Tangent."""
        return self.divide(self.sin(x), self.cos(x))

    def atan(self, x: Any) -> Any:
        """Arc tangent."""
        size = self.abs(x)
        far = self.greater(size, self.constant(2.414213562))
        middle = self.greater(size, self.constant(0.4142135623))
        shifted = self.divide(self.subtract(size, self.constant(1)), self.add(size, self.constant(1)))
        reduced = self.where(middle, shifted, size)
        reduced = self.where(far, self.divide(self.constant(-1), size), reduced)
        base = self.where(middle, self.constant(np.pi / 4), self.constant(0))
        base = self.where(far, self.constant(np.pi / 2), base)
        square = self.multiply(reduced, reduced)
        tail = self.multiply(self.multiply(self.polynomial(square, _ATAN), square), reduced)
        return self.call("llvm.copysign", self.add(base, self.add(tail, reduced)), x)


def _constant_value(value: Any) -> float | None:
    """The number behind a constant vector, or None."""
    if not isinstance(value, ir.Constant):
        return None
    numbers = [float(getattr(item, "constant", item)) for item in value.constant]
    return numbers[0] if all(a == b for a, b in pairwise(numbers)) else None

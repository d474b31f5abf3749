"""The whole training loop of one architecture as one LLVM module: ``train(job)``.

A job is a record of 64-bit fields (numbers and addresses, `JOB_FIELDS`). The function trains every group of the job
through every epoch of the job, measures it on all rows after each epoch, and keeps what it is told to keep.
"""

import platform
from typing import Any

import llvmlite.ir as ir

from unbend.training.kernel.backward import emit_backward, emit_update
from unbend.training.kernel.forward import emit_forward
from unbend.training.kernel.loss import emit_loss_gradient, emit_loss_value
from unbend.training.kernel.numbers import DELTA, JOB_FIELDS, PARTIAL_SUMS
from unbend.training.kernel.optimizer import Updater, emit_step_constants
from unbend.training.kernel.plan import Plan
from unbend.training.kernel.program import Program
from unbend.training.vector import FLOAT, INT32, INT64, VectorAlgebra


def emit_module(program: Program) -> ir.Module:
    """The module of one program."""
    plan = program.plan
    v = VectorAlgebra(plan.lanes)

    def make_update(weights: Any, state: Any, scratch: Any, hyper: Any) -> Updater:
        return Updater(v, program, plan.parameters, weights, state, hyper, scratch)

    forward = emit_forward(v, plan, program.activations)
    loss_gradient = emit_loss_gradient(v, plan, program.loss, DELTA)
    loss_value = emit_loss_value(v, plan, program.loss, DELTA)
    backward = emit_backward(v, plan, make_update)
    step = _emit_step(v, plan, forward, loss_gradient, backward, emit_update(v, plan, make_update))
    measure = _emit_measure(v, plan, forward, loss_value)
    watch = _emit_watch(v, plan)
    copy = _emit_copy(v, plan)
    _emit_train(v, plan, step, measure, watch, copy)
    return v.module


def _emit_step(v: VectorAlgebra, plan: Plan, forward: Any, loss_gradient: Any, backward: Any, update: Any) -> Any:
    """``step(weights, state, x, y, share, blocks, scratch, hyper)``: one batch."""
    pointer, floats = v.vector.as_pointer(), FLOAT.as_pointer()
    function = v.function("step", [pointer, pointer, floats, floats, floats, INT64, pointer, pointer])
    weights, state, x, y, share, blocks, scratch, hyper = function.args

    def block(number: Any) -> None:
        rows = v.at(x, (number, plan.samples * plan.widths[0]))
        row = (number, plan.samples)
        v.builder.call(forward, [weights, rows, scratch])
        v.builder.call(loss_gradient, [scratch, v.at(y, row), v.at(share, row), hyper])
        v.builder.call(backward, [weights, state, rows, scratch, hyper])

    if plan.one_block:
        block(v.index(0))
    else:
        v.loop(plan.parameters, lambda place: v.store(v.constant(0), scratch, plan.gradient_offset, place))
        v.loop(blocks, block)
        v.builder.call(update, [weights, state, scratch, hyper])
    v.builder.ret_void()
    return function


def _emit_measure(v: VectorAlgebra, plan: Plan, forward: Any, loss_value: Any) -> Any:
    """``measure(weights, x, y, share, blocks, scratch, hyper, sums)``: float64 sums of loss and metric."""
    pointer, floats = v.vector.as_pointer(), FLOAT.as_pointer()
    doubles = ir.VectorType(ir.DoubleType(), plan.lanes)
    types = [pointer, floats, floats, floats, INT64, pointer, pointer, doubles.as_pointer()]
    function = v.function("measure", types)
    weights, x, y, share, blocks, scratch, hyper, sums = function.args

    partial = v.at(scratch, PARTIAL_SUMS)

    def block(number: Any) -> None:
        for k in range(2):
            v.store(v.constant(0), partial, k)
        row = (number, plan.samples)
        v.builder.call(forward, [weights, v.at(x, (number, plan.samples * plan.widths[0])), scratch])
        v.builder.call(loss_value, [scratch, v.at(y, row), v.at(share, row), hyper, partial])
        for k in range(2):
            before = _aligned(v.builder.load(v.at(sums, k)))
            total = v.builder.fadd(before, v.builder.fpext(v.load(partial, k), doubles))
            _aligned(v.builder.store(total, v.at(sums, k)))

    for k in range(2):
        _aligned(v.builder.store(ir.Constant(doubles, [0.0] * plan.lanes), v.at(sums, k)))
    v.loop(blocks, block)
    v.builder.ret_void()
    return function


def _aligned(instruction: Any) -> Any:
    instruction.align = 32
    return instruction


def _emit_watch(v: VectorAlgebra, plan: Plan) -> Any:
    """``watch(weights, finite_weights, diverged_at, epoch)``: notice networks that are no longer finite."""
    pointer = v.vector.as_pointer()
    function = v.function("watch", [pointer, pointer, v.integers.as_pointer(), INT64])
    weights, finite, diverged_at, epoch = function.args

    def zero_or_nan(place: Any, total: Any) -> list[Any]:
        weight = v.load(weights, place)
        return [v.builder.fadd(total, v.builder.fsub(weight, weight))]

    total = v.loop(plan.parameters, zero_or_nan, [v.constant(0)])[0]
    b = v.builder
    finite_now = v.equal(total, v.constant(0))
    before = b.load(diverged_at)
    before.align = 4 * plan.lanes
    never = b.icmp_signed("<", before, ir.Constant(v.integers, [0] * plan.lanes))
    alive = b.and_(never, finite_now)
    flagged = b.select(finite_now, before, v.splat(b.trunc(epoch, INT32)))
    b.store(b.select(never, flagged, before), diverged_at).align = 4 * plan.lanes

    def keep(place: Any) -> None:
        v.store(v.where(alive, v.load(weights, place), v.load(finite, place)), finite, place)

    v.loop(plan.parameters, keep)
    v.builder.ret_void()
    return function


def _emit_copy(v: VectorAlgebra, plan: Plan) -> Any:
    """``copy(from, to)``: the parameters of one group."""
    pointer = v.vector.as_pointer()
    function = v.function("copy", [pointer, pointer])
    source, target = function.args
    v.loop(plan.parameters, lambda place: v.store(v.load(source, place), target, place))
    v.builder.ret_void()
    return function


class _Job:
    """Reads the fields of the job record."""

    def __init__(self, v: VectorAlgebra, record: Any):
        self.v, self.record = v, record

    def number(self, name: str) -> Any:
        return self.v.builder.load(self.v.at(self.record, JOB_FIELDS.index(name)))

    def address(self, name: str, kind: Any) -> Any:
        return self.v.builder.inttoptr(self.number(name), kind.as_pointer())


def _emit_train(v: VectorAlgebra, plan: Plan, step: Any, measure: Any, watch: Any, copy: Any) -> None:
    """The exported function: groups, then epochs, then steps."""
    function = v.function("train", [INT64.as_pointer()], internal=False)
    job = _Job(v, function.args[0])
    size, doubles = plan.parameters, ir.VectorType(ir.DoubleType(), plan.lanes)
    weights, state, finite = (job.address(name, v.vector) for name in ("weights", "state", "finite_weights"))
    rates, hyper, scratch = (job.address(name, v.vector) for name in ("rates", "hyper", "scratch"))
    diverged_at, metrics = job.address("diverged_at", v.integers), job.address("metrics", doubles)
    x, y, share, table = (job.address(name, FLOAT) for name in ("x", "y", "share", "table"))
    all_rows = [job.address(name, FLOAT) for name in ("all_x", "all_y", "all_share")]
    first_block, keep_slot, measured = (job.address(n, INT64) for n in ("first_block", "keep_slot", "measured"))
    kept, stop = job.address("kept", v.vector), job.address("stop", INT64)
    numbers = ("groups", "epochs", "steps", "first_epoch", "blocks", "all_blocks", "metrics_stride", "kept_stride")
    groups, epochs, steps, first_epoch, blocks, all_blocks, metrics_stride, kept_stride = map(job.number, numbers)
    b, restore = v.builder, _flush_denormals(v)

    def group(g: Any) -> None:
        own = [v.at(weights, (g, size)), v.at(state, (g, plan.slots * size)), v.at(finite, (g, size))]

        def epoch(e: Any) -> None:
            def batch(t: Any) -> None:
                with b.if_then(b.icmp_signed("!=", b.load(stop), v.index(0))):
                    restore()
                    b.ret_void()
                start = b.load(v.at(first_block, t))
                count = b.sub(b.load(v.at(first_block, t, 1)), start)
                block = b.add(b.mul(e, blocks), start)
                row = b.mul(block, v.index(plan.samples))
                here = v.at(table, b.mul(b.add(b.mul(e, steps), t), v.index(3)))
                emit_step_constants(v, scratch, here, v.at(rates, g), hyper)
                rows = [v.at(x, (row, plan.widths[0])), v.at(y, row), v.at(share, row)]
                b.call(step, [*own[:2], *rows, count, scratch, hyper])

            v.loop(steps, batch)
            b.call(watch, [own[0], own[2], v.at(diverged_at, g), b.add(first_epoch, e)])
            with b.if_then(b.icmp_signed("!=", b.load(v.at(measured, e)), v.index(0))):
                sums = v.at(metrics, b.mul(b.add(b.mul(e, metrics_stride), g), v.index(2)))
                b.call(measure, [own[0], *all_rows, all_blocks, scratch, hyper, sums])
            slot = b.load(v.at(keep_slot, e))
            with b.if_then(b.icmp_signed(">=", slot, v.index(0))):
                b.call(copy, [own[2], v.at(kept, b.mul(b.add(b.mul(slot, kept_stride), g), v.index(size)))])

        v.loop(epochs, epoch)

    v.loop(groups, group)
    restore()
    b.ret_void()


def _flush_denormals(v: VectorAlgebra) -> Any:
    """Let tiny numbers become 0 while the kernel runs (x86); returns the function that emits the way back."""
    if platform.machine().lower() not in ("x86_64", "amd64"):
        return lambda: None
    b, byte = v.builder, ir.IntType(8).as_pointer()
    kind = ir.FunctionType(ir.VoidType(), [byte])
    save, load = (ir.Function(v.module, kind, f"llvm.x86.sse.{name}mxcsr") for name in ("st", "ld"))
    before, changed = b.alloca(INT32), b.alloca(INT32)
    b.call(save, [b.bitcast(before, byte)])
    b.store(b.or_(b.load(before), ir.Constant(INT32, 0x8040)), changed)
    b.call(load, [b.bitcast(changed, byte)])
    return lambda: b.call(load, [b.bitcast(before, byte)])

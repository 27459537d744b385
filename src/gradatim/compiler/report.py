"""What became of a step: passes, kernels, memory, and why there is more than one program."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from gradatim.compiler.fusion import reasons
from gradatim.compiler.machine.kernel import Host, Kernel, Product
from gradatim.compiler.machine.native import Native
from gradatim.compiler.machine.runner import Runner
from gradatim.compiler.numerals import REMEDY, told, varying
from gradatim.compiler.plan import Plan
from gradatim.compiler.program import Line, Program
from gradatim.primitives import product


def report(title: str, plans: Sequence[Plan], gone: int = 0) -> str:
    """Return a text about every program of a step.

    Parameters
    ----------
    title : str
        What the step is called.
    plans : sequence of Plan
        Its programs.
    gone : int
        How many there were beside these.
    """
    count = f"{len(plans)} program{'s' * (len(plans) != 1)}"
    left = f"; {gone} more, unused for longest, had to make room" if gone else ""
    numbers = varying(plan.numerals for plan in plans)
    parts = [f"{title}: {count}{left}"]
    if numbers:
        parts.append(f"{numbers}: each number of Python makes a program of its own.\n{REMEDY}")
    for number, plan in enumerate(plans, 1):
        parts.append(f"\nprogram {number} ({plan.backend}): {plan.reason}")
        parts += [f"  {row}" for row in _about(plan)]
    return "\n".join(parts)


def _about(plan: Plan) -> list[str]:
    program = plan.program
    given = ", ".join(f"{plan.names[v]} {v.shape} {v.dtype}" for v in program.arguments)
    rows = [
        f"arguments    {given or 'none'}",
        *([f"constants    {told(plan.numerals)}"] if plan.numerals else []),
        f"state        {len(program.state)} arrays, {_bytes(sum(v.nbytes for v in program.state))}",
        f"lines        {len(program)}, {flops(program):,} operations on floats",
        "passes       " + ", ".join(_passes(plan)),
    ]
    if plan.native is None:
        count = f"{len(plan.kept)} array{'s' * (len(plan.kept) != 1)}"
        return [*rows, f"memory       {_memory(plan, sum(plan.kept))}, kept in {count}"]
    return [*rows, *_native(plan, plan.native)]


def _memory(plan: Plan, between: int) -> str:
    """What lies between the lines, and all together."""
    given = sum(value.nbytes for value in (*plan.program.arguments, *plan.program.state))
    return (
        f"{_bytes(given + between)} with arguments and state, "
        f"{_bytes(between)} of it for what lies between the lines"
    )


def _passes(plan: Plan) -> list[str]:
    """What each pass did in its first round, in lines."""
    first: dict[str, str] = {}
    for effort in plan.efforts:
        first.setdefault(effort.name, f"{effort.name} {effort.before} -> {effort.after}")
    return list(first.values())


def _shared(threads: int) -> str:
    return f", {threads} threads" if threads > 1 else ""


def _native(plan: Plan, native: Native) -> list[str]:
    kernels = native.module.schedule.kernels
    rows = [
        f"memory       {_memory(plan, native.module.layout.size)}",
        f"machine code made in {native.code.seconds:.2f} s, vectors of "
        f"{native.lanes['float']} float32" + _shared(native.threads),
        f"kernels      {len(kernels)}",
    ]
    for kernel, reason in zip(kernels, reasons(native.module.schedule, plan.names)):
        rows += [f"  {_kernel(plan, kernel)}", *([f"           {reason}"] if reason else [])]
    for runner in sorted(plan.runners, key=lambda runner: -runner.threads):
        rows += _of_many_steps(plan, runner)
    return rows


def _of_many_steps(plan: Plan, runner: Runner) -> list[str]:
    """What is different where many steps are one call."""
    if not runner.is_whole:
        return ["many steps   one by one, as NumPy does a part of them"]
    layout, kernels = runner.module.layout, runner.module.schedule.kernels
    sparse = [k for k in kernels if isinstance(k, Product) and k.is_sparse]
    rows = [
        f"many steps   in one call, machine code made in {runner.code.seconds:.2f} s"
        + _shared(runner.threads)
    ]
    for value in dict.fromkeys(runner.module.schedule.root(k.left) for k in sparse):
        stays = "; it stays bytes" if value in layout.stored else ""
        count = sum(runner.module.schedule.root(k.left) is value for k in sparse)
        rows.append(f"  {plan.names[value]}: its zeros are left out of {count} products{stays}")
    for value, columns in layout.bands.items():
        lies = f"in bands of {columns} columns" if columns < value.shape[1] else "aligned"
        rows.append(f"  {plan.names[value]}: copied, to lie {lies}")
    return rows


def _kernel(plan: Plan, kernel: Kernel) -> str:
    made = [plan.names.get(line.output, "half of a sum") for line in kernel.lines]
    where = "x".join(map(str, kernel.space)) or "one number"
    if isinstance(kernel, Host):
        return f"NumPy    {kernel.lines[0].primitive.name} {where}: {_why(kernel.lines[0])}"
    if isinstance(kernel, Product):
        where = f"{where}, inner {kernel.inner}"
    return f"{type(kernel).__name__:8} {where}: {', '.join(dict.fromkeys(made))}"


def _why(line: Line) -> str:
    """Why NumPy does a line."""
    if line.primitive.kind != "chance":
        return "there is no kernel for it"
    return "kernels draw float64 from a PCG64 of which that is all that is drawn"


def flops(program: Program) -> int:
    """Return how many operations on floats one call takes: two for each product and sum."""
    return sum(map(_flops, program.lines))


def _flops(line: Line) -> int:
    if line.primitive is product.matmul:
        return 2 * prod(line.output.shape) * line.inputs[0].shape[-1]
    if line.primitive.kind in ("pointwise", "effect") and line.output.dtype.kind == "f":
        return line.output.size
    return line.inputs[0].size if line.inputs and line.primitive.name in ("sum", "max") else 0


def _bytes(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{count / 1e3:.1f} kB"

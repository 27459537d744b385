"""LLVM IR as text: types, loops, vectors.

A :class:`Function` is written line by line. Variables that change live in stack slots, which
LLVM's ``sroa`` turns into registers, so a loop is written as one writes it in C.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

Index = int | str
"""An integer: known when the code is written, or the name of an i64."""

FLOATS = {"float": 4, "double": 8}
_NAMES = {
    np.dtype("float32"): "float",
    np.dtype("float64"): "double",
    np.dtype("int64"): "i64",
    np.dtype("bool"): "i1",
}


class Kind(NamedTuple):
    """Type of a value in a register: an element type and how many of them.

    Parameters
    ----------
    element : {"float", "double", "i64", "i32", "i8", "i1"}
        LLVM's name.
    lanes : int
        1 for a single one.
    """

    element: str
    lanes: int = 1

    def __str__(self) -> str:
        return self.element if self.lanes == 1 else f"<{self.lanes} x {self.element}>"

    @property
    def is_float(self) -> bool:
        """Whether the elements are floats."""
        return self.element in FLOATS

    def of(self, element: str) -> Kind:
        """Return as many of another type."""
        return Kind(element, self.lanes)


class Register(NamedTuple):
    """A value in a register."""

    name: str
    kind: Kind

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


def element_of(dtype: np.dtype[Any]) -> str:
    """Return LLVM's type of an element in a register."""
    return _NAMES[np.dtype(dtype)]


def has_code(dtype: np.dtype[Any]) -> bool:
    """Whether there is machine code for elements of a type at all."""
    return np.dtype(dtype) in _NAMES


def stored(element: str) -> str:
    """Return LLVM's type of an element in memory."""
    return "i8" if element == "i1" else element


class Function:
    """A function that is being written.

    Parameters
    ----------
    name : str
        Of the function.
    arguments : str
        As LLVM writes them.
    lanes : dict of str to int
        How many elements of each type a vector register holds.
    """

    def __init__(self, name: str, arguments: str, lanes: dict[str, int]) -> None:
        self.name, self.arguments, self.lanes = name, arguments, lanes
        self.declarations: set[str] = set()
        self.topic = name
        self.linkage = ""
        self._slots: list[str] = []
        self._body: list[str] = []
        self._count = 0
        self._block = "entry"

    # --- single instructions --------------------------------------------------------------------
    def do(self, text: str) -> None:
        """Write an instruction without a result."""
        self._body.append(f"  {text}")

    def name_for(self, text: str) -> str:
        """Write an instruction and return the name of its result."""
        self._count += 1
        self.do(f"%t{self._count} = {text}")
        return f"%t{self._count}"

    def op(self, text: str, kind: Kind) -> Register:
        """Write an instruction with a result of some kind."""
        return Register(self.name_for(text), kind)

    def call(self, name: str, kind: Kind, *arguments: Register, flags: str = "") -> Register:
        """Call a function that takes and gives registers."""
        types = ", ".join(str(a.kind) for a in arguments)
        self.declarations.add(f"declare {kind} @{name}({types})")
        flags = f"{flags} " if flags else ""
        return self.op(f"call {flags}{kind} @{name}({', '.join(map(str, arguments))})", kind)

    def intrinsic(self, name: str, x: Register, *more: Register, flags: str = "") -> Register:
        """Call ``llvm.name`` on registers of one kind."""
        code = {"float": "f32", "double": "f64", "i64": "i64", "i32": "i32"}[x.kind.element]
        lanes = f"v{x.kind.lanes}" if x.kind.lanes > 1 else ""
        return self.call(f"llvm.{name}.{lanes}{code}", x.kind, x, *more, flags=flags)

    # --- integers -------------------------------------------------------------------------------
    def plus(self, a: Index, b: Index) -> Index:
        """Return a + b."""
        if isinstance(a, int) and isinstance(b, int):
            return a + b
        if a == 0 or b == 0:
            return b if a == 0 else a
        return self.name_for(f"add nsw i64 {a}, {b}")

    def times(self, a: Index, b: Index) -> Index:
        """Return a * b."""
        if isinstance(a, int) and isinstance(b, int):
            return a * b
        if a == 0 or b == 0:
            return 0
        if a == 1 or b == 1:
            return b if a == 1 else a
        return self.name_for(f"mul nsw i64 {a}, {b}")

    def quotient(self, a: Index, b: int) -> Index:
        """Return a // b, of which neither is negative."""
        return a // b if isinstance(a, int) else self.name_for(f"udiv i64 {a}, {b}")

    def minus(self, a: Index, b: Index) -> Index:
        """Return a - b."""
        if isinstance(a, int) and isinstance(b, int):
            return a - b
        return a if b == 0 else self.name_for(f"sub nsw i64 {a}, {b}")

    def smaller(self, a: Index, b: Index) -> Index:
        """Return the smaller of two."""
        if isinstance(a, int) and isinstance(b, int):
            return min(a, b)
        less = self.name_for(f"icmp slt i64 {a}, {b}")
        return self.name_for(f"select i1 {less}, i64 {a}, i64 {b}")

    # --- memory ---------------------------------------------------------------------------------
    def at(self, pointer: str, offset: Index, element: str) -> str:
        """Return the address of an element."""
        if offset == 0:
            return pointer
        return self.name_for(
            f"getelementptr inbounds {stored(element)}, ptr {pointer}, i64 {offset}"
        )

    def own(self, pointer: str, nbytes: Index, what: str) -> None:
        """Say which memory begins at a pointer; only bounds-checked code wants to know."""

    def watch(self, arena: str) -> None:
        """Say where faults are noted; only bounds-checked code wants to know."""

    def reach(self, pointer: str, offset: Index, kind: Kind, count: int, how: str) -> str:
        """Return the address of elements that are read or written side by side."""
        return self.at(pointer, offset, kind.element)

    def at_pointer(self, pointer: str, number: Index) -> str:
        """Return the address of a pointer in an array of pointers."""
        return self.name_for(f"getelementptr inbounds ptr, ptr {pointer}, i64 {number}")

    def load(self, pointer: str, offset: Index, kind: Kind) -> Register:
        """Read elements that lie side by side."""
        where = self.reach(pointer, offset, kind, kind.lanes, "reads")
        memory = kind.of(stored(kind.element))
        got = self.op(f"load {memory}, ptr {where}, align 1", memory)
        return got if kind.element != "i1" else self.op(f"trunc {got} to {kind}", kind)

    def store(self, x: Register, pointer: str, offset: Index) -> None:
        """Write elements side by side."""
        where = self.reach(pointer, offset, x.kind, x.kind.lanes, "writes")
        if x.kind.element == "i1":
            wide = x.kind.of("i8")
            x = self.op(f"zext {x} to {wide}", wide)
        self.do(f"store {x}, ptr {where}, align 1")

    def load_masked(self, pointer: str, offset: Index, kind: Kind, mask: Register) -> Register:
        """Read elements where the mask is true, 0 elsewhere."""
        where = self.reach(pointer, offset, kind, _chosen(mask), "reads")
        memory = kind.of(stored(kind.element))
        name = f"llvm.masked.load.{_code(memory)}.p0"
        signature = f"declare {memory} @{name}(ptr, i32, {mask.kind}, {memory})"
        self.declarations.add(signature)
        got = self.op(
            f"call {memory} @{name}(ptr {where}, i32 1, {mask}, {memory} zeroinitializer)", memory
        )
        return got if kind.element != "i1" else self.op(f"trunc {got} to {kind}", kind)

    def store_masked(self, x: Register, pointer: str, offset: Index, mask: Register) -> None:
        """Write elements where the mask is true."""
        where = self.reach(pointer, offset, x.kind, _chosen(mask), "writes")
        if x.kind.element == "i1":
            wide = x.kind.of("i8")
            x = self.op(f"zext {x} to {wide}", wide)
        name = f"llvm.masked.store.{_code(x.kind)}.p0"
        self.declarations.add(f"declare void @{name}({x.kind}, ptr, i32, {mask.kind})")
        self.do(f"call void @{name}({x}, ptr {where}, i32 1, {mask})")

    # --- numbers and vectors --------------------------------------------------------------------
    def number(self, value: float, kind: Kind) -> Register:
        """Return a constant, in every lane."""
        text = constant(value, kind.element)
        return Register(text if kind.lanes == 1 else f"splat ({kind.element} {text})", kind)

    def known(self, x: Register) -> float | None:
        """Return the number that a register holds in every lane, if it is a constant float."""
        text = x.name.removeprefix("splat (").removesuffix(")").split()[-1]
        if not (x.kind.is_float and text.startswith("0x")):
            return None
        return float(struct.unpack("<d", struct.pack("<Q", int(text, 16)))[0])

    def spread(self, x: Register, lanes: int) -> Register:
        """Return one element in every lane."""
        if x.kind.lanes == lanes:
            return x
        kind = Kind(x.kind.element, lanes)
        if x.name[0] != "%":
            return Register(f"splat ({x.kind.element} {x.name})", kind)
        first = self.name_for(f"insertelement {kind} poison, {x}, i32 0")
        return self.op(
            f"shufflevector {kind} {first}, {kind} poison, <{lanes} x i32> zeroinitializer", kind
        )

    def joined(self, xs: list[Register]) -> Register:
        """Return single elements as the lanes of a vector."""
        if len(xs) == 1:
            return xs[0]
        kind = Kind(xs[0].kind.element, len(xs))
        vector = Register("poison", kind)
        for i, x in enumerate(xs):
            vector = self.op(f"insertelement {vector}, {x}, i32 {i}", kind)
        return vector

    def counting(self, start: Index, lanes: int) -> Register:
        """Return ``start, start + 1, ...`` as i64."""
        kind = Kind("i64", lanes)
        if lanes == 1:
            return Register(str(start), kind)
        steps = ", ".join(f"i64 {i}" for i in range(lanes))
        first = self.spread(Register(str(start), Kind("i64")), lanes)
        return self.op(f"add {first}, <{steps}>", kind)

    def first_lanes(self, count: int, lanes: int) -> Register:
        """Return a mask that is true in the first lanes."""
        bits = ", ".join(f"i1 {str(i < count).lower()}" for i in range(lanes))
        return Register(f"<{bits}>", Kind("i1", lanes))

    def across(self, how: str, x: Register) -> Register:
        """Reduce the lanes of a vector: ``add``, ``max``, ``min``, ``mul``, ``and`` or ``or``."""
        kind = Kind(x.kind.element)
        if x.kind.lanes == 1:
            return x
        code = _code(x.kind)
        if x.kind.is_float and how in ("add", "mul"):
            start = self.number(0.0 if how == "add" else 1.0, kind)
            name = f"llvm.vector.reduce.f{how}.{code}"
            self.declarations.add(f"declare {kind} @{name}({kind}, {x.kind})")
            return self.op(f"call reassoc {kind} @{name}({start}, {x})", kind)
        way = (
            {"max": "fmaximum", "min": "fminimum"}
            if x.kind.is_float
            else {"max": "smax", "min": "smin"}
        )
        name = f"llvm.vector.reduce.{way.get(how, how)}.{code}"
        self.declarations.add(f"declare {kind} @{name}({x.kind})")
        return self.op(f"call {kind} @{name}({x})", kind)

    # --- slots and control ----------------------------------------------------------------------
    def slot(self, kind: Kind | str, count: int = 1) -> str:
        """Return memory on the stack, for a variable or an array."""
        self._count += 1
        name = f"%s{self._count}"
        many = f", i64 {count}" if count > 1 else ""
        self._slots.append(f"  {name} = alloca {kind}{many}, align 64")
        return name

    def variable(self, x: Register) -> Variable:
        """Return a variable that begins as ``x``."""
        return Variable(self, x)

    def label(self, name: str) -> None:
        """Begin a block."""
        self._body.append(f"{name}:")
        self._block = name

    @contextmanager
    def loop(self, start: Index, stop: Index, step: int = 1) -> Iterator[Index]:
        """Write a loop; a single turn is written without one, none at all not."""
        if isinstance(start, int) and isinstance(stop, int) and 0 < stop - start <= step:
            yield start
            return
        self._count += 1
        mark = self._count
        counter = self.slot("i64")
        self.do(f"store i64 {start}, ptr {counter}")
        self.do(f"br label %head{mark}")
        self.label(f"head{mark}")
        i = self.name_for(f"load i64, ptr {counter}")
        more = self.name_for(f"icmp slt i64 {i}, {stop}")
        self.do(f"br i1 {more}, label %body{mark}, label %done{mark}")
        self.label(f"body{mark}")
        yield i
        following = self.name_for(f"add nsw i64 {i}, {step}")
        self.do(f"store i64 {following}, ptr {counter}")
        self.do(f"br label %head{mark}")
        self.label(f"done{mark}")

    @contextmanager
    def when(self, condition: str) -> Iterator[None]:
        """Write what is done if an i1 is true."""
        self._count += 1
        mark = self._count
        self.do(f"br i1 {condition}, label %then{mark}, label %after{mark}")
        self.label(f"then{mark}")
        yield
        self.do(f"br label %after{mark}")
        self.label(f"after{mark}")

    def leave_if(self, condition: str) -> None:
        """Return from the function if an i1 is true."""
        self._count += 1
        mark = self._count
        self.do(f"br i1 {condition}, label %leave{mark}, label %stay{mark}")
        self.label(f"leave{mark}")
        self.do("ret void")
        self.label(f"stay{mark}")

    def text(self) -> str:
        """Return the function as IR."""
        body = "\n".join([*self._slots, *self._body])
        head = f"define {self.linkage}void @{self.name}({self.arguments}) #0"
        return f"{head} {{\nentry:\n{body}\n  ret void\n}}\n"


class Variable:
    """A register that changes, such as an accumulator."""

    def __init__(self, function: Function, x: Register) -> None:
        self._function, self._kind = function, x.kind
        self._slot = function.slot(x.kind)
        self.set(x)

    def get(self) -> Register:
        """Return what it is now."""
        return self._function.op(f"load {self._kind}, ptr {self._slot}", self._kind)

    def set(self, x: Register) -> None:
        """Make it something else."""
        self._function.do(f"store {x}, ptr {self._slot}")


def _code(kind: Kind) -> str:
    code = {"float": "f32", "double": "f64"}.get(kind.element, kind.element)
    return code if kind.lanes == 1 else f"v{kind.lanes}{code}"


def _chosen(mask: Register) -> int:
    """How many lanes a mask that was written as a constant lets through."""
    return mask.name.count("true")


def constant(value: float, element: str) -> str:
    """Return a number as LLVM writes it."""
    if element == "i1":
        return str(bool(value)).lower()
    if element not in FLOATS:
        return str(int(value))
    if element == "float":
        with np.errstate(over="ignore"):
            value = float(np.float32(value))
    return f"0x{struct.unpack('<Q', struct.pack('<d', value))[0]:016X}"

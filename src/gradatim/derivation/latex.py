"""Formulas as LaTeX: syntax of Python in, mathematics out."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping, Set

_SUM, _PRODUCT, _SIGN, _POWER, _ATOM = range(1, 6)
"""How tightly parts hold together; a looser part inside a tighter one gets parentheses."""

_FUNCTIONS = {
    **{name: rf"\{name}" for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh", "det")},
    **{name: rf"\{name}" for name in ("arcsin", "arccos", "arctan", "max", "min")},
    "log": r"\ln",
    "log2": r"\log_{2}",
    "log10": r"\log_{10}",
    "maximum": r"\max",
    "minimum": r"\min",
    "sigmoid": r"\sigma",
    "sum": r"\sum",
    "prod": r"\prod",
}
_WORDS = {"pi": r"\pi", "inf": r"\infty", "nan": r"\mathrm{NaN}"}
_RELATIONS: dict[type[ast.cmpop], str] = {
    ast.Eq: "=", ast.NotEq: r"\neq", ast.Lt: "<", ast.LtE: r"\leq", ast.Gt: ">", ast.GtE: r"\geq",
}  # fmt: skip
_JOINS = {"logical_and": r"\wedge", "logical_or": r"\vee"}
_LARGE = {r"\sum", r"\prod"}
_SILENT = {"expand_dims", "broadcast_to"}
"""Functions that repeat numbers; mathematics writes nothing for that."""


def latex(expression: ast.expr, names: Mapping[str, str], arrays: Set[str] = frozenset()) -> str:
    r"""Write a formula as LaTeX.

    Parameters
    ----------
    expression : ast.expr
        The formula.
    names : mapping of str to str
        What is printed for its names, as LaTeX.
    arrays : set of str
        Names that stand for arrays; their product element by element is written with a dot in
        a circle.

    Returns
    -------
    str
        Without dollar signs.

    Examples
    --------
    >>> from gradatim.derivation.expression import parsed
    >>> print(latex(parsed("g * exp(-x) / b"), {"g": "g", "x": "x", "b": "b"}))
    \frac{g \cdot e^{-x}}{b}
    """
    return _Printer(names, arrays).of(expression)


def name_latex(name: str) -> str:
    r"""Write a name of the user's.

    Examples
    --------
    >>> print(name_latex("W1"), name_latex("dropout_rate"))
    W_{1} \mathrm{dropout\_rate}
    """
    short = re.fullmatch(r"([A-Za-z])_?(\d*)", name)
    if short:
        return f"{short[1]}_{{{short[2]}}}" if short[2] else short[1]
    safe = _escaped(name)
    return rf"\mathrm{{{safe}}}" if safe.isascii() else rf"\text{{{safe}}}"


def number_latex(text: str) -> str:
    r"""Write the text of a number: powers of ten as such.

    Examples
    --------
    >>> print(number_latex("6.02e23"), number_latex("1e-7"), number_latex("2.2"))
    6.02 \cdot 10^{23} 10^{-7} 2.2
    """
    found = re.fullmatch(r"(-?)([\d.]+)e\+?(-?)0*(\d+)", text)
    if not found:
        return text.replace("∞", _WORDS["inf"]).replace("NaN", _WORDS["nan"])
    sign, mantissa, below, power = found.groups()
    factor = "" if mantissa == "1" else rf"{mantissa} \cdot "
    return f"{sign}{factor}10^{{{below}{power}}}"


class _Printer:
    """Walks a formula; each method answers for one kind of syntax."""

    def __init__(self, names: Mapping[str, str], arrays: Set[str]) -> None:
        self.names, self.arrays = names, arrays

    def of(self, node: ast.expr, within: int = 0) -> str:
        """LaTeX of a part, in parentheses where it is looser than what is round it."""
        method: Callable[[ast.expr], tuple[str, int]]
        method = getattr(self, f"_{type(node).__name__.lower()}", self._verbatim)
        text, tightness = method(node)
        return text if tightness >= within else _bracketed(text)

    def _verbatim(self, node: ast.expr) -> tuple[str, int]:
        return rf"\mathrm{{{_escaped(ast.unparse(node))}}}", _ATOM

    def _name(self, node: ast.Name) -> tuple[str, int]:
        text = self.names.get(node.id) or _WORDS.get(node.id) or name_latex(node.id)
        return text, _SUM if text.startswith("-") else _POWER if "^" in text else _ATOM

    def _constant(self, node: ast.Constant) -> tuple[str, int]:
        if isinstance(node.value, str):
            return rf"\text{{{_escaped(node.value)}}}", _ATOM
        return number_latex(str(node.value)), _ATOM

    def _unaryop(self, node: ast.UnaryOp) -> tuple[str, int]:
        sign = "-" if isinstance(node.op, ast.USub) else r"\neg "
        return sign + self.of(node.operand, _PRODUCT), _SUM

    def _binop(self, node: ast.BinOp) -> tuple[str, int]:
        left, right = node.left, node.right
        if isinstance(node.op, ast.Add):
            return f"{self.of(left, _SUM)} + {self.of(right, _SUM)}", _SUM
        if isinstance(node.op, ast.Sub):
            return f"{self.of(left, _SUM)} - {self.of(right, _PRODUCT)}", _SUM
        if isinstance(node.op, ast.Mult):
            return self._product(left, right)
        if isinstance(node.op, ast.MatMult):
            return rf"{self.of(left, _PRODUCT)} \, {self.of(right, _PRODUCT)}", _PRODUCT
        if isinstance(node.op, ast.Div):
            return self._quotient(left, right)
        if isinstance(node.op, ast.FloorDiv):
            inner = rf"\frac{{{self.of(left)}}}{{{self.of(right)}}}"
            return rf"\left\lfloor {inner} \right\rfloor", _ATOM
        if isinstance(node.op, ast.Mod):
            return rf"{self.of(left, _SIGN)} \;\mathrm{{mod}}\; {self.of(right, _SIGN)}", _PRODUCT
        if isinstance(node.op, ast.Pow):
            return f"{self.of(left, _ATOM)}^{{{self.of(right)}}}", _POWER
        return self._verbatim(node)

    def _product(self, left: ast.expr, right: ast.expr) -> tuple[str, int]:
        if isinstance(left, ast.Name) and ast.unparse(left) == ast.unparse(right):
            return f"{self.of(left, _ATOM)}^{{2}}", _POWER
        sign = r"\odot" if self._is_wide(left) and self._is_wide(right) else r"\cdot"
        opening = _SUM if isinstance(left, ast.UnaryOp) else _PRODUCT
        return f"{self.of(left, opening)} {sign} {self.of(right, _PRODUCT)}", _PRODUCT

    def _quotient(self, left: ast.expr, right: ast.expr) -> tuple[str, int]:
        """A fraction; beside a derivative, which is one already, a factor of its own."""
        over, under = self.of(left), self.of(right)
        if not over.removeprefix("-").startswith(r"\frac{\partial"):
            return rf"\frac{{{over}}}{{{under}}}", _PRODUCT
        opening = self.of(left, _SUM if over.startswith("-") else _PRODUCT)
        return rf"{opening} \cdot \frac{{1}}{{{under}}}", _PRODUCT

    def _is_wide(self, node: ast.expr) -> bool:
        return any(isinstance(n, ast.Name) and n.id in self.arrays for n in ast.walk(node))

    def _compare(self, node: ast.Compare) -> tuple[str, int]:
        """A condition among numbers counts as 1 or 0."""
        return rf"\mathbf{{1}}_{{{self._condition(node)}}}", _ATOM

    def _condition(self, node: ast.expr) -> str:
        if isinstance(node, ast.Compare):
            relation = _RELATIONS[type(node.ops[0])]
            return f"{self.of(node.left, _SUM)} {relation} {self.of(node.comparators[0], _SUM)}"
        if isinstance(node, ast.Call) and ast.unparse(node.func) in _JOINS:
            parts = (self._condition(part) for part in node.args)
            return f" {_JOINS[ast.unparse(node.func)]} ".join(parts)
        return self.of(node)

    def _attribute(self, node: ast.Attribute) -> tuple[str, int]:
        if node.attr in ("T", "mT"):
            return rf"{self.of(node.value, _ATOM)}^{{\top}}", _POWER
        return rf"\mathrm{{{_escaped(node.attr)}}}{_bracketed(self.of(node.value))}", _ATOM

    def _subscript(self, node: ast.Subscript) -> tuple[str, int]:
        key = ast.unparse(ast.Subscript(ast.Name("x"), node.slice))[2:-1]
        if not re.sub(r"None|[:.,\s]", "", key):
            return self.of(node.value), _tightness(node.value)
        return rf"{{{self.of(node.value, _ATOM)}}}_{{\left[{_escaped(key)}\right]}}", _POWER

    def _call(self, node: ast.Call) -> tuple[str, int]:
        if isinstance(node.func, ast.Attribute):
            return self._method(node.func, node)
        name, arguments = ast.unparse(node.func), node.args
        special = getattr(self, f"_{name}_of", None)
        if special is not None:
            return special(node)
        if name in _SILENT:
            return self.of(arguments[0]), _tightness(arguments[0])
        if name in _JOINS:
            return rf"\mathbf{{1}}_{{{self._condition(node)}}}", _ATOM
        written = _FUNCTIONS.get(name) or rf"\mathrm{{{_escaped(name)}}}"
        shown = arguments[:1] if name in ("softmax", "log_softmax", "one_hot") else arguments
        if written in _LARGE and len(shown) == 1:
            return f"{written}{self._axes(node)} {self.of(shown[0], _SIGN)}", _PRODUCT
        inner = ", ".join(self.of(part) for part in shown)
        return f"{written}{self._axes(node)}{_bracketed(inner)}", _ATOM

    def _axes(self, node: ast.Call) -> str:
        axis = next((word.value for word in node.keywords if word.arg == "axis"), None)
        if axis is None or ast.unparse(node.func) in ("softmax", "log_softmax"):
            return ""
        return rf"_{{\mathrm{{axis}}\;{_escaped(ast.unparse(axis))}}}"

    def _method(self, method: ast.Attribute, node: ast.Call) -> tuple[str, int]:
        if method.attr in ("add", "set"):
            return self._written_at(method.value, node.args[0])
        given = ", ".join(self._sizes(part) for part in node.args)
        owner = self.of(method.value)
        if method.attr == "astype":
            return owner, _tightness(method.value)
        below = rf"_{{{given}}}" if given and method.attr in ("reshape", "transpose") else ""
        whole = owner if below or not given else f"{owner}, {given}"
        return rf"\mathrm{{{_escaped(method.attr)}}}{below}{_bracketed(whole)}", _ATOM

    def _written_at(self, place: ast.expr, value: ast.expr) -> tuple[str, int]:
        """``zeros(shape).at[key].add(g)``: g at the key, zeros elsewhere."""
        key = ast.unparse(place).partition(".at[")[2][:-1]
        return (
            rf"\mathrm{{put}}_{{\left[{_escaped(key)}\right]}}{_bracketed(self.of(value))}",
            _ATOM,
        )

    def _sizes(self, node: ast.expr) -> str:
        parts = node.elts if isinstance(node, ast.Tuple) else [node]
        return r" \times ".join(self.of(part) for part in parts)

    def _exp_of(self, node: ast.Call) -> tuple[str, int]:
        return f"e^{{{self.of(node.args[0])}}}", _POWER

    def _sqrt_of(self, node: ast.Call) -> tuple[str, int]:
        return rf"\sqrt{{{self.of(node.args[0])}}}", _ATOM

    def _cbrt_of(self, node: ast.Call) -> tuple[str, int]:
        return rf"\sqrt[3]{{{self.of(node.args[0])}}}", _ATOM

    def _abs_of(self, node: ast.Call) -> tuple[str, int]:
        return rf"\left|{self.of(node.args[0])}\right|", _ATOM

    def _inv_of(self, node: ast.Call) -> tuple[str, int]:
        return f"{self.of(node.args[0], _ATOM)}^{{-1}}", _POWER

    def _where_of(self, node: ast.Call) -> tuple[str, int]:
        condition, yes, no = node.args
        first = rf"{self.of(yes)} & \text{{if }} {self._condition(condition)}"
        last = rf"{self.of(no)} & \text{{else}}"
        return rf"\begin{{cases}}{first} \\ {last}\end{{cases}}", _ATOM

    def _tuple(self, node: ast.Tuple) -> tuple[str, int]:
        return _bracketed(", ".join(self.of(part) for part in node.elts)), _ATOM

    def _list(self, node: ast.List) -> tuple[str, int]:
        return rf"\left[{', '.join(self.of(part) for part in node.elts)}\right]", _ATOM


def _bracketed(text: str) -> str:
    """Put parentheses round it, of its height if it is higher than a line."""
    tall = re.search(r"\\(frac|sum|prod|begin|sqrt)", text)
    return rf"\left({text}\right)" if tall else f"({text})"


def _tightness(node: ast.expr) -> int:
    """How tightly what is printed for a part holds together; sums loosely, most else as one."""
    if isinstance(node, ast.UnaryOp):
        return _SUM
    if isinstance(node, ast.BinOp):
        return _SUM if isinstance(node.op, (ast.Add, ast.Sub)) else _PRODUCT
    return _ATOM


def _escaped(text: str) -> str:
    plain = re.sub(r"[\\~^]", " ", text)
    return re.sub(r"[_%#&${}]", lambda found: "\\" + found[0], plain)

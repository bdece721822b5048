"""Engines are asked only what all of them compute alike: the expressions are read.

What is forbidden here is wrong on some engine without saying so, or missing from one:
an aggregate over anything but a bare column ignores its condition on Dask; a window
over all rows is one task on a cluster; ranks, quantiles, first and last rows, running
sums and pivots differ or are not there.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import customer_identification


ENGINES = Path(customer_identification.__file__).parent / "engines"

AGGREGATES = {"any_value", "count", "len", "max", "min", "n_unique", "sum"}
NOWHERE = {
    "cum_count",
    "cum_max",
    "cum_min",
    "cum_prod",
    "cum_sum",
    "diff",
    "ewm_mean",
    "first",
    "gather_every",
    "interpolate_by",
    "last",
    "map_batches",
    "median",
    "mode",
    "offset_by",
    "pivot",
    "quantile",
    "rank",
    "replace_strict",
    "rolling_mean",
    "rolling_std",
    "rolling_sum",
    "rolling_var",
    "sample",
    "shift",
    "sort",
    "tail",
    "top_k",
    "total_minutes",
    "total_seconds",
    "truncate",
    "unpivot",
    "with_row_index",
}


Named = dict[str, list[ast.expr]]  # what each name of a function is set to


def unproven(source: str) -> list[tuple[int, str]]:
    """Give the line and name of every expression that not all engines compute alike."""
    tree = ast.parse(source)
    scope_of: dict[ast.AST, ast.AST] = {}
    scopes = [one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)]
    for scope in [tree, *scopes]:  # functions in functions come later
        scope_of |= dict.fromkeys(ast.walk(scope), scope)
    return sorted(
        {
            fault
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            if not _is_of_one_engine(scope_of[node])
            for fault in _faults(node, node.func, _named(scope_of[node]))
        }
    )


def _is_of_one_engine(scope: ast.AST) -> bool:
    """Tell a function that is handed the frame of one engine, to ask in its own words."""
    return isinstance(scope, ast.FunctionDef) and "native" in {
        one.arg for one in scope.args.args
    }


def _named(scope: ast.AST) -> Named:
    named: Named = {}
    for node in ast.walk(scope):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    named.setdefault(target.id, []).append(node.value)
    return named


def _faults(
    call: ast.Call, function: ast.Attribute, named: Named
) -> Iterator[tuple[int, str]]:
    name = function.attr
    if name in NOWHERE and not _is_no_expression(function.value):
        yield call.lineno, name
    elif name == "agg":
        for one in [*call.args, *(word.value for word in call.keywords)]:
            if not _is_plain(one, named):
                yield one.lineno, name
    elif (name == "over" and not call.args) or (
        name == "unique" and any(word.arg == "keep" for word in call.keywords)
    ):
        yield call.lineno, name


def _is_no_expression(value: ast.expr) -> bool:
    """Tell np.sort, and what a hook asks of an engine itself, from all expressions."""
    return isinstance(value, ast.Name) and value.id in {"np", "native"}


def _is_plain(value: ast.expr, named: Named) -> bool:
    """Tell aggregates of bare columns from all else."""
    parts: list[ast.expr] = []
    match value:
        case ast.Call(ast.Attribute(ast.Name("nw"), "len"), []):
            return True
        case ast.Call(ast.Attribute(of, name), []) if name in AGGREGATES:
            return _is_column(of, named)
        case ast.Call(ast.Attribute(of, "alias")):
            parts = [of]
        case ast.Starred(one) | ast.GeneratorExp(elt=one) | ast.ListComp(elt=one):
            parts = [one]
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            return all(_is_plain(one, named) for one in parts)
        case ast.IfExp(body=one, orelse=other):
            parts = [one, other]
        case ast.Name(name):
            parts = named.get(name, [])
    return bool(parts) and all(_is_plain(one, named) for one in parts)


def _is_column(value: ast.expr, named: Named) -> bool:
    match value:
        case ast.Call(ast.Attribute(ast.Name("nw"), "col"), [_]):
            return True
        case ast.Name(name):
            found = named.get(name, [])
            return bool(found) and all(_is_column(one, named) for one in found)
        case _:
            return False


@pytest.mark.parametrize("path", sorted(ENGINES.glob("*.py")), ids=lambda one: one.stem)
def test_an_engine_is_asked_only_what_all_compute_alike(path: Path) -> None:
    assert unproven(path.read_text(encoding="utf-8")) == []


def test_only_the_hooks_ask_an_engine_in_its_own_words() -> None:
    own = {
        path.stem
        for path in ENGINES.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if _is_of_one_engine(node)
    }
    assert own <= {"hooks"}


def test_there_are_expressions_to_read() -> None:
    sources = [path.read_text(encoding="utf-8") for path in ENGINES.glob("*.py")]
    assert sum(source.count(".agg(") for source in sources) >= 3


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("f.group_by('a').agg((nw.col('x') * nw.col('y')).sum())", "agg"),
        ("f.group_by('a').agg(nw.when(c).then(nw.col('x')).otherwise(0).sum())", "agg"),
        ("f.group_by('a').agg(nw.col('x').sum() / nw.len())", "agg"),
        ("f.group_by('a').agg(nw.col('x').filter(nw.col('y')).sum())", "agg"),
        ("f.group_by('a').agg(nw.col('x').cast(nw.Int64).sum().alias('z'))", "agg"),
        ("f.group_by('a').agg(z=nw.col('x').abs().max())", "agg"),
        ("f.group_by('a').agg(*(nw.col(n).fill_null(0).sum() for n in s))", "agg"),
        ("f.group_by('a').agg(nw.col('x').mean())", "agg"),
        ("f.group_by('a').agg(nw.col('x', 'y').sum())", "agg"),
        ("f.group_by('a').agg(nw.lit(1).sum())", "agg"),
        ("f.group_by('a').agg(flag(x))", "agg"),
        ("s = [nw.col('x').abs().max()] if a else []\nf.agg(*s)", "agg"),
        ("s = nw.when(c).then(x).sum()\nf.group_by('a').agg(s)", "agg"),
        ("def g(s):\n    return f.group_by('a').agg(*s)", "agg"),
        ("x = nw.col('x') * 2\nf.group_by('a').agg(x.sum())", "agg"),
        ("x = nw.col('x')\ndef g(x):\n    f.group_by('a').agg(x.sum())", "agg"),
        ("f.with_columns(nw.col('x').sum().over(order_by='y'))", "over"),
        ("f.unique('a', keep='first', order_by='b')", "unique"),
        *[(f"f.select(nw.col('x').{name}())", name) for name in sorted(NOWHERE)],
    ],
)
def test_what_differs_between_engines_is_found(source: str, name: str) -> None:
    assert name in [found for _, found in unproven(source)]


@pytest.mark.parametrize(
    "source",
    [
        "f.group_by('a', 'b').agg(nw.len().alias('n'), nw.col('x').sum())",
        "f.group_by('a').agg(*(nw.col(name).max() for name in names))",
        "s = [nw.col('x').max()] if a else []\nf.group_by('a').agg(*s)",
        "x = nw.col('x')\nf.group_by('a').agg(x.sum().alias('y'))",
        "f.with_columns(nw.col('x').sum().over('a'))",
        "f.select('a', 'b').unique()",
        "f.select(nw.col('x').sum())",
        "np.sort(a)",
        "def in_one(native):\n    native.groupBy('a').agg(functions.expr('bit_or(b)'))",
    ],
)
def test_what_every_engine_computes_is_let_through(source: str) -> None:
    assert unproven(source) == []

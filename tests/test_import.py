"""What importing the library, and using it in a service, brings along."""

import ast
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

import customer_identification as ci


PACKAGE = Path(ci.__file__).parent

HEAVY = (
    "pandas",
    "networkx",
    "scipy",
    "sklearn",
    "matplotlib",
    "polars",
    "pyarrow",
    "narwhals",
    "cattrs",
    "duckdb",
    "dask",
    "pyspark",
)

NOTHING_YET = """
import customer_identification
names = dir(customer_identification)
heavy = {"numpy", "attrs", "customer_identification.errors", *heavy}
"""

ONE_CUSTOMER = """
from datetime import date
import customer_identification as ci
sales = [
    ci.Transaction(customer_id="c1", date=date(2011, month, 5), amount=9)
    for month in range(1, 9)
]
summary = ci.summarize(sales, as_of="2011-08-31")
found = ci.IdentificationProgram().fit(summary).identify(summary)
assert "retain" in found.explain("c1")
"""

# Only what is told of the one customer: owed, wanted, and how likely they are to buy.
ALL_OF_ONE_CUSTOMER = (
    ONE_CUSTOMER
    + """
owed = ci.summarize_credit(
    [
        ci.Invoice(
            invoice_id=month,
            customer_id="c1",
            issued=date(2011, month, 5),
            due=date(2011, month, 25),
            amount=9,
            paid_on=date(2011, month, 20),
        )
        for month in range(1, 8)
    ],
    as_of="2011-08-31",
)
said = [
    ci.Observation(
        customer_id="c1",
        topic="delivery",
        channel="meeting",
        date=date(2011, 8, 1),
        importance=1,
        satisfaction=0.25,
    )
]
lead = ci.Customer(
    customer_id="c2",
    kind="person",
    attributes=[
        ci.Attribute(
            kind="expectations",
            name="long_relation",
            value=0.9,
            observed_on=date(2011, 8, 1),
            source="call",
        )
    ],
)
leads = ci.attribute_table([lead], as_of="2011-08-31")
criteria = ci.ProspectCriteria(
    continuity=0, adaptability=0, cooperation=0, financial_prospects=0
)
told = ci.identify(
    sales,
    as_of="2011-08-31",
    further={
        "credit": ci.CreditClassifier().fit(owed).classify(owed),
        "prospect": ci.ProspectClassifier(card=criteria).fit(leads).classify(leads),
    },
    needs=ci.rank_needs(said, as_of="2011-08-31", rng=1),
)
assert "credit: good" in told.explain("c1"), told.explain("c1")
assert "delivery" in told.explain("c1")
assert "prospect: pursue" in told.explain("c2")
"""
)


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own interpreter and code
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    "code",
    [NOTHING_YET, ONE_CUSTOMER, ALL_OF_ONE_CUSTOMER],
    ids=["imported", "one customer", "all of one customer"],
)
def test_nothing_heavy_comes_along(code: str) -> None:
    code = (
        f"heavy = set({HEAVY})\n{code}\n"
        "import sys\nfound = heavy & sys.modules.keys()\nassert not found, found"
    )
    done = run(code)
    assert done.returncode == 0, done.stderr


def test_a_name_loads_its_room_and_no_other() -> None:
    done = run(
        "import sys, customer_identification as ci\n"
        "def rooms():\n"
        "    return [one for one in sys.modules if one.startswith(ci.__name__ + '.')]\n"
        "assert rooms() == []\n"
        "ci.BadRowsError\n"
        "assert rooms() == ['customer_identification.errors'], rooms()"
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ci.__all__)
def test_every_public_name_is_there_and_stands_in_its_room(name: str) -> None:
    public = getattr(ci, name)
    assert getattr(ci, name) is public  # once more, now that it is loaded
    made_in = getattr(public, "__module__", None)
    if isinstance(made_in, str) and not isinstance(public, (tuple, dict)):
        assert made_in.startswith("customer_identification.")


def test_public_names_are_sorted_and_each_is_named_once() -> None:
    assert list(ci.__all__) == sorted(ci.__all__)
    twice = [name for name, n in Counter(ci.__all__).items() if n > 1]
    assert twice == []


def test_dir_has_every_public_name() -> None:
    assert set(ci.__all__) <= set(dir(ci))


def test_every_room_declares_what_is_taken_from_it() -> None:
    # A public name that its own module does not list was left behind, or is misspelt.
    strange = []
    for room, names in ci._ROOMS.items():
        path = PACKAGE / f"{room.replace('.', '/')}.py"
        tree = ast.parse(
            (path if path.exists() else PACKAGE / room / "__init__.py").read_text()
        )
        declared = all_of(tree)
        strange += [(room, name) for name in names if name not in declared]
    assert strange == []


def all_of(tree: ast.Module) -> list[str]:
    """Give the names in `__all__` of a module."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return list(ast.literal_eval(node.value))
    raise AssertionError("there is no __all__")


def test_checkers_and_python_are_told_the_same() -> None:
    tree = ast.parse((PACKAGE / "__init__.pyi").read_text(encoding="utf-8"))
    told = {
        alias.asname or alias.name: node.module
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert told == {
        name: f"customer_identification.{room}"
        for room, names in ci._ROOMS.items()
        for name in names
    }
    assert sorted(all_of(tree)) == list(ci.__all__)


@pytest.mark.parametrize("name", ["nobody", "identify_all", "__wrapped__", "Ci"])
def test_an_unknown_name_is_an_attribute_error(name: str) -> None:
    with pytest.raises(AttributeError, match=f"customer_identification.*{name}"):
        getattr(ci, name)


def test_an_unknown_name_cannot_be_imported() -> None:
    with pytest.raises(ImportError, match="nobody"):
        exec("from customer_identification import nobody", {})  # noqa: S102


def test_a_star_import_brings_every_public_name() -> None:
    names: dict[str, object] = {}
    exec("from customer_identification import *", names)  # noqa: S102
    names.pop("__builtins__")
    assert sorted(names) == list(ci.__all__)


def test_a_function_is_not_hidden_by_the_module_it_is_made_in() -> None:
    # `ci.identify` is the front door, and there is no module of that name to shadow it.
    done = run(
        "import customer_identification.program\n"
        "import customer_identification.invoices.ageing\n"
        "import customer_identification as ci\n"
        "for name in ci.__all__:\n"
        "    assert type(getattr(ci, name)).__name__ != 'module', name"
    )
    assert done.returncode == 0, done.stderr


def test_the_map_of_rooms_names_what_is_there() -> None:
    assert ci.__doc__ is not None
    _, _, table = ci.__doc__.partition("====\n")
    rows = [
        line[:30].rstrip() for line in table.splitlines() if not line.startswith("=")
    ]
    rows = rows[: rows.index("")]
    named = []
    for row in rows:
        first, *others = row.split(", ")
        folder, dot, _ = first.rpartition(".")
        named += [first, *(f"{folder}{dot}{one.lstrip('.')}" for one in others)]
    there = {
        ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(
            ".__init__"
        )
        for path in PACKAGE.rglob("*.py")
    }
    assert len(named) > 30
    assert [one for one in named if one not in there] == []

"""Service tables against plain loops over customers and lines."""

import itertools
import pickle
from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_identification import (
    IdentificationProgram,
    Transaction,
    UnknownCustomerError,
    from_dict,
    identify,
    to_dict,
)
from customer_identification.service.lines import (
    DEFAULT_SERVICE_LEVELS,
    DEFAULT_SERVICE_LINES,
    MOST_LINES,
    ServiceLine,
)
from customer_identification.service.plan import Service
from customer_identification.service.treatment import ServicePolicy
from service.makers import AS_OF, classes_of, refused


FEW = settings(max_examples=60, deadline=None)
LABELS = {"one": ("a", "b", "c"), "two": ("x", "y")}
ROLES = ("agent", "payer")
LEVELS = ("best", "good", "rest")


class Roles:
    """Who has which role, in a dict."""

    def __init__(self, by_role: dict[str, set[Any]]) -> None:
        self.by_role = by_role

    def holds(self, customer_ids: Any, role: str) -> Any:
        held = self.by_role.get(role, set())
        return np.array([one in held for one in customer_ids.tolist()], dtype=np.bool_)


def line(level: str = "rest", treatment: str = "do", **more: Any) -> ServiceLine:
    return ServiceLine(level=level, treatment=treatment, **more)


def table(*lines: ServiceLine) -> ServicePolicy:
    return ServicePolicy(lines=(*lines, line()), levels=LEVELS)


def matches(one: ServiceLine, labels: dict[str, str], held: set[str]) -> bool:
    return all(labels[name] in among for name, among in one.when.items()) and (
        not one.roles or bool(set(one.roles) & held)
    )


@st.composite
def lines(draw: Any) -> ServiceLine:
    when = {
        name: tuple(draw(st.sets(st.sampled_from(labels), min_size=1)))
        for name, labels in LABELS.items()
        if draw(st.booleans())
    }
    roles = tuple(draw(st.sets(st.sampled_from(ROLES)))) if draw(st.booleans()) else ()
    return line(draw(st.sampled_from(LEVELS)), when=when, roles=roles)


# --- applying a table -------------------------------------------------------------------


@st.composite
def cases(draw: Any) -> tuple[list[ServiceLine], list[tuple[str, str]], Roles]:
    table = draw(st.lists(lines(), max_size=6))
    pairs = list(itertools.product(*LABELS.values()))
    customers = draw(st.lists(st.sampled_from(pairs), max_size=12))
    ids = st.sets(st.sampled_from(range(12)))
    return table, customers, Roles({role: draw(ids) for role in ROLES})


@FEW
@given(cases())
def test_every_customer_gets_the_first_line_that_holds(case):
    wanted, customers, roles = case
    kept: list[ServiceLine] = []
    for one in wanted:  # leave out those that can never match
        try:
            table(*kept, one)
        except ValueError:
            continue
        kept.append(one)
    policy = table(*kept)
    classes = {
        name: classes_of([one[at] for one in customers], labels)
        for at, (name, labels) in enumerate(LABELS.items())
    }
    plan = policy.plan(classes, roles=roles)
    for customer, labels in enumerate(customers):
        told = dict(zip(LABELS, labels, strict=True))
        held = {role for role in ROLES if customer in roles.by_role[role]}
        at = next(i for i, one in enumerate(policy.lines) if matches(one, told, held))
        found = plan[customer]
        assert found == Service(
            level=policy.lines[at].level,
            treatment="do",
            line=at + 1,
            conditions=tuple((name, told[name]) for name in policy.lines[at].when),
            roles=tuple(one for one in policy.lines[at].roles if one in held),
            source="our choice",
        )
        assert plan.level_of(customer) == found.level
    assert sum(plan.counts().values()) == sum(plan.counts_by_line()) == len(customers)


@pytest.mark.parametrize("n_lines", [2, 8, 9, 16, 17, 32, 33, MOST_LINES])
def test_tables_of_any_length_find_each_of_their_lines(n_lines):
    labels = [f"l{i}" for i in range(n_lines)]
    policy = table(*[line(treatment=one, when={"r": one}) for one in labels[:-1]])
    plan = policy.plan({"r": classes_of(labels, labels)})
    assert plan.codes.tolist() == list(range(n_lines))


def test_a_plan_of_many_customers_is_that_of_each_alone():
    n = 150_000  # more than two blocks
    codes = np.arange(n) % 3
    classes = evolve(
        classes_of([], LABELS["one"]),
        customer_ids=np.arange(n),
        codes=codes.astype(np.int8),
    )
    holder = Roles({"agent": set(range(0, n, 7))})
    policy = table(
        line("best", when={"one": "a"}, roles=["agent"]),
        line("good", when={"one": ("b", "c")}),
    )
    plan = policy.plan({"one": classes}, roles=holder)
    expected = np.where(codes > 0, 1, np.where(np.arange(n) % 7 == 0, 0, 2))
    assert np.array_equal(plan.codes, expected)


def test_nobody_gets_no_service():
    plan = table().plan({"one": classes_of([], LABELS["one"])})
    assert len(plan) == 0
    assert plan.counts() == dict.fromkeys(LEVELS, 0)
    assert plan.to_frame().shape == (0, 4)


def test_a_plan_says_who_gets_what_and_why():
    classes = classes_of({"c1": "a", "c2": "b", "c3": "c"}, LABELS["one"])
    policy = table(
        line("best", "Visit", when={"one": "a"}),
        line("good", "Call", roles=("agent", "payer")),
    )
    plan = policy.plan({"one": classes}, roles=Roles({"payer": {"c2"}}))
    assert str(plan["c1"]) == "best: Visit (line 1: one is a)"
    assert str(plan["c2"]) == "good: Call (line 2: role payer)"
    assert str(plan["c3"]) == "rest: do (line 3: no line above holds)"
    assert str(plan).splitlines()[0] == "1 customer: best: one a: Visit"
    assert str(policy).splitlines()[1] == "2. good: role agent or payer: Call"
    assert plan.where("best", "rest").tolist() == [True, False, True]
    assert repr(plan) == "ServicePlan(3 customers, as of 2011-07-31)"
    assert repr(policy) == "ServicePolicy(3 lines)"
    with refused("unknown_level"):
        plan.where("first")
    for strange in ("c4", 1, None):
        with pytest.raises(UnknownCustomerError):
            plan[strange]


def test_a_plan_as_a_frame_is_of_the_kind_of_the_classes():
    policy = table(
        line("best", "Visit", when={"one": "a"}),
        line("good", "Visit", when={"one": "b"}),
    )
    classes = classes_of(["a", "b", "c"], LABELS["one"], kind="polars")
    frame = policy.plan({"one": classes}).to_frame()
    assert isinstance(frame, pl.DataFrame)
    assert frame.rows() == [
        (0, "best", "Visit", 1),
        (1, "good", "Visit", 2),
        (2, "rest", "do", 3),
    ]


def test_a_plan_of_other_ids_is_that_of_renamed_classes():
    policy = table(line("best", roles="agent"), line("good", when={"one": "b"}))
    classes = classes_of({"c1": "a", "c2": "b", "c3": "c"}, LABELS["one"])
    plan = policy.plan({"one": classes}, roles=Roles({"agent": {"c3"}}))
    renamed = plan.renamed(np.array([30, 10, 20]))
    again = policy.plan(
        {"one": classes.renamed(np.array([30, 10, 20]))}, roles=Roles({"agent": {20}})
    )
    assert renamed == again
    assert [renamed.level_of(one) for one in (30, 10, 20)] == ["rest", "good", "best"]
    assert renamed[20] == plan["c3"]


def test_levels_are_classes_best_first():
    policy = table(line("best", when={"one": "c"}), line("good", when={"one": "a"}))
    levels = policy.plan({"one": classes_of("abc", LABELS["one"])}).as_classes()
    assert levels.ordered
    assert levels.labels == LEVELS
    assert [levels.label_of(one) for one in range(3)] == ["good", "rest", "best"]


# --- tables that make no sense ----------------------------------------------------------


def worlds() -> list[tuple[dict[str, str], set[str]]]:
    """List all that a customer may be, with one class more than is ever named."""
    names = [(*labels, "other") for labels in LABELS.values()]
    held = [set(), {"agent"}, {"payer"}, {"agent", "payer"}]
    return [
        (dict(zip(LABELS, labels, strict=True)), roles)
        for labels in itertools.product(*names)
        for roles in held
    ]


@FEW
@given(st.lists(lines(), max_size=7))
def test_a_line_is_refused_exactly_where_lines_above_take_all_it_could_take(wanted):
    everyone = worlds()
    wanted = [*wanted, line()]
    shadowed = [
        at
        for at, one in enumerate(wanted)
        if not any(
            matches(one, *world) and not any(matches(up, *world) for up in wanted[:at])
            for world in everyone
        )
    ]
    if shadowed:
        with refused("shadowed", f"line {shadowed[0] + 1} never"):
            ServicePolicy(lines=wanted, levels=LEVELS)
    else:
        assert len(ServicePolicy(lines=wanted, levels=LEVELS).lines) == len(wanted)


def test_a_long_table_is_checked_in_no_time():
    rules = [f"r{i}" for i in range(6)]
    many = [
        line(when={rules[i % 6]: f"a{i}", rules[(i + 1) % 6]: (f"b{i}", f"c{i}")})
        for i in range(MOST_LINES - 1)
    ]
    assert len(table(*many).lines) == MOST_LINES


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"lines": ()}, "bad_table"),
        ({"lines": [line()] * (MOST_LINES + 1)}, "bad_table"),
        ({"lines": [line(when={"one": "a"})]}, "bad_table"),
        ({"lines": [line(roles="agent")]}, "bad_table"),
        ({"lines": [line("first")]}, "unknown_level"),
        ({"lines": [line(), line()]}, "shadowed"),
        ({"lines": line()}, "bad_option"),
        ({"lines": [("rest", "do")]}, "bad_option"),
        ({"levels": "rest"}, "bad_option"),
        ({"levels": ("rest", "rest")}, "bad_option"),
        ({"levels": ("rest", " ")}, "bad_option"),
        ({"levels": ("rest", 1)}, "bad_option"),
        ({"levels": ()}, "unknown_level"),
    ],
)
def test_malformed_tables_are_refused(more, code):
    with refused(code):
        ServicePolicy(**{"lines": [line()], "levels": LEVELS, **more})


@pytest.mark.parametrize(
    "more",
    [
        {"level": ""},
        {"level": None},
        {"treatment": "  "},
        {"treatment": 3},
        {"source": ""},
        {"when": [("one", "a")]},
        {"when": {"one": ()}},
        {"when": {"one": {"a"}}},
        {"when": {"one": (1,)}},
        {"when": {"": "a"}},
        {"when": {1: "a"}},
        {"roles": {"agent"}},
        {"roles": ("",)},
    ],
)
def test_malformed_lines_are_refused(more):
    with refused("bad_option"):
        line(**more)


def test_malformed_calls_are_refused():
    policy = table(line("best", when={"one": "a"}))
    classes = classes_of("abc", LABELS["one"])
    for given_, code in [
        ({}, "bad_option"),
        ([classes], "bad_option"),
        ({"one": "a"}, "bad_option"),
        ({"two": classes}, "unknown_rule"),
        ({"one": classes_of("xy", LABELS["two"])}, "unknown_class"),
        ({"one": classes, "two": classes_of("xy", LABELS["two"])}, "other_customers"),
        (
            {"one": classes, "two": evolve(classes, as_of=date(2011, 8, 31))},
            "bad_dates",
        ),
    ]:
        with refused(code):
            policy.plan(given_)


def test_an_unknown_rule_or_class_is_told_beside_those_that_are_there():
    policy = table(line("best", when={"one": ("a", "gold")}))
    with refused("unknown_rule", "only two .ServicePolicy.for_rules"):
        policy.plan({"two": classes_of("xy", LABELS["two"])})
    with refused("unknown_class", "line 1 .* one has: a, b, c; gold is none"):
        policy.plan({"one": classes_of("abc", LABELS["one"])})


class Wrong:
    """Answers as no holder of roles may."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def holds(self, customer_ids: Any, role: str) -> Any:
        return self.answer


@pytest.mark.parametrize(
    ("roles", "code"),
    [
        (None, "missing_roles"),
        ({"agent": [1]}, "missing_roles"),
        (Wrong([True, True, True]), "bad_roles"),
        (Wrong(np.ones(3)), "bad_roles"),
        (Wrong(np.ones(2, np.bool_)), "bad_roles"),
        (Wrong(np.ones((3, 1), np.bool_)), "bad_roles"),
    ],
)
def test_roles_must_be_told_by_one_bool_a_customer(roles, code):
    classes = {"one": classes_of("abc", LABELS["one"])}
    with refused(code):
        table(line("best", roles="agent")).plan(classes, roles=roles)


# --- the default table ------------------------------------------------------------------


def test_the_default_table_follows_the_texts():
    loyalty = ["relational", "transactional", "unknown"]
    value = ["A", "B", "C", "none", "unknown", "apart"]
    trajectory = ["retain", "win_share", "rising", "stable", "review", "new"]
    trajectory += ["dormant", "unknown", "apart"]
    every = list(itertools.product(loyalty, value, trajectory))
    plan = ServicePolicy().plan(
        {
            name: classes_of([one[at] for one in every], labels)
            for at, (name, labels) in enumerate(
                [("loyalty", loyalty), ("value", value), ("trajectory", trajectory)]
            )
        }
    )
    for at, (how, worth, where) in enumerate(every):
        level = plan.level_of(at)
        told = plan[at].treatment
        if how == "transactional":  # "isolate transactional customers"
            assert level == "minimal"
            assert "apart" in told
        elif worth == "A":  # "complaints of Class A customers" first
            assert level == "key"
            assert "complaints first" in told
            assert ("Visit now" in told) == (where in {"review", "dormant"})
            assert ("competitors" in told) == (where == "win_share")
        elif worth in {"B", "C"} and where in {"win_share", "rising"}:
            assert level == "major"
            assert told.startswith("Star of tomorrow")
        elif worth == "B":
            assert level == "major"
        elif worth == "none" or (worth == "C" and where in {"review", "dormant"}):
            assert level == "minimal"
            assert told.startswith("Let go after a look")
        else:
            assert level == "basic"
    assert all(plan.counts_by_line())  # every line takes somebody


def test_the_default_table_reads_what_the_default_program_finds():
    found = identify(
        [
            Transaction(customer_id=one, date=date(2011, month, 5), amount=amount)
            for month in range(1, 9)
            for one, amount in [("c1", 900), ("c2", 30 * month), ("c3", 9)]
        ],
        as_of="2011-08-31",
        program=IdentificationProgram(),
    )
    plan = ServicePolicy().plan(found.classes)
    assert [plan.level_of(one) for one in ("c1", "c2", "c3")] == [
        "key",
        "major",
        "basic",
    ]
    assert plan.as_of == date(2011, 8, 31)


def test_the_default_table_can_do_with_fewer_rules():
    by_value = ServicePolicy.for_rules({"value": 1, "other": 2})
    assert [one for one in DEFAULT_SERVICE_LINES if set(one.when) <= {"value"}] == [
        *by_value.lines
    ]
    classes = classes_of(["A", "C", "unknown"], ["A", "B", "C", "none", "unknown"])
    assert by_value.plan({"value": classes}).counts() == {
        "key": 1,
        "major": 0,
        "basic": 2,
        "minimal": 0,
    }
    assert ServicePolicy.for_rules([]).lines == DEFAULT_SERVICE_LINES[-1:]
    assert (
        ServicePolicy.for_rules(["loyalty", "value", "trajectory"]) == ServicePolicy()
    )
    with refused("unknown_rule"):
        ServicePolicy().plan({"value": classes})
    for wrong in ("value", None):
        with refused("bad_option"):
            ServicePolicy.for_rules(wrong)


def test_policies_and_plans_are_values():
    policy = table(line("best", when={"one": "a"}, roles=("agent",)))
    assert policy == table(line("best", when={"one": ["a"]}, roles="agent"))
    assert policy != table(line("best", when={"one": "b"}, roles=("agent",)))
    assert hash(policy) == hash(pickle.loads(pickle.dumps(policy)))  # noqa: S301
    for one in (policy, ServicePolicy()):
        types = (ServicePolicy, ServiceLine)
        assert from_dict(to_dict(one), types=types) == one
    assert policy.levels == LEVELS
    assert ServicePolicy().levels == DEFAULT_SERVICE_LEVELS
    classes = {"one": classes_of("abc", LABELS["one"])}
    plan = policy.plan(classes, roles=Roles({}))
    assert plan == policy.plan(classes, roles=Roles({}))
    assert pickle.loads(pickle.dumps(plan)) == plan  # noqa: S301
    assert plan != policy.plan(classes, roles=Roles({"agent": {0}}))
    assert plan.as_of == AS_OF


def test_roles_come_behind_key_customers_and_before_all_others():
    policy = ServicePolicy.with_roles()
    levels = [line.level for line in policy.lines]
    first = next(at for at, line in enumerate(policy.lines) if line.roles)
    assert levels[:first] == ["key"] * first
    assert [line.roles for line in policy.lines[first : first + 3]] == [
        ("competitor",),
        ("bill_payer",),
        ("agent",),
    ]
    ours = ServicePolicy().lines
    assert sorted(map(str, ours)) == sorted(
        str(line) for line in policy.lines if not line.roles
    )
    assert "key" not in levels[first:]

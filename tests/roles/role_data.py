"""Real data sets as a host would hand them over to tell who is what.

As in `datasets.py`, sets that are absent are skipped, and the only preparation is what a
host must do itself. What a set does not tell is not made up: it is said at each reader.
"""

import functools
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pandas as pd

import customer_identification as ci
import datasets
from datasets import _read


__all__ = [
    "ALL",
    "Handed",
    "berka",
    "can_joint_annuity",
    "complete_journey",
    "eu_direct_lapse",
    "northwind",
    "physician_detailing",
    "us_lapse_agent",
]


@dataclass(frozen=True, kw_only=True)
class Handed:
    """One data set: what goes to `assign_roles`, and to `role_ledger`."""

    roles: dict[str, Any]
    worth: pd.DataFrame | None = None
    terms: dict[str, Any] = field(default_factory=dict)

    @functools.cached_property
    def book(self) -> ci.RoleBook:
        return ci.assign_roles(**self.roles)

    @functools.cached_property
    def ledger(self) -> ci.RoleLedger:
        return ci.role_ledger(self.worth, **self.terms)


def _numbered(word: str, numbers: Any) -> pd.Series:
    return word + "-" + pd.Series(numbers).astype("str")


@functools.cache
def berka() -> Handed:
    """Czech bank: accounts with owner and second user, standing orders to others.

    The second user's role is the bank's own, a "disponent". An order's date is not told:
    it is taken to run from the opening of its account. It belongs to that account's
    owner, who pays it; its receiving account is the beneficiary.
    """
    accounts, holders = _read("berka/account.parquet"), _read("berka/disp.parquet")
    orders = _read("berka/order.parquet")
    opened = pd.to_datetime(accounts["date"], format="%Y-%m-%d")
    opened.index = accounts["account_id"]
    holders = holders.assign(
        party_id=_numbered("client", holders["client_id"]),
        agreement_id=_numbered("account", holders["account_id"]),
        since=holders["account_id"].map(opened),
    )
    owner = holders[holders["type"] == "OWNER"].set_index("account_id")["party_id"]
    agreements = pd.concat(
        [
            pd.DataFrame(
                {
                    "agreement_id": _numbered("account", accounts["account_id"]),
                    "owner_id": accounts["account_id"].map(owner),
                    "opened": accounts["account_id"].map(opened),
                }
            ),
            pd.DataFrame(
                {
                    "agreement_id": _numbered("order", orders["order_id"]),
                    "owner_id": orders["account_id"].map(owner),
                    "beneficiary_id": orders["bank_to"]
                    + ":"
                    + orders["account_to"].astype("str"),
                    "payer_id": orders["account_id"].map(owner),
                    "scope": orders["k_symbol"],
                    "opened": orders["account_id"].map(opened),
                    "amount": orders["amount"],
                }
            ),
        ]
    )
    users = holders[holders["type"] == "DISPONENT"]
    return Handed(
        roles={
            "agreements": agreements,
            "statements": users.assign(
                kind="disponent", towards=users["account_id"].map(owner)
            ),
        },
        worth=agreements[agreements["amount"].notna()],
        terms={
            "as_of": date(1998, 12, 31),
            "columns": {"customer_id": "owner_id", "date": None},
        },
    )


@functools.cache
def eu_direct_lapse() -> Handed:
    """Motor policies: who holds them, and whether others drive.

    There are no ids and no dates: the row is the policy, its holder and, where others
    than the holder drive, one beneficiary who stands for them all. That holders of
    several policies are among the rows is told, but not which.
    """
    table = _read("eu_direct_lapse/eu_direct_lapse.parquet").reset_index(names="row")
    others = ~table["polholder_diffdriver"].isin(["same", "unknown"])
    policies = pd.DataFrame(
        {
            "agreement_id": table["row"],
            "owner_id": _numbered("holder", table["row"]),
            "payer_id": _numbered("holder", table["row"]),
            "beneficiary_id": _numbered("driver", table["row"]).where(others),
            "scope": table["policy_caruse"].astype("str"),
            "amount": table["prem_final"],
        }
    )
    return Handed(
        roles={"agreements": policies},
        worth=policies,
        terms={
            "as_of": date(2000, 1, 1),
            "columns": {"customer_id": "owner_id", "date": None},
        },
    )


QUARTER = 91  # days in the unit of `duration`: all in force then end on 2010-05-12


@functools.cache
def us_lapse_agent() -> Handed:
    """Life policies sold by tied agents, none of whom is told from another.

    So all tied agents are one party. Premiums are standardised, hence no money; each
    policy counts as one.
    """
    table = _read("us_lapse_agent/us_lapse_agent.parquet").reset_index(names="row")
    days = pd.to_timedelta((table["duration"] * QUARTER).round(), unit="D")
    ended = table["termination.cause"] != "in-force"
    policies = pd.DataFrame(
        {
            "agreement_id": table["row"],
            "owner_id": _numbered("holder", table["row"]),
            "agent_id": "tied agents",
            "opened": table["issue.date"],
            "closed": (table["issue.date"] + days).where(ended),
            "amount": 1,
        }
    )
    return Handed(
        roles={"agreements": policies},
        worth=policies,
        terms={
            "as_of": date(2010, 5, 12),
            "columns": {"customer_id": "owner_id", "date": "opened"},
        },
    )


ENTRY = pd.Timestamp("2000-01-01")


@functools.cache
def can_joint_annuity() -> Handed:
    """Annuities of couples: both are paid, as long as they live.

    Who of the two bought it is not told, so nobody is the owner, and there are no
    amounts. Ages and times since entry are told, but no day: all couples enter on one
    day of ours, and a day is so long after entry.
    """
    table = _read("can_joint_annuity/can_joint_annuity.parquet")
    one_sex = [
        pd.DataFrame(
            {
                "party_id": _numbered(word, table.index),
                "agreement_id": table.index,
                "kind": "beneficiary",
                "since": ENTRY,
                "until": (
                    ENTRY
                    + pd.to_timedelta(
                        (table[f"DeathTime{sex}"] * 365.25).round(), unit="D"
                    )
                ).where(table[f"IsDead{sex}"] == 1),
            }
        )
        for word, sex in (("man", "M"), ("woman", "F"))
    ]
    return Handed(roles={"statements": pd.concat(one_sex)})


@functools.cache
def northwind() -> Handed:
    """Food wholesaler: employees act as agents, and some for others of them.

    Where an order is shipped to another name or town than the customer's, that address
    is the beneficiary: 7 addresses, of which 6 are misspelt, and one is elsewhere.
    """
    lines = datasets.northwind().frame
    customers = _read("northwind/customers.parquet").set_index("customerID")
    ship_to = lines["shipName"] + ", " + lines["shipCity"]
    bill_to = customers["companyName"] + ", " + customers["city"]
    lines = lines.assign(
        agent=_numbered("employee", lines["employeeID"]),
        ship_to=ship_to.where(ship_to != lines["customerID"].map(bill_to)),
        category="category " + lines["categoryID"].astype("str"),
    )
    employees = _read("northwind/employees.parquet").dropna(subset="reportsTo")
    above = pd.DataFrame(
        {
            "party_id": _numbered("employee", employees["employeeID"]),
            "kind": "agent",
            "scope": "sales",
            "since": pd.to_datetime(employees["hireDate"].str[:10], format="%Y-%m-%d"),
            "towards": _numbered("employee", employees["reportsTo"].astype("int64")),
        }
    )
    who = {
        "customer_id": "customerID",
        "date": "orderDate",
        "agent_id": "agent",
        "beneficiary_id": "ship_to",
    }
    return Handed(
        roles={
            "transactions": lines,
            "statements": above,
            "parties": customers.index.tolist(),
            "columns": {"transactions": who},
        },
        worth=lines,
        terms={"as_of": date(1998, 5, 6), "columns": {**who, "amount": "amount"}},
    )


MONTH = 28  # days of a month on a clock of ours, which begins at `ENTRY`


@functools.cache
def physician_detailing() -> Handed:
    """Physicians choose, their unnamed patients get, and nobody says who pays.

    So the patients of a physician are one customer; the physician is no agent of ours
    but a "chooser", a role of the host's own by a rule of its own, and is "called on" in
    months with sales calls. There are no dates, only an order of months.
    """
    counts = _read("physician_detailing/counts.parquet").astype("int64")
    month = counts.groupby("id").cumcount()
    counts = counts.assign(
        physician=_numbered("physician", counts["id"]),
        patients=_numbered("patients of", counts["id"]),
        date=ENTRY + pd.to_timedelta(month * MONTH, unit="D"),
    )
    called = counts[counts["detailing"] > 0]
    rules = tuple(
        ci.RoleRule(
            name="prescribed", source="transaction", place="agent", gives="chooser"
        )
        if (rule.source, rule.place) == ("transaction", "agent")
        else rule
        for rule in ci.DEFAULT_ROLE_RULES
    )
    who = {"customer_id": "patients", "agent_id": "physician"}
    prescribed = counts[counts["scripts"] > 0]
    return Handed(
        roles={
            "transactions": prescribed,
            "statements": pd.DataFrame(
                {
                    "party_id": called["physician"],
                    "kind": "called on",
                    "since": called["date"],
                    "until": called["date"] + pd.Timedelta(days=MONTH - 1),
                }
            ),
            "rules": rules,
            "columns": {"transactions": who},
        },
        worth=prescribed,
        terms={
            "as_of": date(2002, 1, 1),
            "columns": {**who, "amount": "scripts"},
            "minor_units": 0,
        },
    )


@functools.cache
def complete_journey() -> Handed:
    """Grocer: the household is the customer; who in it pays or eats is not told."""
    lines = datasets.complete_journey().frame
    who = {"customer_id": "household_id", "date": "transaction_timestamp"}
    return Handed(
        roles={
            "transactions": lines,
            "parties": lines["household_id"].unique().tolist(),
            "columns": {"transactions": {**who, "category": "department"}},
            "tz": "America/New_York",
        },
        worth=lines,
        terms={
            "as_of": date(2017, 12, 31),
            "columns": {**who, "amount": "sales_value"},
            "tz": "America/New_York",
        },
    )


ALL = (
    berka,
    eu_direct_lapse,
    us_lapse_agent,
    can_joint_annuity,
    northwind,
    physician_detailing,
    complete_journey,
)

"""What this library does with agreements, customers and ids, job by job."""

from datetime import date
from functools import partial
from typing import Any

import numpy as np
from attrs import frozen
from numpy.typing import NDArray
from roles_tables import AS_OF, BUDGET, KEY, LABELS, LEAST, MOST, PLACES, SCOPES
from route import NO_DAY, Numbers, Route

from customer_identification import Classification, assign_roles, role_ledger
from customer_identification.privacy.pseudonyms import Pseudonyms
from customer_identification.roles.book import RoleBook
from customer_identification.roles.values import RoleValues
from customer_identification.service.allocation import Allocation
from customer_identification.service.budget import share_budget
from customer_identification.service.plan import ServicePlan
from customer_identification.service.treatment import ServicePolicy


__all__ = ["JOBS", "plain", "policy"]

COLUMNS = {"customer_id": "owner_id", "date": "opened", "amount": "premium"}
FIRST, LAST = date.min.toordinal(), date.max.toordinal()
EPOCH = date(1970, 1, 1).toordinal()
policy = ServicePolicy()


def plain(ids: NDArray[Any]) -> NDArray[np.int64]:
    """Give ids as whole numbers, text without its letter; -1 for nobody."""
    if ids.dtype.kind in "iu":
        return ids.astype(np.int64)
    return np.array([int(one[1:]) if one else -1 for one in ids], dtype=np.int64)


# --- roles ----------------------------------------------------------------------------


@frozen(eq=False)
class Resolved:
    """The roles of all parties, and what is asked of them."""

    book: RoleBook
    counts: dict[str, int]
    several: NDArray[Any]
    on_the_day: dict[str, int]


def resolve(frame: Any) -> Resolved:
    """Assign roles, count them, find parties with several, and count those of a day."""
    book = assign_roles(frame)
    return Resolved(book, book.counts(), book.with_several(), book.at(AS_OF).counts())


def role_numbers(found: Resolved) -> Numbers:
    """Give every role, in the order of party, role and agreement."""
    book, spells = found.book, found.book.spells
    ids = np.append(plain(book.ids), -1)
    agreements = plain(book.agreement_ids)[spells.agreement]
    order = np.lexsort([agreements, spells.kind, ids[spells.party]])
    place = np.array([list(PLACES).index(one) for one in book.kinds[: len(PLACES)]])
    scope = np.array([SCOPES.index(one) for one in book.scopes], dtype=np.int64)
    return {
        "party": ids[spells.party][order],
        "role": place[spells.kind][order],
        "agreement": agreements[order],
        "towards": ids[spells.towards][order],
        "scope": scope[spells.scope][order],
        "since": days_of(spells.since)[order],
        "until": days_of(spells.until)[order],
        "counts": np.array([found.counts[one] for one in PLACES]),
        "several": np.sort(plain(found.several)),
        "on the day": np.array([found.on_the_day[one] for one in PLACES]),
    }


def days_of(days: NDArray[Any]) -> NDArray[np.int64]:
    """Give days with -1 where a spell has no end or start."""
    never = np.isin(days, [FIRST - EPOCH, LAST - EPOCH])
    return np.where(never, NO_DAY, days.astype(np.int64))


def values_by_role(frame: Any) -> RoleValues:
    """Share the premiums out to owner, payer, beneficiary and agent."""
    return role_ledger(frame, as_of=AS_OF, columns=COLUMNS).by_role()


def value_numbers(found: RoleValues) -> Numbers:
    """Give the cents of every party in each role, and of all."""
    party = plain(found.ids)
    order = np.argsort(party)
    columns = {name: found.minor[order, at] for at, name in enumerate(found.kinds)}
    return {"party": party[order], **columns, "total": np.array(found.total_minor)}


# --- service --------------------------------------------------------------------------


def classes_of(frame: Any) -> dict[str, Classification]:
    """Make the three classifications that the library would have at this point."""
    return {
        name: Classification(
            customer_ids=frame["customer_id"].to_numpy(),
            codes=frame[name].cat.codes.to_numpy(),
            labels=tuple(frame[name].cat.categories),
            as_of=date.fromisoformat(AS_OF),
        )
        for name in LABELS
    }


def plan(classes: dict[str, Classification]) -> tuple[ServicePlan, dict[str, int]]:
    """Give every customer a service, and count the levels."""
    made = policy.plan(classes)
    return made, made.counts()


def plan_framed(classes: dict[str, Classification]) -> Any:
    """Do that, and give ids, levels and treatments as a frame."""
    made, counts = plan(classes)
    return made, counts, made.to_frame()


def plan_numbers(found: Any) -> Numbers:
    """Give the line of every customer, from 1, and the counts of levels."""
    return {
        "line": found[0].codes.astype(np.int64) + 1,
        "counts": np.array([found[1][level] for level in policy.levels]),
    }


@frozen(eq=False)
class AtStake:
    """What is at stake with customers who have a service level."""

    stake: NDArray[np.int64]
    levels: Classification


def at_stake(frame: Any) -> AtStake:
    """Plan the service, off the clock."""
    levels = policy.plan(classes_of(frame)).as_classes()
    return AtStake(frame["stake"].to_numpy(), levels)


def visits_within(given: AtStake) -> Allocation:
    """Share visits out by level, each customer's within bounds."""
    return share_budget(
        given.stake,
        int(BUDGET * given.stake.size),
        minimum=LEAST,
        maximum=MOST,
        classes=given.levels,
    )


def visits(given: AtStake) -> Allocation:
    """Share visits out among all alike."""
    return share_budget(given.stake, int(BUDGET * given.stake.size))


def visit_numbers(found: Allocation) -> Numbers:
    """Give the visits of every customer."""
    return {"units": found.units}


# --- privacy --------------------------------------------------------------------------


def owners(frame: Any, *, text: bool) -> list[Any]:
    """Give distinct ids as Python has them."""
    ids = frame["customer_id"].tolist()
    return [f"C{one:08d}" for one in ids] if text else ids


def name_all(ids: list[Any]) -> list[str]:
    """Give every id its pseudonym."""
    return Pseudonyms(KEY).of_all(ids)


def name_numbers(names: list[str]) -> Numbers:
    """Give the names."""
    return {"names": np.array(names)}


JOBS = {
    "roles": Route(resolve, role_numbers),
    "values": Route(values_by_role, value_numbers),
    "plan": Route(plan, plan_numbers, classes_of),
    "plan_framed": Route(plan_framed, plan_numbers, classes_of),
    "visits_within": Route(visits_within, visit_numbers, at_stake),
    "visits": Route(visits, visit_numbers, at_stake),
    "names": Route(name_all, name_numbers, partial(owners, text=False)),
    "names_of_text": Route(name_all, name_numbers, partial(owners, text=True)),
}

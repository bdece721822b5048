"""A CRM developer's story: who is what to a phone company, and what hangs on whom."""

from datetime import date

import customer_identification as ci
from customer_identification.privacy.erasure import erase
from customer_identification.privacy.pseudonyms import Pseudonyms, pseudonymize


LINES = "lines"  # what is sold, and what the rival offers too
NEW_YEAR, TODAY = date(2011, 1, 1), date(2011, 12, 31)

# Known to us: a firm with three of staff, an agent's two clients, a rival, a visitor.
people = [
    ci.Customer(customer_id="bello-ltd", kind="organization", name="Bello & Sons"),
    ci.Customer(customer_id="ada", kind="person", name="Ada Bello"),
    ci.Customer(customer_id="bayo", kind="person", name="Bayo Ojo"),
    ci.Customer(customer_id="chi", kind="person", name="Chi Eze"),
    ci.Customer(customer_id="dayo", kind="person", name="Dayo Ade"),
    ci.Customer(customer_id="emeka", kind="person", name="Emeka Obi"),
    ci.Customer(customer_id="rival-net", kind="organization", name="Rival Networks"),
    ci.Customer(customer_id="gozie", kind="person", name="Gozie Uba"),
]


def in_agreement(kind: str, party: str, since: date = NEW_YEAR) -> ci.Role:
    """Say that a party has a role in an agreement."""
    towards = None if kind == "owner" else "bello-ltd"
    return ci.Role(party_id=party, kind=kind, since=since, towards=towards)


# The firm owns one contract; its staff use the lines, and Chi came in July.
staff = ci.Agreement(
    agreement_id="staff-phones",
    opened=NEW_YEAR,
    roles=[
        in_agreement("owner", "bello-ltd"),
        in_agreement("beneficiary", "ada"),
        in_agreement("beneficiary", "bayo"),
        in_agreement("beneficiary", "chi", since=date(2011, 7, 1)),
    ],
)
# Said outright: the rival sells what we sell; Funmi is our agent in the north.
stated = [
    ci.Role(party_id="rival-net", kind="competitor", scope=LINES, since=NEW_YEAR),
    ci.Role(party_id="funmi", kind="agent", scope="north", since=NEW_YEAR),
    ci.Role(party_id="funmi", kind="reseller", since=date(2011, 6, 1)),  # our own word
]


def bill(
    customer: str,
    month: int,
    amount: int,
    payer_id: str | None = None,
    beneficiary_id: str | None = None,
    agent_id: str | None = None,
) -> ci.Transaction:
    """Bill a customer for lines in a month of 2011."""
    return ci.Transaction(
        customer_id=customer,
        date=date(2011, month, 15),
        amount=amount,
        category=LINES,
        payer_id=payer_id,
        beneficiary_id=beneficiary_id,
        agent_id=agent_id,
    )


months = range(1, 13)
bills = [
    # The boss pays for the staff's lines.
    *(bill("bello-ltd", month, 60, beneficiary_id="ada") for month in months),
    *(bill("bello-ltd", month, 40, beneficiary_id="bayo") for month in months),
    *(bill("bello-ltd", month, 40, beneficiary_id="chi") for month in range(7, 13)),
    # Ada liked hers so much that she bought one for herself; her firm pays that too.
    *(bill("ada", month, 25, payer_id="bello-ltd") for month in range(9, 13)),
    # Funmi's clients: Dayo buys more and more, Emeka also without her.
    *(bill("dayo", month, 10 * month, agent_id="funmi") for month in months),
    *(bill("emeka", month, 30, agent_id="funmi") for month in range(1, 5)),
    *(bill("emeka", month, 30) for month in range(5, 9)),
    # The rival leases lines from us.
    *(bill("rival-net", month, 200) for month in months),
]

book = ci.assign_roles([staff], transactions=bills, statements=stated, parties=people)
print("WHO IS WHAT")
print({role: n for role, n in book.counts().items() if n})
for party in ("bello-ltd", "ada", "funmi", "rival-net", "gozie"):
    print(f"\n{party}\n{book.explain(party)}")

print("\nAS OF A DAY")
for day in (date(2011, 3, 31), TODAY):
    roles = sorted({str(role.kind) for role in book.roles_of("ada", as_of=day)})
    users = book.at(day).parties("beneficiary").tolist()
    print(f"{day}: Ada is {', '.join(roles)}; using what others own: {users}")

ledger = ci.role_ledger(bills, as_of=TODAY)
heard = [  # from a survey among the staff
    ci.Observation(
        customer_id=party,
        topic="coverage",
        channel="survey_web",
        date=date(2011, 11, 2),
        importance=0.8,
        satisfaction=content,
    )
    for party, content in (("ada", 0.9), ("bayo", 0.3))
]
print("\nTHE BOSS WHO PAYS")
boss = ci.payer_results(ledger, satisfaction=heard)["bello-ltd"]
print(f"pays for {boss['beneficiaries']:.0f}; {boss['could_take_away']:,.2f} could go")
print(
    f"satisfaction of {boss['satisfaction_known']:.0f} is known: "
    f"{boss['satisfaction']:.1f} in the mean, {boss['least_satisfaction']:.1f} at least"
)

print("\nTHE AGENT")
funmi = ci.agent_results(ledger, book=book, commission=0.1, cost={"funmi": 50})["funmi"]
print(
    f"{funmi['clients']} clients, {funmi['only_here']} of them only through her; "
    f"brought {funmi['value']:,.2f}, cost {funmi['cost']:,.2f}"
)
print(ci.agent_book(ledger, "funmi").to_frame().to_string(index=False))

print("\nTHE RIVAL")
print("customers of ours too:", ci.competing_customers(book, as_of=TODAY).tolist())
exposed = ci.exposed_customers(book, as_of=TODAY, ledger=ledger)
print(exposed.to_frame().to_string(index=False))

print("\nALL THAT IS KNOWN OF ONE")
invoices = [  # the boss pays within terms; Dayo has not paid since September
    ci.Invoice(
        invoice_id=f"{party}-{month}",
        customer_id=party,
        issued=date(2011, month, 15),
        due=date(2011, month, 28),
        amount=50,
        paid_on=date(2011, month, 27) if month < stopped else None,
    )
    for party, stopped in (("bello-ltd", 13), ("dayo", 9))
    for month in months
]
owed = ci.summarize_credit(invoices, as_of=TODAY)
found = ci.identify(
    bills,
    as_of=TODAY,
    roles=book,
    further={"credit": ci.CreditClassifier().fit(owed).classify(owed)},
    needs=ci.rank_needs(heard, as_of=TODAY, rng=1),
)
for party in ("bello-ltd", "dayo", "bayo"):  # Bayo has never bought
    print(f"\n{party}\n{found.profile(party)}")

print("\nTO SHOW OTHERS, AND TO FORGET")
names = Pseudonyms(key=b"32 random bytes, kept elsewhere!")
hidden = pseudonymize(found, names)
print(f"{names.of('bayo')}\n{hidden.profile(names.of('bayo'))}")
erased = erase(book, "ada")
print("without Ada:", erased.thing.parties("beneficiary").tolist())

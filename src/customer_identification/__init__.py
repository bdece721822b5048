"""Who your customers are, what they are worth and where they are heading.

The rooms, from the door down; each imports only from those below it.

============================  =====================================================
program                       the front door: a program fitted, then every customer
identification                what is found: classes, roles and service, one by one
service.treatment             classes and roles to treatment and service level
service.budget                visits, hours or money shared out by value at stake
service.complaints            in order: class A first, then by waiting time
service.watch                 key customers who break from their own pattern
classify.stability            hysteresis, dwell and overrides by hand
classify.migration            two dates compared
classify.value                key, major and ordinary customers (ABC)
classify.trajectory           retain, win share, review
classify.loyalty              relational or transactional, long-term or temporary
classify.subsidy              who pays for whom
classify.prospect             whom to pursue, by points
classify.caution, .nearest    what calls for care, and the nearest change that would do
classify.credit               who pays as agreed, by limits
classify.credit_score         who will pay, by a scorecard
classify.segment              RFM scores, named segments, and a check of their rules
classify.groups               customers who are alike, and how stable that is
classify.base                 the contract, and the classes of many customers
classify.verdict              one customer's class in words: why, and what would change it
classify.table                tables of lines, read from the top: what a rule is made of
influence.network             who influences whom, as frozen arrays and networkx graphs
influence.strengths           fused from evidence, or from who is tied to whom
influence.learning            learnt from who followed whom
influence.chain, .paths       who sways a customer, and along which path
influence.groups              households and corporate families
influence.value, .linear      network value, attributed value
influence.risk, .referral     what is at risk, and what referrals brought
influence.spread              how far a decision spreads
influence.maximize, .celf     whom to treat
influence.protection          whom to hold so that least is lost
roles.assign, .book           who is what: owner, agent, payer, … as of any day, and why
roles.rules                   the table that makes roles of evidence
roles.ledger, .values         value by owner, payer, beneficiary and agent
roles.books                   an agent's clients; those whom a bill payer pays for
roles.agents, .payers         whether agents pay; what payers could take away or add
roles.competitors             who is a customer too, and who is exposed to them
reading                       from transactions to a summary
needs.rank, .ranking          what matters and is not met: for all, a class, one customer
needs.kano, .answers          must-be, one-dimensional, attractive, …
needs.coverage, .known        of whom what is known, and what to ask next
scorecard.learn, .card        points by weight of evidence, and what they add up to
scorecard.assess              whether chances rank, and come true
attributes                    what is known of parties beside their purchases
invoices.credit, .summary     one row a customer: what is owed, and how late it is paid
invoices.ageing               what is open, by how long it is past due
engines                       frames that stay in their engine, which aggregates
summary                       one row a customer, merged and cut by time
rows                          rows as arrays, set aside by reason where they must be
privacy.pseudonyms            ids by keyed hash, the same in frames, objects and graphs
privacy.redaction, .erasure   without personal words; without one party
privacy.tables, .consent      tables to publish; what may be read for which purpose
state                         a summary as one frame to keep, and back
history                       what customers did by month: a summary is its fold
cells                         the same as arrays
report, terms                 what became of every row, and what was asked for
aggregate                     the array kernels under it
frames                        eager data frames as arrays, and arrays as frames
models                        what comes in: parties, roles, transactions, …
arrays, options               read-only arrays, and options checked alike
errors                        what is raised
============================  =====================================================

Beside them stand `portable` (plain data for JSON), `plots` (pictures, with matplotlib)
and `testing` (the contract for classifiers of your own).
"""

from importlib import import_module
from typing import Any


# What is public, by the room it is made in. A room is loaded when something of it is asked
# for: importing the library itself loads nothing. `__init__.pyi` says the same to checkers.
_ROOMS = {
    "attributes": ("ATTRIBUTE_GROUPS", "AttributeTable", "attribute_table"),
    "classify.base": (
        "Classification",
        "Classifier",
        "Rule",
        "classes_from_frame",
        "classify_by",
    ),
    "classify.caution": ("Caution",),
    "classify.credit": ("CreditClassifier", "CreditRule", "combine_with_value"),
    "classify.credit_score": (
        "CreditScoreClassifier",
        "CreditScoreRule",
        "credit_attributes",
    ),
    "classify.groups.choice": ("GroupChoice", "choose_n_groups"),
    "classify.groups.grouping": ("group_customers",),
    "classify.groups.result": ("CustomerGroups", "GroupMembership"),
    "classify.groups.rule": ("GroupAxis", "GroupRule"),
    "classify.groups.stability": ("GroupStability",),
    "classify.loyalty": (
        "AttitudeLoyaltyClassifier",
        "AttitudeLoyaltyRule",
        "LoyaltyClassifier",
        "LoyaltyRule",
        "LoyaltyWeights",
        "TermClassifier",
    ),
    "classify.migration": ("Migration", "migrate", "stars_of_tomorrow"),
    "classify.prospect": (
        "ProspectClassifier",
        "ProspectCriteria",
        "ProspectRule",
        "relational_and_valuable",
    ),
    "classify.segment.attributes": ("segment_customers",),
    "classify.segment.check": ("SegmentFault", "SegmentReport", "check_segments"),
    "classify.segment.classifier": ("SegmentClassifier", "SegmentRule"),
    "classify.segment.rfm": ("RFMRule", "RFMScore", "RFMScorer", "RFMScores"),
    "classify.segment.table": ("DEFAULT_SEGMENTS", "PUBLISHED_SEGMENTS", "Segment"),
    "classify.stability": ("StabilityPolicy", "stabilize"),
    "classify.subsidy": ("Subsidy", "subsidy_of"),
    "classify.table": ("Condition", "Line", "Measure", "measure_of"),
    "classify.trajectory": ("TrajectoryRule", "ValueTrajectoryClassifier"),
    "classify.value": ("ABCClassifier", "ABCRule"),
    "classify.verdict": ("Change", "Override", "Reason", "Verdict"),
    "engines": ("EngineSummary",),
    "engines.layout": ("BatchClassifier", "Layout"),
    "errors": (
        "BadRowsError",
        "CustomerIdentificationError",
        "EngineError",
        "InvalidInputError",
        "LeakWarning",
        "MissingColumnError",
        "SerializationError",
        "UnknownCustomerError",
    ),
    "frames": ("CustomerIndex",),
    "identification": ("Comparison", "Identification", "Profile"),
    "influence.celf": ("maximize_spread",),
    "influence.chain": ("Chain", "influenced_by", "influencers_of"),
    "influence.evidence": ("Evidence", "EvidenceReport", "MUTUAL_KINDS", "RELIABILITY"),
    "influence.groups": (
        "CORPORATE_KINDS",
        "Groups",
        "HOUSEHOLD_KINDS",
        "group_network",
        "groups_of",
    ),
    "influence.learning": ("learn_strength",),
    "influence.linear": ("adoption_probability",),
    "influence.maximize": ("maximize_influence",),
    "influence.network": ("InfluenceNetwork",),
    "influence.parties": ("PartyValues", "with_network_value"),
    "influence.paths": ("Link", "strongest_paths"),
    "influence.protection": ("Protection", "protect"),
    "influence.referral": ("Referral", "referral_value"),
    "influence.risk": ("ValueAtRisk", "value_at_risk"),
    "influence.sampling": ("ReachableSets", "reachable_sets"),
    "influence.seeds": ("Certificate", "Seeds"),
    "influence.spread": ("Estimate", "Spread", "expected_spread"),
    "influence.strengths": (
        "influence_network",
        "uniform_strength",
        "weighted_cascade",
    ),
    "influence.value": ("attributed_value", "network_value"),
    "invoices.ageing": ("Ageing", "ageing"),
    "invoices.credit": ("summarize_credit",),
    "invoices.rows": ("InvoiceReport",),
    "invoices.summary": ("CreditSummary",),
    "models": (
        "Agreement",
        "Attribute",
        "AttributeKind",
        "Complaint",
        "Consent",
        "Customer",
        "Invoice",
        "Observation",
        "ObservationChannel",
        "PartyKind",
        "Relationship",
        "RelationshipKind",
        "Role",
        "RoleKind",
        "Transaction",
    ),
    "needs.answers": ("KanoAnswer", "kano"),
    "needs.change": ("NeedChange", "NeedChanges"),
    "needs.coverage": ("attribute_coverage", "coverage"),
    "needs.drivers": ("relative_weights",),
    "needs.figures": ("Need",),
    "needs.kano": ("KANO_TABLE", "Kano", "KanoTopic", "kano_category"),
    "needs.known": ("Gap", "KnowledgeCoverage"),
    "needs.observations": ("NeedReport",),
    "needs.policy": ("NeedsPolicy",),
    "needs.rank": ("rank_needs",),
    "needs.ranking": ("NeedRanking",),
    "needs.scales": ("opportunity", "rescale"),
    "portable": ("from_dict", "to_dict"),
    "privacy.consent": (
        "ConsentReport",
        "READING_RULES",
        "ReadingRule",
        "consent_report",
    ),
    "privacy.erasure": ("Erased", "erase"),
    "privacy.pseudonyms": ("Pseudonyms", "pseudonymize"),
    "privacy.redaction": ("REDACTIONS", "Redaction", "redact", "redact_text"),
    "privacy.tables": ("DisclosureReport", "PublishedTable", "publish_counts"),
    "program": ("IdentificationProgram", "Identifier", "identify"),
    "reading": ("summarize", "summarize_in_engine"),
    "report": ("DataReport",),
    "roles.agents": ("AgentResults", "agent_results"),
    "roles.assign": ("assign_roles",),
    "roles.assigned": ("AssignedRole", "RoleReport"),
    "roles.book": ("RoleBook",),
    "roles.books": ("AgentBook", "PayerBook", "agent_book", "payer_book"),
    "roles.competitors": (
        "CUSTOMER_ROLES",
        "EXPOSURES",
        "Exposure",
        "competing_customers",
        "exposed_customers",
    ),
    "roles.ledger": ("RoleLedger", "role_ledger"),
    "roles.payers": ("PayerResults", "payer_results"),
    "roles.rules": ("DEFAULT_ROLE_RULES", "RoleRule"),
    "roles.values": ("DEFAULT_WEIGHTS", "RoleValues"),
    "scorecard.assess": ("Assessment", "assess"),
    "scorecard.card": ("Scorecard", "Scores"),
    "scorecard.learn": ("ScorecardPolicy", "learn_scorecard"),
    "scorecard.points": ("NumberPoints", "WordPoints"),
    "scorecard.scale": ("ScoreScale",),
    "service.allocation": ("Allocation", "ClassShare"),
    "service.budget": ("share_budget",),
    "service.complaints": ("order_complaints",),
    "service.inversion": ("InversionReport", "check_no_inversion"),
    "service.lines": (
        "CREDIT_SERVICE_LINES",
        "DEFAULT_SERVICE_LEVELS",
        "DEFAULT_SERVICE_LINES",
        "ROLE_SERVICE_LINES",
        "ServiceLine",
    ),
    "service.patterns": ("WatchPolicy",),
    "service.plan": ("Service", "ServicePlan"),
    "service.queue": ("ComplaintQueue", "ComplaintReport", "QueuedComplaint"),
    "service.treatment": ("ServicePolicy",),
    "service.watch": ("WatchList", "WatchSignal", "watch_list"),
    "summary": ("Summary",),
}
_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names}

__all__ = sorted(_ROOM_OF)  # noqa: PLE0605 - all of the table above


def __getattr__(name: str) -> Any:
    if name not in _ROOM_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_ROOM_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

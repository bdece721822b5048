"""Who your customers are, what they are worth and where they are heading.

The rooms, from the door down; each imports only from those below it.

============================  =====================================================
identify                      the front door: a program fitted, then every customer
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

from typing import TYPE_CHECKING, Any

from customer_identification.classify.base import (
    Classification,
    Classifier,
    Rule,
    classes_from_frame,
    classify_by,
)
from customer_identification.classify.loyalty import (
    AttitudeLoyaltyClassifier,
    AttitudeLoyaltyRule,
    LoyaltyClassifier,
    LoyaltyRule,
    LoyaltyWeights,
    TermClassifier,
)
from customer_identification.classify.migration import (
    Migration,
    migrate,
    stars_of_tomorrow,
)
from customer_identification.classify.stability import StabilityPolicy, stabilize
from customer_identification.classify.subsidy import Subsidy, subsidy_of
from customer_identification.classify.table import (
    Condition,
    Line,
    Measure,
    measure_of,
)
from customer_identification.classify.trajectory import (
    TrajectoryRule,
    ValueTrajectoryClassifier,
)
from customer_identification.classify.value import ABCClassifier, ABCRule
from customer_identification.classify.verdict import (
    Change,
    Override,
    Reason,
    Verdict,
)
from customer_identification.engines.layout import BatchClassifier, Layout
from customer_identification.errors import (
    BadRowsError,
    CustomerIdentificationError,
    EngineError,
    InvalidInputError,
    MissingColumnError,
    SerializationError,
    UnknownCustomerError,
)
from customer_identification.frames import CustomerIndex
from customer_identification.identification import (
    Comparison,
    Identification,
    Profile,
)
from customer_identification.identify import (
    IdentificationProgram,
    Identifier,
    identify,
)
from customer_identification.influence.celf import (
    maximize_spread,
)
from customer_identification.influence.chain import (
    Chain,
    influenced_by,
    influencers_of,
)
from customer_identification.influence.evidence import (
    MUTUAL_KINDS,
    RELIABILITY,
    Evidence,
    EvidenceReport,
)
from customer_identification.influence.groups import (
    CORPORATE_KINDS,
    HOUSEHOLD_KINDS,
    Groups,
    group_network,
    groups_of,
)
from customer_identification.influence.learning import (
    learn_strength,
)
from customer_identification.influence.linear import (
    adoption_probability,
)
from customer_identification.influence.maximize import (
    maximize_influence,
)
from customer_identification.influence.network import (
    InfluenceNetwork,
)
from customer_identification.influence.parties import (
    PartyValues,
    with_network_value,
)
from customer_identification.influence.paths import (
    Link,
    strongest_paths,
)
from customer_identification.influence.protection import (
    Protection,
    protect,
)
from customer_identification.influence.referral import (
    Referral,
    referral_value,
)
from customer_identification.influence.risk import (
    ValueAtRisk,
    value_at_risk,
)
from customer_identification.influence.sampling import (
    ReachableSets,
    reachable_sets,
)
from customer_identification.influence.seeds import (
    Certificate,
    Seeds,
)
from customer_identification.influence.spread import (
    Estimate,
    Spread,
    expected_spread,
)
from customer_identification.influence.strengths import (
    influence_network,
    uniform_strength,
    weighted_cascade,
)
from customer_identification.influence.value import (
    attributed_value,
    network_value,
)
from customer_identification.models import (
    Agreement,
    Attribute,
    AttributeKind,
    Complaint,
    Consent,
    Customer,
    Invoice,
    Observation,
    ObservationChannel,
    PartyKind,
    Relationship,
    RelationshipKind,
    Role,
    RoleKind,
    Transaction,
)
from customer_identification.portable import from_dict, to_dict
from customer_identification.privacy.consent import (
    READING_RULES,
    ConsentReport,
    ReadingRule,
    consent_report,
)
from customer_identification.privacy.erasure import Erased, erase
from customer_identification.privacy.pseudonyms import Pseudonyms, pseudonymize
from customer_identification.privacy.redaction import (
    REDACTIONS,
    Redaction,
    redact,
    redact_text,
)
from customer_identification.privacy.tables import (
    DisclosureReport,
    PublishedTable,
    publish_counts,
)
from customer_identification.reading import summarize, summarize_in_engine
from customer_identification.report import DataReport
from customer_identification.roles.agents import AgentResults, agent_results
from customer_identification.roles.assign import assign_roles
from customer_identification.roles.assigned import AssignedRole, RoleReport
from customer_identification.roles.book import RoleBook
from customer_identification.roles.books import (
    AgentBook,
    PayerBook,
    agent_book,
    payer_book,
)
from customer_identification.roles.competitors import (
    CUSTOMER_ROLES,
    EXPOSURES,
    Exposure,
    competing_customers,
    exposed_customers,
)
from customer_identification.roles.ledger import RoleLedger, role_ledger
from customer_identification.roles.payers import PayerResults, payer_results
from customer_identification.roles.rules import DEFAULT_ROLE_RULES, RoleRule
from customer_identification.roles.values import DEFAULT_WEIGHTS, RoleValues
from customer_identification.service.allocation import Allocation, ClassShare
from customer_identification.service.budget import share_budget
from customer_identification.service.complaints import order_complaints
from customer_identification.service.inversion import (
    InversionReport,
    check_no_inversion,
)
from customer_identification.service.lines import (
    DEFAULT_SERVICE_LEVELS,
    DEFAULT_SERVICE_LINES,
    ROLE_SERVICE_LINES,
    ServiceLine,
)
from customer_identification.service.patterns import WatchPolicy
from customer_identification.service.plan import Service, ServicePlan
from customer_identification.service.queue import (
    ComplaintQueue,
    ComplaintReport,
    QueuedComplaint,
)
from customer_identification.service.treatment import ServicePolicy
from customer_identification.service.watch import WatchList, WatchSignal, watch_list
from customer_identification.summary import Summary


if TYPE_CHECKING:
    from customer_identification.engines import EngineSummary


__all__ = [
    "CORPORATE_KINDS",
    "CUSTOMER_ROLES",
    "DEFAULT_ROLE_RULES",
    "DEFAULT_SERVICE_LEVELS",
    "DEFAULT_SERVICE_LINES",
    "DEFAULT_WEIGHTS",
    "EXPOSURES",
    "HOUSEHOLD_KINDS",
    "MUTUAL_KINDS",
    "READING_RULES",
    "REDACTIONS",
    "RELIABILITY",
    "ROLE_SERVICE_LINES",
    "ABCClassifier",
    "ABCRule",
    "AgentBook",
    "AgentResults",
    "Agreement",
    "Allocation",
    "AssignedRole",
    "AttitudeLoyaltyClassifier",
    "AttitudeLoyaltyRule",
    "Attribute",
    "AttributeKind",
    "BadRowsError",
    "BatchClassifier",
    "Certificate",
    "Chain",
    "Change",
    "ClassShare",
    "Classification",
    "Classifier",
    "Comparison",
    "Complaint",
    "ComplaintQueue",
    "ComplaintReport",
    "Condition",
    "Consent",
    "ConsentReport",
    "Customer",
    "CustomerIdentificationError",
    "CustomerIndex",
    "DataReport",
    "DisclosureReport",
    "EngineError",
    "EngineSummary",
    "Erased",
    "Estimate",
    "Evidence",
    "EvidenceReport",
    "Exposure",
    "Groups",
    "Identification",
    "IdentificationProgram",
    "Identifier",
    "InfluenceNetwork",
    "InvalidInputError",
    "InversionReport",
    "Invoice",
    "Layout",
    "Line",
    "Link",
    "LoyaltyClassifier",
    "LoyaltyRule",
    "LoyaltyWeights",
    "Measure",
    "Migration",
    "MissingColumnError",
    "Observation",
    "ObservationChannel",
    "Override",
    "PartyKind",
    "PartyValues",
    "PayerBook",
    "PayerResults",
    "Profile",
    "Protection",
    "Pseudonyms",
    "PublishedTable",
    "QueuedComplaint",
    "ReachableSets",
    "ReadingRule",
    "Reason",
    "Redaction",
    "Referral",
    "Relationship",
    "RelationshipKind",
    "Role",
    "RoleBook",
    "RoleKind",
    "RoleLedger",
    "RoleReport",
    "RoleRule",
    "RoleValues",
    "Rule",
    "Seeds",
    "SerializationError",
    "Service",
    "ServiceLine",
    "ServicePlan",
    "ServicePolicy",
    "Spread",
    "StabilityPolicy",
    "Subsidy",
    "Summary",
    "TermClassifier",
    "TrajectoryRule",
    "Transaction",
    "UnknownCustomerError",
    "ValueAtRisk",
    "ValueTrajectoryClassifier",
    "Verdict",
    "WatchList",
    "WatchPolicy",
    "WatchSignal",
    "adoption_probability",
    "agent_book",
    "agent_results",
    "assign_roles",
    "attributed_value",
    "check_no_inversion",
    "classes_from_frame",
    "classify_by",
    "competing_customers",
    "consent_report",
    "erase",
    "expected_spread",
    "exposed_customers",
    "from_dict",
    "group_network",
    "groups_of",
    "identify",
    "influence_network",
    "influenced_by",
    "influencers_of",
    "learn_strength",
    "maximize_influence",
    "maximize_spread",
    "measure_of",
    "migrate",
    "network_value",
    "order_complaints",
    "payer_book",
    "payer_results",
    "protect",
    "pseudonymize",
    "publish_counts",
    "reachable_sets",
    "redact",
    "redact_text",
    "referral_value",
    "role_ledger",
    "share_budget",
    "stabilize",
    "stars_of_tomorrow",
    "strongest_paths",
    "subsidy_of",
    "summarize",
    "summarize_in_engine",
    "to_dict",
    "uniform_strength",
    "value_at_risk",
    "watch_list",
    "weighted_cascade",
    "with_network_value",
]


def __getattr__(name: str) -> Any:
    if name == "EngineSummary":  # whose module loads narwhals
        from customer_identification.engines import EngineSummary

        return EngineSummary
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

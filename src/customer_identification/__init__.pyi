from customer_identification.attributes import (
    ATTRIBUTE_GROUPS,
    AttributeTable,
    attribute_table,
)
from customer_identification.classify.base import (
    Classification,
    Classifier,
    Rule,
    classes_from_frame,
    classify_by,
)
from customer_identification.classify.caution import (
    Caution,
)
from customer_identification.classify.credit import (
    CreditClassifier,
    CreditRule,
    combine_with_value,
)
from customer_identification.classify.credit_score import (
    CreditScoreClassifier,
    CreditScoreRule,
    credit_attributes,
)
from customer_identification.classify.groups.choice import (
    GroupChoice,
    choose_n_groups,
)
from customer_identification.classify.groups.grouping import (
    group_customers,
)
from customer_identification.classify.groups.result import (
    CustomerGroups,
    GroupMembership,
)
from customer_identification.classify.groups.rule import (
    GroupAxis,
    GroupRule,
)
from customer_identification.classify.groups.stability import (
    GroupStability,
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
from customer_identification.classify.prospect import (
    ProspectClassifier,
    ProspectCriteria,
    ProspectRule,
    relational_and_valuable,
)
from customer_identification.classify.segment.attributes import (
    segment_customers,
)
from customer_identification.classify.segment.check import (
    SegmentFault,
    SegmentReport,
    check_segments,
)
from customer_identification.classify.segment.classifier import (
    SegmentClassifier,
    SegmentRule,
)
from customer_identification.classify.segment.rfm import (
    RFMRule,
    RFMScore,
    RFMScorer,
    RFMScores,
)
from customer_identification.classify.segment.table import (
    DEFAULT_SEGMENTS,
    PUBLISHED_SEGMENTS,
    Segment,
)
from customer_identification.classify.stability import (
    StabilityPolicy,
    stabilize,
)
from customer_identification.classify.subsidy import (
    Subsidy,
    subsidy_of,
)
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
from customer_identification.classify.value import (
    ABCClassifier,
    ABCRule,
)
from customer_identification.classify.verdict import (
    Change,
    Override,
    Reason,
    Verdict,
)
from customer_identification.engines import (
    EngineSummary,
)
from customer_identification.engines.layout import (
    BatchClassifier,
    Layout,
)
from customer_identification.errors import (
    BadRowsError,
    CustomerIdentificationError,
    EngineError,
    InvalidInputError,
    LeakWarning,
    MissingColumnError,
    SerializationError,
    UnknownCustomerError,
)
from customer_identification.frames import (
    CustomerIndex,
)
from customer_identification.identification import (
    Comparison,
    Identification,
    Profile,
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
from customer_identification.invoices.ageing import (
    Ageing,
    ageing,
)
from customer_identification.invoices.credit import (
    summarize_credit,
)
from customer_identification.invoices.rows import (
    InvoiceReport,
)
from customer_identification.invoices.summary import (
    CreditSummary,
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
from customer_identification.needs.answers import (
    KanoAnswer,
    kano,
)
from customer_identification.needs.change import (
    NeedChange,
    NeedChanges,
)
from customer_identification.needs.coverage import (
    attribute_coverage,
    coverage,
)
from customer_identification.needs.drivers import (
    relative_weights,
)
from customer_identification.needs.figures import (
    Need,
)
from customer_identification.needs.kano import (
    KANO_TABLE,
    Kano,
    KanoTopic,
    kano_category,
)
from customer_identification.needs.known import (
    Gap,
    KnowledgeCoverage,
)
from customer_identification.needs.observations import (
    NeedReport,
)
from customer_identification.needs.policy import (
    NeedsPolicy,
)
from customer_identification.needs.rank import (
    rank_needs,
)
from customer_identification.needs.ranking import (
    NeedRanking,
)
from customer_identification.needs.scales import (
    opportunity,
    rescale,
)
from customer_identification.portable import (
    from_dict,
    to_dict,
)
from customer_identification.privacy.consent import (
    READING_RULES,
    ConsentReport,
    ReadingRule,
    consent_report,
)
from customer_identification.privacy.erasure import (
    Erased,
    erase,
)
from customer_identification.privacy.pseudonyms import (
    Pseudonyms,
    pseudonymize,
)
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
from customer_identification.program import (
    IdentificationProgram,
    Identifier,
    identify,
)
from customer_identification.reading import (
    summarize,
    summarize_in_engine,
)
from customer_identification.report import (
    DataReport,
)
from customer_identification.roles.agents import (
    AgentResults,
    agent_results,
)
from customer_identification.roles.assign import (
    assign_roles,
)
from customer_identification.roles.assigned import (
    AssignedRole,
    RoleReport,
)
from customer_identification.roles.book import (
    RoleBook,
)
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
from customer_identification.roles.ledger import (
    RoleLedger,
    role_ledger,
)
from customer_identification.roles.payers import (
    PayerResults,
    payer_results,
)
from customer_identification.roles.rules import (
    DEFAULT_ROLE_RULES,
    RoleRule,
)
from customer_identification.roles.values import (
    DEFAULT_WEIGHTS,
    RoleValues,
)
from customer_identification.scorecard.assess import (
    Assessment,
    assess,
)
from customer_identification.scorecard.card import (
    Scorecard,
    Scores,
)
from customer_identification.scorecard.learn import (
    ScorecardPolicy,
    learn_scorecard,
)
from customer_identification.scorecard.points import (
    NumberPoints,
    WordPoints,
)
from customer_identification.scorecard.scale import (
    ScoreScale,
)
from customer_identification.service.allocation import (
    Allocation,
    ClassShare,
)
from customer_identification.service.budget import (
    share_budget,
)
from customer_identification.service.complaints import (
    order_complaints,
)
from customer_identification.service.inversion import (
    InversionReport,
    check_no_inversion,
)
from customer_identification.service.lines import (
    CREDIT_SERVICE_LINES,
    DEFAULT_SERVICE_LEVELS,
    DEFAULT_SERVICE_LINES,
    ROLE_SERVICE_LINES,
    ServiceLine,
)
from customer_identification.service.patterns import (
    WatchPolicy,
)
from customer_identification.service.plan import (
    Service,
    ServicePlan,
)
from customer_identification.service.queue import (
    ComplaintQueue,
    ComplaintReport,
    QueuedComplaint,
)
from customer_identification.service.treatment import (
    ServicePolicy,
)
from customer_identification.service.watch import (
    WatchList,
    WatchSignal,
    watch_list,
)
from customer_identification.summary import (
    Summary,
)

__all__ = [
    "ATTRIBUTE_GROUPS",
    "CORPORATE_KINDS",
    "CREDIT_SERVICE_LINES",
    "CUSTOMER_ROLES",
    "DEFAULT_ROLE_RULES",
    "DEFAULT_SEGMENTS",
    "DEFAULT_SERVICE_LEVELS",
    "DEFAULT_SERVICE_LINES",
    "DEFAULT_WEIGHTS",
    "EXPOSURES",
    "HOUSEHOLD_KINDS",
    "KANO_TABLE",
    "MUTUAL_KINDS",
    "PUBLISHED_SEGMENTS",
    "READING_RULES",
    "REDACTIONS",
    "RELIABILITY",
    "ROLE_SERVICE_LINES",
    "ABCClassifier",
    "ABCRule",
    "Ageing",
    "AgentBook",
    "AgentResults",
    "Agreement",
    "Allocation",
    "Assessment",
    "AssignedRole",
    "AttitudeLoyaltyClassifier",
    "AttitudeLoyaltyRule",
    "Attribute",
    "AttributeKind",
    "AttributeTable",
    "BadRowsError",
    "BatchClassifier",
    "Caution",
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
    "CreditClassifier",
    "CreditRule",
    "CreditScoreClassifier",
    "CreditScoreRule",
    "CreditSummary",
    "Customer",
    "CustomerGroups",
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
    "Gap",
    "GroupAxis",
    "GroupChoice",
    "GroupMembership",
    "GroupRule",
    "GroupStability",
    "Groups",
    "Identification",
    "IdentificationProgram",
    "Identifier",
    "InfluenceNetwork",
    "InvalidInputError",
    "InversionReport",
    "Invoice",
    "InvoiceReport",
    "Kano",
    "KanoAnswer",
    "KanoTopic",
    "KnowledgeCoverage",
    "Layout",
    "LeakWarning",
    "Line",
    "Link",
    "LoyaltyClassifier",
    "LoyaltyRule",
    "LoyaltyWeights",
    "Measure",
    "Migration",
    "MissingColumnError",
    "Need",
    "NeedChange",
    "NeedChanges",
    "NeedRanking",
    "NeedReport",
    "NeedsPolicy",
    "NumberPoints",
    "Observation",
    "ObservationChannel",
    "Override",
    "PartyKind",
    "PartyValues",
    "PayerBook",
    "PayerResults",
    "Profile",
    "ProspectClassifier",
    "ProspectCriteria",
    "ProspectRule",
    "Protection",
    "Pseudonyms",
    "PublishedTable",
    "QueuedComplaint",
    "RFMRule",
    "RFMScore",
    "RFMScorer",
    "RFMScores",
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
    "ScoreScale",
    "Scorecard",
    "ScorecardPolicy",
    "Scores",
    "Seeds",
    "Segment",
    "SegmentClassifier",
    "SegmentFault",
    "SegmentReport",
    "SegmentRule",
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
    "WordPoints",
    "adoption_probability",
    "ageing",
    "agent_book",
    "agent_results",
    "assess",
    "assign_roles",
    "attribute_coverage",
    "attribute_table",
    "attributed_value",
    "check_no_inversion",
    "check_segments",
    "choose_n_groups",
    "classes_from_frame",
    "classify_by",
    "combine_with_value",
    "competing_customers",
    "consent_report",
    "coverage",
    "credit_attributes",
    "erase",
    "expected_spread",
    "exposed_customers",
    "from_dict",
    "group_customers",
    "group_network",
    "groups_of",
    "identify",
    "influence_network",
    "influenced_by",
    "influencers_of",
    "kano",
    "kano_category",
    "learn_scorecard",
    "learn_strength",
    "maximize_influence",
    "maximize_spread",
    "measure_of",
    "migrate",
    "network_value",
    "opportunity",
    "order_complaints",
    "payer_book",
    "payer_results",
    "protect",
    "pseudonymize",
    "publish_counts",
    "rank_needs",
    "reachable_sets",
    "redact",
    "redact_text",
    "referral_value",
    "relational_and_valuable",
    "relative_weights",
    "rescale",
    "role_ledger",
    "segment_customers",
    "share_budget",
    "stabilize",
    "stars_of_tomorrow",
    "strongest_paths",
    "subsidy_of",
    "summarize",
    "summarize_credit",
    "summarize_in_engine",
    "to_dict",
    "uniform_strength",
    "value_at_risk",
    "watch_list",
    "weighted_cascade",
    "with_network_value",
]

"""Pictures of results, with matplotlib; nothing else in this library imports it.

Every function draws on the axes it is given, or on new ones, and returns them; showing
and saving are the host's. Colours are those of Okabe & Ito (2008), "Color Universal
Design", which people with any kind of colour vision can tell apart.
"""

from customer_identification.plots.classes import (
    plot_classes,
    plot_customer,
    plot_lorenz,
    plot_migration,
    plot_subsidy,
)
from customer_identification.plots.credit import (
    plot_ageing,
)
from customer_identification.plots.influence import (
    plot_chain,
    plot_network_value,
    plot_seeds,
)
from customer_identification.plots.needs import (
    plot_kano,
    plot_needs,
)
from customer_identification.plots.roles import (
    plot_role_values,
    plot_roles,
)
from customer_identification.plots.scores import (
    plot_calibration,
    plot_points,
    plot_scorecard,
)
from customer_identification.plots.segments import (
    plot_groups,
    plot_rfm,
)
from customer_identification.plots.service import (
    plot_budget,
    plot_pattern,
)


__all__ = [
    "plot_ageing",
    "plot_budget",
    "plot_calibration",
    "plot_chain",
    "plot_classes",
    "plot_customer",
    "plot_groups",
    "plot_kano",
    "plot_lorenz",
    "plot_migration",
    "plot_needs",
    "plot_network_value",
    "plot_pattern",
    "plot_points",
    "plot_rfm",
    "plot_role_values",
    "plot_roles",
    "plot_scorecard",
    "plot_seeds",
    "plot_subsidy",
]

"""Which files a run reads: engines of the lane are tested where they are asked for."""

from engines.makers import LANE


collect_ignore = [] if LANE else ["test_failures_in_lane.py"]

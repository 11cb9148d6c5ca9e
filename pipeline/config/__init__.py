"""The pipeline's view of a DeidentifyConfig: read, checked, and what it will do to UIDs.

config = load_config(text, name="deid.yaml", operations_may_exceed_one=False)
config.request_body(destination_store, "gs://work/batches/1/filter.txt")
config.uid_plan.predict(study, series, sop)
"""

from pipeline.config.config import DeidentifyConfig, check_key_consistency, load_config
from pipeline.config.errors import ConfigError, Problem
from pipeline.config.parse import parse_config
from pipeline.config.uid_plan import UidPlan
from pipeline.config.uids import regenerated_uid

__all__ = [
    "ConfigError",
    "DeidentifyConfig",
    "Problem",
    "UidPlan",
    "check_key_consistency",
    "load_config",
    "parse_config",
    "regenerated_uid",
]

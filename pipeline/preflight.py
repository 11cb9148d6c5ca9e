"""What must be true before anything is launched; every failure names the command that cures it."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.audit.rows import CLUSTER_FIELDS, PARTITION_FIELD, audit_schema
from pipeline.config import ConfigError, DeidentifyConfig, check_key_consistency, load_config
from pipeline.model.errors import Refused
from pipeline.model.names import DicomStoreName
from pipeline.services.connections import Connections
from pipeline.services.files import read_text
from pipeline.services.objects import ObjectMissing, Objects
from pipeline.services.retry import ServiceError
from pipeline.services.tables import TableName
from pipeline.sources.manifest import matching_manifests


def read_config(uri: str, connections: Connections) -> DeidentifyConfig:
    """Load and validate the configuration; raise Refused with every mistake and its JSON path."""
    try:
        text = read_text(uri, connections)
    except (OSError, UnicodeDecodeError, ServiceError) as error:
        raise Refused(f"--deidentify_config {uri}: cannot be read ({type(error).__name__})") from None
    try:
        return load_config(text, name=uri, operations_may_exceed_one=False)
    except ConfigError as error:
        raise Refused(f"--deidentify_config: {error}") from None


def single_operation_reason(config: DeidentifyConfig) -> str | None:
    """Why the configuration must not be used by more than one operation; None when it may."""
    try:
        check_key_consistency(config, 2)
    except ConfigError as error:
        return str(error)
    return None


def check_stores(connections: Connections, source: DicomStoreName, destination: DicomStoreName) -> None:
    """Both stores must exist and be visible; raises Refused."""
    for flag, store in (("--source_store", source), ("--destination_store", destination)):
        try:
            connections.healthcare.get_dicom_store(store)
        except ServiceError as error:
            if error.status in {403, 404}:
                cure = (
                    f"create it: gcloud healthcare dicom-stores create {store.store} --project={store.project} "
                    f"--location={store.location} --dataset={store.dataset}; or, when it exists, grant this account "
                    "roles/healthcare.dicomStoreAdmin and roles/healthcare.dicomEditor on it"
                )
            else:
                cure = f"check --healthcare_endpoint ({connections.addresses.healthcare_endpoint}) and the network"
            raise Refused(f"{flag} {store}: {error}. Cure: {cure}") from None


def warnings_about_operations(connections: Connections, api_version: str, source: DicomStoreName) -> Iterator[str]:
    """A sentence when operations cannot be listed: such a run cannot adopt an operation whose name was lost."""
    try:
        next(iter(connections.healthcare.list_operations(api_version, source.dataset_name)), None)
    except ServiceError as error:
        yield (
            f"operations of the source dataset cannot be listed ({error}): after a crash in the middle of a launch "
            "that batch ends UNKNOWN. Cure: grant this account roles/healthcare.datasetAdmin on the dataset"
        )


def check_input(pattern: str) -> int:
    """The manifests must exist and not all be empty; returns how many match. Raises Refused."""
    return len(matching_manifests(pattern))


def check_work_dir(objects: Objects, work_dir: str) -> None:
    """The ledger's bucket must exist and be readable; raises Refused."""
    try:
        next(iter(objects.list(f"{work_dir}/runs/")), None)
    except ObjectMissing:
        bucket = "/".join(work_dir.split("/")[:3])
        raise Refused(f"--work_dir {work_dir}: no such bucket. Cure: gcloud storage buckets create {bucket}") from None
    except ServiceError as error:
        raise Refused(f"--work_dir {work_dir}: {error}. Cure: grant this account roles/storage.objectAdmin") from None


def prepare_audit_table(connections: Connections, table_name: str, *, create: bool) -> None:
    """The audit table must have our columns; it is created when missing (and `create`). Raises Refused."""
    table = TableName.parse(table_name)
    wanted = [field["name"] for field in audit_schema()]
    try:
        found = connections.tables.field_names(table)
        if found is None and create:
            connections.tables.create(table, audit_schema(), PARTITION_FIELD, CLUSTER_FIELDS)
    except ServiceError as error:
        cure = (
            f"bq mk --dataset {table.project}:{table.dataset}"
            if error.status == 404
            else "grant this account roles/bigquery.dataEditor on the dataset and roles/bigquery.jobUser"
        )
        raise Refused(f"--audit_table {table_name}: {error}. Cure: {cure}") from None
    if found is not None and (lacking := [name for name in wanted if name not in found]):
        raise Refused(
            f"--audit_table {table_name}: the table lacks the columns {', '.join(lacking)}. Cure: name a table that "
            "does not exist, it will be created; or add the columns of pipeline/audit/schema/audit_row.json"
        )

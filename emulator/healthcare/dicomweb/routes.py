"""Every DICOMweb URL of a DICOM store, and what answers it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from emulator.healthcare.contracts import LongRunning, StoreDirectory
from emulator.healthcare.dicom.search import Level
from emulator.healthcare.dicom.transcode import hush_pydicom
from emulator.healthcare.dicomweb.delete import DeleteTransaction
from emulator.healthcare.dicomweb.metrics import Metrics
from emulator.healthcare.dicomweb.qido import SearchTransaction
from emulator.healthcare.dicomweb.stow import StoreInstances
from emulator.healthcare.dicomweb.target import PREFIX
from emulator.healthcare.dicomweb.wado import RetrieveInstances, RetrieveMetadata
from emulator.healthcare.dicomweb.wado_parts import RetrieveBulkdata, RetrieveFrames
from emulator.healthcare.instances import InstanceStore
from emulator.settings import Settings

Endpoint = Callable[[Request], Awaitable[Response]]

STUDY = f"{PREFIX}/studies/{{study}}"
SERIES = f"{STUDY}/series/{{series}}"
INSTANCE = f"{SERIES}/instances/{{instance}}"


def dicomweb_routes(
    instances: InstanceStore, stores: StoreDirectory, long_running: LongRunning, settings: Settings
) -> list[Route]:
    """Routes under /{version}/projects/.../dicomStores/{store}/dicomWeb; errors are raised as GoogleError.

    Args:
        instances: what is stored.
        stores: says which stores exist.
        long_running: runs deletions of studies and series.
        settings: `stow_identical_status` and `qido_empty_status` are read.
    """
    hush_pydicom()
    store = StoreInstances(instances, stores, settings).respond
    studies, series, sops = (SearchTransaction(level, instances, stores, settings).respond for level in Level)
    retrieve = RetrieveInstances(instances, stores).respond
    metadata = RetrieveMetadata(instances, stores).respond
    frames, bulkdata = RetrieveFrames(instances, stores).respond, RetrieveBulkdata(instances, stores).respond
    metrics = Metrics(instances, stores).respond
    delete = DeleteTransaction(instances, stores, long_running).respond
    table: list[tuple[str, str, Endpoint]] = [
        ("POST", f"{PREFIX}/studies", store),
        ("POST", STUDY, store),
        ("GET", f"{PREFIX}/studies", studies),
        ("GET", f"{PREFIX}/series", series),
        ("GET", f"{PREFIX}/instances", sops),
        ("GET", f"{STUDY}/series", series),
        ("GET", f"{STUDY}/instances", sops),
        ("GET", f"{SERIES}/instances", sops),
        ("GET", f"{STUDY}:getStudyMetrics", metrics),
        ("GET", f"{SERIES}:getSeriesMetrics", metrics),
        ("GET", f"{INSTANCE}/frames/{{frames}}", frames),
        ("GET", f"{INSTANCE}/bulkdata/{{path:path}}", bulkdata),
        *(("GET", path, retrieve) for path in (STUDY, SERIES, INSTANCE)),
        *(("GET", f"{path}/metadata", metadata) for path in (STUDY, SERIES, INSTANCE)),
        *(("DELETE", path, delete) for path in (STUDY, SERIES, INSTANCE)),
    ]
    return [Route(path, endpoint, methods=[verb]) for verb, path, endpoint in table]

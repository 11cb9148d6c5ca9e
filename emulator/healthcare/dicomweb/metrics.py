"""getStudyMetrics and getSeriesMetrics (Discovery: StudyMetrics, SeriesMetrics; int64 as strings)."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from emulator.healthcare.dicomweb.retrieval import Retrieval


class Metrics(Retrieval):
    """GET .../studies/{study}:getStudyMetrics and .../series/{series}:getSeriesMetrics.

    The files' bytes are `blobStorageSizeBytes`; `structuredStorageSizeBytes` is not given: how Google divides the two
    is not documented.
    """

    async def respond(self, request: Request) -> Response:
        """Answer the counts and sizes of one study or series."""
        target, found = await self.found(request)
        below = f"{target.store}/dicomWeb/studies/{target.study}"
        body = {
            "instanceCount": str(len(found)),
            "blobStorageSizeBytes": str(sum(instance.size for instance in found)),
        }
        if target.series is not None:
            return JSONResponse({"series": f"{below}/series/{target.series}", **body})
        series = {instance.series for instance in found}
        return JSONResponse({"study": below, "seriesCount": str(len(series)), **body})

"""Methods on operations: get, list, cancel."""

from __future__ import annotations

from typing import Any

from emulator.errors import GoogleError
from emulator.healthcare import pages
from emulator.healthcare.calls import Call
from emulator.healthcare.catalogue import Catalogue
from emulator.healthcare.names import DatasetName, LocationName, check_id
from emulator.healthcare.operations import OperationStore
from emulator.healthcare.runner import OperationRunner


class OperationMethods:
    """`operations.*` of one server."""

    def __init__(self, catalogue: Catalogue, operations: OperationStore, runner: OperationRunner) -> None:
        """Read records from `operations`, cancel through `runner`."""
        self._catalogue = catalogue
        self._operations = operations
        self._runner = runner

    def get(self, call: Call) -> dict[str, Any]:
        """`operations.get`, in the API version that started the operation."""
        found = self._operations.find(self._name(call))
        if found is None:
            raise GoogleError(404, "The operation does not exist.")
        return found

    def list(self, call: Call) -> dict[str, Any]:
        """`operations.list`, oldest first."""
        dataset = self._dataset(call)
        if call.query.get("filter"):
            raise GoogleError(
                501, "operations.list takes no filter here, as Google documents no grammar; filter the answer."
            )
        if call.query.get("returnPartialSuccess"):
            raise GoogleError(501, "returnPartialSuccess is not supported by operations.list.")
        size = pages.page_size(call.query)
        after = pages.start_after(call.query)
        if after and not after.isdecimal():
            raise GoogleError(400, "Invalid pageToken: give the nextPageToken of the previous answer.")
        found = self._operations.page(dataset, int(after or 0), size + 1)
        answer: dict[str, Any] = {"operations": [operation for _, operation in found[:size]]} if found else {}
        if len(found) > size:
            answer["nextPageToken"] = pages.token_for(str(found[size - 1][0]))
        return answer

    def cancel(self, call: Call) -> dict[str, Any]:
        """`operations.cancel`: asynchronous, answers {}."""
        self._runner.cancel(self._name(call))
        return {}

    def _dataset(self, call: Call) -> str:
        """The full name of the call's dataset, which must exist."""
        project, location, dataset_id, *_ = call.ids
        name = DatasetName(LocationName(project, location), check_id(dataset_id, "dataset id"))
        self._catalogue.get_dataset(name)
        return str(name)

    def _name(self, call: Call) -> str:
        return f"{self._dataset(call)}/operations/{check_id(call.ids[3], 'operation id')}"

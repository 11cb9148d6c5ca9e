"""WADO-RS below an instance: frames and bulk data (Healthcare API conformance statement, Retrieve transaction)."""

from __future__ import annotations

import uuid

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response

from emulator.healthcare.dicom.frames import FrameMissing, NoFrames, stored_frames
from emulator.healthcare.dicom.part10 import EXPLICIT_LE, Element, Node, open_part10
from emulator.healthcare.dicom.transcode import CannotTranscode
from emulator.healthcare.dicomweb.errors import bad_request, not_acceptable, not_found, not_implemented
from emulator.healthcare.dicomweb.media_types import MediaType
from emulator.healthcare.dicomweb.retrieval import STORED, Retrieval, remove
from emulator.healthcare.dicomweb.target import Target
from emulator.healthcare.dicomweb.wado_accept import read_accept
from emulator.healthcare.instances import StoredInstance

_OCTETS = "application/octet-stream"
_IMAGE_TYPES = {
    "1.2.840.10008.1.2.4.50": "image/jpeg",
    "1.2.840.10008.1.2.4.51": "image/jpeg",
    "1.2.840.10008.1.2.4.57": "image/jpeg",
    "1.2.840.10008.1.2.4.70": "image/jpeg",
    "1.2.840.10008.1.2.4.80": "image/jls",
    "1.2.840.10008.1.2.4.81": "image/jls",
    "1.2.840.10008.1.2.4.90": "image/jp2",
    "1.2.840.10008.1.2.4.91": "image/jp2",
    "1.2.840.10008.1.2.5": "image/dicom-rle",
}
"""The media type of a frame of each transfer syntax (PS3.18 Table 8.7.3-2)."""
_MAX_FRAMES_AT_ONCE = 1000


class RetrieveFrames(Retrieval):
    """GET .../instances/{instance}/frames/{numbers}: decompressed, or as stored with transfer-syntax=*."""

    async def respond(self, request: Request) -> Response:
        """Answer one part for each frame, in the order asked for."""
        target, found = await self.found(request)
        numbers = _frame_numbers(request.path_params["frames"])
        accepted = read_accept(request.headers.get("accept", ""))
        return await anyio.to_thread.run_sync(self._answer, target, found[0], numbers, accepted)

    def _answer(
        self, target: Target, instance: StoredInstance, numbers: list[int], accepted: list[MediaType]
    ) -> Response:
        problem = f'frames are answered as multipart/related; type="{_OCTETS}", or as the image type they are stored in'
        for media_range in accepted:
            form = _frame_form(media_range, instance.transfer_syntax)
            if form is None:
                continue
            part_type, syntax = form
            try:
                file = self.ready(target.store, instance, syntax)
            except CannotTranscode as error:
                problem = str(error)
                continue
            try:
                with open_part10(file.path) as part10:
                    frames = stored_frames(part10, numbers)
            except NoFrames as error:
                raise bad_request(str(error)) from None
            except FrameMissing:
                raise not_found("frame") from None
            finally:
                remove([file])
            return _parts(f"{part_type}; transfer-syntax={file.transfer_syntax}", part_type, frames, media_range)
        raise not_acceptable(problem)


class RetrieveBulkdata(Retrieval):
    """GET .../instances/{instance}/bulkdata/{path}: the value behind a BulkDataURI of the metadata."""

    async def respond(self, request: Request) -> Response:
        """Answer the value's bytes."""
        _target, found = await self.found(request)
        accepted = read_accept(request.headers.get("accept", ""))
        for media_range in accepted:
            if _wants_octets(media_range):
                value = await anyio.to_thread.run_sync(_bulk_value, found[0], request.path_params["path"])
                return _parts(_OCTETS, _OCTETS, [value], media_range)
        raise not_acceptable(f'bulk data is answered as multipart/related; type="{_OCTETS}" or {_OCTETS}')


def _frame_numbers(text: str) -> list[int]:
    numbers = text.split(",")
    if len(numbers) > _MAX_FRAMES_AT_ONCE or not all(
        number.isascii() and number.isdigit() and len(number) < 10 and int(number) > 0 for number in numbers
    ):
        raise bad_request(f"frames are named by whole numbers from 1, divided by commas, at most {_MAX_FRAMES_AT_ONCE}")
    return [int(number) for number in numbers]


def _frame_form(media_range: MediaType, stored_syntax: str) -> tuple[str, str] | None:
    """The part type and transfer syntax (a UID or "*") that a media range asks for; None when it fits no frame."""
    syntax = media_range.parameters.get("transfer-syntax")
    if _wants_octets(media_range):
        return _OCTETS, syntax or EXPLICIT_LE
    wanted = media_range.part_type if media_range.name == "multipart/related" else media_range.name
    if wanted == _IMAGE_TYPES.get(stored_syntax) and syntax in (None, STORED, stored_syntax):
        return wanted, STORED
    return None


def _wants_octets(media_range: MediaType) -> bool:
    if media_range.name == "multipart/related":
        return media_range.part_type in (_OCTETS, "*/*", "")
    return media_range.name in (_OCTETS, "application/*", "multipart/*", "*/*")


def _parts(content_type: str, part_type: str, parts: list[bytes], media_range: MediaType) -> Response:
    """multipart/related, or the bare bytes where one part was asked for without multipart."""
    if not media_range.name.startswith(("multipart/", "*")):
        if len(parts) > 1:
            raise not_acceptable("several frames are answered as multipart/related only")
        return Response(parts[0], media_type=content_type)
    boundary = uuid.uuid4().hex
    head = f"\r\n--{boundary}\r\nContent-Type: {content_type}\r\n\r\n".encode()
    body = b"".join(head + part for part in parts) + f"\r\n--{boundary}--\r\n".encode()
    return Response(body, media_type=f'multipart/related; type="{part_type}"; boundary={boundary}')


def _bulk_value(instance: StoredInstance, path: str) -> bytes:
    with open_part10(instance.path) as file:
        element = _element_at(file.dataset, path.split("/"))
        if element is None or element.items is not None:
            raise not_found("bulk data")
        if element.encapsulated:
            raise not_implemented("compressed pixel data is not answered as bulk data: retrieve its frames")
        return file.value(element)


def _element_at(node: Node, steps: list[str]) -> Element | None:
    """The element at a path such as ["00540016", "1", "00181075"]: tag, item counted from 1, tag."""
    while True:
        try:
            element = node.elements.get(int(steps[0], 16))
            if element is None or len(steps) == 1:
                return element
            number = int(steps[1])
        except ValueError:
            return None
        if element.items is None or len(steps) < 3 or not 0 < number <= len(element.items):
            return None
        node, steps = element.items[number - 1], steps[2:]

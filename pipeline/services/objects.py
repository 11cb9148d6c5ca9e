"""Cloud Storage objects with generation preconditions, by gs:// URI. Beam's file system offers none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from google.api_core.exceptions import Forbidden, GoogleAPICallError, NotFound, PreconditionFailed
from google.api_core.exceptions import RetryError as GoogleRetryError
from google.cloud import storage

from pipeline.services.retry import ServiceError


class ObjectMissing(ServiceError):
    """No such object or bucket."""


@dataclass(frozen=True)
class ObjectInfo:
    """A listed object: its URI and when it was created (seconds since the epoch, Cloud Storage's clock)."""

    uri: str
    created: float


def split_gs_uri(uri: str) -> tuple[str, str]:
    """`gs://bucket/a/b` -> `("bucket", "a/b")`; raises ValueError naming the wanted form."""
    bucket, _, name = uri.removeprefix("gs://").partition("/")
    if not uri.startswith("gs://") or not bucket:
        raise ValueError("expected gs://BUCKET/OBJECT")
    return bucket, name


class Objects:
    """The official client, reduced to what a ledger needs. May be used by several threads."""

    def __init__(self, client: storage.Client) -> None:
        self._client = client

    def close(self) -> None:
        """Close the client's connections."""
        self._client.close()

    def read(self, uri: str) -> bytes:
        """The object's bytes; raises ObjectMissing."""
        bucket, name = split_gs_uri(uri)
        try:
            return bytes(self._client.bucket(bucket).blob(name).download_as_bytes())
        except NotFound:
            raise ObjectMissing("storage.objects.get", 404) from None
        except (GoogleAPICallError, GoogleRetryError) as error:
            raise _service_error("storage.objects.get", error) from None

    def read_if_exists(self, uri: str) -> bytes | None:
        """The object's bytes, or None."""
        try:
            return self.read(uri)
        except ObjectMissing:
            return None

    def create(self, uri: str, data: bytes, content_type: str = "application/json") -> bool:
        """Write an object that must not exist yet (`ifGenerationMatch=0`); False when it does."""
        return self._write(uri, data, content_type, if_generation_match=0)

    def put(self, uri: str, data: bytes, content_type: str = "application/json") -> None:
        """Create the object, or replace the generation there now; ServiceError 412 when another writer was faster."""
        bucket, name = split_gs_uri(uri)
        current = self._client.bucket(bucket).get_blob(name)
        generation = current.generation if current is not None else 0
        if not self._write(uri, data, content_type, if_generation_match=generation):
            raise ServiceError("storage.objects.insert", 412, "another writer replaced the object")

    def _write(self, uri: str, data: bytes, content_type: str, if_generation_match: int) -> bool:
        bucket, name = split_gs_uri(uri)
        blob = self._client.bucket(bucket).blob(name)
        try:
            blob.upload_from_string(data, content_type=content_type, if_generation_match=if_generation_match)
        except PreconditionFailed:
            return False
        except NotFound:
            raise ObjectMissing("storage.objects.insert", 404, "no such bucket") from None
        except (GoogleAPICallError, GoogleRetryError) as error:
            raise _service_error("storage.objects.insert", error) from None
        return True

    def delete(self, uri: str) -> None:
        """Remove the object; nothing when it is gone already."""
        bucket, name = split_gs_uri(uri)
        try:
            self._client.bucket(bucket).blob(name).delete()
        except NotFound:
            pass
        except (GoogleAPICallError, GoogleRetryError) as error:
            raise _service_error("storage.objects.delete", error) from None

    def list(self, prefix_uri: str) -> Iterator[ObjectInfo]:
        """All objects whose URI starts with `prefix_uri`, in name order."""
        bucket, prefix = split_gs_uri(prefix_uri)
        try:
            for blob in self._client.list_blobs(bucket, prefix=prefix):
                yield ObjectInfo(f"gs://{bucket}/{blob.name}", blob.time_created.timestamp())
        except NotFound:
            raise ObjectMissing("storage.objects.list", 404, "no such bucket") from None
        except (GoogleAPICallError, GoogleRetryError) as error:
            raise _service_error("storage.objects.list", error) from None


def _service_error(method: str, error: Exception) -> ServiceError:
    status = getattr(error, "code", None)
    detail = "permission denied" if isinstance(error, Forbidden) else type(error).__name__
    return ServiceError(method, status if isinstance(status, int) else None, detail)


def open_objects(project: str | None) -> Objects:
    """The official client; it honours STORAGE_EMULATOR_HOST by itself and then needs no credentials."""
    return Objects(storage.Client(project=project))

"""The UID that de-identification gives an instance, computed before anything runs."""

from __future__ import annotations

import uuid

UID_ROOT = "1.3.6.1.4.1.11129.5.1."
"""Google's arc under which the Healthcare API regenerates UIDs."""

_NIL_NAMESPACE = uuid.UUID(int=0)


def regenerated_uid(uid: str) -> str:
    """The UID by which the Healthcare API replaces `uid`: at most 61 characters.

    A name-based UUID (RFC 4122, version 3, MD5) of the unpadded UID in the nil namespace, as a decimal under
    Google's root. Reproduces all six source and output pairs in Google's published examples ("De-identify DICOM
    data using the v1beta1 DicomTagConfig"). No key takes part: whoever holds the original UIDs can compute the
    new ones and re-link.

    >>> regenerated_uid("3333333")
    '1.3.6.1.4.1.11129.5.1.222168347996079463826250565085126257314'
    """
    return UID_ROOT + str(uuid.uuid3(_NIL_NAMESPACE, uid).int)

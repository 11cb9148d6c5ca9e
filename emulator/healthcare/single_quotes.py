"""JSON with strings in single quotes, which Google's parser takes and its own samples send.

The tutorial "Using the Cloud Healthcare API to de-identify medical images" passes its request bodies to curl between
double quotes of the shell, with every name and value in single quotes.
"""

from __future__ import annotations

import re
from typing import Final

_STRING: Final = re.compile(r""" "(?:[^"\\]|\\.)*" | '((?:[^'\\]|\\.)*)' """, re.DOTALL | re.VERBOSE)
_QUOTE_OR_ESCAPE: Final = re.compile(r'\\.|"', re.DOTALL)


def in_double_quotes(text: str) -> str:
    r"""`text` with each string in single quotes as one in double quotes; all else, faults included, unchanged.

    >>> in_double_quotes("{'a': 'it\\'s \"b\"', \"c\": \"'\"}")
    '{"a": "it\'s \\"b\\"", "c": "\'"}'
    """
    return _STRING.sub(_requoted, text)


def _requoted(match: re.Match[str]) -> str:
    return match[0] if match[1] is None else f'"{_QUOTE_OR_ESCAPE.sub(_reescaped, match[1])}"'


def _reescaped(match: re.Match[str]) -> str:
    return {'"': '\\"', "\\'": "'"}.get(match[0], match[0])

import datetime
import json as _json

from .exceptions import ChunkedEncodingError, HTTPError, JSONDecodeError
from .structures import CaseInsensitiveDict


class codes:
    """The statuses that have a name of their own in most programs."""

    ok = OK = 200
    created = 201
    accepted = 202
    no_content = 204
    bad_request = bad = 400
    unauthorized = 401
    forbidden = 403
    not_found = 404
    conflict = 409
    too_many_requests = 429
    internal_server_error = server_error = 500
    bad_gateway = 502
    service_unavailable = unavailable = 503
    gateway_timeout = 504


class Request:
    """What is about to be sent: an auth may change it."""

    def __init__(self, method, url, headers, body):
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body


class Response:
    def __init__(self):
        self.status_code = None
        self.reason = ""
        self.url = ""
        self.headers = CaseInsensitiveDict()
        self.history = []
        self.cookies = {}
        self.encoding = None
        self.elapsed = datetime.timedelta(0)
        self.request = None
        self._content = b""

    def __repr__(self):
        return f"<Response [{self.status_code}]>"

    def __bool__(self):
        return self.ok

    def __iter__(self):
        return self.iter_content(128)

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.close()

    def close(self):
        pass

    @property
    def content(self):
        return self._content

    @property
    def apparent_encoding(self):
        return "utf-8"

    @property
    def text(self):
        if not self._content:
            return ""
        try:
            return str(self._content, self.encoding or self.apparent_encoding, errors="replace")
        except LookupError:
            return str(self._content, "utf-8", errors="replace")

    def json(self, **kwargs):
        try:
            if self.encoding:
                return _json.loads(self.text, **kwargs)
            return _json.loads(self._content, **kwargs)
        except UnicodeDecodeError as error:
            raise JSONDecodeError(str(error)) from None
        except _json.JSONDecodeError as error:
            raise JSONDecodeError(error.msg, error.doc, error.pos) from None

    @property
    def ok(self):
        try:
            self.raise_for_status()
        except HTTPError:
            return False
        return True

    @property
    def is_redirect(self):
        return "location" in self.headers and self.status_code in (301, 302, 303, 307, 308)

    @property
    def is_permanent_redirect(self):
        return "location" in self.headers and self.status_code in (301, 308)

    def raise_for_status(self):
        kind = None
        if 400 <= self.status_code < 500:
            kind = "Client"
        elif 500 <= self.status_code < 600:
            kind = "Server"
        if kind is not None:
            raise HTTPError(
                f"{self.status_code} {kind} Error: {self.reason} for url: {self.url}",
                response=self,
                request=self.request,
            )

    def iter_content(self, chunk_size=1, decode_unicode=False):
        content = self.text if decode_unicode else self._content
        size = chunk_size or max(1, len(content))
        return (content[at : at + size] for at in range(0, len(content), size))

    def iter_lines(self, chunk_size=512, decode_unicode=False, delimiter=None):
        content = self.text if decode_unicode else self._content
        return iter(content.split(delimiter) if delimiter else content.splitlines())


def encoding_of(headers):
    """What the content type says, or what it is by custom."""
    kind = headers.get("content-type")
    if not kind:
        return None
    kind, *parameters = (part.strip() for part in kind.split(";"))
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset" and value:
            return value.strip("'\" ")
    if "text" in kind:
        return "ISO-8859-1"
    return "utf-8" if "application/json" in kind else None


def response_of(answer, content, request):
    response = Response()
    response.status_code = answer["status"]
    response.reason = answer["reason"]
    response.url = answer["url"]
    response.headers = CaseInsensitiveDict(answer["headers"])
    response.encoding = encoding_of(response.headers)
    response.elapsed = datetime.timedelta(microseconds=answer["durationUs"])
    response.request = request
    response._content = content
    return response

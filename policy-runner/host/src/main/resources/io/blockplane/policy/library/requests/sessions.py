import base64
import json as _json
from urllib.parse import quote, unquote, urlencode, urlsplit, urlunsplit

import _blockplane_http

from . import exceptions
from .auth import HTTPBasicAuth
from .models import Request, response_of
from .structures import CaseInsensitiveDict

_KEPT = "!#$%&'()*+,/:;=?@[]~"
_METHOD_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ-")


def _text(value):
    return value.decode("utf-8") if isinstance(value, bytes) else str(value)


def _pairs(data):
    if isinstance(data, dict):
        data = list(data.items())
    found = []
    for key, values in data:
        if values is None:
            continue
        if isinstance(values, (str, bytes)) or not hasattr(values, "__iter__"):
            values = [values]
        found.extend((key, value) for value in values if value is not None)
    return found


def _encoded(data):
    return _text(data) if isinstance(data, (str, bytes)) else urlencode(_pairs(data), doseq=True)


def _merged(own, given):
    """Of the session and of the call; None in the call takes a key away."""
    merged = CaseInsensitiveDict(own)
    for key, value in dict(given or {}).items():
        merged[key] = value
    for key in [key for key, value in merged.items() if value is None]:
        del merged[key]
    return merged


def _checked_headers(headers):
    checked = {}
    for key, value in headers.items():
        key, value = _text(key), value.decode("latin-1") if isinstance(value, bytes) else value
        if not isinstance(value, str):
            raise exceptions.InvalidHeader(
                f"Header part ({value!r}) from ({key!r}, {value!r}) must be of type str or bytes,"
                f" not {type(value)}"
            )
        if any(c in key + value for c in "\r\n\0") or not key.strip() or ":" in key:
            raise exceptions.InvalidHeader(f"Invalid header: {key!r}: {value!r}")
        checked[key.strip()] = value.strip()
    return checked


def _url(url, params):
    """The address to ask, and the user in it, if any."""
    url = _text(url).strip()
    parts = urlsplit(url)
    if not parts.scheme or (not parts.netloc and ":" in url.split("/")[0] and "." in parts.scheme):
        raise exceptions.MissingSchema(
            f"Invalid URL {url!r}: No scheme supplied. Perhaps you meant https://{url}?"
        )
    if parts.scheme.lower() not in ("http", "https"):
        raise exceptions.InvalidSchema(f"No connection adapters were found for {url!r}")
    try:
        port = parts.port
    except ValueError:
        raise exceptions.InvalidURL(f"Failed to parse: {url}") from None
    if not parts.hostname:
        raise exceptions.InvalidURL(f"Invalid URL {url!r}: No host supplied")
    user = None
    if parts.username is not None:
        user = (unquote(parts.username), unquote(parts.password or ""))
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    try:
        host = host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError:
        raise exceptions.InvalidURL("URL has an invalid label.") from None
    query = parts.query
    added = _encoded(params) if params else ""
    if added:
        query = f"{query}&{added}" if query else added
    netloc = host if port is None else f"{host}:{port}"
    path = quote(parts.path or "/", safe=_KEPT)
    return urlunsplit((parts.scheme.lower(), netloc, path, quote(query, safe=_KEPT), "")), user


def _body(data, json, headers):
    if data is None and json is None or data in ({}, [], "", b"") and json is None:
        return None
    if data in (None, {}, [], "", b"") and json is not None:
        try:
            text = _json.dumps(json, allow_nan=False)
        except ValueError as error:
            raise exceptions.InvalidJSONError(error) from None
        headers.setdefault("Content-Type", "application/json")
        return text.encode("utf-8")
    if isinstance(data, str):
        return data.encode("utf-8")
    if isinstance(data, (bytes, bytearray)):
        return bytes(data)
    if hasattr(data, "read"):
        content = data.read()
        return content.encode("utf-8") if isinstance(content, str) else content
    headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
    return _encoded(data).encode("utf-8")


def _timeout_ms(timeout):
    """For the whole exchange: the sum, when connecting and reading have one each."""
    if timeout is None:
        return None
    parts = timeout if isinstance(timeout, tuple) else (timeout,)
    if any(part is None for part in parts):
        return None
    if any(isinstance(part, bool) or not isinstance(part, (int, float)) for part in parts):
        raise ValueError(f"Invalid timeout {timeout!r}: it must be an int, float, tuple or None")
    if any(part <= 0 for part in parts):
        raise ValueError(f"Attempted to set timeout to {timeout!r}, but it must be more than 0")
    return max(1, int(sum(parts) * 1000))


class Session:
    def __init__(self):
        self.headers = CaseInsensitiveDict(
            {"User-Agent": "blockplane-policy", "Accept": "*/*"}
        )
        self.params = {}
        self.auth = None
        self.verify = True
        self.cert = None
        self.cookies = {}
        self.proxies = {}
        self.max_redirects = 10
        self.trust_env = False

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.close()

    def close(self):
        pass

    def mount(self, prefix, adapter):
        pass

    def request(
        self,
        method,
        url,
        params=None,
        data=None,
        headers=None,
        cookies=None,
        files=None,
        auth=None,
        timeout=None,
        allow_redirects=True,
        proxies=None,
        hooks=None,
        stream=None,
        verify=None,
        cert=None,
        json=None,
    ):
        if files:
            raise NotImplementedError("files= is not supported in a policy")
        method = _text(method).upper()
        if not method or not set(method) <= _METHOD_LETTERS or method in ("CONNECT", "TRACE"):
            raise exceptions.RequestException(f"method {method!r} is not supported in a policy")
        merged = CaseInsensitiveDict(_checked_headers(_merged(self.headers, headers)))
        jar = {**self.cookies, **(cookies or {})}
        if jar and "cookie" not in merged:
            merged["Cookie"] = "; ".join(f"{key}={value}" for key, value in jar.items())
        added = _pairs(self.params) + _pairs(params) if self.params and params is not None and not (
            isinstance(params, (str, bytes))
        ) else params if params is not None else self.params
        address, user = _url(url, added)
        request = Request(method, address, merged, _body(data, json, merged))
        auth = auth or self.auth or user
        if auth:
            auth = HTTPBasicAuth(*auth) if isinstance(auth, tuple) else auth
            request = auth(request)
        return self._send(request, timeout, allow_redirects)

    def _send(self, request, timeout, allow_redirects):
        ask = {
            "method": request.method,
            "url": request.url,
            "headers": _checked_headers(request.headers),
            "timeout_ms": _timeout_ms(timeout),
            "follow": bool(allow_redirects),
        }
        if request.body:
            body = request.body.encode("utf-8") if isinstance(request.body, str) else request.body
            ask["body"] = base64.b64encode(body).decode("ascii")
        answer = _json.loads(_blockplane_http.exchange(_json.dumps(ask)))
        error = answer.get("error")
        if error is not None:
            kind = getattr(exceptions, error["type"], exceptions.RequestException)
            raise kind(error["message"], request=request)
        answer = answer.get("response")
        if answer is None:
            raise exceptions.ConnectionError("requests are made while a policy decides only")
        body = answer.get("body") or {"text": ""}
        if body.get("text") is not None:
            content = body["text"].encode("utf-8")
        else:
            content = base64.b64decode(body["base64"])
        return response_of(answer, content, request)

    def get(self, url, **kwargs):
        return self.request("GET", url, **kwargs)

    def options(self, url, **kwargs):
        return self.request("OPTIONS", url, **kwargs)

    def head(self, url, **kwargs):
        kwargs.setdefault("allow_redirects", False)
        return self.request("HEAD", url, **kwargs)

    def post(self, url, data=None, json=None, **kwargs):
        return self.request("POST", url, data=data, json=json, **kwargs)

    def put(self, url, data=None, **kwargs):
        return self.request("PUT", url, data=data, **kwargs)

    def patch(self, url, data=None, **kwargs):
        return self.request("PATCH", url, data=data, **kwargs)

    def delete(self, url, **kwargs):
        return self.request("DELETE", url, **kwargs)


def session():
    return Session()

"""The client behind people's commands: the REST API as plain calls, problems as our errors."""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import httpx

from lea_service.kernel.errors import InvalidInput, LeaError, Unavailable
from lea_service.web.input import asked_language
from lea_service.web.problems import MEDIA_TYPE, revive

DEFAULT_URL = "http://127.0.0.1:8000"
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
TIMEOUT = httpx.Timeout(30, read=300)
ATTEMPTS = 5
UPLOAD_CHUNK = 1 << 18
ELSE = "what answers at LEA_URL is not this service"
Json = Any
Progress = Callable[[int, int], None]


class Client:
    """One person's way to the service. Every call raises the errors that the service raised."""

    def __init__(
        self,
        url: str,
        token: str | None = None,
        *,
        ca_file: str | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        address = _check_url(url)
        authorization = {"Authorization": f"Bearer {token}"} if token else {}
        verify = _trust(ca_file) if address.scheme == "https" else False
        self._http = httpx.Client(
            base_url=address,
            headers={"Accept-Language": asked_language(), **authorization},
            timeout=TIMEOUT,
            transport=transport,
            trust_env=False,  # a proxy named for browsers must not see a token
            verify=verify,
        )

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Self:
        """Connect as LEA_URL, LEA_TOKEN and LEA_CA_FILE say."""
        environ = os.environ if environ is None else environ
        url = environ.get("LEA_URL") or DEFAULT_URL
        return cls(url, environ.get("LEA_TOKEN"), ca_file=environ.get("LEA_CA_FILE"))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def get(self, path: str, **params: str | int | None) -> Json:
        """Return what is at ``path``; arguments that are None are left out."""
        given = {name: value for name, value in params.items() if value is not None}
        return _body(self._send("GET", path, params=given))

    def get_versioned(self, path: str) -> tuple[Json, int]:
        """Return what is at ``path`` and its version, for a later ``put``."""
        response = self._send("GET", path)
        return _body(response), int(response.headers["ETag"].strip('"'))

    def pages(self, path: str, **params: str | int | None) -> Iterator[Json]:
        """Yield the items of every page of a list."""
        page = self.get(path, **params)
        yield from page["items"]
        while page["next"] is not None:
            page = self.get(path, **{**params, "cursor": page["next"]})
            yield from page["items"]

    def post(
        self, path: str, json: Json = None, *, key: str | None = None, version: int | None = None
    ) -> Json:
        """Post a JSON body; ``key`` makes a repeat harmless (Idempotency-Key)."""
        return _body(self._send("POST", path, json=json, headers=_conditions(key, version)))

    def put(self, path: str, json: Json, version: int) -> Json:
        """Replace what had ``version`` when it was read (If-Match)."""
        return _body(self._send("PUT", path, json=json, headers=_conditions(None, version)))

    def delete(self, path: str, version: int | None = None) -> Json:
        """Delete what is at ``path``."""
        return _body(self._send("DELETE", path, headers=_conditions(None, version)))

    def upload(
        self,
        path: str,
        files: Mapping[str, tuple[str, BinaryIO | bytes, str]],
        fields: Mapping[str, str] | None = None,
        *,
        key: str | None = None,
        version: int | None = None,
    ) -> Json:
        """Post a form; ``files``: name -> (file name, content, media type).

        With ``version`` it replaces what had that version when it was read, as ``put`` does.
        """
        method, headers = "POST" if version is None else "PUT", _conditions(key, version)
        sent = self._send(method, path, files=files, data=dict(fields or {}), headers=headers)
        return _body(sent)

    def send_file(
        self,
        path: str,
        file: BinaryIO,
        size: int,
        *,
        media_type: str = "text/csv",
        progress: Progress | None = None,
    ) -> Json:
        """Post ``size`` bytes of a file as they are, in constant memory."""
        headers = {"Content-Type": media_type, "Content-Length": str(size)}
        content = _chunks(file, size, progress or _silent)
        return _body(self._send("POST", path, content=content, headers=headers))

    def get_bytes(self, path: str, **params: str) -> bytes:
        """Return a small body as it is."""
        return self._send("GET", path, params=params).content

    def post_for_file(
        self, path: str, json: Json, file: Path, progress: Progress | None = None
    ) -> int:
        """Post a JSON body and write what is answered to ``file``; returns its size."""
        request = self._http.build_request("POST", path, json=json)
        try:
            response = self._http.send(request, stream=True)
            with closing(response):
                if not response.is_success:
                    response.read()
                    raise _error(response)
                total = _total(response)
                with file.open("wb") as out:
                    for chunk in response.iter_bytes():
                        out.write(chunk)
                        (progress or _silent)(out.tell(), total)
        except httpx.TransportError as err:
            raise Unavailable(f"no answer from {self._http.base_url}; is it running?") from err
        return file.stat().st_size

    def download(self, path: str, file: Path, progress: Progress | None = None) -> int:
        """Fetch into ``file`` and return its size; an interrupted fetch goes on where it was.

        What was fetched so far lies in ``<file>.part`` until it is whole.
        """
        part = file.with_name(file.name + ".part")
        tag = file.with_name(file.name + ".tag")
        for attempt in range(1, ATTEMPTS + 1):
            try:
                self._fetch(path, part, tag, progress or _silent)
                break
            except httpx.TransportError as err:
                if attempt == ATTEMPTS:
                    raise Unavailable("the connection broke off; repeat to go on") from err
        part.replace(file)
        tag.unlink(missing_ok=True)
        return file.stat().st_size

    def _fetch(self, path: str, part: Path, tag: Path, progress: Progress) -> None:
        known = tag.read_text() if tag.exists() else ""
        have = part.stat().st_size if part.exists() and known else 0
        headers = {"Accept-Encoding": "identity"}
        if have:
            headers |= {"Range": f"bytes={have}-", "If-Range": known}
        with self._stream(path, headers) as response:
            if response.status_code == 416:  # the part is whole already, or of something else
                _check_whole(have, _total(response))
                return
            if response.status_code != 206:
                have = 0
            tag.write_text(response.headers.get("ETag", ""))
            total = _total(response)
            with part.open("r+b" if have else "wb") as file:
                file.seek(have)
                for chunk in response.iter_raw():  # as it comes, so that nothing read is lost
                    file.write(chunk)
                    have += len(chunk)
                    progress(have, total)
            _check_whole(have, total)

    @contextmanager
    def _stream(self, path: str, headers: Mapping[str, str]) -> Iterator[httpx.Response]:
        with self._http.stream("GET", path, headers=dict(headers)) as response:
            if not response.is_success and response.status_code != 416:
                response.read()
                raise _error(response)
            yield response

    def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        try:
            response = self._http.request(method, path, **options)
        except httpx.TransportError as err:
            raise Unavailable(f"no answer from {self._http.base_url}; is it running?") from err
        if not response.is_success:
            raise _error(response)
        return response


def _check_url(url: str) -> httpx.URL:
    try:
        address = httpx.URL(url)
    except httpx.InvalidURL as err:
        raise InvalidInput("LEA_URL: expected an address like https://lea.example") from err
    if address.scheme not in {"http", "https"} or not address.host:
        raise InvalidInput("LEA_URL: expected an address like https://lea.example")
    if address.scheme == "http" and address.host not in LOOPBACK:
        raise InvalidInput("LEA_URL: expected https, since a token would travel in the clear")
    return address


def _trust(ca_file: str | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as err:  # what OpenSSL says of a file it cannot use is an OSError too
        raise InvalidInput("LEA_CA_FILE: expected a file of certificates in PEM") from err


def _conditions(key: str | None, version: int | None) -> dict[str, str]:
    headers = {"Idempotency-Key": key} if key is not None else {}
    return headers | ({"If-Match": f'"{version}"'} if version is not None else {})


def _body(response: httpx.Response) -> Json:
    return _parse(response) if response.content else None


def _error(response: httpx.Response) -> LeaError:
    if response.status_code < 400:  # it would send us elsewhere, and a token stays here
        return Unavailable(ELSE)
    is_problem = response.headers.get("Content-Type", "").startswith(MEDIA_TYPE)
    return revive(_parse(response) if is_problem else {}, response.status_code)


def _parse(response: httpx.Response) -> Json:
    try:
        return response.json()
    except ValueError as err:
        raise Unavailable(ELSE) from err


def _total(response: httpx.Response) -> int:
    """Return the whole size: from Content-Range when only a part comes."""
    whole = response.headers.get("Content-Range", "").rpartition("/")[2]
    return int(whole if whole.isdigit() else response.headers.get("Content-Length", 0))


def _check_whole(have: int, total: int) -> None:
    if total and have != total:
        raise Unavailable("what was fetched is not whole; remove the .part file and repeat")


def _chunks(file: BinaryIO, size: int, progress: Progress) -> Iterator[bytes]:
    sent = 0
    while sent < size and (chunk := file.read(min(UPLOAD_CHUNK, size - sent))):
        yield chunk
        sent += len(chunk)
        progress(sent, size)


def _silent(_have: int, _total: int) -> None:
    return None

"""A session with a language server over standard input and output, as an editor holds it."""

from __future__ import annotations

import json
import queue
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

PATIENCE = 60.0
"""Seconds after which an answer will not come any more."""


class Session:
    """One running server, and the texts that are open in it. Positions count from 0, as in LSP."""

    def __init__(self, command: Sequence[str], folder: Path, settings: dict[str, Any]):
        self._settings = settings
        self._folder = folder
        self._last = 0
        self._came: queue.Queue[dict[str, Any]] = queue.Queue()
        self._server = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        threading.Thread(target=self._listen, daemon=True).start()
        self._versions: dict[str, int] = {}
        self.capabilities = self.ask(
            "initialize",
            processId=None,
            rootUri=folder.as_uri(),
            workspaceFolders=[{"uri": folder.as_uri(), "name": folder.name}],
            capabilities={
                "textDocument": {
                    "completion": {
                        "completionItem": {
                            "snippetSupport": True,
                            "documentationFormat": ["markdown", "plaintext"],
                        }
                    },
                    "hover": {"contentFormat": ["markdown", "plaintext"]},
                    "publishDiagnostics": {},
                },
                "workspace": {"configuration": True, "workspaceFolders": True},
            },
        )["capabilities"]
        self.tell("initialized")
        self.tell("workspace/didChangeConfiguration", settings=settings)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.kill()
        self._server.wait()

    def open(self, name: str, text: str) -> list[dict[str, Any]]:
        """Write a file and open it, or change it; gives the server's diagnostics."""
        path = self._folder / name
        path.write_text(text)
        uri = path.as_uri()
        version = self._versions[name] = self._versions.get(name, 0) + 1
        if version == 1:
            document = {"uri": uri, "languageId": "yaml", "version": version, "text": text}
            self.tell("textDocument/didOpen", textDocument=document)
        else:
            self.tell(
                "textDocument/didChange",
                textDocument={"uri": uri, "version": version},
                contentChanges=[{"text": text}],
            )
        while True:
            message = self._next()
            told = message.get("params", {})
            if message.get("method") == "textDocument/publishDiagnostics" and told["uri"] == uri:
                found: list[dict[str, Any]] = told["diagnostics"]
                return found

    def complete(self, name: str, line: int, column: int) -> dict[str, dict[str, Any]]:
        """What the server offers at a place, by label."""
        items = self._at("completion", name, line, column)
        if isinstance(items, dict):
            items = items["items"]
        return {item["label"]: item for item in items or []}

    def hover(self, name: str, line: int, column: int) -> str:
        """What the server shows of what stands at a place."""
        shown = self._at("hover", name, line, column)
        return "" if shown is None else str(shown["contents"]["value"])

    def ask(self, method: str, **params: Any) -> Any:
        """A request; gives its result."""
        self._last += 1
        number = self._last
        self._send({"id": number, "method": method, "params": params})
        while True:
            message = self._next()
            if message.get("id") == number and "method" not in message:
                assert "error" not in message, message
                return message["result"]

    def tell(self, method: str, **params: Any) -> None:
        """A notification."""
        self._send({"method": method, "params": params})

    def _at(self, what: str, name: str, line: int, column: int) -> Any:
        return self.ask(
            f"textDocument/{what}",
            textDocument={"uri": (self._folder / name).as_uri()},
            position={"line": line, "character": column},
        )

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._server.stdin is not None
        self._server.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self._server.stdin.flush()

    def _next(self) -> dict[str, Any]:
        message = self._came.get(timeout=PATIENCE)
        if "id" in message and "method" in message:  # the server asks
            self._send({"id": message["id"], "result": self._answer(message)})
        return message

    def _answer(self, message: dict[str, Any]) -> Any:
        if message["method"] != "workspace/configuration":
            return None
        wanted = message["params"]["items"]
        return [self._settings.get(item.get("section", ""), {}) for item in wanted]

    def _listen(self) -> None:
        out = self._server.stdout
        assert out is not None
        while header := out.readline():
            size = int(header.removeprefix(b"Content-Length: "))
            while out.readline().strip():
                pass
            self._came.put(json.loads(out.read(size)))

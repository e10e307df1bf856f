"""Findings as SARIF 2.1.0, which code scanning services read."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

from archspec import __version__
from archspec.codes import all_rules
from archspec.diagnostics import Diagnostic, Rule, Span, visible

from .fingerprints import fingerprints
from .report import Report, checkout, relative, shown_at

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {"error": "error", "warning": "warning", "note": "note"}


def write(report: Report) -> str:
    """One run of one tool; the rules are those that were broken."""
    broken = sorted({found.code for found in report.findings})
    rules = all_rules()
    marks = fingerprints(report.findings)
    run = {
        "tool": {
            "driver": {
                "name": "archspec",
                "semanticVersion": __version__,
                "rules": [_rule(rules[code]) for code in broken],
            }
        },
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": True}],
        "results": [
            _result(found, broken.index(found.code), mark, report.file(found))
            for found, mark in zip(report.findings, marks, strict=True)
        ],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _rule(rule: Rule) -> dict[str, Any]:
    example = f"Wrong:\n\n{rule.wrong}\nRight:\n\n{rule.right}"
    fenced = f"Wrong:\n\n```yaml\n{rule.wrong}```\n\nRight:\n\n```yaml\n{rule.right}```\n"
    return {
        "id": rule.code,
        "name": "".join(word.capitalize() for word in rule.title.split()),
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.explanation},
        "help": {"text": example, "markdown": fenced},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
    }


def _result(found: Diagnostic, index: int, fingerprint: str, file: str) -> dict[str, Any]:
    said = [found.message, *found.notes]
    if found.help:
        said.append(f"help: {found.help}")
    result: dict[str, Any] = {
        "ruleId": found.code,
        "ruleIndex": index,
        "level": _LEVELS[found.severity],
        "message": {"text": "\n".join(map(visible, said))},
        "partialFingerprints": {"archspec/v1": fingerprint},
    }
    span = shown_at(found)
    related = [(label.span, label.text) for label in found.labels if label.text]
    if found.span is not None and span is not None:
        place = _location(span)
        if span != found.span:
            related.insert(0, (found.span, "where it shows"))
        if found.path:
            place["logicalLocations"] = [{"fullyQualifiedName": found.path, "kind": "module"}]
        result["locations"] = [place]
    elif file:  # services refuse a finding that is nowhere
        result["locations"] = [{"physicalLocation": {"artifactLocation": {"uri": _uri(file)}}}]
    if related:
        result["relatedLocations"] = [
            {"id": number, **_location(at), "message": {"text": visible(text)}}
            for number, (at, text) in enumerate(related, start=1)
        ]
    if found.stack:  # the innermost first, as debuggers show them
        frames = [
            {"location": {**_location(frame.span), "message": {"text": visible(frame.text)}}}
            for frame in reversed(found.stack)
        ]
        result["stacks"] = [{"message": {"text": "how the module came about"}, "frames": frames}]
    return result


def _location(span: Span) -> dict[str, Any]:
    region = {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
        "snippet": {"text": span.source.line(span.line)},
    }
    return {
        "physicalLocation": {"artifactLocation": {"uri": _uri(span.source.name)}, "region": region}
    }


def _uri(file: str) -> str:
    """A relative reference for what is below the working folder or, on GitHub, in the repository; or
    else a whole URI."""
    name = relative(file, checkout("GITHUB_WORKSPACE"))
    if name.startswith("archspec:"):
        return name
    if os.path.isabs(name):
        return Path(name).as_uri()
    return quote(name)

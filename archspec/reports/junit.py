"""Findings as JUnit XML: each spec is a test case, which fails where it has errors."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from archspec.diagnostics import visible

from .report import Report

_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(report: Report) -> str:
    """One suite with a case for every spec, in which its warnings are told too."""
    failed = sum(any(f.severity == "error" for f in one.found) for one in report.checked)
    counts = {"tests": str(len(report.checked)), "failures": str(failed), "errors": "0"}
    suites = ElementTree.Element("testsuites", {"name": "archspec", **counts})
    suite = ElementTree.SubElement(suites, "testsuite", {"name": "archspec", **counts})
    for one in report.checked:
        names = {"classname": "archspec", "name": _xml(visible(one.spec))}
        case = ElementTree.SubElement(suite, "testcase", names)
        errors = [found for found in one.found if found.severity == "error"]
        others = [found for found in one.found if found.severity != "error"]
        if errors:
            message = f"{errors[0].code}: {errors[0].message}"
            if len(errors) > 1:
                message += f" (and {len(errors) - 1} more)"
            failure = ElementTree.SubElement(
                case, "failure", {"type": errors[0].code, "message": _xml(visible(message))}
            )
            failure.text = _xml("\n\n".join(found.format() for found in errors))
        if others:
            told = ElementTree.SubElement(case, "system-out")
            told.text = _xml("\n\n".join(found.format() for found in others))
    ElementTree.indent(suites)
    text = ElementTree.tostring(suites, encoding="unicode", xml_declaration=False)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'


def _xml(text: str) -> str:
    """Text without what XML cannot hold."""
    return _NO_XML.sub("\ufffd", text)

"""Tests of training need the extra `train`."""

from __future__ import annotations

from importlib.util import find_spec

collect_ignore_glob = [] if find_spec("lightning") else ["*"]

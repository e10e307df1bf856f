"""Benchmarks: ratios measured side by side. `make bench`, or `python -m tests.benchmarks --help`."""

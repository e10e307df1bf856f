"""What work may take: that on what strangers wrote little time and memory, in a process of its own."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable

from archspec.diagnostics import UsageError

SECONDS = 10
"""CPU seconds."""

MEMORY = 1 << 30
"""Bytes of address space beyond what the process has."""


class LimitReached(Exception):
    """The work took more than it may; the message says of what."""


def within_limits(work: Callable[[], bytes], seconds: int = SECONDS, memory: int = MEMORY) -> bytes:
    """Run `work` in a child process and give its result.

    Raises LimitReached where it takes more CPU time or memory, or its process dies, and UsageError
    on systems without process limits.
    """
    if not hasattr(os, "fork"):
        raise UsageError("--untrusted needs the process limits of Unix")
    out, back = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        code, most = 1, None
        try:
            os.close(out)
            most = _limit(seconds, memory)
            sys.unraisablehook = _pass_over
            result = work()
            with os.fdopen(back, "wb") as pipe:
                pipe.write(result)
            code = 0
        except MemoryError:
            code = _NO_MEMORY
        except KeyboardInterrupt:  # the parent has it too
            pass
        except BaseException:
            if _is_short(most):
                code = _NO_MEMORY
            else:
                import traceback

                traceback.print_exc()
        finally:
            os._exit(code)
    os.close(back)
    with os.fdopen(out, "rb") as pipe:
        result = pipe.read()
    _child, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    if code == 0:
        return result
    if code in (-signal.SIGXCPU, -signal.SIGKILL, _NO_MEMORY):  # which comes first is the machine's
        raise LimitReached(
            f"took more than {seconds} s of CPU time or {memory >> 20} MiB of memory"
        )
    raise LimitReached(f"ended its process ({code})")


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


_NO_MEMORY = 99


def _pass_over(_what: object) -> None:
    """Say nothing of what fails while memory is short and the stack is left: the exit code says it."""


def _is_short(most: int | None) -> bool:
    """Whether nearly all of the memory is taken, so that anything may fail, Python itself included."""
    try:
        return most is not None and _address_space() > most - (64 << 20)
    except MemoryError:
        return True


def _limit(seconds: int, memory: int) -> int:
    """Set the limits; gives that of the address space, in bytes."""
    import resource

    signal.signal(signal.SIGXCPU, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    whole = _address_space() + memory
    _soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard != resource.RLIM_INFINITY:
        whole = min(whole, hard)
    resource.setrlimit(resource.RLIMIT_AS, (whole, whole))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    return whole


def _address_space() -> int:
    """Bytes of address space that the process has already."""
    try:
        with open("/proc/self/statm", "rb") as file:
            return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0

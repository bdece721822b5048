"""CPU seconds and memory of this process and of every process it started.

An engine such as Spark works in a process of its own; what it uses counts too. Outside
Linux only this process is seen.
"""

import os
import re
import resource
import time
from collections.abc import Iterator
from pathlib import Path


__all__ = ["cpu_seconds", "peak_kib", "reset_peak", "resident_kib"]

PROC = Path("/proc")
STATUS_PARENT, STATUS_CPU = 1, slice(11, 15)  # fields of proc(5) stat after the name


def stat(pid: int) -> list[str]:
    """Read the numbers after the name of a process; none when it has ended."""
    try:
        text = (PROC / str(pid) / "stat").read_text(encoding="utf-8")
    except OSError:
        return []
    return text.rpartition(")")[2].split()


def descendants() -> list[int]:
    """List the processes that this one started, and those that they started."""
    if not PROC.is_dir():
        return []
    parents = {
        int(entry.name): int(found[STATUS_PARENT])
        for entry in PROC.iterdir()
        if entry.name.isdigit() and (found := stat(int(entry.name)))
    }
    family = {os.getpid()}
    while more := {pid for pid, up in parents.items() if up in family} - family:
        family |= more
    return sorted(family - {os.getpid()})


def cpu_seconds() -> float:
    """Add up the user and system time of all threads of all our processes."""
    ticks = sum(
        int(one) for pid in descendants() for one in stat(pid)[STATUS_CPU] if one
    )
    return time.process_time() + ticks / os.sysconf("SC_CLK_TCK")


def reset_peak() -> None:
    """Let the kernel forget the peaks so far (Linux; elsewhere they stay)."""
    for pid in ("self", *descendants()):
        try:
            (PROC / str(pid) / "clear_refs").write_text("5", encoding="ascii")
        except OSError:
            continue


def sizes(name: str) -> Iterator[int]:
    """Read one line of each process's status, in KiB."""
    for pid in ("self", *descendants()):
        try:
            status = (PROC / str(pid) / "status").read_text(encoding="utf-8")
        except OSError:
            continue
        if found := re.search(rf"^{name}:\s+(\d+) kB", status, flags=re.MULTILINE):
            yield int(found[1])


def resident_kib() -> int:
    """Give the memory now in use; elsewhere than on Linux the peak so far, in KiB."""
    return sum(sizes("VmRSS")) or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def peak_kib() -> int:
    """Give the highest memory use since `reset_peak`, in KiB."""
    return sum(sizes("VmHWM")) or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

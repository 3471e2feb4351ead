import platform
import subprocess
import sys
from pathlib import Path

import pytest

HEAPS = """
import ctypes, sys, threading
from bot.commands.opening import share_one_heap
share_one_heap()
together = threading.Barrier(4)
def work():
    together.wait()
    bytes(100_000)
threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
libc = ctypes.CDLL(None)
libc.fopen.restype = ctypes.c_void_p
file = ctypes.c_void_p(libc.fopen(sys.argv[1].encode(), b"w"))
libc.malloc_info(0, file)
libc.fclose(file)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="heaps are glibc's")
@pytest.mark.parametrize(("wished", "fewest", "most"), [("", 1, 1), ("3", 2, 3)])
def test_share_one_heap_when_there_are_threads_then_one_unless_the_environment_says_otherwise(
    wished: str, fewest: int, most: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MALLOC_ARENA_MAX", raising=False)
    if wished:
        monkeypatch.setenv("MALLOC_ARENA_MAX", wished)
    told = tmp_path / "heaps"
    subprocess.run([sys.executable, "-c", HEAPS, str(told)], check=True)
    assert fewest <= told.read_text().count("<heap nr=") <= most

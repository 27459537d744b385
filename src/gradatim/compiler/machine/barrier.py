"""Barriers: where all threads wait until everyone has come.

Waiting threads spin for a short while, then give their turn away, so that a loaded machine is not
starved.
"""

from __future__ import annotations

import sys

BARRIER = """
define internal void @barrier(ptr %sync, i32 %threads) #0 {
entry:
  %turns = getelementptr inbounds i8, ptr %sync, i64 64
  %turn = load atomic i32, ptr %turns acquire, align 4
  %before = atomicrmw add ptr %sync, i32 1 acq_rel
  %others = sub i32 %threads, 1
  %last = icmp eq i32 %before, %others
  br i1 %last, label %open, label %wait
open:
  store atomic i32 0, ptr %sync release, align 4
  %opened = atomicrmw add ptr %turns, i32 1 acq_rel
  ret void
wait:
  %n = phi i32 [ 0, %entry ], [ %more, %again ]
  %now = load atomic i32, ptr %turns acquire, align 4
  %through = icmp ne i32 %now, %turn
  br i1 %through, label %done, label %pause
pause:
  PAUSE
  %more = add i32 %n, 1
  %bits = and i32 %more, 127
  %long = icmp eq i32 %bits, 0
  br i1 %long, label %yield, label %again
yield:
  %ignored = call i32 @YIELD()
  br label %again
again:
  br label %wait
done:
  ret void
}
"""


def barrier(is_x86: bool, platform: str = sys.platform) -> str:
    """Return the IR of the function ``barrier(ptr sync, i32 threads)``.

    Parameters
    ----------
    is_x86 : bool
        Whether the processor knows the pause instruction of x86.
    platform : str
        As ``sys.platform`` names it: Windows gives a turn away by another name than all others.
    """
    turn = "SwitchToThread" if platform == "win32" else "sched_yield"
    pause = "call void @llvm.x86.sse2.pause()" if is_x86 else "fence seq_cst"
    declared = "declare void @llvm.x86.sse2.pause()\n" if is_x86 else ""
    body = BARRIER.replace("PAUSE", pause).replace("YIELD", turn)
    return f"declare i32 @{turn}()\n{declared}{body}"

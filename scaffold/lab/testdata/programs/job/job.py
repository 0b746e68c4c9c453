"""A job that does what its argument says."""

import os
import subprocess
import sys
import time

from awsglue.utils import getResolvedOptions

options = getResolvedOptions(sys.argv, ["JOB_NAME", "what"])
what = options["what"]
print("job", options["JOB_NAME"], what, flush=True)
if "left-behind" in sys.modules:
    raise SystemExit("a module of an earlier run is still here")
sys.modules["left-behind"] = sys
if what == "raise":
    raise ValueError("the rows are\nnot right")
if what == "exit":
    sys.exit(3)
if what == "137":
    sys.exit(137)
if what == "die":
    os.kill(os.getpid(), 9)
if what == "hang":
    child = subprocess.Popen(["sleep", "300"])
    print("child", child.pid, flush=True)
    time.sleep(300)
if what == "print":
    for _ in range(100):
        sys.stdout.write("x" * (1 << 20))
    print("\nthe end")
if what == "missing":
    getResolvedOptions(sys.argv, ["not-given"])
if what == "context":
    import awsglue.context  # noqa: F401

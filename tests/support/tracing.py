"""Programs under strace, which changes what chosen system calls do: it kills in the middle of the n-th, or delays each."""

import shutil
import subprocess


def traced(call, injection):
    """What to write before a command so that `injection` happens at each `call` of it and of all it starts."""
    return ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:{injection}"]


def need_tracing(test):
    """Fails where nobody may trace a process: what such a test is about would go unseen."""
    test.assertIsNotNone(shutil.which("strace"), "strace must be there (./bootstrap.sh packages)")
    probe = subprocess.run([*traced("write", "delay_enter=1"), "true"], capture_output=True, text=True)
    test.assertEqual(0, probe.returncode, f"strace must be allowed to trace: {probe.stderr}")

"""Become another program: drop root, ask to be stopped when the parent dies, then exec.

Run as a script by absolute path (`python -I -S launch.py PARENT SIGNAL ACCOUNT -- COMMAND…`), never imported.
A `preexec_fn` would do the same, but is unsafe in a process that has threads.

PARENT is the process id that must still be our parent, SIGNAL what the kernel sends us when it dies (Linux
only), ACCOUNT is `uid:gid`, or `-` to stay who we are.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Replace this process by the command after `--`."""
    parent, death_signal, account = arguments[:3]
    command = arguments[4:]
    if account != "-":
        uid, gid = (int(part) for part in account.split(":"))
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if sys.platform == "linux":
        # After the change of user, which clears it.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
    if os.getppid() != int(parent):
        sys.exit(1)  # the parent died before the kernel knew what to tell us
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    os.execvp(command[0], command)  # noqa: S606  # no shell is wanted


if __name__ == "__main__":
    main(sys.argv[1:])

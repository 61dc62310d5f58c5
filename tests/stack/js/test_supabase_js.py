"""A React developer's way, with the real supabase-js: sign up, then use the API with the session's token."""

import os
import subprocess
from pathlib import Path

from dev.node import MODULES, node
from dev.stack import Stack

HERE = Path(__file__).parent
GUARD_SECONDS = 120  # a script that hangs ends; nothing is measured


def test_the_main_job(stack: Stack, api_url: str) -> None:
    done = subprocess.run(  # noqa: S603  # a script of ours
        [node(), str(HERE / "supabase_js.mjs")],
        env={
            **os.environ,
            "SUPABASE_URL": stack.supabase_url,
            "SUPABASE_PUBLISHABLE_KEY": stack.publishable_key,
            "API_URL": api_url,
            "NODE_MODULES": str(MODULES),
        },
        capture_output=True,
        text=True,
        timeout=GUARD_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "ok"

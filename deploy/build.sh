#!/bin/sh
# render.yaml's buildCommand: the server's packages and the Supabase CLI, all pinned by hash. Needs an active
# virtual environment, as Render's Python runtime has.
set -eu
cd "$(dirname "$0")/.."
python -m pip install --quiet --require-hashes --requirement dev/uv-requirements.txt
uv pip sync --require-hashes requirements.txt deploy/requirements.txt
cd dev
npm ci --ignore-scripts --no-audit --no-fund --loglevel=error

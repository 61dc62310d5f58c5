#!/bin/sh
# render.yaml's buildCommand: the server's packages into .venv and the Supabase CLI into deploy/, all pinned by hash.
# Needs only Python, under the name `python`: Render's runtime has no uv without a uv.lock, and maybe no node.
set -eu
cd -- "$(dirname -- "$0")/.."
tools=.cache/deploy

python -m venv --clear "$tools"
"$tools/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: \
    --requirement dev/uv-requirements.txt --requirement deploy/requirements.txt

[ -x .venv/bin/python ] || "$tools/bin/uv" venv --quiet --no-python-downloads --python "$(command -v python)" .venv
"$tools/bin/uv" pip sync --quiet --no-python-downloads --require-hashes --python .venv/bin/python requirements.txt

# The pinned npm, whatever the machine has. The CLI's program comes inside its package: no install script is run.
PATH=$PWD/$tools/bin:$PATH npm ci --prefix deploy --ignore-scripts --no-audit --no-fund --loglevel=error
rm -rf "$tools"

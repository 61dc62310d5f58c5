#!/bin/sh
# render.yaml's preDeployCommand: applies migrations and seeds to DATABASE_URL with the pinned Supabase CLI.
# Safe to run twice: applied migrations are skipped, and seeds change only what differs.
set -eu
cd -- "$(dirname -- "$0")/.."
: "${DATABASE_URL:?must name the database to migrate}"
export DO_NOT_TRACK=1 NO_COLOR=1

# deploy/build.sh puts the CLI into deploy/; a developer's clone has it in dev/. Run directly, it needs no node.
supabase=
for program in deploy/node_modules/@supabase/cli-*/bin/supabase dev/node_modules/@supabase/cli-*/bin/supabase; do
    if "./$program" --version >/dev/null 2>&1; then
        supabase=./$program
        break
    fi
done
[ -n "$supabase" ] || {
    echo 'migrate: the Supabase CLI is not here: run deploy/build.sh, or ./poew dev once.' >&2
    exit 1
}

"$supabase" db query --remote="$DATABASE_URL" --file supabase/forget_seed_notes.sql --yes </dev/null >/dev/null
"$supabase" db push --remote="$DATABASE_URL" --include-seed --yes </dev/null

#!/bin/sh
# render.yaml's preDeployCommand: applies migrations and seeds to DATABASE_URL with the pinned Supabase CLI.
# Safe to run twice: applied migrations are skipped, and seeds change only what differs.
set -eu
cd "$(dirname "$0")/.."
: "${DATABASE_URL:?DATABASE_URL must name the database to migrate}"
export DO_NOT_TRACK=1 SUPABASE_YES=1
supabase=dev/node_modules/.bin/supabase
"$supabase" db query --remote="$DATABASE_URL" --file supabase/forget_seed_notes.sql --yes </dev/null
"$supabase" db push --remote="$DATABASE_URL" --include-seed --yes </dev/null

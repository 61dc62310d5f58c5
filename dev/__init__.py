"""The local Supabase stack: Postgres, PostgREST, the auth service and their gateway. Never deployed."""

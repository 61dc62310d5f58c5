"""What keeps supabase/migrations equal to supabase/schemas, and starts a new migration."""

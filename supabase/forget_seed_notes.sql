-- Run before a push, so that it applies all seeds. The Supabase CLI notes which seed files it has applied; for a file that
-- changed it only updates the note and does not apply it again (measured with 3.1.0). All seeds can be applied again: they
-- are upserts that change only what differs.
do $$
begin
  if to_regclass('supabase_migrations.seed_files') is not null then
    delete from supabase_migrations.seed_files;
  end if;
end
$$;

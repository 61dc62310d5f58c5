-- The Supabase CLI notes which seed files it has applied, and when one changes it only updates its note (measured,
-- 3.1.0). Our seeds are upserts that change only what differs, so before a push the notes go and all seeds apply.
do $$
begin
  if to_regclass('supabase_migrations.seed_files') is not null then
    delete from supabase_migrations.seed_files;
  end if;
end
$$;

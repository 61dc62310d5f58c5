-- The server watches the jobs of all open event streams with one question, instead of two a second for each stream.

-- When each of these jobs changed last, for a server that watches them for many people in one question. A job that is
-- gone has no row. It says nothing else: each person reads their own job with their own token.
create function public.job_changes(job_ids uuid[]) returns table (id uuid, updated_at timestamptz)
language sql stable set search_path = '' as $$
  select j.id, j.updated_at from public.jobs as j where j.id = any (job_ids)
$$;

revoke all on function public.job_changes(uuid[]) from public, anon, authenticated;
grant execute on function public.job_changes(uuid[]) to service_role;

-- A person can see what a file would become before importing it: the same is known then as in the job.

set local check_function_bodies = off;

-- What importing a file needs to know of the person: units, time zone, the exercises that its names can mean, and what
-- the person weighed.
create function private.known_to_imports(owner uuid) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object('timezone', u.timezone, 'weight_unit', u.weight_unit, 'distance_unit', u.distance_unit,
    'exercises', (select jsonb_agg(jsonb_build_object('id', e.id, 'slug', e.slug, 'name', e.name, 'aliases', e.aliases,
                           'kind', e.kind, 'equipment', e.equipment) order by e.slug, e.id)
                    from public.exercises as e
                   where (e.user_id is null or e.user_id = owner) and e.hidden_at is null),
    'body_weights', (select coalesce(jsonb_agg(jsonb_build_object('on', m.local_date, 'kg', m.value) order by m.local_date), '[]')
                       from public.measurements as m where m.user_id = owner and m.kind = 'body_weight'))
    from public.users as u where u.id = owner
$$;

-- The same, for a job that imports.
create or replace function public.import_context(job_id uuid, attempt integer) returns jsonb
language plpgsql set search_path = '' as $$
declare
  owner constant uuid := private.assert_lease(import_context.job_id, attempt);
begin
  return private.known_to_imports(owner);
end $$;

-- The same, for whoever asks what a file would become before importing it.
create function public.import_preview_context() returns jsonb
language sql stable set search_path = '' as $$
  select private.known_to_imports((select auth.uid()))
$$;

grant execute on function private.known_to_imports to authenticated, service_role;
grant execute on function public.import_preview_context to authenticated;

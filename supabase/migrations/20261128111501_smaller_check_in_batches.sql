-- A hundred people are looked at in a batch: when many of them are due at once, it still ends in time. Follows
-- supabase/schemas/79_check_ins.sql.

set local check_function_bodies = off;

create or replace function public.check_ins_due(max_people integer default 100) returns jsonb
language plpgsql set search_path = '' set plan_cache_mode = force_generic_plan as $$
declare
  batch record;
begin
  select * into batch from private.next_people('check_in', max_people);
  return jsonb_build_object('done', batch.done, 'due', coalesce((
    select jsonb_agg(d.due order by p.id)
      from unnest(batch.people) as p (id) cross join lateral (select private.due_check_in(p.id, now()) as due offset 0) as d
     where d.due is not null), '[]'));
end $$;

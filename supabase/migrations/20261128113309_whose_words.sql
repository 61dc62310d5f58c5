-- What was told says on which day it was said, where the person is; the next workout has what can stand in for exercises that
-- they must not or will not do any more. Follows supabase/schemas/35_training.sql and supabase/schemas/79_told_facts.sql.

SET local check_function_bodies = off;

CREATE OR REPLACE FUNCTION private.told (
  owner uuid
)
  RETURNS jsonb
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  with told as (
    select f.* from private.facts_in_force(owner) as f
    union all
    select f.*
      from public.users as u
        cross join lateral (
          select t.memory_id, t.field, t.op, t.value, private.fact_key(t.field::text, t.value), t.quote, t.said_at
            from private.told_facts(owner) as t where t.decision = 'applied' and t.op <> 'remove') as f
     where u.id = owner and u.memory_enabled
       and (f.field = 'excluded_exercises' or private.is_in_profile(row(f.*)::private.told_fact, u)))
  select coalesce(jsonb_agg(jsonb_build_object('memory_id', t.memory_id, 'field', t.field, 'op', t.op, 'value', t.value,
           'quote', t.quote, 'said_at', t.said_at, 'said_on', (t.said_at at time zone u.timezone)::date)
           order by t.said_at desc, t.memory_id, t.field, t.key), '[]')
    from (select * from told as t order by t.said_at desc, t.memory_id limit 200) as t
      join public.users as u on u.id = owner
$function$;

CREATE OR REPLACE FUNCTION public.next_workout (
  plan_day integer DEFAULT NULL::integer
)
  RETURNS jsonb
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  with plan as materialized (
    select p.id, p.name, p.version, p.content, jsonb_array_length(p.content -> 'days') as days
      from public.plans as p where p.user_id = (select auth.uid()) and p.kind = 'workout' and p.status = 'active'),
  followed as (
    select min(w.local_date) as first_on, count(*) as workouts,
           (array_agg(w.plan_day order by w.started_at desc, w.id desc) filter (where w.plan_day < p.days))[1] as last_day
      from plan as p join public.workouts as w on w.plan_id = p.id and w.user_id = (select auth.uid())),
  next as materialized (
    select p.*, f.first_on, coalesce(next_workout.plan_day, (f.last_day + 1) % p.days, 0) as day
      from plan as p, followed as f),
  planned as (
    select distinct (e.value ->> 'exercise_id')::uuid as id
      from next as n, jsonb_array_elements(n.content -> 'days' -> n.day -> 'exercises') as e),
  person as materialized (select u.* from private.person((select auth.uid())) as u),
  excluded as materialized (select x.id from private.excluded_exercises((select auth.uid())) as x (id)),
  forbidden as (
    select e.primary_muscles, e.secondary_muscles from planned as x join public.exercises as e on e.id = x.id
      cross join person as u
     where e.contraindications && u.injuries or e.id in (select excluded.id from excluded))
  select jsonb_build_object('plan_id', n.id, 'plan_name', n.name, 'plan_version', n.version, 'plan_day', n.day,
      'content', n.content -> 'days' -> n.day, 'deload_weeks', coalesce(n.content -> 'deload_weeks', '[]'),
      'prescribed_since', private.prescribed_since(n.id) -> n.day,
      'first_on', n.first_on, 'weight_unit', u.weight_unit, 'load_steps_kg', u.load_steps_kg,
      'today', (now() at time zone u.timezone)::date,
      'injuries', u.injuries, 'told', private.told(u.id),
      'exercises', coalesce((
        select jsonb_object_agg(e.id, private.exercise_facts(e) || jsonb_build_object(
                 'is_excluded', x.id in (select excluded.id from excluded),
                 'sessions', private.exercise_sessions(u.id, e.id)))
          from planned as x join public.exercises as e on e.id = x.id), '{}'),
      -- What can stand in for an exercise that the person must not or will not do any more; mostly nothing.
      'candidates', case when exists (select from forbidden) then (
        select jsonb_agg(private.exercise_facts(c) order by c.id) from private.exercise_candidates(u.id) as c
         where exists (select from forbidden as f where c.primary_muscles && f.primary_muscles)) end)
    from next as n cross join person as u
   where n.day between 0 and n.days - 1
$function$;

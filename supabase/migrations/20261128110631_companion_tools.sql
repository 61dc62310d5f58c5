-- The session of any day of the active plan, and what can stand in for an exercise, for the companion's answers. The
-- exercises of a session come with all that is known of them; the days of the plan with their weekdays.

SET local check_function_bodies = off;

DROP FUNCTION "public"."next_workout"();

CREATE OR REPLACE FUNCTION private.chat_context (
  owner          uuid,
  before_message uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return (
    select jsonb_build_object(
      'now', to_char(now() at time zone u.timezone, 'YYYY-MM-DD"T"HH24:MI'),
      'memory_enabled', u.memory_enabled,
      'profile', jsonb_build_object('name', u.name, 'sport', u.sport, 'experience_level', u.experience_level,
        'days_per_week', u.days_per_week, 'goals', u.goals, 'equipment', u.equipment, 'injuries', u.injuries,
        'weight_unit', u.weight_unit, 'distance_unit', u.distance_unit, 'timezone', u.timezone),
      'affinity', jsonb_build_object('score', u.affinity_score, 'events', coalesce((
        select jsonb_agg(jsonb_build_object('points', e.points, 'explanation', e.explanation) order by e.created_at desc)
          from (select * from public.affinity_events as e where e.user_id = owner
                 order by e.created_at desc, e.id desc limit 5) as e), '[]')),
      'plan', (
        select jsonb_build_object('id', p.id, 'name', p.name, 'goal', p.goal, 'days', (
                 select jsonb_agg(jsonb_build_object('day', d.n - 1, 'name', d.value ->> 'name',
                          'weekday', d.value -> 'weekday', 'exercises', (
                          select jsonb_agg(x.name order by e.n)
                            from jsonb_array_elements(d.value -> 'exercises') with ordinality as e (value, n)
                              join public.exercises as x on x.id = (e.value ->> 'exercise_id')::uuid)) order by d.n)
                   from jsonb_array_elements(p.content -> 'days') with ordinality as d (value, n)),
               'next_day', coalesce((
                 select (w.plan_day + 1) % jsonb_array_length(p.content -> 'days') from public.workouts as w
                  where w.user_id = owner and w.plan_id = p.id and w.plan_day < jsonb_array_length(p.content -> 'days')
                  order by w.started_at desc, w.id desc limit 1), 0))
          from public.plans as p where p.user_id = owner and p.kind = 'workout' and p.status = 'active'),
      'proposal', (
        select jsonb_build_object('id', r.id, 'plan_id', r.plan_id, 'changes', (
                 select coalesce(jsonb_agg(left(c.value ->> 'explanation', 300) order by c.n), '[]')
                   from jsonb_array_elements(r.changes) with ordinality as c (value, n) where c.n <= 10))
          from public.plan_proposals as r join public.plans as p on p.id = r.plan_id
         where r.user_id = owner and r.kind = 'workout' and r.status = 'open' and p.status = 'active'
         order by r.created_at desc, r.id desc limit 1),
      'meal_plan', (
        select jsonb_build_object('id', m.id, 'name', m.name, 'days', (
                 select jsonb_agg(jsonb_build_object('day', d.n - 1, 'name', d.value ->> 'name',
                          'weekday', d.value -> 'weekday', 'meals', (
                            select jsonb_agg(jsonb_build_object('meal', e.n - 1, 'slot', e.value ->> 'slot',
                                     'name', e.value ->> 'name') order by e.n)
                              from jsonb_array_elements(d.value -> 'meals') with ordinality as e (value, n))) order by d.n)
                   from jsonb_array_elements(m.content -> 'days') with ordinality as d (value, n)))
          from public.plans as m where m.user_id = owner and m.kind = 'meal' and m.status = 'active'),
      'sessions', coalesce((
        select jsonb_agg(jsonb_build_object('date', w.local_date, 'name', w.name, 'plan_day', w.plan_day,
                 'records', private.workout_records(owner, w.id),
                 'sets', (
                   select jsonb_agg(jsonb_build_object('id', s.id, 'exercise', s.exercise_name, 'reps', s.reps,
                            'weight_kg', s.weight_kg, 'duration_seconds', s.duration_seconds, 'distance_m', s.distance_m,
                            'text', private.describe_set(s)) order by s.exercise_position, s.position)
                     from (select * from public.sets as s
                            where s.user_id = owner and s.workout_id = w.id and s.set_type <> 'warmup'
                            order by s.exercise_position, s.position limit 50) as s)) order by w.started_at desc, w.id desc)
          from (select * from public.workouts as w where w.user_id = owner
                 order by w.started_at desc, w.id desc limit 5) as w), '[]'),
      'conversation', coalesce((
        select jsonb_agg(jsonb_build_object('role', m.role, 'message', m.message) order by m.created_at, m.id)
          from (select * from public.chat_messages as m where m.user_id = owner and m.id <> before_message
                 order by m.created_at desc, m.id desc limit 12) as m), '[]'))
      from private.person(owner) as u where u.id is not null);
end $function$;

CREATE OR REPLACE FUNCTION public.exercise_substitutes (
  exercise_id uuid
)
  RETURNS jsonb
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select jsonb_build_object('exercise', private.exercise_facts(e), 'candidates', coalesce((
    select jsonb_agg(private.exercise_facts(c) || jsonb_build_object('is_favourite', p.id is not null) order by c.id)
      from private.exercise_candidates((select auth.uid())) as c
        left join public.exercise_preferences as p
          on p.user_id = (select auth.uid()) and p.exercise_id = c.id and p.kind = 'favourite'
     where c.id <> e.id and c.primary_muscles && (e.primary_muscles || e.secondary_muscles)), '[]'))
    from public.exercises as e where e.id = exercise_substitutes.exercise_id
$function$;

REVOKE ALL ON FUNCTION "public"."exercise_substitutes"(uuid) FROM PUBLIC, "anon";

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
      from next as n, jsonb_array_elements(n.content -> 'days' -> n.day -> 'exercises') as e)
  select jsonb_build_object('plan_id', n.id, 'plan_name', n.name, 'plan_version', n.version, 'plan_day', n.day,
      'content', n.content -> 'days' -> n.day, 'deload_weeks', coalesce(n.content -> 'deload_weeks', '[]'),
      'prescribed_since', private.prescribed_since(n.id) -> n.day,
      'first_on', n.first_on, 'weight_unit', u.weight_unit, 'load_steps_kg', u.load_steps_kg,
      'today', (now() at time zone u.timezone)::date,
      'injuries', u.injuries, 'told', private.told(u.id),
      'exercises', coalesce((
        select jsonb_object_agg(e.id, private.exercise_facts(e) || jsonb_build_object(
                 'is_excluded', x.id in (select private.excluded_exercises((select auth.uid()))),
                 'sessions', private.exercise_sessions(u.id, e.id)))
          from planned as x join public.exercises as e on e.id = x.id), '{}'))
    from next as n cross join private.person((select auth.uid())) as u
   where n.day between 0 and n.days - 1
$function$;

REVOKE ALL ON FUNCTION "public"."next_workout"(integer) FROM PUBLIC, "anon";

REVOKE ALL ON FUNCTION "private"."exercise_candidates"(uuid) FROM "authenticated";

GRANT EXECUTE ON FUNCTION "private"."exercise_candidates"(uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "private"."exercise_facts"(public.exercises) FROM "authenticated";

GRANT EXECUTE ON FUNCTION "private"."exercise_facts"(public.exercises) TO "authenticated";

GRANT EXECUTE ON FUNCTION "public"."exercise_substitutes"(uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."exercise_substitutes"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."exercise_substitutes"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."exercise_substitutes"(uuid) TO "service_role";

GRANT EXECUTE ON FUNCTION "public"."next_workout"(integer) TO "authenticated";

REVOKE ALL ON FUNCTION "public"."next_workout"(integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."next_workout"(integer) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."next_workout"(integer) TO "service_role";

-- What a person can load: the smallest step in kg for each kind of equipment, where it is not the usual one.
create function private.are_load_steps(steps jsonb) returns boolean
language sql immutable set search_path = '' as $$
  select case when jsonb_typeof(steps) <> 'object' or pg_column_size(steps) > 4096 then false else (
    select coalesce(bool_and(s.key in ('barbell', 'dumbbell', 'kettlebell', 'cable', 'machine', 'trap_bar', 'ez_bar',
                                       'landmine', 'smith_machine', 'medicine_ball', 'sled', 'other')
      and case when jsonb_typeof(s.value) <> 'number' then false
               else s.value::numeric between 0.1 and 50 and scale(s.value::numeric) <= 3 end), true)
      from jsonb_each(steps) as s) end
$$;
grant execute on function private.are_load_steps to authenticated, service_role;

alter table public.users add column load_steps_kg jsonb not null default '{}',
  add constraint users_load_steps_kg_shape check (private.are_load_steps(load_steps_kg));
comment on column public.users.load_steps_kg is 'Smallest step in kg by equipment; what is not there is the usual step.';
grant update (load_steps_kg) on public.users to authenticated;

-- Everything that GET /workouts/next computes from: the active plan, the day that is next, and for each exercise of
-- that day what was last lifted: the work sets of the 20 newest workouts that had it, oldest first, each with the day of
-- the plan that it followed. Null without an active plan.
create function public.next_workout() returns jsonb
language sql stable set search_path = '' as $$
  with plan as materialized (
    select p.id, p.name, p.version, p.content, jsonb_array_length(p.content -> 'days') as days
      from public.plans as p where p.user_id = (select auth.uid()) and p.status = 'active'),
  followed as (
    select min(w.local_date) as first_on, count(*) as workouts,
           (array_agg(w.plan_day order by w.started_at desc, w.id desc) filter (where w.plan_day < p.days))[1] as last_day
      from plan as p join public.workouts as w on w.plan_id = p.id and w.user_id = (select auth.uid())),
  next as materialized (
    select p.*, f.first_on, coalesce((f.last_day + 1) % p.days, 0) as day from plan as p, followed as f),
  planned as (
    select distinct (e.value ->> 'exercise_id')::uuid as id
      from next as n, jsonb_array_elements(n.content -> 'days' -> n.day -> 'exercises') as e)
  select jsonb_build_object('plan_id', n.id, 'plan_name', n.name, 'plan_version', n.version, 'plan_day', n.day,
      'content', n.content -> 'days' -> n.day, 'deload_weeks', coalesce(n.content -> 'deload_weeks', '[]'),
      'first_on', n.first_on, 'weight_unit', u.weight_unit, 'load_steps_kg', u.load_steps_kg,
      'today', (now() at time zone u.timezone)::date,
      'exercises', coalesce((
        select jsonb_object_agg(e.id, jsonb_build_object('name', e.name, 'kind', e.kind, 'equipment', e.equipment,
          'sessions', (
            select coalesce(jsonb_agg(jsonb_build_object('local_date', w.local_date, 'plan_id', w.plan_id,
                     'plan_day', w.plan_day, 'sets', l.sets) order by d.started_at, d.workout_id), '[]')
              from (select distinct s.started_at, s.workout_id from public.sets as s
                     where s.user_id = u.id and s.exercise_id = e.id and s.set_type in ('working', 'failure', 'amrap')
                     order by s.started_at desc, s.workout_id desc limit 20) as d
                join public.workouts as w on w.id = d.workout_id
                cross join lateral (
                  select jsonb_agg(jsonb_build_object('id', s.id, 'set_type', s.set_type, 'reps', s.reps,
                           'weight_kg', s.weight_kg, 'duration_seconds', s.duration_seconds,
                           'distance_m', s.distance_m, 'e1rm_kg', s.e1rm_kg)
                           order by s.exercise_position, s.position) as sets
                    from public.sets as s
                   where s.workout_id = d.workout_id and s.exercise_id = e.id
                     and s.set_type in ('working', 'failure', 'amrap')) as l)))
          from planned as x join public.exercises as e on e.id = x.id), '{}'))
    from next as n join public.users as u on u.id = (select auth.uid())
$$;
revoke execute on function public.next_workout from public, anon;
grant execute on function public.next_workout to authenticated;

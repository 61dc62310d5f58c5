-- Statistics. They are computed from the sets at each request, so that they always agree with them. All run as the
-- caller, under row-level security. Warm-ups do not count; volume is load times repetitions, in kg.

-- Workouts per person and day.
create view private.training_days with (security_invoker = true) as
  select w.user_id, w.local_date, count(*) as workouts,
         coalesce(sum(extract(epoch from w.ended_at - w.started_at)), 0)::bigint as duration_seconds
    from public.workouts as w group by w.user_id, w.local_date;
grant select on private.training_days to authenticated, service_role;

-- Runs of weeks without a gap in which a person trained on as many days as their target; weeks are named by their
-- Mondays. Without a target, a week with any workout counts.
create function private.streaks(owner uuid, target integer) returns table (first_week date, last_week date, weeks integer)
language sql stable set search_path = '' as $$
  with weeks as (
    select date_trunc('week', d.local_date)::date as week
      from private.training_days as d where d.user_id = owner
     group by 1 having count(*) >= coalesce(target, 1)),
  runs as (select week, week - 7 * (row_number() over (order by week))::integer as run from weeks)
  select min(week), max(week), count(*)::integer from runs group by run
$$;

-- Totals of all time and of this week, and streaks in weeks.
create function public.stats_summary() returns jsonb
language sql stable set search_path = '' as $$
  with me as materialized (
    select u.id, u.days_per_week, (now() at time zone u.timezone)::date as today,
           date_trunc('week', now() at time zone u.timezone)::date as week
      from public.users as u where u.id = (select auth.uid())),
  days as (
    select coalesce(sum(d.workouts), 0) as workouts, coalesce(sum(d.duration_seconds), 0) as duration_seconds,
           min(d.local_date) as first_on, max(d.local_date) as last_on, count(d.local_date) as days,
           coalesce(sum(d.workouts) filter (where d.local_date between me.week and me.week + 6), 0) as week_workouts,
           count(*) filter (where d.local_date between me.week and me.week + 6) as week_days
      from me left join private.training_days as d on d.user_id = me.id),
  totals as (
    select count(*) as sets, coalesce(sum(s.reps), 0) as reps, coalesce(sum(s.weight_kg * s.reps), 0) as volume_kg,
           count(*) filter (where s.local_date between me.week and me.week + 6) as week_sets,
           coalesce(sum(s.weight_kg * s.reps) filter (where s.local_date between me.week and me.week + 6), 0) as week_volume_kg
      from me join public.sets as s on s.user_id = me.id and s.set_type <> 'warmup'),
  streaks as (select r.* from me cross join lateral private.streaks(me.id, me.days_per_week) as r)
  select jsonb_build_object(
    'workouts', days.workouts, 'days', days.days, 'sets', totals.sets, 'reps', totals.reps, 'volume_kg', totals.volume_kg,
    'duration_seconds', days.duration_seconds, 'first_on', days.first_on, 'last_on', days.last_on,
    'this_week', jsonb_build_object('starts_on', me.week, 'workouts', days.week_workouts, 'days', days.week_days,
      'target_days', me.days_per_week, 'sets', totals.week_sets, 'volume_kg', totals.week_volume_kg),
    'streak', jsonb_build_object(
      -- The target of the current week can still be reached, so it does not end a streak.
      'current_weeks', coalesce((select s.weeks from streaks as s where s.last_week >= me.week - 7), 0),
      'longest_weeks', coalesce((select max(s.weeks) from streaks as s), 0)))
    from me, days, totals
$$;

-- The best values of all time: one row for each exercise, kind and, for most_reps, load, for least_assist, number of
-- repetitions; of equal sets, the first.
-- Sorted by the current name of the exercise. Sets are looked up only for the rows of the page.
create function public.stats_records(exercise_id uuid default null, kind public.record_kind default null,
  page_offset integer default 0, page_limit integer default 20) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (
    with exercises as materialized (
      select e.id, e.name from public.exercises as e
       where stats_records.exercise_id is null or e.id = stats_records.exercise_id),
    best as materialized (
      select b.exercise_id, b.kind, b.at_kg, b.at_reps, b.value, e.name
        from private.personal_bests((select auth.uid()), array(select m.id from exercises as m)) as b
          join exercises as e on e.id = b.exercise_id
       where stats_records.kind is null or b.kind = stats_records.kind),
    page as materialized (
      select * from best as b order by b.name, b.exercise_id, b.kind, b.at_kg, b.at_reps
       limit least(page_limit, 100) offset page_offset)
    select jsonb_build_object('total', (select count(*) from best), 'items', coalesce((
      select jsonb_agg(to_jsonb(f) - array['user_id'] order by p.name, p.exercise_id, p.kind, p.at_kg, p.at_reps)
        from page as p
          cross join lateral (
            -- Only from the index sets_history.
            select min(s.started_at) as began from public.sets as s
             where s.user_id = (select auth.uid()) and s.exercise_id = p.exercise_id and s.set_type <> 'warmup'
               and case p.kind when 'heaviest' then s.weight_kg when 'e1rm' then s.e1rm_kg when 'most_reps' then s.reps
                     when 'longest' then s.duration_seconds when 'farthest' then s.distance_m
                     when 'least_assist' then s.assist_kg end = p.value
               and (p.kind <> 'most_reps' or coalesce(s.weight_kg, s.assist_kg, 0) = p.at_kg)
               and (p.kind <> 'least_assist' or s.reps = p.at_reps)) as first
          cross join lateral (
            select m.* from private.record_candidates as m
             where m.user_id = (select auth.uid()) and m.exercise_id = p.exercise_id and m.kind = p.kind
               and m.value = p.value and m.at_kg is not distinct from p.at_kg
               and m.at_reps is not distinct from p.at_reps and m.started_at = first.began
             order by m.set_id limit 1) as f), '[]')));
end $$;

-- Per week (its Monday) and muscle. A set counts fully for primary muscles and half for secondary ones.
create function public.stats_volume(first_day date, last_day date) returns jsonb
language sql stable set search_path = '' as $$
  with trained_sets as materialized (
    select date_trunc('week', s.local_date::timestamp)::date as week, s.exercise_id, count(*) as sets,
           coalesce(sum(s.reps), 0) as reps, coalesce(sum(s.weight_kg * s.reps), 0) as volume_kg
      from public.sets as s
     where s.user_id = (select auth.uid()) and s.local_date between first_day and last_day and s.set_type <> 'warmup'
     group by 1, 2),
  trained as (
    select d.week, m.muscle, sum(d.sets * m.share) as sets, sum(d.volume_kg * m.share) as volume_kg
      from trained_sets as d join public.exercises as e on e.id = d.exercise_id
        cross join lateral (
          select p.muscle, 1.0 as share from unnest(e.primary_muscles) as p (muscle)
          union all select s.muscle, 0.5 from unnest(e.secondary_muscles) as s (muscle)) as m
     group by d.week, m.muscle),
  muscles as (
    select t.week, jsonb_agg(jsonb_build_object('muscle', t.muscle, 'sets', t.sets, 'volume_kg', t.volume_kg)
                             order by t.sets desc, t.muscle) as list from trained as t group by t.week),
  weeks as (
    select d.week, sum(d.sets) as sets, sum(d.reps) as reps, sum(d.volume_kg) as volume_kg from trained_sets as d group by d.week)
  select coalesce(jsonb_agg(jsonb_build_object('week', w.week, 'sets', w.sets, 'reps', w.reps, 'volume_kg', w.volume_kg,
    'muscles', coalesce(m.list, '[]')) order by w.week), '[]')
    from weeks as w left join muscles as m using (week)
$$;

-- The days with workouts.
create function public.stats_calendar(first_day date, last_day date) returns jsonb
language sql stable set search_path = '' as $$
  with trained_sets as (
    select s.local_date, count(*) as sets, coalesce(sum(s.weight_kg * s.reps), 0) as volume_kg
      from public.sets as s
     where s.user_id = (select auth.uid()) and s.local_date between first_day and last_day and s.set_type <> 'warmup'
     group by s.local_date)
  select coalesce(jsonb_agg(jsonb_build_object('date', d.local_date, 'workouts', d.workouts,
    'duration_seconds', d.duration_seconds, 'sets', coalesce(s.sets, 0), 'volume_kg', coalesce(s.volume_kg, 0))
    order by d.local_date), '[]')
    from private.training_days as d left join trained_sets as s using (local_date)
   where d.user_id = (select auth.uid()) and d.local_date between first_day and last_day
$$;

-- One exercise over time: a point for each workout, the newest `max_points`, oldest first. Null for an exercise that the
-- caller cannot see.
create function public.stats_exercise(exercise_id uuid, first_day date, last_day date, max_points integer) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object('exercise_id', e.id, 'exercise_name', e.name, 'kind', e.kind, 'points', coalesce((
    select jsonb_agg(to_jsonb(p) order by p.started_at, p.workout_id) from (
      select s.workout_id, s.started_at, s.local_date as date, count(*) as sets, sum(s.reps) as reps,
             sum(s.weight_kg * s.reps) as volume_kg, max(s.weight_kg) as heaviest_kg, max(s.e1rm_kg) as e1rm_kg,
             max(s.reps) as most_reps, min(s.assist_kg) as least_assist_kg, max(s.duration_seconds) as longest_seconds,
             max(s.distance_m) as farthest_m
        from public.sets as s
       where s.user_id = (select auth.uid()) and s.exercise_id = e.id and s.set_type <> 'warmup'
         and s.local_date between first_day and last_day
       group by s.workout_id, s.started_at, s.local_date
       order by s.started_at desc, s.workout_id desc limit max_points) as p), '[]'))
    from public.exercises as e where e.id = stats_exercise.exercise_id
$$;

grant execute on function private.streaks to authenticated;
grant execute on function public.stats_summary, public.stats_records, public.stats_volume, public.stats_calendar,
  public.stats_exercise to authenticated;

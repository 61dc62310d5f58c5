-- Heart rates: a set may have the average and the highest heart rate that were measured during it, as watches record them
-- for every lap. Follows supabase/schemas/40_workouts.sql and supabase/schemas/42_logging.sql.

SET local check_function_bodies = off;

ALTER TABLE "public"."sets"
  ADD COLUMN "average_heart_rate" smallint;

ALTER TABLE "public"."sets"
  ADD COLUMN "max_heart_rate" smallint;

CREATE OR REPLACE FUNCTION private.workout_document (
  owner      uuid,
  workout_id uuid,
  records    jsonb
)
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
begin
  return (select to_jsonb(w) - array['user_id', 'request_hash', 'import_id', 'award_round'] || jsonb_build_object(
    'exercises', coalesce((
      select jsonb_agg(e.exercise order by e.exercise_position)
        from (select s.exercise_position, jsonb_build_object(
                'exercise_id', s.exercise_id, 'exercise_name', min(s.exercise_name), 'kind', min(s.kind),
                'superset_group', min(s.superset_group), 'notes', min(s.exercise_notes),
                'sets', jsonb_agg(jsonb_build_object(
                  'id', s.id, 'set_type', s.set_type, 'side', s.side, 'reps', s.reps,
                  'weight', case when s.weight_kg is not null then
                    jsonb_build_object('value', s.entered_value, 'unit', s.entered_unit) end,
                  'weight_kg', s.weight_kg,
                  'assist', case when s.assist_kg is not null then
                    jsonb_build_object('value', s.entered_value, 'unit', s.entered_unit) end,
                  'assist_kg', s.assist_kg, 'rpe', s.rpe, 'rir', s.rir, 'duration_seconds', s.duration_seconds,
                  'distance_m', s.distance_m, 'average_heart_rate', s.average_heart_rate,
                  'max_heart_rate', s.max_heart_rate, 'e1rm_kg', s.e1rm_kg) order by s.position)) as exercise
                from public.sets as s where s.workout_id = w.id group by s.exercise_position, s.exercise_id) as e), '[]'),
    'records', records,
    'affinity', jsonb_build_object(
      'score', (select u.affinity_score from public.users as u where u.id = owner),
      'events', coalesce((
        select jsonb_agg(jsonb_build_object('rule', a.rule, 'points', a.points, 'explanation', a.explanation)
                         order by a.created_at, a.id)
          from public.affinity_events as a where a.user_id = owner and a.workout_id = w.id), '[]')))
    from public.workouts as w where w.id = workout_document.workout_id and w.user_id = owner);
end $function$;

CREATE OR REPLACE FUNCTION private.write_sets (
  workout   public.workouts,
  exercises json
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  insert into public.sets (user_id, workout_id, exercise_id, exercise_name, kind, exercise_position, position,
    superset_group, exercise_notes, set_type, side, reps, entered_value, entered_unit, rpe, rir, duration_seconds,
    distance_m, started_at, local_date, average_heart_rate, max_heart_rate)
  select workout.user_id, workout.id, e.id,
    -- An imported set keeps the name that its exercise was logged under.
    case workout.source when 'import' then coalesce(d.value ->> 'exercise_name', e.name) else e.name end,
    e.kind, d.n - 1, s.n - 1,
    d.value ->> 'superset_group', case when s.n = 1 then d.value ->> 'notes' end,
    r.set_type, r.side, r.reps,
    coalesce((r.weight ->> 'value')::numeric, (r.assist ->> 'value')::numeric),
    coalesce(r.weight ->> 'unit', r.assist ->> 'unit')::public.weight_unit,
    r.rpe, r.rir, r.duration_seconds, r.distance_m, workout.started_at, workout.local_date,
    r.average_heart_rate, r.max_heart_rate
    from json_array_elements(exercises) with ordinality as d (value, n)
      join public.exercises as e on e.id = (d.value ->> 'exercise_id')::uuid
      cross join lateral json_array_elements(d.value -> 'sets') with ordinality as s (value, n)
      cross join lateral json_to_record(s.value) as r (set_type public.set_type, side public.set_side, reps smallint,
        weight json, assist json, rpe numeric, rir smallint, duration_seconds integer, distance_m numeric,
        average_heart_rate smallint, max_heart_rate smallint);
end $function$;

ALTER TABLE "public"."sets"
  ADD CONSTRAINT "sets_average_heart_rate_range" CHECK (((average_heart_rate >= 20) AND (average_heart_rate <= 300)));

ALTER TABLE "public"."sets"
  ADD CONSTRAINT "sets_heart_rates_in_order" CHECK ((average_heart_rate <= max_heart_rate));

ALTER TABLE "public"."sets"
  ADD CONSTRAINT "sets_max_heart_rate_range" CHECK (((max_heart_rate >= 20) AND (max_heart_rate <= 300)));

COMMENT ON COLUMN "public"."sets"."average_heart_rate" IS 'Beats per minute over the set, as measured.';

COMMENT ON COLUMN "public"."sets"."max_heart_rate" IS 'The most beats per minute during the set, as measured.';

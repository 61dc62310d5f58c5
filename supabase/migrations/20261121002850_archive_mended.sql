-- What lists and the archive ask is true for the largest workouts too, and an import takes nothing away.

-- What a list shows of a workout: {"sets", "volume_kg", "exercises"}; warm-ups do not count.
-- A computed column: `select=*,work_done`. Unnamed, so that it cannot be called with a workout that is made up.
create function public.work_done(public.workouts) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object('sets', coalesce(sum(e.sets), 0), 'volume_kg', coalesce(round(sum(e.volume_kg), 3), 0),
      'exercises', coalesce(jsonb_agg(jsonb_build_object(
        'exercise_id', e.exercise_id, 'exercise_name', e.exercise_name, 'sets', e.sets) order by e.exercise_position), '[]'))
    from (select s.exercise_position, s.exercise_id, s.exercise_name,
                 count(*) filter (where s.set_type <> 'warmup') as sets,
                 sum(s.weight_kg * s.reps) filter (where s.set_type <> 'warmup') as volume_kg
            from public.sets as s where s.workout_id = ($1).id
           group by s.exercise_position, s.exercise_id, s.exercise_name) as e
$$;
comment on function public.work_done is 'Sets and volume of a workout without warm-ups, and its exercises in order.';
revoke execute on function public.work_done from public, anon, authenticated;
grant execute on function public.work_done to authenticated;

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

-- 20261121000500, but what had been deleted and stays for the sake of history is not counted when it is brought along.
create or replace trigger exercises_custom_limit before insert on public.exercises
  for each row when (new.user_id is not null and new.hidden_at is null) execute function private.limit_custom_exercises();

-- Custom exercises that do not exist yet, by name: {"id", "kind", "added"} for each, or {"reason"}. One that had been deleted
-- (`hidden`) is itself alone, and never another one of its name: it may have been made again since. `unhide`: one that has
-- been deleted here is back, because a file has it that knows nothing of that.
create or replace function private.import_exercise(owner uuid, given json) returns jsonb
language plpgsql set search_path = '' as $$
declare
  imported constant uuid := (given ->> 'id')::uuid;
  was_hidden constant boolean := coalesce(given ->> 'hidden' = 'true', false);
  kept public.exercises;
begin
  insert into public.exercises (id, user_id, name, aliases, kind, primary_muscles, secondary_muscles, equipment, category,
    level, mechanic, is_unilateral, contraindications, instructions, hidden_at, created_at)
  select imported, owner, r.name, r.aliases, r.kind, r.primary_muscles, r.secondary_muscles, r.equipment, r.category,
    r.level, r.mechanic, r.is_unilateral, r.contraindications, r.instructions,
    case when was_hidden then clock_timestamp() end, clock_timestamp()
    from json_populate_record(null::public.exercises, given) as r
  on conflict do nothing returning * into kept;
  if kept.id is not null then
    return jsonb_build_object('id', kept.id, 'kind', kept.kind, 'added', true);
  end if;
  if given ->> 'unhide' = 'true' then
    update public.exercises as e set hidden_at = null
     where e.id = imported and e.user_id = owner and e.hidden_at is not null;
  end if;
  select * into kept from public.exercises as e
   where e.user_id = owner
     and (e.id = imported or (not was_hidden and lower(e.name) = lower(given ->> 'name') and e.hidden_at is null))
   order by e.id = imported desc limit 1;
  return jsonb_build_object('id', kept.id, 'kind', kept.kind, 'added', false);
end $$;

-- A plan with its history: each content it had becomes a version again, in the same words.
create or replace function private.import_plan(owner uuid, given json) returns jsonb
language plpgsql set search_path = '' as $$
declare
  imported constant uuid := (given ->> 'id')::uuid;
  used constant jsonb[] := array(
    select jsonb_path_query(given::jsonb, '$.versions[*].content.days[*].exercises[*].exercise_id'));
  earlier json;
begin
  if exists (
    select from unnest(used) as u (id)
     where not exists (select from public.exercises as e where to_jsonb(e.id) = u.id
                          and (e.user_id is null or e.user_id = owner))) then
    raise sqlstate 'PT422' using message = 'The plan has an exercise that is not there.';
  end if;
  -- The length comes last: the deload weeks of an older version need not lie within it.
  insert into public.plans (id, user_id, name, description, goal, days_per_week, source, created_at)
  select imported, owner, r.name, r.description, r.goal, r.days_per_week, r.source, clock_timestamp()
    from json_populate_record(null::public.plans, given) as r
  on conflict (id) do nothing;
  if not found then
    return jsonb_build_object('outcome', 'duplicate');
  end if;
  -- A plan may go on having an exercise that was deleted since it had it. It had these: a version 0 says so for now.
  insert into public.plan_versions (user_id, plan_id, version, content, changed_by)
  select owner, imported, 0, jsonb_build_object('days', jsonb_build_array(jsonb_build_object(
      'exercises', jsonb_agg(jsonb_build_object('exercise_id', e.id))))), 'person'
    from public.exercises as e where e.user_id = owner and e.hidden_at is not null and to_jsonb(e.id) = any (used)
  having count(*) > 0;
  for earlier in select v.value from json_array_elements(given -> 'versions') as v loop
    perform set_config('slow_burn.changed_by', earlier ->> 'changed_by', true),
            set_config('slow_burn.reason', coalesce(earlier ->> 'reason', ''), true);
    update public.plans as p set content = (earlier -> 'content')::jsonb where p.id = imported;
  end loop;
  perform set_config('slow_burn.changed_by', '', true), set_config('slow_burn.reason', '', true);
  delete from public.plan_versions as v where v.plan_id = imported and v.version = 0;
  -- Nor is the plan that is followed here put away for one that was followed elsewhere.
  update public.plans as p set duration_weeks = (given ->> 'duration_weeks')::smallint,
      status = case when given ->> 'status' = 'active' and exists (
        select from public.plans as a where a.user_id = owner and a.status = 'active') then 'archived'
        else (given ->> 'status')::public.plan_status end
   where p.id = imported;
  return jsonb_build_object('outcome', 'imported');
end $$;

-- A profile that nobody has changed yet becomes the one that is brought along. Any other only gets what it does not say
-- itself: an old export takes no allergen and no injury away, turns no memory on and gives no consent again.
create or replace function private.import_profile(owner uuid, given json) returns jsonb
language plpgsql set search_path = '' as $$
begin
  update public.users as u set name = r.name, date_of_birth = r.date_of_birth, sex = r.sex, sport = r.sport,
      experience_level = r.experience_level, days_per_week = r.days_per_week, goals = r.goals,
      activity_level = r.activity_level, weight_unit = r.weight_unit, distance_unit = r.distance_unit,
      timezone = r.timezone, equipment = r.equipment, load_steps_kg = r.load_steps_kg, injuries = r.injuries,
      diet = r.diet, allergens = r.allergens, dislikes = r.dislikes, memory_enabled = r.memory_enabled,
      ai_consent_at = r.ai_consent_at
    from json_populate_record(null::public.users, given) as r where u.id = owner and u.updated_at = u.created_at;
  if not found then
    update public.users as u set name = coalesce(u.name, r.name), date_of_birth = coalesce(u.date_of_birth, r.date_of_birth),
        sex = coalesce(u.sex, r.sex), sport = coalesce(u.sport, r.sport),
        experience_level = coalesce(u.experience_level, r.experience_level),
        days_per_week = coalesce(u.days_per_week, r.days_per_week),
        goals = case u.goals when '{}' then r.goals else u.goals end,
        activity_level = coalesce(u.activity_level, r.activity_level),
        weight_unit = case u.weight_unit when 'kg' then r.weight_unit else u.weight_unit end,
        distance_unit = case u.distance_unit when 'km' then r.distance_unit else u.distance_unit end,
        timezone = case u.timezone when 'UTC' then r.timezone else u.timezone end,
        equipment = case u.equipment when '{}' then r.equipment else u.equipment end,
        load_steps_kg = case u.load_steps_kg when '{}' then r.load_steps_kg else u.load_steps_kg end,
        injuries = u.injuries || array(select j from unnest(r.injuries) as j where j <> all (u.injuries)),
        diet = coalesce(u.diet, r.diet),
        allergens = u.allergens || array(select a from unnest(r.allergens) as a where a <> all (u.allergens)),
        dislikes = case u.dislikes when '{}' then r.dislikes else u.dislikes end,
        memory_enabled = u.memory_enabled and r.memory_enabled
      from json_populate_record(null::public.users, given) as r where u.id = owner;
  end if;
  return jsonb_build_object('outcome', 'imported');
end $$;

-- What the person thinks of an exercise by now stays.
create or replace function private.import_preference(owner uuid, given json) returns jsonb
language plpgsql set search_path = '' as $$
begin
  if not exists (select from public.exercises as e
                  where e.id = (given ->> 'exercise_id')::uuid and (e.user_id is null or e.user_id = owner)) then
    return null;
  end if;
  insert into public.exercise_preferences (user_id, exercise_id, kind, reason, created_at)
  select owner, r.exercise_id, r.kind, r.reason, clock_timestamp()
    from json_populate_record(null::public.exercise_preferences, given) as r
  on conflict on constraint exercise_preferences_one_each do nothing;
  return jsonb_build_object('outcome', case when found then 'imported' else 'duplicate' end);
end $$;

-- Imports of training logs of other apps, and of an account's own export. Only the worker calls these functions, for a
-- job that it holds. Each batch is one transaction, and repeating it adds nothing: ids are derived from what is
-- imported. Imported workouts earn no affinity. created_at is clock_timestamp(), which differs within a transaction, so
-- that rows keep the order in which the person listed them.

-- Whether a row that was written at this moment is of this job, in this attempt or an earlier one: imported, else duplicate.
create function private.import_outcome(job_id uuid, written_at timestamptz) returns text
language sql stable set search_path = '' as $$
  select case when written_at >= j.created_at then 'imported' else 'duplicate' end
    from public.jobs as j where j.id = job_id
$$;

-- A profile that has not been changed here becomes the imported one. Any other only gets what it lacks: an old export
-- removes no allergen and no injury, does not turn memory or check-ins on, and gives no consent again.
-- A duplicate is one that changes nothing, unless an earlier attempt of this job changed it.
create function private.import_profile(owner uuid, job_id uuid, item json) returns jsonb
language plpgsql set search_path = '' as $$
declare
  changed_at timestamptz;
begin
  update public.users as u set name = r.name, date_of_birth = r.date_of_birth, sex = r.sex, sport = r.sport,
      experience_level = r.experience_level, days_per_week = r.days_per_week, goals = r.goals,
      activity_level = r.activity_level, weight_unit = r.weight_unit, distance_unit = r.distance_unit,
      timezone = r.timezone, equipment = r.equipment, load_steps_kg = r.load_steps_kg, injuries = r.injuries,
      diet = r.diet, allergens = r.allergens, dislikes = r.dislikes, memory_enabled = r.memory_enabled,
      ai_consent_at = r.ai_consent_at,
      -- Exports of before 0.5 do not have these.
      check_ins_enabled = coalesce(r.check_ins_enabled, u.check_ins_enabled),
      check_ins_max_per_week = coalesce(r.check_ins_max_per_week, u.check_ins_max_per_week),
      check_ins_quiet_from = coalesce(r.check_ins_quiet_from, u.check_ins_quiet_from),
      check_ins_quiet_to = coalesce(r.check_ins_quiet_to, u.check_ins_quiet_to),
      session_minutes = r.session_minutes
    from json_populate_record(null::public.users, item) as r where u.id = owner and u.updated_at = u.created_at;
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
        memory_enabled = u.memory_enabled and r.memory_enabled,
        check_ins_enabled = u.check_ins_enabled and coalesce(r.check_ins_enabled, true),
        check_ins_max_per_week = case u.check_ins_max_per_week when 1 then coalesce(r.check_ins_max_per_week, 1)
                                   else u.check_ins_max_per_week end,
        check_ins_quiet_from = case when u.check_ins_quiet_from = '22:00' and u.check_ins_quiet_to = '08:00'
                                 then coalesce(r.check_ins_quiet_from, '22:00') else u.check_ins_quiet_from end,
        check_ins_quiet_to = case when u.check_ins_quiet_from = '22:00' and u.check_ins_quiet_to = '08:00'
                               then coalesce(r.check_ins_quiet_to, '08:00') else u.check_ins_quiet_to end,
        session_minutes = coalesce(u.session_minutes, r.session_minutes)
      from json_populate_record(null::public.users, item) as r where u.id = owner;
  end if;
  select u.updated_at into changed_at from public.users as u where u.id = owner;
  return jsonb_build_object('outcome', private.import_outcome(job_id, changed_at));
end $$;

-- A custom exercise, unless there is one of the same name: {"id", "kind", "added"}. An exercise that had been deleted
-- where the export was made (`hidden`) only matches itself, not one of its name, which may have been made later.
-- `unhide`: the file is of another app, which does not know of deletions. An exercise that was deleted here is taken, and
-- comes back when a workout with it is imported (private.unhide_exercises).
create function private.import_exercise(owner uuid, item json) returns jsonb
language plpgsql set search_path = '' as $$
declare
  imported_id constant uuid := (item ->> 'id')::uuid;
  is_hidden constant boolean := coalesce(item ->> 'hidden' = 'true', false);
  existing public.exercises;
begin
  if item ->> 'unhide' = 'true' then
    select * into existing from public.exercises as e
     where e.user_id = owner and (e.id = imported_id
       or (lower(e.name) = lower(item ->> 'name') and (e.hidden_at is null or e.kind::text = item ->> 'kind')))
     order by e.id = imported_id desc, e.hidden_at desc nulls first limit 1;
    if existing.id is not null then
      return jsonb_build_object('id', existing.id, 'kind', existing.kind, 'added', false);
    end if;
  end if;
  insert into public.exercises (id, user_id, name, aliases, kind, primary_muscles, secondary_muscles, equipment, category,
    level, mechanic, is_unilateral, contraindications, instructions, hidden_at, created_at)
  select imported_id, owner, r.name, r.aliases, r.kind, r.primary_muscles, r.secondary_muscles, r.equipment, r.category,
    r.level, r.mechanic, r.is_unilateral, r.contraindications, r.instructions,
    case when is_hidden then clock_timestamp() end, clock_timestamp()
    from json_populate_record(null::public.exercises, item) as r
  on conflict do nothing returning * into existing;
  if existing.id is not null then
    return jsonb_build_object('id', existing.id, 'kind', existing.kind, 'added', true);
  end if;
  select * into existing from public.exercises as e
   where e.user_id = owner
     and (e.id = imported_id or (not is_hidden and lower(e.name) = lower(item ->> 'name') and e.hidden_at is null))
   order by e.id = imported_id desc limit 1;
  return jsonb_build_object('id', existing.id, 'kind', existing.kind, 'added', false);
end $$;

-- Deleted exercises of the person that the item uses come back, but for those that the workout has already.
create function private.unhide_exercises(owner uuid, item json, workout_id uuid default null) returns void
language sql set search_path = '' as $$
  update public.exercises as e set hidden_at = null
   where e.user_id = owner and e.hidden_at is not null
     and e.id in (select (d.value ->> 'exercise_id')::uuid from json_array_elements(item -> 'exercises') as d)
     and not exists (
       select from public.sets as s
        where s.user_id = owner and s.exercise_id = e.id and s.workout_id = unhide_exercises.workout_id)
$$;

-- At the end of a job: an exercise that it added, and that no workout came to use, goes again: all that have it were here
-- already. {"id", "added"}: whether the job has added it.
create function private.import_added_exercise(owner uuid, job_id uuid, item json) returns jsonb
language plpgsql set search_path = '' as $$
declare
  added public.exercises;
begin
  select e.* into added from public.exercises as e join public.jobs as j on j.id = import_added_exercise.job_id
   where e.id = (item ->> 'id')::uuid and e.user_id = owner and e.created_at >= j.created_at for update of e;
  if added.id is not null and not private.exercise_is_used(owner, added.id)
    and not exists (select from public.exercise_preferences as p where p.exercise_id = added.id)
    -- Another file that is being imported may be about to use it.
    and not exists (select from public.jobs as j where j.user_id = owner and j.kind = 'import_workouts' and j.status = 'running'
                                                   and j.id <> import_added_exercise.job_id) then
    delete from public.exercises as e where e.id = added.id;
    added := null;
  end if;
  return jsonb_build_object('id', item ->> 'id', 'added', added.id is not null);
end $$;

-- A custom food, unless there is one of the same name: {"id"}. A food that had been deleted where the export was made
-- (`hidden`; meal plans still use it) only matches itself, not one of its name, which may have been made later.
create function private.import_food(owner uuid, item json) returns jsonb
language plpgsql set search_path = '' as $$
declare
  imported_id constant uuid := (item ->> 'id')::uuid;
  is_hidden constant boolean := coalesce(item ->> 'hidden' = 'true', false);
  existing_id uuid;
begin
  insert into public.foods (id, user_id, name, aliases, category, energy_kcal, protein_g, carbohydrate_g, fat_g, fibre_g,
    sugar_g, salt_g, alcohol_g, allergens, diets, servings, hidden_at, created_at)
  select imported_id, owner, r.name, r.aliases, r.category, r.energy_kcal, r.protein_g, r.carbohydrate_g, r.fat_g,
    r.fibre_g, r.sugar_g, r.salt_g, r.alcohol_g, r.allergens, r.diets, r.servings,
    case when is_hidden then clock_timestamp() end, clock_timestamp()
    from json_populate_record(null::public.foods, item) as r
  on conflict do nothing;
  select f.id into existing_id from public.foods as f
   where f.user_id = owner
     and (f.id = imported_id or (not is_hidden and lower(f.name) = lower(item ->> 'name') and f.hidden_at is null))
   order by f.id = imported_id desc limit 1;
  return jsonb_build_object('id', existing_id);
end $$;

-- A preference of an exercise; one that the person has here stays. Null when there is no such exercise.
create function private.import_preference(owner uuid, item json) returns jsonb
language plpgsql set search_path = '' as $$
begin
  if not exists (select from public.exercises as e
                  where e.id = (item ->> 'exercise_id')::uuid and (e.user_id is null or e.user_id = owner)) then
    return null;
  end if;
  insert into public.exercise_preferences (user_id, exercise_id, kind, reason, created_at)
  select owner, r.exercise_id, r.kind, r.reason, clock_timestamp()
    from json_populate_record(null::public.exercise_preferences, item) as r
  on conflict on constraint exercise_preferences_one_each do nothing;
  return jsonb_build_object('outcome', case when found then 'imported' else 'duplicate' end);
end $$;

-- A plan with its history: each of its contents becomes a version again, unchanged. Only the current content has to
-- suit the person's allergens and diet: an earlier one may be how they learned of an allergy. restore_plan_version()
-- validates again.
create function private.import_plan(owner uuid, kind public.plan_kind, item json) returns jsonb
language plpgsql set search_path = '' as $$
declare
  imported_id constant uuid := (item ->> 'id')::uuid;
  version_count constant integer := coalesce(json_array_length(item -> 'versions'), 0);
  entry json;
  problems jsonb;
begin
  -- duration_weeks comes last: the deload weeks of an earlier version need not lie within it.
  insert into public.plans (id, user_id, kind, name, description, goal, days_per_week, target_energy_kcal,
    target_protein_g, target_carbohydrate_g, target_fat_g, source, created_at)
  select imported_id, owner, import_plan.kind, r.name, r.description, r.goal, r.days_per_week, r.target_energy_kcal,
    r.target_protein_g, r.target_carbohydrate_g, r.target_fat_g, r.source, clock_timestamp()
    from json_populate_record(null::public.plans, item) as r
  on conflict (id) do nothing;
  if not found then
    return jsonb_build_object('outcome', 'duplicate');
  end if;
  -- A plan may go on using what was deleted while it had it (private.plan_problems). A version 0 with the deleted
  -- exercises and foods of the import states that, for as long as the import takes.
  insert into public.plan_versions (user_id, plan_id, version, content, changed_by)
  select owner, imported_id, 0, jsonb_build_object('days', jsonb_build_array(jsonb_build_object(
      'exercises', coalesce((select jsonb_agg(jsonb_build_object('exercise_id', e.id)) from public.exercises as e
        where e.user_id = owner and e.hidden_at is not null and to_jsonb(e.id) = any (u.ids)), '[]'),
      'meals', jsonb_build_array(jsonb_build_object('items', coalesce((
        select jsonb_agg(jsonb_build_object('food_id', f.id)) from public.foods as f
         where f.user_id = owner and f.hidden_at is not null and to_jsonb(f.id) = any (u.ids)), '[]')))))), 'person'
    from (select array(select jsonb_path_query(item::jsonb, case import_plan.kind
      when 'workout' then '$.versions[*].content.days[*].exercises[*].exercise_id'::jsonpath
      else '$.versions[*].content.days[*].meals[*].items[*].food_id' end)) as ids) as u;
  for entry in select v.value from json_array_elements(item -> 'versions') with ordinality as v (value, n)
                  where v.n < version_count loop
    problems := jsonb_path_query_array(
      private.plan_problems(import_plan.kind, (entry -> 'content')::jsonb, owner, imported_id),
      '$[*] ? (@.type != "allergen" && @.type != "diet")');
    if problems <> '[]' then
      raise sqlstate 'PT422' using detail = problems,
        message = format('An earlier version of the %s is not sound.', private.plan_noun(import_plan.kind));
    end if;
  end loop;
  insert into public.plan_versions (user_id, plan_id, version, content, changed_by, reason, accepted)
  select owner, imported_id, v.n, (v.value -> 'content')::jsonb, (v.value ->> 'changed_by')::public.plan_author,
    v.value ->> 'reason', coalesce((v.value ->> 'accepted')::boolean, false)
    from json_array_elements(item -> 'versions') with ordinality as v (value, n) where v.n < version_count;
  if version_count > 0 then
    entry := item -> 'versions' -> (version_count - 1);
    update public.plans as p set version = version_count - 1 where p.id = imported_id;
    perform private.describe_change((entry ->> 'changed_by')::public.plan_author, entry ->> 'reason',
      coalesce((entry ->> 'accepted')::boolean, false));
    update public.plans as p set content = (entry -> 'content')::jsonb where p.id = imported_id;
    perform private.describe_change();
  end if;
  delete from public.plan_versions as v where v.plan_id = imported_id and v.version = 0;
  -- A plan that is active here stays active: it is not archived for one that was active elsewhere.
  update public.plans as p set duration_weeks = (item ->> 'duration_weeks')::smallint,
      status = case when item ->> 'status' = 'active' and exists (
        select from public.plans as a where a.user_id = owner and a.kind = import_plan.kind and a.status = 'active')
        then 'archived' else (item ->> 'status')::public.plan_status end
   where p.id = imported_id;
  return jsonb_build_object('outcome', 'imported');
end $$;

-- What is not in a workout as in an imported one: {"exercise", "set", "field", "here", "file"}, with words in place of
-- values, null for nothing. `exercise` and `set` count from 0 and are null for what is of the workout; the field `set`
-- says that one of the two has no such set. Loads are equal within 10 g: apps convert between units.
create function private.workout_differences(workout public.workouts, item json) returns jsonb
language sql stable set search_path = '' as $$
  with file as (
    select d.n - 1 as exercise_position, s.n - 1 as position, (d.value ->> 'exercise_id')::uuid as exercise_id,
           d.value ->> 'superset_group' as superset_group, case when s.n = 1 then d.value ->> 'notes' end as notes,
           coalesce((r.weight ->> 'value')::numeric, (r.assist ->> 'value')::numeric) as load,
           coalesce(r.weight ->> 'unit', r.assist ->> 'unit') as unit,
           r.set_type, r.reps, r.rpe, r.duration_seconds, r.distance_m
      from json_array_elements(item -> 'exercises') with ordinality as d (value, n)
        cross join lateral json_array_elements(d.value -> 'sets') with ordinality as s (value, n)
        cross join lateral json_to_record(s.value) as r (set_type text, reps integer, weight json, assist json,
          rpe numeric, duration_seconds integer, distance_m numeric)),
  both_sets as (
    select exercise_position, position, h.id is null as only_file, f.exercise_id is null as only_here,
           h.exercise_id, h.exercise_name, h.set_type::text as set_type, h.reps, h.entered_value, h.entered_unit::text as
           entered_unit, coalesce(h.weight_kg, h.assist_kg) as kg, h.duration_seconds, h.distance_m, h.rpe,
           h.superset_group, h.exercise_notes, f as file,
           f.load * case f.unit when 'lb' then 0.45359237 else 1 end as file_kg, round(f.distance_m, 2) as file_distance_m
      from (select * from public.sets as s where s.user_id = workout.user_id and s.workout_id = workout.id) as h
        full join file as f using (exercise_position, position)),
  compared as (
    select s.exercise_position, s.position, v.n, v.field, v.here, v.file
      from both_sets as s cross join lateral (values
        (1, 'set', case when s.only_here then 'one' end, case when s.only_file then 'one' end,
          s.only_here or s.only_file),
        (2, 'exercise', s.exercise_name,
          case when s.exercise_id <> (s.file).exercise_id then (
            select e.name from public.exercises as e where e.id = (s.file).exercise_id) end,
          s.exercise_id <> (s.file).exercise_id),
        (3, 'set_type', s.set_type, (s.file).set_type, s.set_type <> (s.file).set_type),
        (4, 'reps', s.reps::text, (s.file).reps::text, s.reps is distinct from (s.file).reps),
        (5, 'weight', trim_scale(s.entered_value) || ' ' || s.entered_unit,
          trim_scale((s.file).load) || ' ' || (s.file).unit,
          (s.kg is null) <> (s.file_kg is null) or abs(s.kg - s.file_kg) > 0.01),
        (6, 'duration', s.duration_seconds || ' s', (s.file).duration_seconds || ' s',
          s.duration_seconds is distinct from (s.file).duration_seconds),
        (7, 'distance', trim_scale(s.distance_m) || ' m', trim_scale(s.file_distance_m) || ' m',
          s.distance_m is distinct from s.file_distance_m),
        (8, 'rpe', trim_scale(s.rpe)::text, trim_scale((s.file).rpe)::text, s.rpe is distinct from (s.file).rpe),
        (9, 'superset', s.superset_group, (s.file).superset_group,
          s.superset_group is distinct from (s.file).superset_group),
        (10, 'notes', left(s.exercise_notes, 60), left((s.file).notes, 60),
          s.exercise_notes is distinct from (s.file).notes)) as v (n, field, here, file, differs)
     where v.differs and (v.field = 'set' or not (s.only_here or s.only_file))
    union all
    select null, null, v.n, v.field, v.here, v.file
      from json_to_record(item) as r (name text, started_at timestamptz, ended_at timestamptz, timezone text, notes text)
        cross join lateral (values
          (1, 'name', workout.name, r.name, workout.name is distinct from r.name),
          (2, 'started_at', to_char(workout.started_at at time zone workout.timezone, 'YYYY-MM-DD HH24:MI ') || workout.timezone,
            to_char(r.started_at at time zone r.timezone, 'YYYY-MM-DD HH24:MI ') || r.timezone,
            workout.started_at <> r.started_at or workout.timezone <> r.timezone),
          (3, 'ended_at', to_char(workout.ended_at at time zone workout.timezone, 'YYYY-MM-DD HH24:MI ') || workout.timezone,
            to_char(r.ended_at at time zone r.timezone, 'YYYY-MM-DD HH24:MI ') || r.timezone,
            -- Another start moves the end along.
            (workout.ended_at - workout.started_at) is distinct from (r.ended_at - r.started_at)),
          (4, 'notes', left(workout.notes, 60), left(r.notes, 60), workout.notes is distinct from r.notes))
          as v (n, field, here, file, differs)
     where v.differs)
  select coalesce(jsonb_agg(jsonb_build_object('exercise', c.exercise_position, 'set', c.position, 'field', c.field,
           'here', c.here, 'file', c.file) order by c.exercise_position nulls first, c.position, c.n), '[]')
    from compared as c
$$;

-- A workout that is here already. With `on_conflict` in the item, {"differences"} from it are answered, and `replace`
-- takes the imported one, unless the person has changed it here since ("edited"): their own work is not overwritten. An
-- earlier attempt of the job may have written it.
create function private.import_known_workout(earlier public.workouts, job_id uuid, item json) returns jsonb
language plpgsql set search_path = '' as $$
declare
  is_own constant boolean := earlier.import_id is not distinct from job_id;
  differences jsonb := '[]';
  outcome text := 'duplicate';
begin
  if is_own then
    -- It was there before the job, when the job only replaced it.
    outcome := case when earlier.created_at < (select j.created_at from public.jobs as j where j.id = job_id)
      then 'replaced' else 'imported' end;
  elsif item ->> 'on_conflict' is not null then
    differences := private.workout_differences(earlier, item);
    if differences <> '[]' and item ->> 'on_conflict' = 'replace' and earlier.edited_at is null then
      perform private.unhide_exercises(earlier.user_id, item, earlier.id);
      perform private.replace_workout(earlier, item);
      update public.workouts as w set import_id = job_id where w.id = earlier.id;
      outcome := 'replaced';
    end if;
  end if;
  return jsonb_build_object('outcome', outcome, 'id', earlier.id, 'differences', differences,
    'edited', differences <> '[]' and earlier.edited_at is not null);
end $$;

-- The workout that is the same activity as the item, which another app's file had: one of the exercises that files
-- tell apart in different ways, begun within a minute while the other went on, and about as far where both have a
-- distance. Null when there is none, and for items that do not ask ("same_activity").
create function private.same_activity(owner uuid, item json) returns uuid
language sql stable set search_path = '' as $$
  select w.id
    from json_to_record(item) as i (client_id uuid, started_at timestamptz, ended_at timestamptz, same_activity jsonb)
      join public.workouts as w on w.user_id = owner and w.client_id <> i.client_id
        and w.started_at between i.started_at - interval '1 minute' and i.started_at + interval '1 minute'
        and coalesce(w.ended_at, 'infinity') > i.started_at and coalesce(i.ended_at, 'infinity') > w.started_at
      cross join lateral (
        select count(*) as count, sum(s.distance_m) as distance_m from public.sets as s
         where s.user_id = owner and s.workout_id = w.id and i.same_activity -> 'exercises' ? s.exercise_name) as done
      cross join lateral (select (i.same_activity ->> 'distance_m')::numeric as distance_m) as file
   where done.count > 0
     and coalesce(abs(done.distance_m - file.distance_m) <= greatest(100, 0.05 * file.distance_m), true)
   order by abs(extract(epoch from w.started_at - i.started_at)), w.id
   limit 1
$$;

-- The imported workout that the item is under another name: begun in the same moment, with the same sets. Null for items
-- that do not ask: `same_start` has the client_ids of all workouts of the file that began then, which are themselves.
create function private.renamed_workout(owner uuid, item json) returns public.workouts
language plpgsql stable set search_path = '' as $$
declare
  began_at constant timestamptz := item ->> 'started_at';
  same_start constant jsonb := item -> 'same_start';
  workout public.workouts;
begin
  -- A loop, so that nothing is compared that did not begin then, whatever the planner makes of it.
  for workout in
    select * from public.workouts as w
     where same_start is not null and w.user_id = owner and w.started_at = began_at and w.source = 'import'
     order by w.created_at, w.id
  loop
    if not same_start ? workout.client_id::text
      and not private.workout_differences(workout, item) @? '$[*] ? (@.exercise != null)' then
      return workout;
    end if;
  end loop;
  return null;
end $$;

-- The workout that the item is: under its client_id, which apps' names are a part of, or under another name. Null when it
-- is not here.
create function private.known_workout(owner uuid, item json) returns public.workouts
language plpgsql stable set search_path = '' as $$
declare
  imported_id constant uuid := (item ->> 'client_id')::uuid;
  workout public.workouts;
begin
  select * into workout from public.workouts as w where w.user_id = owner and w.client_id = imported_id;
  return case when workout.id is null then private.renamed_workout(owner, item) else workout end;
end $$;

-- A workout. One that the person had deleted here comes back, which is said ("restored"). An activity that is here from
-- another app's file is a duplicate.
create function private.import_workout(owner uuid, job_id uuid, item json) returns jsonb
language plpgsql set search_path = '' as $$
declare
  imported_id constant uuid := (item ->> 'client_id')::uuid;
  is_restored constant boolean := exists (
    select from public.deleted_workouts as d where d.user_id = owner and d.client_id = imported_id);
  same_id uuid;
  earlier constant public.workouts := private.known_workout(owner, item);
  workout public.workouts;
begin
  if earlier.id is not null then
    return private.import_known_workout(earlier, job_id, item);
  end if;
  same_id := private.same_activity(owner, item);
  if same_id is not null then
    return jsonb_build_object('outcome', 'duplicate', 'id', same_id,
      'reason', 'the same activity is here already: the same sport, begun within a minute, about as far');
  end if;
  perform private.unhide_exercises(owner, item) where item ->> 'on_conflict' is not null;
  workout := private.write_workout(owner, item, sha256(convert_to(item::text, 'UTF8')), 'import', job_id);
  return jsonb_build_object('outcome', 'imported', 'id', workout.id, 'restored', is_restored);
end $$;

-- A measurement; one that was taken here on the same day stays, and when it has another value the import says so.
create function private.import_measurement(owner uuid, job_id uuid, item json) returns jsonb
language plpgsql set search_path = '' as $$
declare
  imported constant public.measurements := json_populate_record(null::public.measurements, item);
  stored public.measurements;
begin
  insert into public.measurements (user_id, kind, value, measured_at, local_date, created_at)
  values (owner, imported.kind, imported.value, imported.measured_at, imported.local_date, clock_timestamp())
  on conflict on constraint measurements_one_a_day do nothing;
  if found then
    return '{"outcome": "imported"}';
  end if;
  select * into stored from public.measurements as m
   where m.user_id = owner and m.kind = imported.kind and m.local_date = imported.local_date;
  if stored.value <> imported.value then
    return jsonb_build_object('outcome', 'rejected',
      'reason', format('Another value was measured here that day: %s. It stays.', trim_scale(stored.value)));
  end if;
  return jsonb_build_object('outcome', private.import_outcome(job_id, stored.created_at));
end $$;

-- A memory of an export, without an embedding, which a job makes. What has been forgotten here does not come back. A
-- memory that is here already, active or superseded, is a duplicate.
create function private.import_memory(owner uuid, item json) returns jsonb
language plpgsql set search_path = '' as $$
declare
  hash constant bytea := private.words_hash(item ->> 'content');
begin
  if exists (select from public.memories as m where m.user_id = owner and (m.id = (item ->> 'id')::uuid
      or (m.content_hash = hash and m.status::text = item ->> 'status'
        and (m.status = 'active' or m.created_at = (item ->> 'created_at')::timestamptz)))) then
    return jsonb_build_object('outcome', 'duplicate');
  elsif exists (select from public.memories as m where m.user_id = owner and m.status = 'dismissed'
      and m.content_hash = hash) then
    return jsonb_build_object('outcome', 'rejected', 'reason', 'It has been forgotten here.');
  end if;
  insert into public.memories (id, user_id, kind, content, content_hash, status, salience, pinned, mentions, source_quote,
    quote_hash, superseded_by, stated_at, created_at, facts, decision, decided_at, asks_to_keep)
  select r.id, owner, r.kind, r.content, hash, r.status, r.salience, r.pinned, r.mentions, r.source_quote,
    private.words_hash(r.source_quote), r.superseded_by, least(r.stated_at, now()), least(r.created_at, now()), coalesce(r.facts, '[]'),
    r.decision, case when r.decision is not null then now() end, coalesce(r.asks_to_keep, false)
    from json_populate_record(null::public.memories, item) as r where r.status <> 'dismissed';
  insert into public.jobs (user_id, kind, input, dedupe_key) values (owner, 'embed_memories', '{}', 'embed memories')
  on conflict (user_id, dedupe_key) where status in ('queued', 'running') do nothing;
  return jsonb_build_object('outcome', 'imported');
end $$;

-- A message of an export, as it was said. Exports do not hold the evidence of replies.
create function private.import_message(owner uuid, item json) returns jsonb
language plpgsql set search_path = '' as $$
begin
  -- In an export of this very account, messages that are here have other ids.
  if exists (select from public.chat_messages as m
      where m.user_id = owner and m.role::text = item ->> 'role'
        and m.created_at = (item ->> 'created_at')::timestamptz) then
    return jsonb_build_object('outcome', 'duplicate');
  end if;
  insert into public.chat_messages (id, user_id, role, client_id, reply_to, message, mood, actions, model, finish,
    input_tokens, output_tokens, latency_ms, created_at, kind, language, concern, concern_step)
  select r.id, owner, r.role, r.client_id, r.reply_to, r.message, r.mood, r.actions, r.model, r.finish, r.input_tokens,
    r.output_tokens, r.latency_ms, least(r.created_at, now()), coalesce(r.kind, 'message'), r.language, r.concern,
    r.concern_step
    from json_populate_record(null::public.chat_messages, item) as r
  on conflict do nothing;
  return jsonb_build_object('outcome', case when found then 'imported' else 'duplicate' end);
end $$;

-- Imports one item by the function of its section; null when it refers to something that does not exist.
create function private.import_row(owner uuid, job_id uuid, section text, item json) returns jsonb
language plpgsql set search_path = '' as $$
begin
  return case section
    when 'profile' then private.import_profile(owner, job_id, item)
    when 'exercises' then private.import_exercise(owner, item)
    when 'added_exercises' then private.import_added_exercise(owner, job_id, item)
    when 'foods' then private.import_food(owner, item)
    when 'preferences' then private.import_preference(owner, item)
    when 'plans' then private.import_plan(owner, 'workout', item)
    when 'meal_plans' then private.import_plan(owner, 'meal', item)
    when 'workouts' then private.import_workout(owner, job_id, item)
    when 'measurements' then private.import_measurement(owner, job_id, item)
    when 'memories' then private.import_memory(owner, item)
    when 'messages' then private.import_message(owner, item) end;
end $$;

-- Imports a batch of one section: the outcome of each item, in order. An item that cannot be imported is rejected with
-- {"outcome": "rejected", "reason", "problems"}, and the others are not affected.
create function public.import_batch(job_id uuid, attempt integer, section text, batch json) returns jsonb
language plpgsql set search_path = '' as $$
declare
  owner constant uuid := private.assert_lease(import_batch.job_id, attempt);
  item json;
  outcome jsonb;
  outcomes jsonb[] := '{}';
  details text;
begin
  for item in select b.value from json_array_elements(batch) as b loop
    begin
      outcome := private.import_row(owner, import_batch.job_id, section, item);
    exception when sqlstate 'PT422' or sqlstate 'PT409' then
      get stacked diagnostics details = pg_exception_detail;
      outcome := jsonb_build_object('outcome', 'rejected', 'reason', sqlerrm, 'problems', nullif(details, '')::jsonb);
    when data_exception or integrity_constraint_violation then
      get stacked diagnostics details = constraint_name;
      outcome := jsonb_build_object('outcome', 'rejected', 'reason', 'A value is out of range.', 'constraint', details);
    end;
    outcomes := outcomes || coalesce(outcome, '{"outcome": "rejected", "reason": "It refers to something that is not there."}');
  end loop;
  return to_jsonb(outcomes);
end $$;

-- What importing a file needs to know of the person: units, time zone, the exercises that its names can mean, those
-- that are deleted and may come back, what the person weighed, and whether any workout was imported before.
create function private.known_to_imports(owner uuid) returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object('timezone', u.timezone, 'weight_unit', u.weight_unit, 'distance_unit', u.distance_unit,
    'exercises', (select jsonb_agg(jsonb_build_object('id', e.id, 'slug', e.slug, 'name', e.name, 'aliases', e.aliases,
                           'kind', e.kind, 'equipment', e.equipment) order by e.slug, e.id)
                    from public.exercises as e
                   where (e.user_id is null or e.user_id = owner) and e.hidden_at is null),
    'deleted_exercises', (select coalesce(jsonb_agg(jsonb_build_object('id', e.id, 'slug', null, 'name', e.name, 'aliases', e.aliases,
                                   'kind', e.kind, 'equipment', e.equipment) order by e.hidden_at desc, e.id), '[]')
                            from public.exercises as e where e.user_id = owner and e.hidden_at is not null),
    'has_imports', exists (select from public.workouts as w where w.user_id = owner and w.source = 'import'),
    'body_weights', (select coalesce(jsonb_agg(jsonb_build_object('on', m.local_date, 'kg', m.value) order by m.local_date), '[]')
                       from public.measurements as m where m.user_id = owner and m.kind = 'body_weight'))
    from public.users as u where u.id = owner
$$;

-- The same, for a job that imports.
create function public.import_context(job_id uuid, attempt integer) returns jsonb
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

-- For whoever asks what a file would become: of each workout of a batch, as import_batch() takes it, whether it is "new",
-- a "duplicate", or "differing" from the one that is here.
create function public.compare_import(batch json) returns jsonb
language sql stable set search_path = '' as $$
  select coalesce(jsonb_agg(case
      when (k.workout).id is not null then
        case private.workout_differences(k.workout, b.value) when '[]' then 'duplicate' else 'differing' end
      when private.same_activity((select auth.uid()), b.value) is not null then 'duplicate'
      else 'new' end order by b.n), '[]')
    from json_array_elements(batch) with ordinality as b (value, n)
      cross join lateral (select private.known_workout((select auth.uid()), b.value) as workout offset 0) as k
$$;

grant execute on function private.known_to_imports, private.known_workout, private.renamed_workout, private.same_activity,
  private.workout_differences to authenticated, service_role;
grant execute on function public.import_preview_context, public.compare_import to authenticated;
grant execute on function public.import_batch, public.import_context to service_role;
grant execute on function private.import_outcome, private.import_profile, private.import_exercise, private.import_food,
  private.unhide_exercises, private.import_added_exercise,
  private.import_preference, private.import_plan, private.import_workout, private.import_known_workout,
  private.import_measurement, private.import_memory, private.import_message,
  private.import_row to service_role;

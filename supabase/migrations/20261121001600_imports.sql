-- Bringing along what was kept elsewhere. Only the worker calls these, for the job that it holds; each is one transaction,
-- and doing it again adds nothing: ids come from what is imported. Imported workouts earn no affinity. What a person listed in
-- some order is made in that order (clock_timestamp, for one batch is one transaction).

-- Custom exercises that do not exist yet, by name: {"id"} for each, in order, or {"reason"}.
create function private.import_exercise(owner uuid, given json) returns jsonb
language plpgsql set search_path = '' as $$
declare
  kept uuid;
begin
  insert into public.exercises (id, user_id, name, aliases, kind, primary_muscles, secondary_muscles, equipment, category,
    level, mechanic, is_unilateral, contraindications, instructions, created_at)
  select r.id, owner, r.name, r.aliases, r.kind, r.primary_muscles, r.secondary_muscles, r.equipment, r.category,
    r.level, r.mechanic, r.is_unilateral, r.contraindications, r.instructions, clock_timestamp()
    from json_populate_record(null::public.exercises, given) as r
  on conflict do nothing;
  select e.id into kept from public.exercises as e
   where e.user_id = owner and (e.id = (given ->> 'id')::uuid or (lower(e.name) = lower(given ->> 'name') and e.hidden_at is null))
   order by e.id = (given ->> 'id')::uuid desc limit 1;
  return jsonb_build_object('id', kept);
end $$;

create function private.import_workout(owner uuid, job_id uuid, given json) returns jsonb
language plpgsql set search_path = '' as $$
declare
  earlier public.workouts;
  made public.workouts;
begin
  select * into earlier from public.workouts as w where w.user_id = owner and w.client_id = (given ->> 'client_id')::uuid;
  if earlier.id is null then
    made := private.write_workout(owner, given, sha256(convert_to(given::text, 'UTF8')), 'import', job_id);
    return jsonb_build_object('outcome', 'imported', 'id', made.id);
  end if;
  -- A job that is tried again finds what it wrote itself.
  return jsonb_build_object('id', earlier.id,
    'outcome', case when earlier.import_id = job_id then 'imported' else 'duplicate' end);
end $$;

-- A plan with its history: each content it had becomes a version again, in the same words.
create function private.import_plan(owner uuid, given json) returns jsonb
language plpgsql set search_path = '' as $$
declare
  earlier json;
begin
  if exists (
    select from jsonb_path_query(given::jsonb, '$.versions[*].content.days[*].exercises[*].exercise_id') as used (id)
     where not exists (select from public.exercises as e where to_jsonb(e.id) = used.id
                          and (e.user_id is null or e.user_id = owner))) then
    raise sqlstate 'PT422' using message = 'The plan has an exercise that is not there.';
  end if;
  -- The length comes last: the deload weeks of an older version need not lie within it.
  insert into public.plans (id, user_id, name, description, goal, days_per_week, source, created_at)
  select r.id, owner, r.name, r.description, r.goal, r.days_per_week, r.source, clock_timestamp()
    from json_populate_record(null::public.plans, given) as r
  on conflict (id) do nothing;
  if not found then
    return jsonb_build_object('outcome', 'duplicate');
  end if;
  for earlier in select v.value from json_array_elements(given -> 'versions') as v loop
    perform set_config('slow_burn.changed_by', earlier ->> 'changed_by', true),
            set_config('slow_burn.reason', coalesce(earlier ->> 'reason', ''), true);
    update public.plans as p set content = (earlier -> 'content')::jsonb where p.id = (given ->> 'id')::uuid;
  end loop;
  perform set_config('slow_burn.changed_by', '', true), set_config('slow_burn.reason', '', true);
  -- Nor is the plan that is followed here put away for one that was followed elsewhere.
  update public.plans as p set duration_weeks = (given ->> 'duration_weeks')::smallint,
      status = case when given ->> 'status' = 'active' and exists (
        select from public.plans as a where a.user_id = owner and a.status = 'active') then 'archived'
        else (given ->> 'status')::public.plan_status end
   where p.id = (given ->> 'id')::uuid;
  return jsonb_build_object('outcome', 'imported');
end $$;

create function private.import_profile(owner uuid, given json) returns jsonb
language sql set search_path = '' as $$
  update public.users as u set name = r.name, date_of_birth = r.date_of_birth, sex = r.sex, sport = r.sport,
      experience_level = r.experience_level, days_per_week = r.days_per_week, goals = r.goals,
      activity_level = r.activity_level, weight_unit = r.weight_unit, distance_unit = r.distance_unit,
      timezone = r.timezone, equipment = r.equipment, load_steps_kg = r.load_steps_kg, injuries = r.injuries,
      diet = r.diet, allergens = r.allergens, dislikes = r.dislikes, memory_enabled = r.memory_enabled,
      ai_consent_at = r.ai_consent_at
    from json_populate_record(null::public.users, given) as r where u.id = owner
  returning '{"outcome": "imported"}'::jsonb
$$;

create function private.import_preference(owner uuid, given json) returns jsonb
language sql set search_path = '' as $$
  insert into public.exercise_preferences (user_id, exercise_id, kind, reason, created_at)
  select owner, e.id, r.kind, r.reason, clock_timestamp()
    from json_populate_record(null::public.exercise_preferences, given) as r
      join public.exercises as e on e.id = r.exercise_id and (e.user_id is null or e.user_id = owner)
  on conflict on constraint exercise_preferences_one_each do update set kind = excluded.kind, reason = excluded.reason
  returning '{"outcome": "imported"}'::jsonb
$$;

create function private.import_measurement(owner uuid, given json) returns jsonb
language sql set search_path = '' as $$
  insert into public.measurements (user_id, kind, value, measured_at, local_date)
  select owner, r.kind, r.value, r.measured_at, r.local_date
    from json_populate_record(null::public.measurements, given) as r
  on conflict on constraint measurements_one_a_day do nothing;
  select '{"outcome": "imported"}'::jsonb
$$;

-- A custom exercise that had been deleted and stayed for the sake of history.
create function private.import_hidden(owner uuid, given json) returns jsonb
language sql set search_path = '' as $$
  update public.exercises as e set hidden_at = now()
   where e.id = (given ->> 'id')::uuid and e.user_id = owner and e.hidden_at is null;
  select '{"outcome": "imported"}'::jsonb
$$;

-- A batch of one section of what is imported: what came of each row, in order. A row that cannot be imported says why
-- ({"outcome": "rejected", "reason", "problems"}) and leaves the others alone.
create function public.import_batch(job_id uuid, attempt integer, section text, batch json) returns jsonb
language plpgsql set search_path = '' as $$
declare
  owner constant uuid := private.held_job(import_batch.job_id, attempt);
  given json;
  answer jsonb;
  answers jsonb[] := '{}';
  details text;
begin
  perform from public.users as u where u.id = owner for no key update;
  for given in select b.value from json_array_elements(batch) as b loop
    begin
      answer := case section
        when 'profile' then private.import_profile(owner, given)
        when 'exercises' then private.import_exercise(owner, given)
        when 'preferences' then private.import_preference(owner, given)
        when 'plans' then private.import_plan(owner, given)
        when 'workouts' then private.import_workout(owner, import_batch.job_id, given)
        when 'measurements' then private.import_measurement(owner, given)
        when 'memories' then private.import_memory(owner, given) -- made by later migrations, like the next
        when 'messages' then private.import_message(owner, given)
        when 'hidden_exercises' then private.import_hidden(owner, given) end;
    exception when sqlstate 'PT422' or sqlstate 'PT409' then
      get stacked diagnostics details = pg_exception_detail;
      answer := jsonb_build_object('outcome', 'rejected', 'reason', sqlerrm, 'problems', nullif(details, '')::jsonb);
    when data_exception or integrity_constraint_violation then
      get stacked diagnostics details = constraint_name;
      answer := jsonb_build_object('outcome', 'rejected', 'reason', 'A value is out of range.', 'constraint', details);
    end;
    answers := answers || coalesce(answer, '{"outcome": "rejected", "reason": "It refers to something that is not there."}');
  end loop;
  return to_jsonb(answers);
end $$;

-- What the task of a job needs to know of the person: units and zone, and the exercises that names can mean.
create function public.import_context(job_id uuid, attempt integer) returns jsonb
language plpgsql set search_path = '' as $$
declare
  owner constant uuid := private.held_job(import_context.job_id, attempt);
begin
  return (select jsonb_build_object('timezone', u.timezone, 'weight_unit', u.weight_unit, 'distance_unit', u.distance_unit,
    'exercises', (select jsonb_agg(jsonb_build_object('id', e.id, 'slug', e.slug, 'name', e.name, 'aliases', e.aliases,
                           'kind', e.kind, 'equipment', e.equipment) order by e.slug, e.id)
                    from public.exercises as e
                   where (e.user_id is null or e.user_id = owner) and e.hidden_at is null))
    from public.users as u where u.id = owner);
end $$;

revoke execute on function public.import_batch, public.import_context from public, anon, authenticated;
grant execute on function public.import_batch, public.import_context to service_role;
grant execute on function private.import_exercise, private.import_workout, private.import_plan, private.import_profile,
  private.import_preference, private.import_measurement, private.import_hidden, private.write_workout,
  private.write_sets, private.check_workout, private.set_problems, private.refuse to service_role;

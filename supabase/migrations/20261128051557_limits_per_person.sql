-- Limits per person: one order of locks, accounts that are closed before they are deleted, quotas with counters, and
-- references in place of copied answers behind idempotency keys.

SET local check_function_bodies = off;

DROP POLICY "People change their own profile" ON "public"."users";

DROP POLICY "People read their own profile" ON "public"."users";

DROP TRIGGER "exercises_custom_limit" ON "public"."exercises";

DROP TRIGGER "foods_custom_limit" ON "public"."foods";

DROP TRIGGER "plan_proposals_set_updated_at" ON "public"."plan_proposals";

DROP TRIGGER "plans_lock_person" ON "public"."plans";

DROP FUNCTION "private"."claim_idempotency_key"(text, text, json);

DROP FUNCTION "private"."describe_change"(public.plan_author, text);

DROP FUNCTION "private"."import_measurement"(uuid, json);

DROP FUNCTION "private"."import_profile"(uuid, json);

DROP FUNCTION "private"."memory_rules"();

DROP FUNCTION "private"."store_response"(text, jsonb);

CREATE TABLE "private"."usage_counts" (
  "user_id"      uuid    NOT NULL,
  "json_bytes"   bigint  NOT NULL DEFAULT 0,
  "workouts"     integer NOT NULL DEFAULT 0,
  "sets"         integer NOT NULL DEFAULT 0,
  "measurements" integer NOT NULL DEFAULT 0,
  "messages"     integer NOT NULL DEFAULT 0,
  "memories"     integer NOT NULL DEFAULT 0,
  CONSTRAINT "usage_counts_pkey" PRIMARY KEY (user_id)
);

ALTER TABLE "public"."idempotency_keys"
  ADD COLUMN "resource_id" uuid;

update public.idempotency_keys set resource_id = (answer ->> 'id')::uuid;

ALTER TABLE "public"."idempotency_keys"
  DROP COLUMN "answer";

ALTER TABLE "public"."plan_proposals"
  ADD COLUMN "bytes" integer GENERATED ALWAYS AS (octet_length((content)::text)) STORED;

ALTER TABLE "public"."plan_versions"
  ADD COLUMN "accepted" boolean NOT NULL DEFAULT false;

ALTER TABLE "public"."plan_versions"
  ADD COLUMN "bytes" integer GENERATED ALWAYS AS (octet_length((content)::text)) STORED;

ALTER TABLE "public"."users"
  ADD COLUMN "closed_at" timestamp WITH time zone;

CREATE TYPE "public"."quota_period" AS ENUM (
  'account',
  'plan',
  'training_day',
  'utc_day'
);

CREATE TYPE "public"."quota" AS ENUM (
  'plans',
  'plan_versions',
  'json_bytes',
  'workouts',
  'sets',
  'sets_per_day',
  'exercises',
  'hidden_exercises',
  'foods',
  'hidden_foods',
  'measurements',
  'messages',
  'memories',
  'open_jobs',
  'kept_jobs',
  'chat_calls',
  'urgent_chat_calls',
  'plan_calls',
  'memory_calls'
);

CREATE OR REPLACE FUNCTION private.assert_account (
  owner uuid
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  if not private.lock_account(owner) then
    perform private.refuse_account();
  end if;
end $function$;

CREATE OR REPLACE FUNCTION private.assert_caller()
  RETURNS void
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  if auth.uid() is not null
    and not exists (select from public.users as u where u.id = auth.uid() and u.closed_at is null) then
    perform private.refuse_account();
  end if;
end $function$;

CREATE OR REPLACE FUNCTION private.assert_lease (
  job_id  uuid,
  attempt integer
)
  RETURNS uuid
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  owner constant uuid := (select j.user_id from public.jobs as j where j.id = job_id);
begin
  -- The account first, and then the job: the order of all locks.
  if private.lock_account(owner) then
    perform from public.jobs as j
      where j.id = job_id and j.status = 'running' and j.attempts = attempt for no key update;
    if found then
      return owner;
    end if;
  end if;
  raise sqlstate 'PT409' using message = 'The job is no longer held.';
end $function$;

CREATE OR REPLACE FUNCTION private.claim_idempotency_key (
  idempotency_key text,
  operation       text,
  payload         json
)
  RETURNS uuid
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  hash constant bytea := sha256(convert_to(payload::text, 'UTF8'));
  earlier public.idempotency_keys;
begin
  perform private.assert_account(auth.uid());
  if idempotency_key is null then
    return null;
  end if;
  delete from public.idempotency_keys as k
   where k.user_id = auth.uid() and k.key = idempotency_key and k.created_at < now() - interval '24 hours';
  insert into public.idempotency_keys (user_id, key, operation, request_hash)
  values (auth.uid(), idempotency_key, operation, hash)
  on conflict on constraint idempotency_keys_once do nothing;
  if found then
    return null;
  end if;
  select * into strict earlier from public.idempotency_keys as k
   where k.user_id = auth.uid() and k.key = idempotency_key;
  if earlier.operation <> claim_idempotency_key.operation or earlier.request_hash <> hash then
    raise sqlstate 'PT409' using message = 'This Idempotency-Key was used for a different request.';
  end if;
  return earlier.resource_id;
end $function$;

CREATE OR REPLACE FUNCTION private.clear_plan_day()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  new.plan_version := null;
  new.plan_day := null;
  return new;
end $function$;

CREATE OR REPLACE FUNCTION private.count_added()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform private.count_usage(r.user_id, tg_argv[0]::public.quota, r.rows)
     from (select a.user_id, count(*) as rows from added as a group by a.user_id order by a.user_id) as r;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.count_added_bytes()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform private.count_usage(r.user_id, 'json_bytes', r.bytes)
     from (select a.user_id, sum(a.bytes) as bytes from added as a group by a.user_id order by a.user_id) as r;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.count_added_memories()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform private.count_usage(r.user_id, 'memories', r.rows)
     from (select a.user_id, count(*) as rows from added as a where a.status <> 'dismissed'
            group by a.user_id order by a.user_id) as r;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.count_call (
  owner     uuid,
  kind      public.usage_kind,
  max_calls integer
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  today constant date := (now() at time zone 'UTC')::date;
begin
  insert into public.ai_usage as a (user_id, day, kind, calls) values (owner, today, count_call.kind, 1)
  on conflict on constraint ai_usage_once do update set calls = a.calls + 1 where a.calls < max_calls;
  if not found then
    raise sqlstate 'PT429' using detail = max_calls::text,
      message = (select format(q.message, max_calls, to_char(today + 1, 'YYYY-MM-DD"T00:00:00Z"'))
                   from private.quotas() as q where q.name = (count_call.kind || '_calls')::public.quota);
  end if;
end $function$;

CREATE OR REPLACE FUNCTION private.count_removed()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform private.count_usage(r.user_id, tg_argv[0]::public.quota, -r.rows)
     from (select a.user_id, count(*) as rows from removed as a group by a.user_id order by a.user_id) as r;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.count_removed_bytes()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform private.count_usage(r.user_id, 'json_bytes', -r.bytes)
     from (select a.user_id, sum(a.bytes) as bytes from removed as a group by a.user_id order by a.user_id) as r;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.count_removed_memories()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform private.count_usage(r.user_id, 'memories', -r.rows)
     from (select a.user_id, count(*) as rows from removed as a where a.status <> 'dismissed'
            group by a.user_id order by a.user_id) as r;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.count_usage (
  owner  uuid,
  quota  public.quota,
  change bigint
)
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  used bigint;
begin
  if change > 0 then
    insert into private.usage_counts (user_id) values (owner) on conflict do nothing;
  end if;
  update private.usage_counts as c set
      json_bytes = c.json_bytes + case quota when 'json_bytes' then change else 0 end,
      workouts = c.workouts + case quota when 'workouts' then change else 0 end,
      sets = c.sets + case quota when 'sets' then change else 0 end,
      measurements = c.measurements + case quota when 'measurements' then change else 0 end,
      messages = c.messages + case quota when 'messages' then change else 0 end,
      memories = c.memories + case quota when 'memories' then change else 0 end
   where c.user_id = owner
  returning case quota when 'json_bytes' then c.json_bytes when 'workouts' then c.workouts when 'sets' then c.sets
    when 'measurements' then c.measurements when 'messages' then c.messages else c.memories end into used;
  if change > 0 and used > private.quota_limit(quota) then
    perform private.refuse_quota(quota);
  end if;
end $function$;

CREATE OR REPLACE FUNCTION private.created_answer (
  resource jsonb,
  replayed boolean
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  if resource is null then
    raise sqlstate 'PT404' using message = 'What this Idempotency-Key created has been deleted since.';
  end if;
  return jsonb_build_object('replayed', replayed, 'answer', resource);
end $function$;

CREATE OR REPLACE FUNCTION private.daily_limit (
  kind public.usage_kind
)
  RETURNS integer
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
  select private.quota_limit((kind || '_calls')::public.quota)::integer
$function$;

CREATE OR REPLACE FUNCTION private.describe_change (
  changed_by public.plan_author DEFAULT NULL::public.plan_author,
  reason     text               DEFAULT NULL::text,
  accepted   boolean            DEFAULT false
)
  RETURNS void
  LANGUAGE sql
  SET search_path TO ''
  AS $function$
  select set_config('slow_burn.changed_by', coalesce(describe_change.changed_by::text, ''), true),
         set_config('slow_burn.reason', coalesce(left(describe_change.reason, 500), ''), true),
         set_config('slow_burn.accepted', describe_change.accepted::text, true)
$function$;

CREATE OR REPLACE FUNCTION private.earned_awards (
  workout           public.workouts,
  records           jsonb,
  keeps_planned_day boolean
)
  RETURNS TABLE (
    rule        public.affinity_rule,
    points      integer,
    source_type public.affinity_source,
    source_id   text,
    explanation text
  )
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
#variable_conflict use_column
begin
  return query
  select 'workout_logged'::public.affinity_rule, case when first then 10 else 2 end,
         'workout'::public.affinity_source, workout.id::text,
         case when first then format('You trained on %s.', to_char(workout.local_date, 'FMDD Mon YYYY'))
              else format('You trained once more on %s.', to_char(workout.local_date, 'FMDD Mon YYYY')) end
    from (select not exists (
            select from public.workouts as w
             where w.user_id = workout.user_id and w.local_date = workout.local_date and w.source = 'app'
               and w.id <> workout.id
               and (w.created_at, w.id) < (workout.created_at, workout.id)) as first) as day
  union all
  select 'planned_day', 3, 'workout', workout.id::text, 'It was a day of your plan.'
   where keeps_planned_day or workout.plan_day is not null and exists (
     select from public.plans as p
      where p.id = workout.plan_id and p.status = 'active' and workout.plan_day < jsonb_array_length(p.content -> 'days'))
  union all
  (select 'personal_record', 5, 'set', (min(r.set_id::text)), format('A personal record: %s.', min(r.exercise_name))
    from jsonb_to_recordset(records) as r (exercise_id uuid, exercise_name text, set_id uuid)
   group by r.exercise_id order by min(r.exercise_name), r.exercise_id limit 3);
end $function$;

CREATE OR REPLACE FUNCTION private.embeddings_left (
  owner uuid,
  model text
)
  RETURNS integer
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select case when model <> (private.memory_rules()).hashing_model then
    greatest(0, private.daily_limit('memory') - coalesce((
      select a.calls from public.ai_usage as a
       where a.user_id = owner and a.kind = 'memory' and a.day = (now() at time zone 'UTC')::date), 0)) end
$function$;

CREATE OR REPLACE FUNCTION private.import_measurement (
  owner  uuid,
  job_id uuid,
  item   json
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION private.import_memory (
  owner uuid,
  item  json
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
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
    quote_hash, superseded_by, stated_at, created_at)
  select r.id, owner, r.kind, r.content, hash, r.status, r.salience, r.pinned, r.mentions, r.source_quote,
    private.words_hash(r.source_quote), r.superseded_by, least(r.stated_at, now()), least(r.created_at, now())
    from json_populate_record(null::public.memories, item) as r where r.status <> 'dismissed';
  insert into public.jobs (user_id, kind, input, dedupe_key) values (owner, 'embed_memories', '{}', 'embed memories')
  on conflict (user_id, dedupe_key) where status in ('queued', 'running') do nothing;
  return jsonb_build_object('outcome', 'imported');
end $function$;

CREATE OR REPLACE FUNCTION private.import_outcome (
  job_id     uuid,
  written_at timestamp with time zone
)
  RETURNS text
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select case when written_at >= j.created_at then 'imported' else 'duplicate' end
    from public.jobs as j where j.id = job_id
$function$;

CREATE OR REPLACE FUNCTION private.import_plan (
  owner uuid,
  kind  public.plan_kind,
  item  json
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION private.import_profile (
  owner  uuid,
  job_id uuid,
  item   json
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  changed_at timestamptz;
begin
  update public.users as u set name = r.name, date_of_birth = r.date_of_birth, sex = r.sex, sport = r.sport,
      experience_level = r.experience_level, days_per_week = r.days_per_week, goals = r.goals,
      activity_level = r.activity_level, weight_unit = r.weight_unit, distance_unit = r.distance_unit,
      timezone = r.timezone, equipment = r.equipment, load_steps_kg = r.load_steps_kg, injuries = r.injuries,
      diet = r.diet, allergens = r.allergens, dislikes = r.dislikes, memory_enabled = r.memory_enabled,
      ai_consent_at = r.ai_consent_at
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
        memory_enabled = u.memory_enabled and r.memory_enabled
      from json_populate_record(null::public.users, item) as r where u.id = owner;
  end if;
  select u.updated_at into changed_at from public.users as u where u.id = owner;
  return jsonb_build_object('outcome', private.import_outcome(job_id, changed_at));
end $function$;

CREATE OR REPLACE FUNCTION private.import_row (
  owner   uuid,
  job_id  uuid,
  section text,
  item    json
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  return case section
    when 'profile' then private.import_profile(owner, job_id, item)
    when 'exercises' then private.import_exercise(owner, item)
    when 'foods' then private.import_food(owner, item)
    when 'preferences' then private.import_preference(owner, item)
    when 'plans' then private.import_plan(owner, 'workout', item)
    when 'meal_plans' then private.import_plan(owner, 'meal', item)
    when 'workouts' then private.import_workout(owner, job_id, item)
    when 'measurements' then private.import_measurement(owner, job_id, item)
    when 'memories' then private.import_memory(owner, item)
    when 'messages' then private.import_message(owner, item) end;
end $function$;

CREATE OR REPLACE FUNCTION private.is_nonblank (
  value      text,
  max_length integer
)
  RETURNS boolean
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
  select char_length(value) between 1 and max_length
     and value ~ ('[^\u0001-\u0020\u007f-\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f'
       '\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3'
       '\U0001d173-\U0001d17a\U000e0000-\U000e0fff]')
$function$;

CREATE OR REPLACE FUNCTION private.is_urgent (
  message text
)
  RETURNS boolean
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
  select replace(message, '’', '''') ~ any (array[
    $re$(?ip)\y(kill|hurt|harm|cut|cutting|starve|punish)(ing)? my ?self\y|\ysuicid|\yself[- ]?harm|\yend(ing)? (it all|my (own )?life)\y|\y(want|wanna|going|like|ready|plan\w*|think\w*)( (to|about|of|on))? end(ing)? it\y(?! (on|at|in|after|early|strong|well|slowly|with .{0,20}\y(stretch\w*|cool\w*|mobility|yoga|cardio|run|walk|jog|row|sprints?|sets?|core|abs|planks?|finisher))\y)|\ytak(e|ing) my own life\y|\y(to|of|about) tak(e|ing) my life\y(?! (back|to|in))|\yoverdos\w*|\y(want|wish|going|like) to (die|be dead|disappear forever)\y|\ywish i (was|were) (dead|never born)\y|\yno (reason|point) (to|in) liv(e|ing)\y|\ybetter off (dead|without me)\y|\y(don'?t|do not|didn'?t) (want to|wanna) (live|exist|be alive|wake up|be here)\y$re$,
    $re$(?ip)\y(pain|pressure|tight(ness)?|squeez\w*|burning|hurt\w*|ache|aching|discomfort)\y.{0,25}\y(in|on|across|of) (my |the )?(chest|heart)\y|\y(chest|heart)\y.{0,20}\y(pain\w*|hurt\w*|aches?|aching|pressure|tight\w*|squeez\w*|stabb\w*)\y|\yheart attack\y|\y(pain|numb\w*|tingling)\y.{0,20}\y(left arm|jaw)\y|\y(can'?t|cannot|can not|hard to|unable to|struggl\w+ to|trouble) breath|\yshort(ness)? of breath at rest\y$re$,
    $re$(?ip)\y(i|i've|have|almost|nearly|just|keep|kept) (\w+ )?(faint(ed|ing|s)?|pass(ed|ing)? out|black(ed|ing)? out|collaps(ed|ing))\y|\y(i|i'?ve|i'?m|got|felt)\y[^.!?\n]{0,60}(\yand|\ythen|,) ((i|then|almost|nearly|just) )*(faint(ed|ing|s)?|pass(ed|ing)? out|black(ed|ing)? out|collaps(ed|ing))\y|(^|[.!?\n])\W*((almost|nearly|just) )*(fainted|passed out|blacked out|collapsed)\y|\yfeel(ing)? (faint|like fainting|like passing out)\y|\ylost consciousness\y$re$,
    $re$(?ip)\y(purg(e|ed|ing)|bulimi\w*|anorexi\w*|eating disorder|laxatives?|diet pills)\y|\y(mak(e|ing)|made) my ?self (throw up|vomit|sick|puke)\y|\y(throw|threw|throwing) up (after|what|my|on purpose|to lose)|\y(vomit\w*|puk(e|ed|ing)|throw(ing)? up|threw up)\y.{0,30}\y(meals?|eat|eating|ate|food|breakfast|lunch|dinner)\y|\y(stopped|(want|going|like) to stop|wanna stop) eating(?=\s*([.,;!?\n]|$)| (food|anything|altogether|completely|entirely|at all|since|to lose|for (\w+ )?days?)\y)|\ybing(e|ed|ing)\y.{0,30}\y(eat\w*|food|guilt\w*|purg\w*|again)\y|\y(haven'?t|have not|not) eaten (anything )?(for|in|since)\y.{0,20}\yday|\ystarv(e|ed|ing) (to|so|until|for)\y|\y(afraid|scared|terrified) (of|to) (eat|eating|food|gain\w*)\y|\y(don'?t|do not) deserve (to eat|food)\y|\y(burn|work|run|train) off (everything|all|what) i('ve)? (ate|eat|eaten)\y$re$])
$function$;

CREATE OR REPLACE FUNCTION private.keep_memory (
  owner      uuid,
  statement  jsonb,
  message_id uuid,
  by_hand    boolean
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  rules constant record := private.memory_rules();
  new_content constant text := btrim(statement ->> 'content');
  hash constant bytea := private.words_hash(new_content);
  quote constant text := btrim(statement ->> 'quote');
  vector constant extensions.halfvec := private.unit_vector(statement ->> 'embedding');
  model constant text := statement ->> 'embedding_model';
  new_salience constant real := coalesce((statement ->> 'salience')::real, 0.5);
  tombstones uuid[];
  replaced public.memories;
  memory_id uuid;
  outcome text;
begin
  select array_agg(t.id) into tombstones
    from (select m.id from public.memories as m
           where m.user_id = owner and m.status = 'dismissed' and m.content_hash = hash
          union
          select m.id from public.memories as m
           where m.user_id = owner and m.status = 'dismissed' and m.embedding_model = model
             and -(m.embedding operator(extensions.<#>) vector) >= case model
               when rules.hashing_model then rules.forgotten_cosine_hashed else rules.forgotten_cosine end) as t;
  if tombstones is not null and not by_hand then
    return jsonb_build_object('outcome', 'forgotten', 'id', null);
  end if;
  select * into replaced from public.memories as m
   where m.id = (statement ->> 'replaces')::uuid and m.user_id = owner and m.status = 'active';

  select m.id into memory_id from public.memories as m
   where m.user_id = owner and m.status = 'active' and m.content_hash = hash;
  if memory_id is null and replaced.id is null then
    select m.id into memory_id
      from (select v.id, v.embedding operator(extensions.<#>) vector as distance from public.memories as v
             where v.user_id = owner and v.status = 'active' and v.embedding_model = model
             order by 2, 1 limit 5) as n
        join public.memories as m on m.id = n.id
     where -n.distance >= rules.same_cosine
       and private.distinguishing_terms(m.content) = private.distinguishing_terms(new_content)
     order by n.distance, n.id limit 1;
  end if;
  if memory_id is not null then
    update public.memories as m
       set mentions = m.mentions + 1, stated_at = now(), salience = greatest(m.salience, new_salience),
           paraphrases = private.add_paraphrases(m.paraphrases, array[quote])
     where m.id = memory_id;
    outcome := 'reinforced';
  elsif not by_hand and exists (select from public.memories as m where m.user_id = owner and m.status = 'dismissed'
      and m.kind = (statement ->> 'kind')::public.memory_kind and m.quote_hash = private.words_hash(quote)) then
    -- The same sentence again: a model may word what it learns from it in another way each time.
    return jsonb_build_object('outcome', 'forgotten', 'id', null);
  elsif private.quota_left(owner, 'memories') <= 0 then
    return jsonb_build_object('outcome', 'full', 'id', null);
  else
    insert into public.memories (user_id, kind, content, content_hash, embedding, embedding_model, salience, pinned,
      source_message_id, source_quote, quote_hash)
    values (owner, (statement ->> 'kind')::public.memory_kind, new_content, hash, vector, model, new_salience,
      coalesce((statement ->> 'pinned')::boolean, replaced.pinned, false), message_id, quote, private.words_hash(quote))
    returning memories.id into memory_id;
    outcome := 'learned';
  end if;
  delete from public.memories as m where m.id = any (tombstones);
  if replaced.id <> memory_id then
    update public.memories as m set status = 'superseded', superseded_by = memory_id, pinned = false
     where m.id = replaced.id;
    outcome := 'superseded';
  end if;
  return jsonb_build_object('outcome', outcome, 'id', memory_id);
end $function$;

CREATE OR REPLACE FUNCTION private.keep_plan_version()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  insert into public.plan_versions (user_id, plan_id, version, content, changed_by, reason, accepted)
  values (new.user_id, new.id, new.version, new.content,
    coalesce(nullif(current_setting('slow_burn.changed_by', true), ''), 'person')::public.plan_author,
    nullif(current_setting('slow_burn.reason', true), ''),
    coalesce(nullif(current_setting('slow_burn.accepted', true), ''), 'false')::boolean);
  perform private.prune_versions(new.id, new.version);
  perform private.expire_proposals(new.id);
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.learn_memory (
  owner      uuid,
  statement  jsonb,
  message_id uuid
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  enabled boolean;
begin
  perform private.lock_account(owner);
  select u.memory_enabled into enabled from public.users as u where u.id = owner;
  if enabled is not true then
    return jsonb_build_object('outcome', 'off', 'id', null);
  end if;
  return private.keep_memory(owner, statement, message_id, by_hand => false);
end $function$;

CREATE OR REPLACE FUNCTION private.limit_custom_exercises()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  quota constant public.quota := case when new.hidden_at is null then 'exercises' else 'hidden_exercises' end;
begin
  if (select count(*) from public.exercises as e
       where e.user_id = new.user_id and (e.hidden_at is null) = (new.hidden_at is null)) >= private.quota_limit(quota) then
    perform private.refuse_quota(quota);
  end if;
  return new;
end $function$;

CREATE OR REPLACE FUNCTION private.limit_custom_foods()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  quota constant public.quota := case when new.hidden_at is null then 'foods' else 'hidden_foods' end;
begin
  if (select count(*) from public.foods as f
       where f.user_id = new.user_id and (f.hidden_at is null) = (new.hidden_at is null)) >= private.quota_limit(quota) then
    perform private.refuse_quota(quota);
  end if;
  return new;
end $function$;

CREATE OR REPLACE FUNCTION private.limit_plans()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  if (select count(*) from public.plans as p where p.user_id = new.user_id) >= private.quota_limit('plans') then
    perform private.refuse_quota('plans');
  end if;
  return new;
end $function$;

CREATE OR REPLACE FUNCTION private.limit_sets_of_day()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform private.refuse_quota('sets_per_day')
    from (select distinct a.user_id, a.local_date from added as a) as d
   where (select count(*) from public.sets as s where s.user_id = d.user_id and s.local_date = d.local_date)
           > private.quota_limit('sets_per_day');
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.lock_account (
  owner uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform from auth.users as a where a.id = owner for key share;
  perform from public.users as u where u.id = owner and u.closed_at is null for no key update;
  return found;
end $function$;

CREATE OR REPLACE FUNCTION private.lock_memory (
  owner           uuid,
  memory_id       uuid,
  unchanged_since timestamp with time zone[]
)
  RETURNS public.memories
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  memory public.memories;
begin
  perform private.assert_account(owner);
  select * into memory from public.memories as m
   where m.id = memory_id and m.user_id = owner and m.status <> 'dismissed' for update;
  if memory.id is not null and memory.updated_at <> all (unchanged_since) then
    raise sqlstate 'PT412' using message = 'It has changed.';
  end if;
  return memory;
end $function$;

CREATE OR REPLACE FUNCTION private.lock_person()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  perform private.assert_account(auth.uid());
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.lock_proposal (
  kind        public.plan_kind,
  plan_id     uuid,
  proposal_id uuid
)
  RETURNS public.plan_proposals
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  proposal public.plan_proposals;
begin
  perform private.assert_account(auth.uid());
  perform from public.plans as p
    where p.id = lock_proposal.plan_id and p.kind = lock_proposal.kind and p.user_id = auth.uid() for no key update;
  select * into proposal from public.plan_proposals as r
   where r.id = lock_proposal.proposal_id and r.plan_id = lock_proposal.plan_id and r.kind = lock_proposal.kind
     and r.user_id = auth.uid() for no key update;
  return proposal;
end $function$;

CREATE OR REPLACE FUNCTION private.lock_workout (
  owner           uuid,
  workout_id      uuid,
  unchanged_since timestamp with time zone[]
)
  RETURNS public.workouts
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  workout public.workouts;
begin
  perform private.assert_account(owner);
  select * into workout from public.workouts as w
   where w.id = lock_workout.workout_id and w.user_id = owner for update;
  if workout.id is not null and workout.updated_at <> all (unchanged_since) then
    raise sqlstate 'PT412' using message = 'It has changed.';
  end if;
  return workout;
end $function$;

CREATE OR REPLACE FUNCTION private.max_chat_calls (
  owner   uuid,
  message text
)
  RETURNS integer
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select case when u.used >= private.daily_limit('chat') and private.is_urgent(message)
              then private.quota_limit('urgent_chat_calls')::integer else private.daily_limit('chat') end
    from (select coalesce((
            select a.calls from public.ai_usage as a
             where a.user_id = owner and a.kind = 'chat' and a.day = (now() at time zone 'UTC')::date), 0) as used) as u
$function$;

CREATE OR REPLACE FUNCTION private.memory_rules (
  OUT same_cosine real,
  OUT forgotten_cosine real,
  OUT forgotten_cosine_hashed real,
  OUT hashing_model text,
  OUT candidates integer,
  OUT max_hits integer,
  OUT rank_offset real,
  OUT text_weight real,
  OUT fading real,
  OUT salience_span real,
  OUT half_lives jsonb
)
  RETURNS record
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
  select 0.95::real, 0.92::real, 0.89::real, 'offline-1', 50, 1000, 20::real, 0.5::real, 0.15::real, 0.1::real,
    '{"profile": 1460, "fact": 730, "preference": 365, "goal": 180, "event": 60}'::jsonb
$function$;

CREATE OR REPLACE FUNCTION private.open_jobs (
  owner uuid
)
  RETURNS bigint
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select count(*) from public.jobs as j where j.user_id = owner and j.status in ('queued', 'running')
$function$;

CREATE OR REPLACE FUNCTION private.plan_answer (
  plan public.plans
)
  RETURNS jsonb
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select to_jsonb(plan) || jsonb_build_object('foods_used', public.foods_used(plan))
$function$;

CREATE OR REPLACE FUNCTION private.prune_jobs()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  delete from public.jobs as j where j.id in (
    select k.id from public.jobs as k where k.user_id = new.user_id and k.finished_at is not null
     order by k.created_at desc, k.id desc offset private.quota_limit('kept_jobs') - 1);
  return new;
end $function$;

CREATE OR REPLACE FUNCTION private.prune_versions (
  plan_id uuid,
  newest  integer
)
  RETURNS void
  LANGUAGE sql
  SET search_path TO ''
  AS $function$
  delete from public.plan_versions as v
   where v.plan_id = prune_versions.plan_id and v.version <= newest - private.quota_limit('plan_versions') and not v.accepted
$function$;

CREATE OR REPLACE FUNCTION private.quota_left (
  owner uuid,
  quota public.quota
)
  RETURNS bigint
  LANGUAGE sql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
  select private.quota_limit(quota) - coalesce((
    select case quota when 'json_bytes' then c.json_bytes when 'workouts' then c.workouts when 'sets' then c.sets
             when 'measurements' then c.measurements when 'messages' then c.messages when 'memories' then c.memories end
      from private.usage_counts as c where c.user_id = owner), 0)
$function$;

CREATE OR REPLACE FUNCTION private.quota_limit (
  quota public.quota
)
  RETURNS bigint
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
  select q."limit" from private.quotas() as q where q.name = quota
$function$;

CREATE OR REPLACE FUNCTION private.quotas()
  RETURNS TABLE (
    name    public.quota,
    "limit" bigint,
    per     public.quota_period,
    message text
  )
  LANGUAGE sql
  IMMUTABLE
  ROWS 19
  SET search_path TO ''
  AS $function$
  values
    ('plans'::public.quota, 1000::bigint, 'account'::public.quota_period, 'You have %s plans; delete one first.'),
    ('plan_versions', 50, 'plan', null),
    ('json_bytes', 268435456, 'account', 'The versions and proposals of your plans take %s bytes; delete plans that you no longer need.'),
    ('workouts', 30000, 'account', 'You have %s workouts; delete some first.'),
    ('sets', 1000000, 'account', 'Your workouts have %s sets; delete workouts that you no longer need.'),
    ('sets_per_day', 5000, 'training_day', 'The workouts of one day may have %s sets; check their dates, or delete one of that day.'),
    ('exercises', 1000, 'account', 'You have %s exercises of your own; delete one first.'),
    ('hidden_exercises', 2000, 'account', 'You have deleted %s exercises that plans or workouts still use; delete some of those first.'),
    ('foods', 1000, 'account', 'You have %s foods of your own; delete one first.'),
    ('hidden_foods', 2000, 'account', 'You have deleted %s foods that meal plans still use; delete some of those first.'),
    ('measurements', 100000, 'account', 'You have %s measurements; delete some first.'),
    ('messages', 300000, 'account', 'Your conversation has %s messages; delete it to begin anew. Memories stay.'),
    ('memories', 20000, 'account', 'You have %s memories; forget some first.'),
    ('open_jobs', 5, 'account', 'You have %s jobs under way; wait for one, or cancel it.'),
    ('kept_jobs', 100, 'account', null),
    ('chat_calls', 200, 'utc_day', 'That was the last of %s for today; the next is possible at %s.'),
    -- For messages that no model answers, and that nobody is to be refused: private.is_urgent().
    ('urgent_chat_calls', 1000, 'utc_day', 'That was the last of %s for today; the next is possible at %s.'),
    ('plan_calls', 30, 'utc_day', 'That was the last of %s for today; the next is possible at %s.'),
    ('memory_calls', 500, 'utc_day', 'That was the last of %s for today; the next is possible at %s.')
$function$;

CREATE OR REPLACE FUNCTION private.refuse_account()
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  raise sqlstate 'PT401' using message = 'This account no longer exists.';
end $function$;

CREATE OR REPLACE FUNCTION private.refuse_quota (
  quota public.quota
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  full_quota record;
begin
  select * into strict full_quota from private.quotas() as q where q.name = quota;
  raise sqlstate 'PT409' using
    message = format(full_quota.message, ltrim(to_char(full_quota."limit", '999,999,999,999'))),
    detail = jsonb_build_array(jsonb_build_object('loc', jsonb_build_array('quota', quota),
      'message', format('all %s are used', full_quota."limit"), 'type', 'quota_exceeded'));
end $function$;

CREATE OR REPLACE FUNCTION private.store_resource (
  idempotency_key text,
  resource_id     uuid
)
  RETURNS void
  LANGUAGE sql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
  update public.idempotency_keys as k set resource_id = store_resource.resource_id
   where k.user_id = auth.uid() and k.key = idempotency_key
$function$;

CREATE OR REPLACE FUNCTION private.tombstone_memories (
  owner     uuid,
  memory_id uuid DEFAULT NULL::uuid
)
  RETURNS integer
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  forgotten integer;
begin
  insert into private.forgotten_texts (user_id, memory_id, source_message_id, text)
  select distinct owner, m.id, m.source_message_id, t.text
    from public.memories as m
      cross join lateral unnest(m.paraphrases || m.content || m.source_quote) as w (words)
      cross join lateral btrim(w.words, E' \t\n.,;:!?…"“”') as t (text)
   where m.user_id = owner and m.status <> 'dismissed' and (memory_id is null or m.id = memory_id) and t.text <> '';
  update public.memories as m set status = 'dismissed', content = null, source_quote = null, source_message_id = null,
      paraphrases = '{}', superseded_by = null, last_used_at = null, pinned = false, salience = 0.5, mentions = 1
   where m.user_id = owner and m.status <> 'dismissed' and (memory_id is null or m.id = memory_id);
  get diagnostics forgotten = row_count;
  perform private.count_usage(owner, 'memories', -forgotten);
  delete from public.memories as m where m.id in (
    select t.id from public.memories as t where t.user_id = owner and t.status = 'dismissed'
     order by t.updated_at desc, t.id offset private.quota_limit('memories'));
  if private.forget_in_messages(owner, null, private.messages_at_once()) is null then
    delete from private.forgotten_texts as f where f.user_id = owner;
  else
    perform private.enqueue_forgetting(owner);
  end if;
  return forgotten;
end $function$;

CREATE OR REPLACE FUNCTION public.accept_plan_proposal (
  plan_id     uuid,
  proposal_id uuid,
  kind        public.plan_kind DEFAULT 'workout'::public.plan_kind
)
  RETURNS SETOF public.plans
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  proposal constant public.plan_proposals := private.lock_proposal(kind, plan_id, proposal_id);
begin
  if proposal.status = 'open' then
    if proposal.base_version <> (select p.version from public.plans as p where p.id = proposal.plan_id) then
      raise sqlstate 'PT409' using
        message = format('The %s has changed since; have it adapted again.', private.plan_noun(proposal.kind));
    end if;
    -- Set the status first, so that the trigger on plans does not expire this proposal.
    update public.plan_proposals as r
       set status = 'accepted', decided_at = clock_timestamp(), applied_targets = r.targets where r.id = proposal.id;
    perform private.describe_change('companion', format('Accepted proposal %s', proposal.id), true);
    perform private.apply_proposal(proposal, proposal.content);
    perform private.describe_change();
  elsif proposal.status <> 'accepted' then
    raise sqlstate 'PT409' using message = format('This proposal is %s, so it cannot be accepted.', proposal.status);
  end if;
  return query select p.* from public.plans as p where p.id = proposal.plan_id and p.user_id = auth.uid();
end $function$;

CREATE OR REPLACE FUNCTION public.activate_plan (
  plan_id uuid,
  kind    public.plan_kind DEFAULT 'workout'::public.plan_kind
)
  RETURNS SETOF public.plans
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  -- Lock here, not only in the trigger plans_lock_person: a statement does not see what was committed while its own
  -- trigger waited.
  perform private.assert_account(auth.uid());
  if exists (select from public.plans as p
              where p.id = activate_plan.plan_id and p.kind = activate_plan.kind and p.content is null) then
    raise sqlstate 'PT409' using
      message = format('An empty %s cannot be activated; add content first.', private.plan_noun(activate_plan.kind));
  end if;
  update public.plans as p set status = 'archived'
   where p.user_id = (select auth.uid()) and p.kind = activate_plan.kind and p.status = 'active'
     and p.id <> activate_plan.plan_id
     and exists (select from public.plans as own where own.id = activate_plan.plan_id and own.kind = activate_plan.kind);
  return query update public.plans as p set status = 'active'
   where p.user_id = (select auth.uid()) and p.kind = activate_plan.kind and p.id = activate_plan.plan_id returning p.*;
end $function$;

CREATE OR REPLACE FUNCTION public.adapt_plans (
  max_people integer DEFAULT 1000
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  batch record;
  plan record;
  enqueued integer := 0;
begin
  select * into batch from private.next_people('adapt_plans', max_people);
  for plan in
    select p.id, p.user_id, s.seen_at from public.plans as p
      cross join lateral (
        select greatest(p.created_at,
          (select max(o.created_at) from public.plan_proposals as o where o.plan_id = p.id),
          (select max(j.created_at) from public.jobs as j where j.user_id = p.user_id
              and j.kind = 'adapt_plan' and j.input ->> 'plan_id' = p.id::text)) as seen_at) as s
     where p.user_id = any (batch.people) and p.kind = 'workout' and p.status = 'active'
       -- Half a day early, so that a cron task that runs once a day is not a day late each week.
       and s.seen_at < now() - interval '6 days 12 hours'
       and exists (select from public.workouts as w where w.user_id = p.user_id and w.created_at > s.seen_at)
       and not private.is_guest(p.user_id)
     order by p.user_id
  loop
    perform from public.users as u where u.id = plan.user_id and u.closed_at is null for no key update skip locked;
    continue when not found;
    continue when private.open_jobs(plan.user_id) >= private.quota_limit('open_jobs');
    insert into public.jobs (user_id, kind, input, dedupe_key)
    select plan.user_id, 'adapt_plan',
           jsonb_build_object('plan_id', plan.id, 'request', '{}'), format('adapt_plan %s weekly', plan.id)
     -- A concurrent run may have enqueued it.
     where not exists (select from public.jobs as j where j.user_id = plan.user_id and j.kind = 'adapt_plan'
                          and j.input ->> 'plan_id' = plan.id::text and j.created_at > plan.seen_at);
    if found then
      enqueued := enqueued + 1;
    end if;
  end loop;
  return private.batch_result(enqueued, batch.done);
end $function$;

CREATE OR REPLACE FUNCTION public.add_memory (
  payload jsonb
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  caller constant uuid := auth.uid();
  enabled boolean;
  answer jsonb;
begin
  perform private.assert_account(caller);
  select u.memory_enabled into enabled from public.users as u where u.id = caller;
  if not enabled then
    raise sqlstate 'PT409' using message = 'Memory is off; turn it on in the profile (memory_enabled) first.';
  end if;
  answer := private.keep_memory(caller, payload - 'quote', null, by_hand => true);
  if answer ->> 'outcome' = 'full' then
    perform private.refuse_quota('memories');
  end if;
  return (select jsonb_build_object('outcome', answer -> 'outcome', 'memory', private.memory_document(m))
            from public.memories as m where m.id = (answer ->> 'id')::uuid);
end $function$;

CREATE OR REPLACE FUNCTION public.begin_chat (
  client_id uuid,
  message   text,
  is_urgent boolean DEFAULT false
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  caller constant uuid := auth.uid();
  user_message public.chat_messages;
  reply_id uuid;
begin
  if coalesce((auth.jwt() ->> 'is_anonymous')::boolean, false) then
    raise sqlstate 'PT403' using message = 'Sign up to talk with the companion: it would forget a guest.';
  end if;
  perform private.assert_account(caller);
  select * into user_message from public.chat_messages as m
   where m.user_id = caller and m.client_id = begin_chat.client_id;
  if user_message.id is null then
    insert into public.chat_messages (user_id, role, client_id, message)
    values (caller, 'user', begin_chat.client_id, begin_chat.message) returning * into user_message;
  elsif user_message.message <> begin_chat.message and position('[forgotten]' in user_message.message) = 0 then
    raise sqlstate 'PT409' using message = 'This client_id was used for a different message.';
  end if;
  select m.id into reply_id from public.chat_messages as m where m.reply_to = user_message.id;
  if reply_id is not null then
    return jsonb_build_object('state', 'answered', 'answer', private.chat_answer(caller, reply_id));
  elsif user_message.answering_until > now() then
    return jsonb_build_object('state', 'answering');
  end if;
  perform private.count_call(caller, 'chat', private.max_chat_calls(caller, user_message.message));
  update public.chat_messages as m set answering_until = clock_timestamp() + interval '1 minute'
   where m.id = user_message.id;
  return jsonb_build_object('state', 'yours', 'message_id', user_message.id, 'message', user_message.message,
    'context', private.chat_context(caller, user_message.id));
end $function$;

CREATE OR REPLACE FUNCTION public.close_account (
  user_id uuid
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  if private.lock_account(close_account.user_id) then
    update public.users as u set closed_at = clock_timestamp() where u.id = close_account.user_id;
    delete from public.jobs as j where j.user_id = close_account.user_id;
  end if;
end $function$;

REVOKE ALL ON FUNCTION "public"."close_account"(uuid) FROM PUBLIC, "anon", "authenticated";

CREATE OR REPLACE FUNCTION public.count_memory_call()
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  caller constant uuid := auth.uid();
begin
  if coalesce((auth.jwt() ->> 'is_anonymous')::boolean, false) then
    raise sqlstate 'PT403' using message = 'The companion needs an account with an address or a provider.';
  end if;
  perform private.assert_account(caller);
  perform private.count_call(caller, 'memory', private.daily_limit('memory'));
end $function$;

CREATE OR REPLACE FUNCTION public.create_exercise (
  payload         json,
  idempotency_key text DEFAULT NULL::text
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  earlier_id constant uuid := private.claim_idempotency_key(idempotency_key, 'create_exercise', payload);
  created public.exercises;
begin
  if earlier_id is not null then
    return private.created_answer(
      (select to_jsonb(e) from public.exercises as e where e.id = earlier_id and e.hidden_at is null), true);
  end if;
  insert into public.exercises (name, aliases, kind, primary_muscles, secondary_muscles, equipment, category, level,
    mechanic, is_unilateral, contraindications, instructions)
  select r.name, r.aliases, r.kind, r.primary_muscles, r.secondary_muscles, r.equipment, r.category, r.level,
    r.mechanic, r.is_unilateral, r.contraindications, r.instructions
    from json_populate_record(null::public.exercises, payload) as r
  returning * into created;
  perform private.store_resource(idempotency_key, created.id);
  return private.created_answer(to_jsonb(created), false);
end $function$;

CREATE OR REPLACE FUNCTION public.create_food (
  payload         json,
  idempotency_key text DEFAULT NULL::text
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  earlier_id constant uuid := private.claim_idempotency_key(idempotency_key, 'create_food', payload);
  created public.foods;
begin
  if earlier_id is not null then
    return private.created_answer(
      (select to_jsonb(f) from public.foods as f where f.id = earlier_id and f.hidden_at is null), true);
  end if;
  insert into public.foods (name, aliases, category, energy_kcal, protein_g, carbohydrate_g, fat_g, fibre_g, sugar_g, salt_g,
    alcohol_g, allergens, diets, servings)
  select r.name, r.aliases, r.category, r.energy_kcal, r.protein_g, r.carbohydrate_g, r.fat_g, r.fibre_g, r.sugar_g, r.salt_g,
    r.alcohol_g, r.allergens, r.diets, r.servings
    from json_populate_record(null::public.foods, payload) as r
  returning * into created;
  perform private.store_resource(idempotency_key, created.id);
  return private.created_answer(to_jsonb(created), false);
end $function$;

CREATE OR REPLACE FUNCTION public.create_plan (
  payload         json,
  idempotency_key text DEFAULT NULL::text
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  earlier_id constant uuid := private.claim_idempotency_key(idempotency_key, 'create_plan', payload);
  plan public.plans;
begin
  if earlier_id is not null then
    return private.created_answer((select private.plan_answer(p) from public.plans as p where p.id = earlier_id), true);
  end if;
  insert into public.plans (kind, name, description, goal, duration_weeks, days_per_week, target_energy_kcal,
    target_protein_g, target_carbohydrate_g, target_fat_g, content)
  select coalesce(r.kind, 'workout'), r.name, r.description, r.goal, r.duration_weeks, r.days_per_week, r.target_energy_kcal,
    r.target_protein_g, r.target_carbohydrate_g, r.target_fat_g, nullif(r.content, 'null')
    from json_populate_record(null::public.plans, payload) as r
  returning * into plan;
  perform private.store_resource(idempotency_key, plan.id);
  return private.created_answer(private.plan_answer(plan), false);
end $function$;

CREATE OR REPLACE FUNCTION public.decay_affinity (
  max_people integer DEFAULT 250
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  batch record;
  person record;
  absent_day date;
  written integer := 0;
begin
  select * into batch from private.next_people('decay_affinity', max_people);
  for person in
    select u.id, l.today, l.last_day, greatest(l.last_day + 15, l.today - 6, l.last_written + 1) as first_day
      from public.users as u
        cross join lateral (
          select (now() at time zone u.timezone)::date as today,
                 (select max(w.local_date) from public.workouts as w where w.user_id = u.id) as last_day,
                 (select max(e.source_id)::date from public.affinity_events as e
                   where e.user_id = u.id and e.rule = 'absence' and e.source_type = 'day') as last_written) as l
     where u.id = any (batch.people) and u.affinity_score > 0 and l.last_day is not null
       and l.today >= greatest(l.last_day + 15, l.last_written + 1)
     order by u.id
  loop
    perform from public.users as u where u.id = person.id and u.closed_at is null for no key update skip locked;
    continue when not found;
    for absent_day in select d::date from generate_series(person.first_day, person.today, interval '1 day') as d
    loop
      exit when (select u.affinity_score from public.users as u where u.id = person.id) = 0;
      written := written + private.award(person.id, 'absence', -2, 'day', absent_day::text, 0, null,
        format('%s days without a workout.', absent_day - person.last_day))::integer;
    end loop;
  end loop;
  return private.batch_result(written, batch.done);
end $function$;

CREATE OR REPLACE FUNCTION public.delete_exercise (
  exercise_id uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  caller constant uuid := auth.uid();
begin
  perform private.assert_account(caller);
  -- Wait for transactions that plan with it (private.check_plan_content locks it), and only then look.
  perform from public.exercises as e where e.id = delete_exercise.exercise_id and e.user_id = caller for update;
  if private.exercise_is_used(delete_exercise.exercise_id) then
    update public.exercises as e set hidden_at = now()
     where e.id = delete_exercise.exercise_id and e.user_id = caller and e.hidden_at is null;
  else
    delete from public.exercises as e
     where e.id = delete_exercise.exercise_id and e.user_id = caller and e.hidden_at is null;
  end if;
  return found;
end $function$;

CREATE OR REPLACE FUNCTION public.delete_food (
  food_id uuid
)
  RETURNS boolean
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  caller constant uuid := auth.uid();
begin
  perform private.assert_account(caller);
  -- Wait for transactions that plan with it (private.check_plan_content locks it), and only then look.
  perform from public.foods as f where f.id = delete_food.food_id and f.user_id = caller for update;
  if private.food_is_used(delete_food.food_id) then
    update public.foods as f set hidden_at = now()
     where f.id = delete_food.food_id and f.user_id = caller and f.hidden_at is null;
  else
    delete from public.foods as f where f.id = delete_food.food_id and f.user_id = caller and f.hidden_at is null;
  end if;
  return found;
end $function$;

CREATE OR REPLACE FUNCTION public.enqueue_job (
  kind       public.job_kind,
  input      jsonb,
  dedupe_key text,
  attachment text            DEFAULT NULL::text
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  caller constant uuid := auth.uid();
  job public.jobs;
begin
  perform private.assert_account(caller);
  select * into job from public.jobs as j
   where j.user_id = caller and j.dedupe_key = enqueue_job.dedupe_key and j.status in ('queued', 'running');
  if found then
    return private.job_document(job);
  end if;
  if private.open_jobs(caller) >= private.quota_limit('open_jobs') then
    perform private.refuse_quota('open_jobs');
  end if;
  insert into public.jobs (user_id, kind, input, dedupe_key, attachment)
  values (caller, enqueue_job.kind, enqueue_job.input, enqueue_job.dedupe_key, decode(enqueue_job.attachment, 'base64'))
  returning * into job;
  return private.job_document(job);
end $function$;

CREATE OR REPLACE FUNCTION public.finish_chat (
  payload jsonb
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  caller constant uuid := auth.uid();
  user_message public.chat_messages;
  reply public.chat_messages;
  sender public.users;
begin
  perform private.assert_account(caller);
  select * into sender from public.users as u where u.id = caller;
  select * into user_message from public.chat_messages as m
   where m.id = (payload ->> 'message_id')::uuid and m.user_id = caller and m.role = 'user' for update;
  if user_message.id is null then
    raise sqlstate 'PT404' using message = 'There is no such message.';
  end if;
  select * into reply from public.chat_messages as m where m.reply_to = user_message.id;
  if reply.id is not null then
    return private.chat_answer(caller, reply.id);
  end if;
  -- The minute to answer began when begin_chat returned the context.
  if exists (select from public.memories as m where m.user_id = caller and m.status = 'dismissed'
      and m.updated_at > user_message.answering_until - interval '1 minute') then
    raise sqlstate 'PT409' using message = 'Something was forgotten meanwhile; ask again.';
  end if;
  insert into public.chat_messages (user_id, role, reply_to, message, mood, actions, model, finish, input_tokens,
    output_tokens, latency_ms)
  select caller, 'assistant', user_message.id, r.reply, r.mood, r.actions, r.model, r.finish, r.input_tokens, r.output_tokens,
    r.latency_ms
    from jsonb_to_record(payload) as r (reply text, mood public.companion_mood, actions jsonb, model text,
      finish public.answer_finish, input_tokens integer, output_tokens integer, latency_ms integer)
  returning * into reply;
  insert into public.message_evidence (user_id, message_id, kind, source_id, text)
  select caller, reply.id, e.kind, e.id, left(t.text, 600)
    from (select value from jsonb_array_elements(payload -> 'evidence') limit 50) as item
      cross join lateral jsonb_to_record(item.value) as e (kind public.evidence_kind, id uuid)
      cross join lateral private.evidence_text(caller, e.kind, e.id) as t (text)
   where t.text is not null
  on conflict do nothing;
  if sender.memory_enabled then
    -- Learn only from the person's own words: a quote that is not in their message teaches nothing.
    perform private.learn_memory(caller, m.value, user_message.id)
       from (select value from jsonb_array_elements(payload -> 'memories') limit 10) as m
      where position(m.value ->> 'quote' in user_message.message) > 0;
    perform private.mark_memories_used(caller, array(select e.source_id from public.message_evidence as e
                                              where e.message_id = reply.id and e.kind = 'memory'));
  end if;
  update public.ai_usage as a
     set input_tokens = a.input_tokens + reply.input_tokens, output_tokens = a.output_tokens + reply.output_tokens
   where a.user_id = caller and a.kind = 'chat' and a.day = (now() at time zone 'UTC')::date;
  perform private.award(caller, 'conversation', 1, 'day', to_char(now() at time zone sender.timezone, 'YYYY-MM-DD'), 0,
    null, format('You talked with your companion on %s.', to_char(now() at time zone sender.timezone, 'FMDD Mon YYYY')));
  update public.chat_messages as m set answering_until = null where m.id = user_message.id;
  return private.chat_answer(caller, reply.id);
end $function$;

CREATE OR REPLACE FUNCTION public.forget_all_memories()
  RETURNS integer
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  caller constant uuid := auth.uid();
begin
  perform private.assert_account(caller);
  return private.tombstone_memories(caller);
end $function$;

CREATE OR REPLACE FUNCTION public.forget_messages (
  job_id     uuid,
  attempt    integer,
  "position" jsonb
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  owner constant uuid := private.assert_lease(job_id, attempt);
  last_text bigint := ("position" ->> 'last_text')::bigint;
  reached jsonb;
begin
  if last_text is null then
    select max(f.id) into last_text from private.forgotten_texts as f where f.user_id = owner;
    if last_text is null then
      return null;
    end if;
  end if;
  reached := private.forget_in_messages(owner, nullif("position" - 'last_text', '{}'), private.messages_at_once());
  if reached is null then
    delete from private.forgotten_texts as f where f.user_id = owner and f.id <= last_text;
    return '{}'::jsonb;
  end if;
  return reached || jsonb_build_object('last_text', last_text);
end $function$;

CREATE OR REPLACE FUNCTION public.import_batch (
  job_id  uuid,
  attempt integer,
  section text,
  batch   json
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION public.keep_generated_plan (
  job_id  uuid,
  attempt integer,
  plan    jsonb
)
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  owner constant uuid := private.assert_lease(keep_generated_plan.job_id, attempt);
  generated public.plans;
begin
  if (jsonb_typeof(plan -> 'content') = 'object' and plan ->> 'source' in ('ai', 'rules')) is not true then
    raise sqlstate 'PT422' using message = 'A generated plan has content, and says what made it.';
  end if;
  generated := jsonb_populate_record(null::public.plans, '{"kind": "workout"}' || plan);
  if generated.kind = 'workout' then
    perform private.check_planned_exercises(owner, generated.content, '{}');
  end if;
  perform private.describe_change('companion', coalesce(plan ->> 'reason', 'Made as you asked'));
  insert into public.plans (id, user_id, kind, name, description, goal, duration_weeks, days_per_week, target_energy_kcal,
    target_protein_g, target_carbohydrate_g, target_fat_g, source, model, content)
  select keep_generated_plan.job_id, owner, generated.kind, generated.name, generated.description, generated.goal,
    generated.duration_weeks, generated.days_per_week, generated.target_energy_kcal, generated.target_protein_g,
    generated.target_carbohydrate_g, generated.target_fat_g, generated.source, generated.model, generated.content
   where not exists (select from public.plans as p where p.id = keep_generated_plan.job_id);
  perform private.describe_change();
end $function$;

CREATE OR REPLACE FUNCTION public.keep_plan_proposal (
  job_id   uuid,
  attempt  integer,
  proposal jsonb
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  owner constant uuid := private.assert_lease(keep_plan_proposal.job_id, attempt);
  generated constant public.plan_proposals :=
    jsonb_populate_record(null::public.plan_proposals, '{"kind": "workout"}' || proposal);
  plan public.plans;
  stored jsonb;
begin
  select * into plan from public.plans as p
   where p.id = generated.plan_id and p.kind = generated.kind and p.user_id = owner for no key update;
  select jsonb_build_object('source', r.source, 'model', r.model, 'changes', jsonb_array_length(r.changes)) into stored
    from public.plan_proposals as r where r.id = job_id and r.user_id = owner;
  if stored is not null then
    return stored; -- by an earlier attempt of the job
  elsif plan.version is distinct from generated.base_version then
    raise sqlstate 'PT412' using message = format('The %s has changed.', private.plan_noun(generated.kind));
  end if;
  perform private.check_plan_content(generated.kind, owner, generated.content, plan.id);
  if generated.kind = 'workout' then
    perform private.check_workout_proposal(owner, plan.content, generated);
  end if;
  perform private.expire_proposals(plan.id);
  insert into public.plan_proposals (id, user_id, plan_id, kind, base_version, content, changes, targets, source, model)
  values (job_id, owner, plan.id, generated.kind, plan.version, generated.content, coalesce(generated.changes, 'null'),
    nullif(generated.targets, 'null'), generated.source, generated.model);
  return jsonb_build_object('source', generated.source, 'model', generated.model,
    'changes', jsonb_array_length(generated.changes));
end $function$;

CREATE OR REPLACE FUNCTION public.log_workout (
  payload json
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  caller constant uuid := auth.uid();
  hash constant bytea := sha256(convert_to(payload::text, 'UTF8'));
  earlier public.workouts;
  workout public.workouts;
  records jsonb;
begin
  -- Lock the account: whether a workout is the first of its day, or has a record, depends on their other workouts.
  perform private.assert_account(caller);
  select * into earlier from public.workouts as w
   where w.user_id = caller and w.client_id = (payload ->> 'client_id')::uuid;
  if found then
    if earlier.request_hash <> hash then
      raise sqlstate 'PT409' using message = 'This client_id was used for a different workout.';
    end if;
    return jsonb_build_object('replayed', true, 'workout',
      private.workout_document(caller, earlier.id, private.workout_records(caller, earlier.id)));
  end if;
  workout := private.write_workout(caller, payload, hash, 'app', null);
  records := private.workout_records(caller, workout.id);
  perform private.recompute_workout_awards(workout, records);
  perform private.recompute_week_award(caller, date_trunc('week', workout.local_date)::date, workout.id, false);
  return jsonb_build_object('replayed', false, 'workout', private.workout_document(caller, workout.id, records));
end $function$;

CREATE OR REPLACE FUNCTION public.memories_to_embed (
  job_id   uuid,
  attempt  integer,
  model    text,
  max_rows integer
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  owner constant uuid := private.assert_lease(job_id, attempt);
  embeddings_left constant integer := private.embeddings_left(owner, model);
  rows jsonb;
begin
  if embeddings_left is not null and private.is_guest(owner) then
    return '[]';
  end if;
  select jsonb_agg(jsonb_build_object('id', n.id, 'content', n.content, 'updated_at', n.updated_at)) into rows
    from (select m.id, m.content, m.updated_at from public.memories as m
           where m.user_id = owner and m.status <> 'dismissed' and m.embedding_model is null
           order by m.status, m.stated_at desc, m.id limit least(max_rows, embeddings_left)) as n;
  if rows is not null and embeddings_left is not null then
    insert into public.ai_usage as a (user_id, day, kind, calls)
    values (owner, (now() at time zone 'UTC')::date, 'memory', jsonb_array_length(rows))
    on conflict on constraint ai_usage_once do update set calls = a.calls + excluded.calls;
  elsif rows is null then
    select jsonb_agg(jsonb_build_object('id', n.id, 'content', n.content, 'updated_at', n.updated_at)) into rows
      from (select m.id, m.content, m.updated_at from public.memories as m
             where m.user_id = owner and m.status <> 'dismissed' and m.embedding_model <> model
             order by m.status, m.stated_at desc, m.id limit max_rows) as n;
  end if;
  return coalesce(rows, '[]');
end $function$;

CREATE OR REPLACE FUNCTION public.restore_plan_version (
  plan_id uuid,
  version integer,
  kind    public.plan_kind DEFAULT 'workout'::public.plan_kind
)
  RETURNS SETOF public.plans
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  perform private.describe_change(null, format('Restored version %s', restore_plan_version.version));
  return query update public.plans as p set content = v.content
    from public.plan_versions as v
   where p.user_id = (select auth.uid()) and p.kind = restore_plan_version.kind and p.id = restore_plan_version.plan_id
     and v.plan_id = p.id and v.version = restore_plan_version.version
  returning p.*;
  perform private.describe_change();
end $function$;

CREATE OR REPLACE FUNCTION public.swap_meal_food (
  plan_id         uuid,
  day             integer,
  meal            integer,
  item            integer,
  food_id         uuid,
  unchanged_since timestamp with time zone[] DEFAULT NULL::timestamp WITH time zone[]
)
  RETURNS SETOF public.plans
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  path constant text[] := array['days', day::text, 'meals', meal::text, 'items', item::text];
  plan public.plans;
  old_food public.foods;
  new_food public.foods;
  conflict jsonb;
  grams numeric;
begin
  perform private.assert_account(auth.uid());
  select * into plan from public.plans as p
   where p.id = swap_meal_food.plan_id and p.kind = 'meal' and p.user_id = (select auth.uid()) for no key update;
  if plan.id is null then
    return;
  elsif plan.updated_at <> all (unchanged_since) then
    raise sqlstate 'PT412' using message = 'It has changed.';
  elsif (day >= 0 and plan.content #> path[1:2] is not null) is not true then
    perform private.refuse_swap('day', 'is not in the plan');
  elsif (meal >= 0 and plan.content #> path[1:4] is not null) is not true then
    perform private.refuse_swap('meal', 'is not in the day');
  elsif (item >= 0 and plan.content #> path is not null) is not true then
    perform private.refuse_swap('item', 'is not in the meal');
  end if;
  select * into old_food from public.foods as f where f.id = (plan.content #> path ->> 'food_id')::uuid;
  select * into new_food from public.foods as f where f.id = swap_meal_food.food_id and f.hidden_at is null;
  select private.food_conflict(new_food, u) into conflict from public.users as u where u.id = (select auth.uid());
  grams := (plan.content #> path ->> 'grams')::numeric;
  if old_food.energy_kcal > 0 and new_food.energy_kcal > 0 then
    grams := grams * old_food.energy_kcal / new_food.energy_kcal;
    grams := round(grams, case when grams < 20 then 1 else 0 end);
  end if;
  if new_food.id is null then
    perform private.refuse_swap('food_id', 'is not a food you can use', 'unknown_food');
  elsif conflict is not null then
    perform private.refuse_swap('food_id', private.conflict_message(conflict),
      case when conflict -> 'allergens' <> '[]' then 'allergen' else 'diet' end);
  elsif old_food.energy_kcal > 0 and new_food.energy_kcal = 0 then
    perform private.refuse_swap('food_id', 'has no energy that could replace what is there');
  elsif grams not between 1 and 2000 then
    perform private.refuse_swap('food_id', format('would take %s g, and an item has 1 to 2000 g', grams));
  end if;
  perform private.describe_change(null, format('Swapped %s for %s', old_food.name, new_food.name));
  return query update public.plans as p
      set content = jsonb_set(plan.content, path, jsonb_build_object('food_id', new_food.id, 'grams', trim_scale(grams)))
    where p.id = plan.id returning p.*;
  perform private.describe_change(null, null);
end $function$;

CREATE OR REPLACE FUNCTION public.undo_plan_proposal (
  plan_id     uuid,
  proposal_id uuid,
  kind        public.plan_kind DEFAULT 'workout'::public.plan_kind
)
  RETURNS SETOF public.plan_proposals
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  proposal constant public.plan_proposals := private.lock_proposal(kind, plan_id, proposal_id);
  plan public.plans;
  base jsonb;
begin
  if proposal.status not in ('accepted', 'rejected') then
    raise sqlstate 'PT409' using message = format('This proposal is %s, so there is nothing to undo.', proposal.status);
  end if;
  select * into plan from public.plans as p where p.id = proposal.plan_id;
  select v.content into base from public.plan_versions as v
   where v.plan_id = plan.id and v.version = proposal.base_version;
  if plan.content is distinct from (case proposal.status when 'accepted' then proposal.content else base end)
    or (base is null and plan.id is not null) -- it has been pruned
    or proposal.applied_targets <> private.plan_targets(plan) then
    raise sqlstate 'PT409' using message = format(
      'The %s has changed since; restore an earlier version of it instead.', private.plan_noun(proposal.kind));
  end if;
  if proposal.status = 'accepted' then
    perform private.describe_change(null, format('Took back proposal %s', proposal.id));
    plan := private.apply_proposal(proposal, base);
    perform private.describe_change();
  end if;
  perform private.expire_proposals(plan.id);
  return query update public.plan_proposals as r
      set status = 'open', decided_at = null, reason = null, applied_targets = null, base_version = plan.version
    where r.id = proposal.id and r.user_id = auth.uid() returning r.*;
end $function$;

CREATE OR REPLACE FUNCTION public.unfinished_deletions()
  RETURNS SETOF uuid
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select u.id from public.users as u
   where u.closed_at < now() - interval '1 minute' order by u.closed_at, u.id limit 100
$function$;

REVOKE ALL ON FUNCTION "public"."unfinished_deletions"() FROM PUBLIC, "anon", "authenticated";

CREATE OR REPLACE FUNCTION public.usage()
  RETURNS jsonb
  LANGUAGE plpgsql
  STABLE
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  caller constant uuid := auth.uid();
  today constant date := (now() at time zone 'UTC')::date;
  used jsonb;
begin
  perform private.assert_caller();
  used := coalesce((select to_jsonb(c) from private.usage_counts as c where c.user_id = caller), '{}')
    || jsonb_build_object(
      'plans', (select count(*) from public.plans as p where p.user_id = caller),
      'plan_versions', (
        select max(v.versions) from (
          select count(*) as versions from public.plan_versions as v
           where v.user_id = caller and not v.accepted group by v.plan_id) as v),
      'sets_per_day', (
        select count(*) from public.sets as s
         where s.user_id = caller
           and s.local_date = (select (now() at time zone u.timezone)::date from public.users as u where u.id = caller)))
    || (select jsonb_build_object('exercises', count(*) filter (where e.hidden_at is null),
                 'hidden_exercises', count(e.hidden_at)) from public.exercises as e where e.user_id = caller)
    || (select jsonb_build_object('foods', count(*) filter (where f.hidden_at is null), 'hidden_foods', count(f.hidden_at))
          from public.foods as f where f.user_id = caller)
    || (select jsonb_build_object('open_jobs', count(*) filter (where j.finished_at is null), 'kept_jobs', count(j.finished_at))
          from public.jobs as j where j.user_id = caller)
    || coalesce((
      select jsonb_object_agg(k.name, a.calls)
        from public.ai_usage as a
          cross join lateral (
            select a.kind || '_calls' as name union all select 'urgent_chat_calls' where a.kind = 'chat') as k
       where a.user_id = caller and a.day = today), '{}');
  return jsonb_build_object(
    'quotas', (
      select jsonb_agg(jsonb_build_object('name', q.name, 'used', coalesce((used ->> q.name::text)::bigint, 0),
               'limit', q."limit", 'per', q.per,
               'when_full', case when q.message is null then 'oldest_removed' else 'refused' end) order by q.name)
        from private.quotas() as q),
    'resets_at', (today + 1)::timestamp at time zone 'UTC');
end $function$;

REVOKE ALL ON FUNCTION "public"."usage"() FROM PUBLIC, "anon";

ALTER TABLE "private"."usage_counts"
  ADD CONSTRAINT "usage_counts_user_id_fkey" FOREIGN KEY (user_id) REFERENCES auth.users(id) ON DELETE CASCADE;

CREATE INDEX users_closed ON public.users USING btree (closed_at)
  WHERE (closed_at IS NOT NULL);

CREATE TRIGGER chat_messages_count_added AFTER INSERT ON public.chat_messages REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION private.count_added (
  'messages'
);

CREATE TRIGGER chat_messages_count_removed AFTER DELETE ON public.chat_messages REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION private.count_removed (
  'messages'
);

CREATE TRIGGER chat_messages_lock_person
  BEFORE DELETE ON public.chat_messages
  FOR EACH STATEMENT
  WHEN ((CURRENT_USER = 'authenticated'::name))
  EXECUTE FUNCTION private.lock_person();

CREATE TRIGGER exercise_preferences_lock_person
  BEFORE INSERT OR DELETE OR UPDATE ON public.exercise_preferences
  FOR EACH STATEMENT
  WHEN ((CURRENT_USER = 'authenticated'::name))
  EXECUTE FUNCTION private.lock_person();

CREATE TRIGGER exercises_custom_limit
  BEFORE INSERT ON public.exercises
  FOR EACH ROW
  WHEN ((new.user_id IS NOT NULL))
  EXECUTE FUNCTION private.limit_custom_exercises();

CREATE TRIGGER exercises_hidden_limit
  BEFORE UPDATE OF hidden_at ON public.exercises
  FOR EACH ROW
  WHEN (((new.hidden_at IS NULL) <> (old.hidden_at IS NULL)))
  EXECUTE FUNCTION private.limit_custom_exercises();

CREATE TRIGGER exercises_lock_person
  BEFORE INSERT OR UPDATE ON public.exercises
  FOR EACH STATEMENT
  WHEN ((CURRENT_USER = 'authenticated'::name))
  EXECUTE FUNCTION private.lock_person();

CREATE TRIGGER foods_custom_limit
  BEFORE INSERT ON public.foods
  FOR EACH ROW
  WHEN ((new.user_id IS NOT NULL))
  EXECUTE FUNCTION private.limit_custom_foods();

CREATE TRIGGER foods_hidden_limit
  BEFORE UPDATE OF hidden_at ON public.foods
  FOR EACH ROW
  WHEN (((new.hidden_at IS NULL) <> (old.hidden_at IS NULL)))
  EXECUTE FUNCTION private.limit_custom_foods();

CREATE TRIGGER foods_lock_person
  BEFORE INSERT OR UPDATE ON public.foods
  FOR EACH STATEMENT
  WHEN ((CURRENT_USER = 'authenticated'::name))
  EXECUTE FUNCTION private.lock_person();

CREATE TRIGGER jobs_prune
  BEFORE INSERT ON public.jobs
  FOR EACH ROW
  EXECUTE FUNCTION private.prune_jobs();

CREATE TRIGGER measurements_count_added AFTER INSERT ON public.measurements REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION private.count_added (
  'measurements'
);

CREATE TRIGGER measurements_count_removed AFTER DELETE ON public.measurements REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION private.count_removed (
  'measurements'
);

CREATE TRIGGER measurements_lock_person
  BEFORE INSERT OR DELETE OR UPDATE ON public.measurements
  FOR EACH STATEMENT
  WHEN ((CURRENT_USER = 'authenticated'::name))
  EXECUTE FUNCTION private.lock_person();

CREATE TRIGGER memories_count_added
  AFTER INSERT ON public.memories REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT
  EXECUTE FUNCTION private.count_added_memories();

CREATE TRIGGER memories_count_removed
  AFTER DELETE ON public.memories REFERENCING OLD TABLE AS removed
  FOR EACH STATEMENT
  EXECUTE FUNCTION private.count_removed_memories();

CREATE TRIGGER plan_proposals_count_added
  AFTER INSERT ON public.plan_proposals REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT
  EXECUTE FUNCTION private.count_added_bytes();

CREATE TRIGGER plan_proposals_count_removed
  AFTER DELETE ON public.plan_proposals REFERENCING OLD TABLE AS removed
  FOR EACH STATEMENT
  EXECUTE FUNCTION private.count_removed_bytes();

CREATE TRIGGER plan_proposals_set_updated_at
  BEFORE UPDATE ON public.plan_proposals
  FOR EACH ROW
  EXECUTE FUNCTION private.set_updated_at();

CREATE TRIGGER plan_versions_count_added
  AFTER INSERT ON public.plan_versions REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT
  EXECUTE FUNCTION private.count_added_bytes();

CREATE TRIGGER plan_versions_count_removed
  AFTER DELETE ON public.plan_versions REFERENCING OLD TABLE AS removed
  FOR EACH STATEMENT
  EXECUTE FUNCTION private.count_removed_bytes();

CREATE TRIGGER plans_limit
  BEFORE INSERT ON public.plans
  FOR EACH ROW
  EXECUTE FUNCTION private.limit_plans();

CREATE TRIGGER plans_lock_person
  BEFORE INSERT OR DELETE OR UPDATE ON public.plans
  FOR EACH STATEMENT
  WHEN ((CURRENT_USER = 'authenticated'::name))
  EXECUTE FUNCTION private.lock_person();

CREATE TRIGGER sets_count_added AFTER INSERT ON public.sets REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION private.count_added (
  'sets'
);

CREATE TRIGGER sets_count_removed AFTER DELETE ON public.sets REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION private.count_removed (
  'sets'
);

CREATE TRIGGER sets_limit_day
  AFTER INSERT ON public.sets REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT
  EXECUTE FUNCTION private.limit_sets_of_day();

CREATE TRIGGER workouts_clear_plan_day
  BEFORE UPDATE OF plan_id ON public.workouts
  FOR EACH ROW
  WHEN (((pg_trigger_depth() > 0) AND (old.plan_id IS NOT NULL) AND (new.plan_id IS NULL)))
  EXECUTE FUNCTION private.clear_plan_day();

CREATE TRIGGER workouts_count_added AFTER INSERT ON public.workouts REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION private.count_added (
  'workouts'
);

CREATE TRIGGER workouts_count_removed AFTER DELETE ON public.workouts REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION private.count_removed (
  'workouts'
);

CREATE POLICY "People change their own profile" ON "public"."users"
  FOR UPDATE
  TO "authenticated"
  USING (((( SELECT auth.uid() AS uid) = id) AND (closed_at IS NULL)))
  WITH CHECK (((( SELECT auth.uid() AS uid) = id) AND (closed_at IS NULL)));

CREATE POLICY "People read their own profile" ON "public"."users"
  FOR SELECT
  TO "authenticated"
  USING (((( SELECT auth.uid() AS uid) = id) AND (closed_at IS NULL)));

COMMENT ON COLUMN "public"."idempotency_keys"."operation" IS 'The function that creates; it says of what kind resource_id is.';

COMMENT ON COLUMN "public"."plan_versions"."accepted" IS 'Whether an accepted proposal made it; then it stays.';

COMMENT ON COLUMN "public"."users"."closed_at" IS 'Set when the account is being deleted: from then on it does not exist for its owner.';

COMMENT ON FUNCTION "private"."lock_person"() IS 'Trigger: locks the account of the caller before a statement writes.';

COMMENT ON FUNCTION "private"."refuse_account"() IS 'A good token may outlive its account.';

COMMENT ON TABLE "private"."usage_counts" IS 'What a person has of each, counted by triggers; memories without tombstones.';

COMMENT ON TABLE "public"."idempotency_keys" IS 'Creating requests of the last 24 hours that carried a key, and the ids of what they created.';

COMMENT ON TABLE "public"."plan_versions" IS 'The contents that a plan has had, who changed it and why: the newest, and all that came by an accepted proposal.';

REVOKE ALL ON FUNCTION "private"."assert_account"(uuid) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "private"."assert_account"(uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "private"."assert_account"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "private"."assert_account"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "private"."assert_account"(uuid) TO "service_role";

REVOKE ALL ON FUNCTION "private"."assert_caller"() FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "private"."assert_caller"() TO "authenticated";

REVOKE ALL ON FUNCTION "private"."assert_caller"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "private"."assert_caller"() TO "postgres";

GRANT EXECUTE ON FUNCTION "private"."assert_caller"() TO "service_role";

REVOKE ALL ON FUNCTION "private"."claim_idempotency_key"(text, text, json) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "private"."claim_idempotency_key"(text, text, json) TO "authenticated";

REVOKE ALL ON FUNCTION "private"."claim_idempotency_key"(text, text, json) FROM "postgres";

GRANT EXECUTE ON FUNCTION "private"."claim_idempotency_key"(text, text, json) TO "postgres";

REVOKE ALL ON FUNCTION "private"."clear_plan_day"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "private"."clear_plan_day"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "private"."clear_plan_day"() TO "postgres";

REVOKE ALL ON FUNCTION "private"."count_added"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "private"."count_added"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "private"."count_added"() TO "postgres";

REVOKE ALL ON FUNCTION "private"."count_added_bytes"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "private"."count_added_bytes"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "private"."count_added_bytes"() TO "postgres";

REVOKE ALL ON FUNCTION "private"."count_added_memories"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "private"."count_added_memories"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "private"."count_added_memories"() TO "postgres";

REVOKE ALL ON FUNCTION "private"."count_removed"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "private"."count_removed"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "private"."count_removed"() TO "postgres";

REVOKE ALL ON FUNCTION "private"."count_removed_bytes"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "private"."count_removed_bytes"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "private"."count_removed_bytes"() TO "postgres";

REVOKE ALL ON FUNCTION "private"."count_removed_memories"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "private"."count_removed_memories"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "private"."count_removed_memories"() TO "postgres";

REVOKE ALL ON FUNCTION "private"."count_usage"(uuid, public.quota, bigint) FROM PUBLIC;

REVOKE ALL ON FUNCTION "private"."count_usage"(uuid, public.quota, bigint) FROM "postgres";

GRANT EXECUTE ON FUNCTION "private"."count_usage"(uuid, public.quota, bigint) TO "postgres";

GRANT EXECUTE ON FUNCTION "private"."count_usage"(uuid, public.quota, bigint) TO "service_role";

REVOKE ALL ON FUNCTION "private"."created_answer"(jsonb, boolean) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "private"."created_answer"(jsonb, boolean) TO "authenticated";

REVOKE ALL ON FUNCTION "private"."created_answer"(jsonb, boolean) FROM "postgres";

GRANT EXECUTE ON FUNCTION "private"."created_answer"(jsonb, boolean) TO "postgres";

REVOKE ALL ON FUNCTION "private"."daily_limit"(public.usage_kind) FROM "service_role";

GRANT EXECUTE ON FUNCTION "private"."daily_limit"(public.usage_kind) TO "service_role";

REVOKE ALL ON FUNCTION "private"."describe_change"(public.plan_author, text, boolean) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "private"."describe_change"(public.plan_author, text, boolean) TO "authenticated";

REVOKE ALL ON FUNCTION "private"."describe_change"(public.plan_author, text, boolean) FROM "postgres";

GRANT EXECUTE ON FUNCTION "private"."describe_change"(public.plan_author, text, boolean) TO "postgres";

GRANT EXECUTE ON FUNCTION "private"."describe_change"(public.plan_author, text, boolean) TO "service_role";

REVOKE ALL ON FUNCTION "private"."embeddings_left"(uuid, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "private"."embeddings_left"(uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "private"."embeddings_left"(uuid, text) TO "postgres";

GRANT EXECUTE ON FUNCTION "private"."embeddings_left"(uuid, text) TO "service_role";

REVOKE ALL ON FUNCTION "private"."import_measurement"(uuid, uuid, json) FROM PUBLIC;

REVOKE ALL ON FUNCTION "private"."import_measurement"(uuid, uuid, json) FROM "postgres";

GRANT EXECUTE ON FUNCTION "private"."import_measurement"(uuid, uuid, json) TO "postgres";

GRANT EXECUTE ON FUNCTION "private"."import_measurement"(uuid, uuid, json) TO "service_role";

REVOKE ALL ON FUNCTION "private"."import_outcome"(uuid, timestamp WITH time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION "private"."import_outcome"(uuid, timestamp WITH time zone) FROM "postgres";

GRANT EXECUTE ON FUNCTION "private"."import_outcome"(uuid, timestamp WITH time zone) TO "postgres";

GRANT EXECUTE ON FUNCTION "private"."import_outcome"(uuid, timestamp WITH time zone) TO "service_role";

REVOKE ALL ON FUNCTION "private"."import_profile"(uuid, uuid, json) FROM PUBLIC;

REVOKE ALL ON FUNCTION "private"."import_profile"(uuid, uuid, json) FROM "postgres";

GRANT EXECUTE ON FUNCTION "private"."import_profile"(uuid, uuid, json) TO "postgres";

GRANT EXECUTE ON FUNCTION "private"."import_profile"(uuid, uuid, json) TO "service_role";

REVOKE ALL ON FUNCTION "private"."is_urgent"(text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "private"."is_urgent"(text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "private"."is_urgent"(text) TO "postgres";

REVOKE ALL ON FUNCTION "private"."limit_plans"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "private"."limit_plans"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "private"."limit_plans"() TO "postgres";

REVOKE ALL ON FUNCTION "private"."limit_sets_of_day"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "private"."limit_sets_of_day"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "private"."limit_sets_of_day"() TO "postgres";

REVOKE ALL ON FUNCTION "private"."lock_account"(uuid) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "private"."lock_account"(uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "private"."lock_account"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "private"."lock_account"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "private"."lock_account"(uuid) TO "service_role";

REVOKE ALL ON FUNCTION "private"."max_chat_calls"(uuid, text) FROM PUBLIC;

REVOKE ALL ON FUNCTION "private"."max_chat_calls"(uuid, text) FROM "postgres";

GRANT EXECUTE ON FUNCTION "private"."max_chat_calls"(uuid, text) TO "postgres";

REVOKE ALL ON FUNCTION "private"."memory_rules"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "private"."memory_rules"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "private"."memory_rules"() TO "postgres";

GRANT EXECUTE ON FUNCTION "private"."memory_rules"() TO "service_role";

REVOKE ALL ON FUNCTION "private"."open_jobs"(uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION "private"."open_jobs"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "private"."open_jobs"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "private"."open_jobs"(uuid) TO "service_role";

REVOKE ALL ON FUNCTION "private"."plan_answer"(public.plans) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "private"."plan_answer"(public.plans) TO "authenticated";

REVOKE ALL ON FUNCTION "private"."plan_answer"(public.plans) FROM "postgres";

GRANT EXECUTE ON FUNCTION "private"."plan_answer"(public.plans) TO "postgres";

REVOKE ALL ON FUNCTION "private"."prune_jobs"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "private"."prune_jobs"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "private"."prune_jobs"() TO "postgres";

REVOKE ALL ON FUNCTION "private"."prune_versions"(uuid, integer) FROM PUBLIC;

REVOKE ALL ON FUNCTION "private"."prune_versions"(uuid, integer) FROM "postgres";

GRANT EXECUTE ON FUNCTION "private"."prune_versions"(uuid, integer) TO "postgres";

GRANT EXECUTE ON FUNCTION "private"."prune_versions"(uuid, integer) TO "service_role";

REVOKE ALL ON FUNCTION "private"."quota_left"(uuid, public.quota) FROM PUBLIC;

REVOKE ALL ON FUNCTION "private"."quota_left"(uuid, public.quota) FROM "postgres";

GRANT EXECUTE ON FUNCTION "private"."quota_left"(uuid, public.quota) TO "postgres";

GRANT EXECUTE ON FUNCTION "private"."quota_left"(uuid, public.quota) TO "service_role";

REVOKE ALL ON FUNCTION "private"."quota_limit"(public.quota) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "private"."quota_limit"(public.quota) TO "authenticated";

REVOKE ALL ON FUNCTION "private"."quota_limit"(public.quota) FROM "postgres";

GRANT EXECUTE ON FUNCTION "private"."quota_limit"(public.quota) TO "postgres";

GRANT EXECUTE ON FUNCTION "private"."quota_limit"(public.quota) TO "service_role";

REVOKE ALL ON FUNCTION "private"."quotas"() FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "private"."quotas"() TO "authenticated";

REVOKE ALL ON FUNCTION "private"."quotas"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "private"."quotas"() TO "postgres";

GRANT EXECUTE ON FUNCTION "private"."quotas"() TO "service_role";

REVOKE ALL ON FUNCTION "private"."refuse_account"() FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "private"."refuse_account"() TO "authenticated";

REVOKE ALL ON FUNCTION "private"."refuse_account"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "private"."refuse_account"() TO "postgres";

GRANT EXECUTE ON FUNCTION "private"."refuse_account"() TO "service_role";

REVOKE ALL ON FUNCTION "private"."refuse_quota"(public.quota) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "private"."refuse_quota"(public.quota) TO "authenticated";

REVOKE ALL ON FUNCTION "private"."refuse_quota"(public.quota) FROM "postgres";

GRANT EXECUTE ON FUNCTION "private"."refuse_quota"(public.quota) TO "postgres";

GRANT EXECUTE ON FUNCTION "private"."refuse_quota"(public.quota) TO "service_role";

REVOKE ALL ON FUNCTION "private"."store_resource"(text, uuid) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "private"."store_resource"(text, uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "private"."store_resource"(text, uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "private"."store_resource"(text, uuid) TO "postgres";

REVOKE ALL ON FUNCTION "public"."close_account"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."close_account"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."close_account"(uuid) TO "service_role";

REVOKE ALL ON FUNCTION "public"."unfinished_deletions"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."unfinished_deletions"() TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."unfinished_deletions"() TO "service_role";

GRANT EXECUTE ON FUNCTION "public"."usage"() TO "authenticated";

REVOKE ALL ON FUNCTION "public"."usage"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "public"."usage"() TO "postgres";

GRANT EXECUTE ON FUNCTION "public"."usage"() TO "service_role";

-- What there is so far.
update public.plan_versions as v set accepted = true
 where exists (select from public.plan_proposals as r
                where r.plan_id = v.plan_id and r.status = 'accepted' and r.base_version = v.version - 1);

insert into private.usage_counts (user_id, json_bytes, workouts, sets, measurements, messages, memories)
select u.id,
  coalesce((select sum(v.bytes) from public.plan_versions as v where v.user_id = u.id), 0)
    + coalesce((select sum(r.bytes) from public.plan_proposals as r where r.user_id = u.id), 0),
  (select count(*) from public.workouts as w where w.user_id = u.id),
  (select count(*) from public.sets as s where s.user_id = u.id),
  (select count(*) from public.measurements as m where m.user_id = u.id),
  (select count(*) from public.chat_messages as m where m.user_id = u.id),
  (select count(*) from public.memories as m where m.user_id = u.id and m.status <> 'dismissed')
  from public.users as u;

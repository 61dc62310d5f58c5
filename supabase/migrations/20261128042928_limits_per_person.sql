-- Limits per person: one order of locks, accounts that are closed before they are deleted, quotas with counters, and
-- references in place of copied answers behind idempotency keys.

SET local check_function_bodies = off;

DROP POLICY "People change their own profile" ON "public"."users";

DROP POLICY "People read their own profile" ON "public"."users";

DROP TRIGGER "plans_lock_person" ON "public"."plans";

DROP FUNCTION "private"."claim_idempotency_key"(text, text, json);

DROP FUNCTION "private"."import_measurement"(uuid, json);

DROP FUNCTION "private"."import_profile"(uuid, json);

DROP FUNCTION "private"."store_response"(text, jsonb);

ALTER TABLE "public"."idempotency_keys"
  ADD COLUMN "resource_id" uuid;

update public.idempotency_keys set resource_id = (answer ->> 'id')::uuid;

ALTER TABLE "public"."idempotency_keys"
  DROP COLUMN "answer";

ALTER TABLE "public"."users"
  ADD COLUMN "closed_at" timestamp WITH time zone;

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

CREATE OR REPLACE FUNCTION private.refuse_account()
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  raise sqlstate 'PT401' using message = 'This account no longer exists.';
end $function$;

CREATE OR REPLACE FUNCTION private.replace_workout (
  old_workout public.workouts,
  payload     json
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  new_workout public.workouts;
  records jsonb;
begin
  perform private.check_workout(old_workout.user_id, payload);
  update public.workouts as w set
      plan_id = r.plan_id, plan_day = r.plan_day, name = r.name, started_at = r.started_at, ended_at = r.ended_at,
      timezone = r.timezone, perceived_exertion = r.perceived_exertion, notes = r.notes,
      plan_version = case when r.plan_id is not distinct from old_workout.plan_id then old_workout.plan_version else (
        select nullif(p.version, 0) from public.plans as p where p.id = r.plan_id) end
    from json_to_record(payload) as r (plan_id uuid, plan_day smallint, name text, started_at timestamptz,
      ended_at timestamptz, timezone text, perceived_exertion smallint, notes text)
   where w.id = old_workout.id returning w.* into new_workout;
  delete from public.sets as s where s.workout_id = old_workout.id;
  perform private.write_sets(new_workout, payload -> 'exercises');
  records := private.workout_records(old_workout.user_id, new_workout.id);
  if old_workout.source = 'app' then
    -- Gains before losses, for the reason given at private.recompute_workout_awards.
    perform private.recompute_first_of_day(new_workout, old_workout.local_date)
      where old_workout.local_date <> new_workout.local_date;
    perform private.recompute_workout_awards(new_workout, records,
      new_workout.plan_id is not distinct from old_workout.plan_id
      -- Without its plan, which has been deleted, a workout has no day of it either.
      and (old_workout.plan_id is null or new_workout.plan_day is not distinct from old_workout.plan_day)
      and private.has_planned_day_award(old_workout));
    perform private.recompute_first_of_day(new_workout, new_workout.local_date)
      where old_workout.local_date <> new_workout.local_date;
    perform private.recompute_week_award(old_workout.user_id, week, old_workout.id, true)
       from unnest(array[date_trunc('week', old_workout.local_date)::date,
                         date_trunc('week', new_workout.local_date)::date]) as week
      where old_workout.local_date <> new_workout.local_date;
  end if;
  return records;
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
    continue when (select count(*) from public.jobs as j
                    where j.user_id = plan.user_id and j.status in ('queued', 'running')) >= 5;
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
    raise sqlstate 'PT409' using message = 'You have 20,000 memories; forget some first.';
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
  perform private.count_call(caller, 'chat', case when is_urgent then 1000 else private.daily_limit('chat') end);
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
  if (select count(*) from public.jobs as j where j.user_id = caller and j.status in ('queued', 'running')) >= 5 then
    raise sqlstate 'PT409' using message = 'You have 5 jobs under way; wait for one, or cancel it.';
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
  perform private.describe_change(null, null);
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

CREATE INDEX users_closed ON public.users USING btree (closed_at)
  WHERE (closed_at IS NOT NULL);

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

CREATE TRIGGER exercises_lock_person
  BEFORE INSERT OR UPDATE ON public.exercises
  FOR EACH STATEMENT
  WHEN ((CURRENT_USER = 'authenticated'::name))
  EXECUTE FUNCTION private.lock_person();

CREATE TRIGGER foods_lock_person
  BEFORE INSERT OR UPDATE ON public.foods
  FOR EACH STATEMENT
  WHEN ((CURRENT_USER = 'authenticated'::name))
  EXECUTE FUNCTION private.lock_person();

CREATE TRIGGER measurements_lock_person
  BEFORE INSERT OR DELETE OR UPDATE ON public.measurements
  FOR EACH STATEMENT
  WHEN ((CURRENT_USER = 'authenticated'::name))
  EXECUTE FUNCTION private.lock_person();

CREATE TRIGGER plans_lock_person
  BEFORE INSERT OR DELETE OR UPDATE ON public.plans
  FOR EACH STATEMENT
  WHEN ((CURRENT_USER = 'authenticated'::name))
  EXECUTE FUNCTION private.lock_person();

CREATE TRIGGER workouts_clear_plan_day
  BEFORE UPDATE OF plan_id ON public.workouts
  FOR EACH ROW
  WHEN (((pg_trigger_depth() > 0) AND (old.plan_id IS NOT NULL) AND (new.plan_id IS NULL)))
  EXECUTE FUNCTION private.clear_plan_day();

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

COMMENT ON COLUMN "public"."users"."closed_at" IS 'Set when the account is being deleted: from then on it does not exist for its owner.';

COMMENT ON FUNCTION "private"."lock_person"() IS 'Trigger: locks the account of the caller before a statement writes.';

COMMENT ON FUNCTION "private"."refuse_account"() IS 'A good token may outlive its account.';

COMMENT ON TABLE "public"."idempotency_keys" IS 'Creating requests of the last 24 hours that carried a key, and the ids of what they created.';

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

REVOKE ALL ON FUNCTION "private"."created_answer"(jsonb, boolean) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "private"."created_answer"(jsonb, boolean) TO "authenticated";

REVOKE ALL ON FUNCTION "private"."created_answer"(jsonb, boolean) FROM "postgres";

GRANT EXECUTE ON FUNCTION "private"."created_answer"(jsonb, boolean) TO "postgres";

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

REVOKE ALL ON FUNCTION "private"."lock_account"(uuid) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "private"."lock_account"(uuid) TO "authenticated";

REVOKE ALL ON FUNCTION "private"."lock_account"(uuid) FROM "postgres";

GRANT EXECUTE ON FUNCTION "private"."lock_account"(uuid) TO "postgres";

GRANT EXECUTE ON FUNCTION "private"."lock_account"(uuid) TO "service_role";

REVOKE ALL ON FUNCTION "private"."plan_answer"(public.plans) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "private"."plan_answer"(public.plans) TO "authenticated";

REVOKE ALL ON FUNCTION "private"."plan_answer"(public.plans) FROM "postgres";

GRANT EXECUTE ON FUNCTION "private"."plan_answer"(public.plans) TO "postgres";

REVOKE ALL ON FUNCTION "private"."refuse_account"() FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "private"."refuse_account"() TO "authenticated";

REVOKE ALL ON FUNCTION "private"."refuse_account"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "private"."refuse_account"() TO "postgres";

GRANT EXECUTE ON FUNCTION "private"."refuse_account"() TO "service_role";

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

-- Rows that nothing bounded get a quota: decided proposals, ids of deleted workouts, events of affinity, idempotency keys.
-- Writers queue for the account's row, like its deletion. A workout that was renamed in its app is the same when it is
-- imported again, and an exercise comes back only with a workout that needs it. A preview says what is here already.

SET local check_function_bodies = off;

ALTER TABLE "private"."usage_counts"
  ADD COLUMN "affinity_events" integer NOT NULL DEFAULT 0;

ALTER TYPE "public"."quota" ADD VALUE 'plan_proposals' AFTER 'memory_calls';

ALTER TYPE "public"."quota" ADD VALUE 'deleted_workouts' AFTER 'plan_proposals';

ALTER TYPE "public"."quota" ADD VALUE 'affinity_events' AFTER 'deleted_workouts';

ALTER TYPE "public"."quota" ADD VALUE 'idempotency_keys' AFTER 'affinity_events';

CREATE OR REPLACE FUNCTION private.award (
  owner       uuid,
  rule        public.affinity_rule,
  points      integer,
  source_type public.affinity_source,
  source_id   text,
  round       integer,
  workout_id  uuid,
  explanation text,
  days        integer                DEFAULT NULL::integer
)
  RETURNS boolean
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  counted integer;
begin
  if private.quota_left(owner, 'affinity_events') <= 0 then
    return false;
  end if;
  select greatest(award.points, -u.affinity_score) into counted from public.users as u where u.id = owner;
  insert into public.affinity_events (user_id, rule, points, source_type, source_id, round, workout_id, explanation, days)
  values (owner, award.rule, counted, award.source_type, award.source_id, award.round, award.workout_id, award.explanation,
    award.days)
  on conflict on constraint affinity_events_once do nothing;
  if not found then
    return false;
  end if;
  update public.users as u set affinity_score = u.affinity_score + counted where u.id = owner and counted <> 0;
  return true;
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
    if exists (
      select from public.idempotency_keys as k
       where k.user_id = auth.uid() and k.created_at > now() - interval '24 hours'
      offset private.quota_limit('idempotency_keys')) then
      perform private.refuse_quota('idempotency_keys');
    end if;
    return null;
  end if;
  select * into strict earlier from public.idempotency_keys as k
   where k.user_id = auth.uid() and k.key = idempotency_key;
  if earlier.operation <> claim_idempotency_key.operation or earlier.request_hash <> hash then
    raise sqlstate 'PT409' using message = 'This Idempotency-Key was used for a different request.';
  end if;
  return earlier.resource_id;
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
      memories = c.memories + case quota when 'memories' then change else 0 end,
      affinity_events = c.affinity_events + case quota when 'affinity_events' then change else 0 end
   where c.user_id = owner
  returning case quota when 'json_bytes' then c.json_bytes when 'workouts' then c.workouts when 'sets' then c.sets
    when 'measurements' then c.measurements when 'messages' then c.messages when 'memories' then c.memories
    else c.affinity_events end into used;
  if change > 0 and used > private.quota_limit(quota) then
    perform private.refuse_quota(quota);
  end if;
end $function$;

CREATE OR REPLACE FUNCTION private.keep_deleted_workout()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
begin
  insert into public.deleted_workouts (user_id, client_id) values (old.user_id, old.client_id)
  on conflict on constraint deleted_workouts_once do nothing;
  delete from public.deleted_workouts as d where d.id = any (array(
    select o.id from public.deleted_workouts as o where o.user_id = old.user_id
     order by o.created_at desc, o.id desc offset private.quota_limit('deleted_workouts')));
  return null;
end $function$;

CREATE OR REPLACE FUNCTION private.prune_proposals()
  RETURNS TRIGGER
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  delete from public.plan_proposals as r where r.id = any (array(
    select o.id from public.plan_proposals as o
     where o.plan_id = new.plan_id and o.status <> 'open' and (o.status = 'expired') = (new.status = 'expired')
     order by o.decided_at desc, o.id desc offset private.quota_limit('plan_proposals')));
  return null;
end $function$;

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
             when 'measurements' then c.measurements when 'messages' then c.messages when 'memories' then c.memories
             when 'affinity_events' then c.affinity_events end
      from private.usage_counts as c where c.user_id = owner), 0)
$function$;

-- In one statement, so that nobody finds none: each is a transaction of its own.
DO $migration$
BEGIN
  DROP FUNCTION private.quotas();
CREATE OR REPLACE FUNCTION private.quotas()
  RETURNS TABLE (
    name      public.quota,
    "limit"   bigint,
    per       public.quota_period,
    when_full text,
    message   text
  )
  LANGUAGE sql
  IMMUTABLE
  ROWS 23
  SET search_path TO ''
  AS $function$
  values
    ('plans'::public.quota, 1000::bigint, 'account'::public.quota_period, 'refused', 'You have %s plans; delete one first.'),
    ('plan_versions', 50, 'plan', 'oldest_removed', null),
    ('plan_proposals', 50, 'plan', 'oldest_removed', null),
    ('json_bytes', 268435456, 'account', 'refused',
     'The versions and proposals of your plans take %s bytes; delete plans that you no longer need.'),
    ('workouts', 30000, 'account', 'refused', 'You have %s workouts; delete some first.'),
    ('deleted_workouts', 10000, 'account', 'oldest_removed', null),
    ('sets', 1000000, 'account', 'refused', 'Your workouts have %s sets; delete workouts that you no longer need.'),
    ('sets_per_day', 5000, 'training_day', 'refused',
     'The workouts of one day may have %s sets; check their dates, or delete one of that day.'),
    ('affinity_events', 100000, 'account', 'not_added', null),
    ('exercises', 1000, 'account', 'refused', 'You have %s exercises of your own; delete one first.'),
    ('hidden_exercises', 2000, 'account', 'refused',
     'You have deleted %s exercises that plans or workouts still use; delete some of those first.'),
    ('foods', 1000, 'account', 'refused', 'You have %s foods of your own; delete one first.'),
    ('hidden_foods', 2000, 'account', 'refused', 'You have deleted %s foods that meal plans still use; delete some of those first.'),
    ('measurements', 100000, 'account', 'refused', 'You have %s measurements; delete some first.'),
    ('messages', 300000, 'account', 'refused', 'Your conversation has %s messages; delete it to begin anew. Memories stay.'),
    ('memories', 20000, 'account', 'refused', 'You have %s memories; forget some first.'),
    ('open_jobs', 5, 'account', 'refused', 'You have %s jobs under way; wait for one, or cancel it.'),
    ('kept_jobs', 100, 'account', 'oldest_removed', null),
    ('idempotency_keys', 5000, 'account', 'refused', 'You have used %s idempotency keys within a day; wait, or send none.'),
    ('chat_calls', 200, 'utc_day', 'refused', 'That was the last of %s for today; the next is possible at %s.'),
    -- For messages that no model answers, and that nobody is to be refused: private.is_urgent().
    ('urgent_chat_calls', 1000, 'utc_day', 'refused', 'That was the last of %s for today; the next is possible at %s.'),
    ('plan_calls', 30, 'utc_day', 'refused', 'That was the last of %s for today; the next is possible at %s.'),
    ('memory_calls', 500, 'utc_day', 'refused', 'That was the last of %s for today; the next is possible at %s.')
$function$;
  REVOKE ALL ON FUNCTION "private"."quotas"() FROM PUBLIC;
  GRANT EXECUTE ON FUNCTION "private"."quotas"() TO "authenticated";
  GRANT EXECUTE ON FUNCTION "private"."quotas"() TO "service_role";
END $migration$;

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
      'plan_proposals', (
        select max(r.proposals) from (
          select count(*) as proposals from public.plan_proposals as r
           where r.user_id = caller and r.status <> 'open' group by r.plan_id, r.status = 'expired') as r),
      'deleted_workouts', (select count(*) from public.deleted_workouts as d where d.user_id = caller),
      'idempotency_keys', (
        select count(*) from public.idempotency_keys as k
         where k.user_id = caller and k.created_at > now() - interval '24 hours'),
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
               'limit', q."limit", 'per', q.per, 'when_full', q.when_full) order by q.name)
        from private.quotas() as q),
    'resets_at', (today + 1)::timestamp at time zone 'UTC');
end $function$;

-- What is there already counts; nobody adds an event between this and the trigger. Counters first, as writers lock them.
DO $migration$
BEGIN
  LOCK TABLE private.usage_counts, public.affinity_events IN SHARE ROW EXCLUSIVE MODE;
  INSERT INTO private.usage_counts AS c (user_id, affinity_events)
  SELECT e.user_id, count(*) FROM public.affinity_events AS e GROUP BY e.user_id ORDER BY e.user_id
  ON CONFLICT (user_id) DO UPDATE SET affinity_events = excluded.affinity_events;
  CREATE TRIGGER affinity_events_count_added AFTER INSERT ON public.affinity_events REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION private.count_added('affinity_events');
END $migration$;

CREATE TRIGGER plan_proposals_prune
  AFTER UPDATE OF status ON public.plan_proposals
  FOR EACH ROW
  WHEN ((new.status <> 'open'::public.proposal_status))
  EXECUTE FUNCTION private.prune_proposals();

COMMENT ON TABLE "public"."deleted_workouts" IS 'Client ids of deleted workouts, which a phone must not log again: the last 10,000.';

REVOKE ALL ON FUNCTION "private"."prune_proposals"() FROM PUBLIC;

REVOKE ALL ON FUNCTION "private"."prune_proposals"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "private"."prune_proposals"() TO "postgres";


CREATE OR REPLACE FUNCTION private.lock_account (owner uuid)
  RETURNS boolean
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
begin
  perform from auth.users as a where a.id = owner for no key update;
  perform from public.users as u where u.id = owner and u.closed_at is null for no key update;
  return found;
end $function$;

CREATE OR REPLACE FUNCTION private.exercise_is_used (
  owner       uuid,
  exercise_id uuid
)
  RETURNS boolean
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select exists (
    select from public.plan_versions as v
     where v.user_id = owner
       and v.content @? format('$.days[*].exercises[*] ? (@.exercise_id == "%s")', exercise_id)::jsonpath)
   or exists (
    select from public.plan_proposals as r
     where r.user_id = owner
       and r.content @? format('$.days[*].exercises[*] ? (@.exercise_id == "%s")', exercise_id)::jsonpath)
   or exists (select from public.sets as s where s.user_id = owner and s.exercise_id = $2)
$function$;

CREATE OR REPLACE FUNCTION private.import_added_exercise (
  owner  uuid,
  job_id uuid,
  item   json
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION private.import_exercise (
  owner uuid,
  item  json
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION private.import_known_workout (
  earlier public.workouts,
  job_id  uuid,
  item    json
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
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
    when 'added_exercises' then private.import_added_exercise(owner, job_id, item)
    when 'foods' then private.import_food(owner, item)
    when 'preferences' then private.import_preference(owner, item)
    when 'plans' then private.import_plan(owner, 'workout', item)
    when 'meal_plans' then private.import_plan(owner, 'meal', item)
    when 'workouts' then private.import_workout(owner, job_id, item)
    when 'measurements' then private.import_measurement(owner, job_id, item)
    when 'memories' then private.import_memory(owner, item)
    when 'messages' then private.import_message(owner, item) end;
end $function$;

CREATE OR REPLACE FUNCTION private.renamed_workout (
  owner uuid,
  item  json
)
  RETURNS public.workouts
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION private.unhide_exercises (
  owner      uuid,
  item       json,
  workout_id uuid DEFAULT NULL::uuid
)
  RETURNS void
  LANGUAGE sql
  SET search_path TO ''
  AS $function$
  update public.exercises as e set hidden_at = null
   where e.user_id = owner and e.hidden_at is not null
     and e.id in (select (d.value ->> 'exercise_id')::uuid from json_array_elements(item -> 'exercises') as d)
     and not exists (
       select from public.sets as s
        where s.user_id = owner and s.exercise_id = e.id and s.workout_id = unhide_exercises.workout_id)
$function$;

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
  if private.exercise_is_used(caller, delete_exercise.exercise_id) then
    update public.exercises as e set hidden_at = now()
     where e.id = delete_exercise.exercise_id and e.user_id = caller and e.hidden_at is null;
  else
    delete from public.exercises as e
     where e.id = delete_exercise.exercise_id and e.user_id = caller and e.hidden_at is null;
  end if;
  return found;
end $function$;

REVOKE ALL ON FUNCTION "private"."exercise_is_used"(uuid, uuid) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "private"."exercise_is_used"(uuid, uuid) TO "authenticated";

GRANT EXECUTE ON FUNCTION "private"."exercise_is_used"(uuid, uuid) TO "service_role";

REVOKE ALL ON FUNCTION "private"."import_added_exercise"(uuid, uuid, json) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "private"."import_added_exercise"(uuid, uuid, json) TO "service_role";

REVOKE ALL ON FUNCTION "private"."renamed_workout"(uuid, json) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "private"."renamed_workout"(uuid, json) TO "service_role";

REVOKE ALL ON FUNCTION "private"."unhide_exercises"(uuid, json, uuid) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "private"."unhide_exercises"(uuid, json, uuid) TO "service_role";

CREATE OR REPLACE FUNCTION private.import_workout (
  owner  uuid,
  job_id uuid,
  item   json
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION private.known_to_imports (
  owner uuid
)
  RETURNS jsonb
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION private.known_workout (
  owner uuid,
  item  json
)
  RETURNS public.workouts
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  imported_id constant uuid := (item ->> 'client_id')::uuid;
  workout public.workouts;
begin
  select * into workout from public.workouts as w where w.user_id = owner and w.client_id = imported_id;
  return case when workout.id is null then private.renamed_workout(owner, item) else workout end;
end $function$;

CREATE OR REPLACE FUNCTION public.compare_import (
  batch json
)
  RETURNS jsonb
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select coalesce(jsonb_agg(case
      when (k.workout).id is not null then
        case private.workout_differences(k.workout, b.value) when '[]' then 'duplicate' else 'differing' end
      when private.same_activity((select auth.uid()), b.value) is not null then 'duplicate'
      else 'new' end order by b.n), '[]')
    from json_array_elements(batch) with ordinality as b (value, n)
      cross join lateral (select private.known_workout((select auth.uid()), b.value) as workout offset 0) as k
$function$;

REVOKE ALL ON FUNCTION "public"."compare_import"(json) FROM PUBLIC, "anon";

REVOKE ALL ON FUNCTION "private"."known_workout"(uuid, json) FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "private"."known_workout"(uuid, json) TO "authenticated";

GRANT EXECUTE ON FUNCTION "private"."known_workout"(uuid, json) TO "service_role";

GRANT EXECUTE ON FUNCTION "private"."renamed_workout"(uuid, json) TO "authenticated";

GRANT EXECUTE ON FUNCTION "private"."same_activity"(uuid, json) TO "authenticated";

GRANT EXECUTE ON FUNCTION "private"."workout_differences"(public.workouts, json) TO "authenticated";

GRANT EXECUTE ON FUNCTION "public"."compare_import"(json) TO "authenticated";

GRANT EXECUTE ON FUNCTION "public"."compare_import"(json) TO "service_role";

DROP FUNCTION private.exercise_is_used(uuid);

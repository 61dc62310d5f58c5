-- Whatever comes with the token of an account that is gone is told so, reads too. Names in the content of plans need a
-- character that can be seen, like all others. Waits and leases that a wrong clock has written end.

SET local check_function_bodies = off;

CREATE OR REPLACE FUNCTION private.check_request()
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  max_running constant integer := 5;
  key bigint;
  headers json;
  max_bytes numeric;
begin
  if current_user <> 'authenticated' then
    return;
  end if;
  -- A token outlives its account by up to an hour: whatever comes with it later is told so, reads too.
  perform private.assert_caller();
  key := hashtextextended(coalesce(auth.uid()::text, ''), 0);
  for slot in 1 .. max_running loop
    exit when pg_try_advisory_xact_lock(key # slot);
    if slot = max_running then
      perform private.refuse_for_now('53300', 'Too many requests at the same time. Send fewer at once.');
    end if;
  end loop;
  if current_setting('request.method') in ('GET', 'HEAD') then
    return;
  end if;
  headers := current_setting('request.headers');
  -- Only the file of an import is larger than a document.
  max_bytes := case current_setting('request.path') when '/rpc/enqueue_job' then 12000000 else 4000000 end;
  if coalesce(headers ->> 'content-length', '0')::numeric > max_bytes then
    raise sqlstate 'PT413' using message = 'The body is too large.';
  elsif headers ->> 'transfer-encoding' is not null then
    raise sqlstate 'PT411' using message = 'Content-Length is required.';
  elsif current_setting('transaction_read_only') = 'off' then
    perform private.count_write();
  end if;
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
  select char_length(value) between 1 and max_length and value ~ private.visible_character()
$function$;

CREATE OR REPLACE FUNCTION private.meal_plan_fields()
  RETURNS SETOF private.content_rule
  LANGUAGE sql
  IMMUTABLE
  ROWS 10
  SET search_path TO ''
  AS $function$
  values
    ('content', 'days', 'array', true, false, 1::numeric, 14::numeric, null),
    ('day', 'name', 'string', true, false, 1, 80, private.visible_character()),
    ('day', 'weekday', 'integer', false, true, 1, 7, null),
    ('day', 'meals', 'array', true, false, 1, 8, null),
    ('meal', 'slot', 'string', true, false, 1, 20, '^(breakfast|lunch|dinner|snack)$'),
    ('meal', 'name', 'string', true, false, 1, 120, private.visible_character()),
    ('meal', 'notes', 'string', false, false, 0, 500, null),
    ('meal', 'items', 'array', true, false, 1, 20, null),
    ('item', 'food_id', 'string', true, false, 36, 36, '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'),
    ('item', 'grams', 'tenths', true, false, 1, 2000, null)
$function$;

CREATE OR REPLACE FUNCTION private.visible_character()
  RETURNS text
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
  select '[^\u0001-\u0020\u007f-\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f'
    '\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3'
    '\U0001d173-\U0001d17a\U000e0000-\U000e0fff]'
$function$;

CREATE OR REPLACE FUNCTION private.workout_plan_fields()
  RETURNS SETOF private.content_rule
  LANGUAGE sql
  IMMUTABLE
  ROWS 22
  SET search_path TO ''
  AS $function$
  values
    ('content', 'days', 'array', true, false, 1::numeric, 14::numeric, null),
    ('content', 'deload_weeks', 'array', false, false, 0, 52, null),
    ('day', 'name', 'string', true, false, 1, 80, private.visible_character()),
    ('day', 'weekday', 'integer', false, true, 1, 7, null),
    ('day', 'exercises', 'array', true, false, 1, 30, null),
    ('exercise', 'exercise_id', 'string', true, false, 36, 36, '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'),
    ('exercise', 'superset_group', 'string', false, true, 1, 8, null),
    ('exercise', 'rest_seconds', 'integer', false, true, 0, 3600, null),
    ('exercise', 'notes', 'string', false, false, 0, 500, null),
    ('exercise', 'progression', 'object', false, false, null, null, null),
    ('exercise', 'sets', 'array', true, false, 1, 20, null),
    ('progression', 'kind', 'string', true, false, 1, 20, '^(double_progression|linear|percent_e1rm|none)$'),
    ('progression', 'increment_kg', 'number', false, false, 0.1, 50, null),
    ('set', 'set_type', 'string', true, false, 1, 20, '^(warmup|working|drop|failure|amrap)$'),
    ('set', 'reps_min', 'integer', false, true, 1, 1000, null),
    ('set', 'reps_max', 'integer', false, true, 1, 1000, null),
    ('set', 'weight_kg', 'number', false, true, 0, 1000, null),
    ('set', 'percent_e1rm', 'number', false, true, 1, 120, null),
    ('set', 'rir', 'integer', false, true, 0, 10, null),
    ('set', 'duration_seconds', 'integer', false, true, 1, 86400, null),
    ('set', 'distance_m', 'number', false, true, 1, 1000000, null),
    ('set', 'tempo', 'string', false, true, 4, 4, '^[0-9X]{4}$')
$function$;

CREATE OR REPLACE FUNCTION public.claim_jobs (
  max_jobs      integer,
  lease_seconds integer,
  kinds         text[]  DEFAULT NULL::text[]
)
  RETURNS SETOF public.jobs
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  job public.jobs;
  chosen uuid;
  passed uuid[] := '{}';
begin
  -- One worker at a time, so that two do not count the same jobs of a person. Whoever claims waits for nothing else.
  perform pg_advisory_xact_lock(hashtext('claim_jobs'));
  update public.jobs as j set status = 'failed', lease_expires_at = null, finished_at = now(), attachment = null,
      problem = '{"code": "gave_up", "title": "Gave up", "detail": "It was tried five times and never came to an end."}'
   where j.id in (select k.id from public.jobs as k where k.status = 'running' and k.lease_expires_at < now()
                     and k.attempts >= 5 for update skip locked);
  -- No lease is longer than some minutes: one that ends an hour ahead was written by a clock that was wrong.
  update public.jobs as j set lease_expires_at = now() - interval '1 second'
   where j.status = 'running' and j.lease_expires_at > now() + interval '1 hour';
  while max_jobs > 0 and cardinality(passed) < 50 loop
    select k.id into chosen from public.jobs as k
     where k.status = 'running' and k.lease_expires_at < now() and k.id <> all (passed)
       and (kinds is null or k.kind::text = any (kinds))
     order by k.lease_expires_at limit 1 for update skip locked;
    chosen := coalesce(chosen, private.next_job(kinds, passed));
    exit when chosen is null;
    -- Not when somebody is just changing it: cancelling it, or deleting the account.
    perform from public.jobs as k where k.id = chosen and k.status in ('queued', 'running') for update skip locked;
    if found then
      update public.jobs as j
         set status = 'running', attempts = j.attempts + 1, lease_expires_at = now() + make_interval(secs => lease_seconds)
       where j.id = chosen returning j.* into job;
      perform setval('private.latest_turn', greatest(job.turn, (select s.last_value from private.latest_turn as s)));
      if kinds is not null then
        job.attachment := null;
      end if;
      return next job;
      max_jobs := max_jobs - 1;
    end if;
    passed := passed || chosen;
  end loop;
end $function$;

CREATE OR REPLACE FUNCTION public.purge (
  max_rows integer DEFAULT 5000
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  keys integer;
  old_jobs integer;
begin
  delete from public.idempotency_keys as k where k.id = any (array(
    select o.id from public.idempotency_keys as o where o.created_at < now() - interval '24 hours'
     order by o.created_at limit max_rows for update skip locked));
  get diagnostics keys = row_count;
  delete from public.jobs as j where j.id = any (array(
    select o.id from public.jobs as o where o.finished_at < now() - interval '30 days'
     order by o.finished_at limit max_rows for update skip locked));
  get diagnostics old_jobs = row_count;
  -- No job waits for more than some minutes: the clock was wrong when it was told to.
  update public.jobs as j set run_after = now() where j.status = 'queued' and j.run_after > now() + interval '1 hour';
  perform private.enqueue_forgetting(f.user_id)
     from (select distinct t.user_id from private.forgotten_texts as t limit 1000) as f;
  return private.batch_result(keys + old_jobs, keys < max_rows and old_jobs < max_rows);
end $function$;

REVOKE ALL ON FUNCTION "private"."visible_character"() FROM PUBLIC;

GRANT EXECUTE ON FUNCTION "private"."visible_character"() TO "authenticated";

REVOKE ALL ON FUNCTION "private"."visible_character"() FROM "postgres";

GRANT EXECUTE ON FUNCTION "private"."visible_character"() TO "postgres";

GRANT EXECUTE ON FUNCTION "private"."visible_character"() TO "service_role";

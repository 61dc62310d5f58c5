-- A clock that was far ahead and is set back leaves no one waiting: a job, a person who has used up their writes, and a
-- message that is being answered. None of these lasts for ten minutes; one that is to was written by a wrong clock. So
-- jobs that are to wait longer are claimed at once, and public.purge need not look for them.

SET local check_function_bodies = off;

CREATE OR REPLACE FUNCTION private.count_write()
  RETURNS void
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  caller constant uuid := auth.uid();
  burst constant real := 200;
  per_second constant real := 20;
  allowance private.write_allowances;
begin
  select * into allowance from private.write_allowances as a where a.user_id = caller for update skip locked;
  if not found then
    delete from private.write_allowances as a where a.user_id in (
      select old.user_id from private.write_allowances as old
       where old.updated_at < now() - interval '1 hour' limit 10 for update skip locked);
    insert into private.write_allowances values (caller, burst - 1, now()) on conflict do nothing;
    return;
  end if;
  allowance.remaining := case
    -- Written by a clock that was wrong.
    when allowance.updated_at > now() + interval '10 minutes' then burst
    else least(burst, allowance.remaining + per_second * greatest(0, extract(epoch from now() - allowance.updated_at)))
  end;
  if allowance.remaining < 1 then
    perform private.refuse_for_now('PT429', 'Too many changes in a short time. Wait a moment.');
  end if;
  update private.write_allowances as a set remaining = allowance.remaining - 1, updated_at = now()
   where a.user_id = caller;
end $function$;

CREATE OR REPLACE FUNCTION private.next_job (
  kinds  text[],
  passed uuid[]
)
  RETURNS uuid
  LANGUAGE plpgsql
  STABLE
  SET search_path TO ''
  AS $function$
declare
  busy constant uuid[] := array(
    select j.user_id from public.jobs as j where j.status = 'running' group by j.user_id having count(*) >= 3);
  -- No job waits longer: one that is to was told so by a clock that was wrong.
  latest constant timestamptz := now() + interval '10 minutes';
  chosen uuid;
begin
  -- The head of the line is enough, unless all of it is of busy people, or not to be claimed yet.
  select h.id into chosen
    from (select j.* from public.jobs as j where j.status = 'queued' order by j.turn, j.id limit 500) as h
   where h.user_id <> all (busy) and (h.run_after <= now() or h.run_after > latest) and h.id <> all (passed)
     and (kinds is null or h.kind::text = any (kinds))
   order by h.turn, h.id limit 1;
  if chosen is null and (select count(*) from (select from public.jobs as j where j.status = 'queued' limit 501) as l) > 500 then
    -- Person by person, with one look into the index for each, however long their lines are.
    with recursive people (user_id) as (
      (select j.user_id from public.jobs as j where j.status in ('queued', 'running') order by j.user_id limit 1)
      union all
      select (select j.user_id from public.jobs as j
               where j.status in ('queued', 'running') and j.user_id > p.user_id order by j.user_id limit 1)
        from people as p where p.user_id is not null)
    select n.id into chosen
      from people as p cross join lateral (
        select j.id, j.turn from public.jobs as j
         where j.user_id = p.user_id and j.status = 'queued' and (j.run_after <= now() or j.run_after > latest) and j.id <> all (passed)
           and (kinds is null or j.kind::text = any (kinds))
         order by j.turn, j.id limit 1) as n
     where p.user_id <> all (busy)
     order by n.turn, n.id limit 1;
  end if;
  return chosen;
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
  select m.id into reply_id from public.chat_messages as m
   where m.user_id = user_message.user_id and m.reply_to = user_message.id;
  if reply_id is not null then
    return jsonb_build_object('state', 'answered', 'answer', private.chat_answer(caller, reply_id));
  -- It takes a minute: a later end was written by a clock that was wrong.
  elsif user_message.answering_until between now() and now() + interval '10 minutes' then
    return jsonb_build_object('state', 'answering');
  end if;
  perform private.count_call(caller, 'chat', private.max_chat_calls(caller, user_message.message));
  update public.chat_messages as m set answering_until = clock_timestamp() + interval '1 minute'
   where m.user_id = user_message.user_id and m.id = user_message.id;
  return jsonb_build_object('state', 'yours', 'message_id', user_message.id, 'message', user_message.message,
    'context', private.chat_context(caller, user_message.id));
end $function$;

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
  -- No lease is longer than some minutes: one that ends later was written by a clock that was wrong.
  update public.jobs as j set lease_expires_at = now() - interval '1 second'
   where j.status = 'running' and j.lease_expires_at > now() + interval '10 minutes';
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
  perform private.enqueue_forgetting(f.user_id)
     from (select distinct t.user_id from private.forgotten_texts as t limit 1000) as f;
  return private.batch_result(keys + old_jobs, keys < max_rows and old_jobs < max_rows);
end $function$;

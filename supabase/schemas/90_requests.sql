-- What one person may ask of the database at a time, whatever client they send it with. PostgREST calls
-- private.check_request before each request; policies call private.check_query within each query
-- (docs/decisions/0038-requests.md).

-- How many writes a person has left. They come back with time. Unlogged: after a crash everybody begins anew.
create unlogged table private.write_allowances (
  user_id uuid primary key,
  remaining real not null,
  updated_at timestamptz not null
) with (fillfactor = 50);
comment on table private.write_allowances is
  'The writes that a person may still send at once, as of updated_at; private.count_write keeps it.';
-- No reference to auth.users: deleting an account would have to wait for a write that waits for the account. A row is
-- removed when it is old.
create index write_allowances_age on private.write_allowances (updated_at);
revoke all on private.write_allowances from anon, authenticated;

-- An error that PostgREST answers with 429 and Retry-After. Nothing was done, so the same request may be sent again.
create function private.refuse_for_now(code text, message text) returns void
language plpgsql set search_path = '' as $$
begin
  raise sqlstate 'PGRST' using
    message = json_build_object('code', code, 'message', message, 'details', null, 'hint', null),
    detail = json_build_object('status', 429, 'headers', json_build_object('Retry-After', '1'));
end $$;

-- Takes one from the caller's writes: 200 at once, then 20 a second. Two requests of one person never wait for each
-- other here: one whose row is locked is not counted, and there are few of these.
create function private.count_write() returns void
language plpgsql security definer set search_path = '' as $$
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
end $$;

-- PostgREST runs it in the transaction of each request, before the query. People have some limits; the service role has
-- none, and anon may not even call it. At most five requests of one person run at once: each takes a lock that
-- ends with the transaction and needs no write, because PostgREST reads in read-only transactions. It never waits, since
-- whoever waits holds one of PostgREST's few connections.
create function private.check_request() returns void
language plpgsql set search_path = '' as $$
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
end $$;
comment on function private.check_request() is 'Called by PostgREST before each request: pgrst.db_pre_request.';

-- Whether PostgREST's query, which the caller wrote the filters and columns of, is one that the app needs; raises when it
-- is not. The values are parameters, so the text holds only names and operators, and a name in quotes that looks like an
-- operator is refused like one. Called by a policy of every table, until one has found it right; other clients (migrations,
-- Realtime, tests) have no request.method.
create function private.check_query() returns boolean
language plpgsql stable set search_path = '' as $$
declare
  query text;
  tables text[];
begin
  if coalesce(current_setting('request.method', true), '') = '' then
    return true;
  end if;
  query := current_query();
  if octet_length(query) > 16000 then
    raise sqlstate 'PT414' using message = 'The query is too long.';
  -- Regular expressions with back-references take any time they like, and a text search parses every row.
  elsif strpos(query, '~') > 0 or strpos(query, '@@') > 0 then
    raise sqlstate 'PT400' using message = 'Regular expressions and text search are not supported.';
  elsif strpos(query, ' JOIN LATERAL ') > 0 then
    tables := array(select match[1] from regexp_matches(query, '"public"\."(\w+)"(?!\.)', 'g') as match);
    -- One level, one relation, from a row to what belongs to it alone: then no row is ever repeated.
    if array_length(string_to_array(query, ' JOIN LATERAL '), 1) > 2 or not exists (
      select from (values ('workouts', 'sets'), ('plans', 'plan_versions'), ('exercises', 'exercise_preferences'))
               as embeddable (outside, inside)
       where tables[1] = outside and tables <@ array[outside, inside]) then
      raise sqlstate 'PT400' using message = 'This relation cannot be embedded. Ask for the rows one table at a time.';
    end if;
  end if;
  perform set_config('request.query_checked', 'yes', true);
  return true;
end $$;

-- Restrictive: every row of these tables has this in its way, beside the policies that say whose row it is. Functions run
-- many statements, so what has been found right is looked up in the policy itself.
create policy "Only queries that the app needs" on public.users as restrictive
  for select to authenticated using (
    (select current_setting('request.query_checked', true)) = 'yes' or (select private.check_query()));
create policy "Only queries that the app needs" on public.idempotency_keys as restrictive
  for select to authenticated using (
    (select current_setting('request.query_checked', true)) = 'yes' or (select private.check_query()));
create policy "Only queries that the app needs" on public.exercises as restrictive
  for select to authenticated using (
    (select current_setting('request.query_checked', true)) = 'yes' or (select private.check_query()));
create policy "Only queries that the app needs" on public.exercise_preferences as restrictive
  for select to authenticated using (
    (select current_setting('request.query_checked', true)) = 'yes' or (select private.check_query()));
create policy "Only queries that the app needs" on public.plans as restrictive
  for select to authenticated using (
    (select current_setting('request.query_checked', true)) = 'yes' or (select private.check_query()));
create policy "Only queries that the app needs" on public.plan_versions as restrictive
  for select to authenticated using (
    (select current_setting('request.query_checked', true)) = 'yes' or (select private.check_query()));
create policy "Only queries that the app needs" on public.plan_proposals as restrictive
  for select to authenticated using (
    (select current_setting('request.query_checked', true)) = 'yes' or (select private.check_query()));
create policy "Only queries that the app needs" on public.workouts as restrictive
  for select to authenticated using (
    (select current_setting('request.query_checked', true)) = 'yes' or (select private.check_query()));
create policy "Only queries that the app needs" on public.sets as restrictive
  for select to authenticated using (
    (select current_setting('request.query_checked', true)) = 'yes' or (select private.check_query()));
create policy "Only queries that the app needs" on public.deleted_workouts as restrictive
  for select to authenticated using (
    (select current_setting('request.query_checked', true)) = 'yes' or (select private.check_query()));
create policy "Only queries that the app needs" on public.affinity_events as restrictive
  for select to authenticated using (
    (select current_setting('request.query_checked', true)) = 'yes' or (select private.check_query()));
create policy "Only queries that the app needs" on public.measurements as restrictive
  for select to authenticated using (
    (select current_setting('request.query_checked', true)) = 'yes' or (select private.check_query()));
create policy "Only queries that the app needs" on public.jobs as restrictive
  for select to authenticated using (
    (select current_setting('request.query_checked', true)) = 'yes' or (select private.check_query()));
create policy "Only queries that the app needs" on public.ai_usage as restrictive
  for select to authenticated using (
    (select current_setting('request.query_checked', true)) = 'yes' or (select private.check_query()));
create policy "Only queries that the app needs" on public.chat_messages as restrictive
  for select to authenticated using (
    (select current_setting('request.query_checked', true)) = 'yes' or (select private.check_query()));
create policy "Only queries that the app needs" on public.message_evidence as restrictive
  for select to authenticated using (
    (select current_setting('request.query_checked', true)) = 'yes' or (select private.check_query()));
create policy "Only queries that the app needs" on public.memories as restrictive
  for select to authenticated using (
    (select current_setting('request.query_checked', true)) = 'yes' or (select private.check_query()));
create policy "Only queries that the app needs" on public.foods as restrictive
  for select to authenticated using (
    (select current_setting('request.query_checked', true)) = 'yes' or (select private.check_query()));

grant execute on function private.refuse_for_now, private.count_write, private.check_query to authenticated;
grant execute on function private.check_request to authenticated, service_role;

-- A statement of a person ends before the API stops waiting for it (5 s). PostgREST sets these in each transaction.
alter role authenticated set statement_timeout = '4s';
alter role authenticated set lock_timeout = '3s';
alter role authenticated set idle_in_transaction_session_timeout = '10s';
alter role authenticator set pgrst.db_pre_request = 'private.check_request';

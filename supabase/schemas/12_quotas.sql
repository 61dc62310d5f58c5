-- Quotas: how much one person may keep, so that nobody fills the disk that all share. Every number stands here, and
-- docs/decisions/0036-quotas.md says where it comes from. Triggers hold them, on every way a row can be written.

-- `per`: what a quota counts in: the account, one plan, one day of training, or one UTC day. `when_full`: what becomes of
-- a write when it is used up. It is `refused` with `message`, in which %s is the limit (and then, for a UTC day, its end);
-- it is kept and the oldest are removed (`oldest_removed`); or the rest of it is kept without this (`not_added`).
create function private.quotas() returns table (name public.quota, "limit" bigint, per public.quota_period, when_full text,
  message text)
language sql immutable rows 23 set search_path = '' as $$
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
    -- For messages that no model answers, and that nobody is to be refused (src/chat/safety).
    ('urgent_chat_calls', 1000, 'utc_day', 'refused', 'That was the last of %s for today; the next is possible at %s.'),
    ('plan_calls', 30, 'utc_day', 'refused', 'That was the last of %s for today; the next is possible at %s.'),
    ('memory_calls', 500, 'utc_day', 'refused', 'That was the last of %s for today; the next is possible at %s.')
$$;

create function private.quota_limit(quota public.quota) returns bigint
language sql immutable set search_path = '' as $$
  select q."limit" from private.quotas() as q where q.name = quota
$$;

-- What refuses a write: PT409 with the message of the quota, and its name as the place of the problem.
create function private.refuse_quota(quota public.quota) returns void
language plpgsql set search_path = '' as $$
declare
  full_quota record;
begin
  select * into strict full_quota from private.quotas() as q where q.name = quota;
  raise sqlstate 'PT409' using
    message = format(full_quota.message, ltrim(to_char(full_quota."limit", '999,999,999,999'))),
    detail = jsonb_build_array(jsonb_build_object('loc', jsonb_build_array('quota', quota),
      'message', format('all %s are used', full_quota."limit"), 'type', 'quota_exceeded'));
end $$;

-- Counters -------------------------------------------------------------------------------------------------------------

-- How much a person has of what is too much to count for each write. One row for each person: its lock is the last one
-- that a transaction takes, so that two never wait for each other.
create table private.usage_counts (
  user_id uuid primary key references auth.users on delete cascade,
  json_bytes bigint not null default 0,
  workouts integer not null default 0,
  sets integer not null default 0,
  measurements integer not null default 0,
  messages integer not null default 0,
  memories integer not null default 0,
  affinity_events integer not null default 0
);
comment on table private.usage_counts is 'What a person has of each, counted by triggers; memories without tombstones.';
revoke all on private.usage_counts from anon, authenticated;

-- Adds to a counter, or takes from it with a negative change. Raises PT409 when there is more than the quota then.
-- Definer, like the triggers below: people do not write their counters.
create function private.count_usage(owner uuid, quota public.quota, change bigint) returns void
language plpgsql security definer set search_path = '' as $$
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
end $$;

-- How much of a counted quota is left.
create function private.quota_left(owner uuid, quota public.quota) returns bigint
language sql stable security definer set search_path = '' as $$
  select private.quota_limit(quota) - coalesce((
    select case quota when 'json_bytes' then c.json_bytes when 'workouts' then c.workouts when 'sets' then c.sets
             when 'measurements' then c.measurements when 'messages' then c.messages when 'memories' then c.memories
             when 'affinity_events' then c.affinity_events end
      from private.usage_counts as c where c.user_id = owner), 0)
$$;

-- Triggers, once for each statement. `added` or `removed` are its rows; the argument is the quota.
create function private.count_added() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform private.count_usage(r.user_id, tg_argv[0]::public.quota, r.rows)
     from (select a.user_id, count(*) as rows from added as a group by a.user_id order by a.user_id) as r;
  return null;
end $$;

create function private.count_removed() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform private.count_usage(r.user_id, tg_argv[0]::public.quota, -r.rows)
     from (select a.user_id, count(*) as rows from removed as a group by a.user_id order by a.user_id) as r;
  return null;
end $$;

-- The same for tables with a column `bytes`.
create function private.count_added_bytes() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform private.count_usage(r.user_id, 'json_bytes', r.bytes)
     from (select a.user_id, sum(a.bytes) as bytes from added as a group by a.user_id order by a.user_id) as r;
  return null;
end $$;

create function private.count_removed_bytes() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform private.count_usage(r.user_id, 'json_bytes', -r.bytes)
     from (select a.user_id, sum(a.bytes) as bytes from removed as a group by a.user_id order by a.user_id) as r;
  return null;
end $$;

-- GET /users/me/usage: {"quotas": [{"name", "used", "limit", "per", "when_full"}], "resets_at": when the next UTC day
-- begins}. Of plan_versions, those of the plan with the most beside accepted ones; of plan_proposals, those
-- decided, or expired, of the plan with the most; of sets_per_day, those of today; of idempotency_keys, those of the last 24 hours.
-- Definer: people do not read counters. Every row is that of auth.uid().
create function public.usage() returns jsonb
language plpgsql stable security definer set search_path = '' as $$
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
end $$;

grant execute on function private.quotas, private.quota_limit, private.refuse_quota to authenticated, service_role;
grant execute on function private.quota_left, private.count_usage to service_role;
grant execute on function public.usage to authenticated;

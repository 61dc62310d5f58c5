-- How much each person uses models, by UTC day, and the limits of a day.
create table public.ai_usage (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references auth.users on delete cascade,
  day date not null,
  kind public.usage_kind not null,
  calls integer not null default 0,
  input_tokens bigint not null default 0,
  output_tokens bigint not null default 0,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint ai_usage_once unique (user_id, day, kind),
  constraint ai_usage_counts_range check (calls >= 0 and input_tokens >= 0 and output_tokens >= 0)
);
comment on table public.ai_usage is 'Calls and tokens per person, UTC day and kind; what the daily limits count.';

create index ai_usage_owner on public.ai_usage (user_id, created_at desc, id desc);

revoke all on public.ai_usage from anon, authenticated;
grant select on public.ai_usage to authenticated;

alter table public.ai_usage enable row level security;
create policy "People read their own usage" on public.ai_usage
  for select to authenticated using ((select auth.uid()) = user_id);

create trigger ai_usage_set_updated_at before update on public.ai_usage
  for each row execute function private.set_updated_at();

-- The number of calls of a kind that a person has in a UTC day.
create function private.daily_limit(kind public.usage_kind) returns integer
language sql immutable set search_path = '' as $$
  select private.quota_limit((kind || '_calls')::public.quota)::integer
$$;

-- Counts a call against the day's limit. Raises PT429 when the limit is reached, with the limit as its detail. The
-- caller must have locked the person's row.
create function private.count_call(owner uuid, kind public.usage_kind, max_calls integer) returns void
language plpgsql set search_path = '' as $$
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
end $$;

-- A job that a person asks for counts against their day, whichever way they ask. Cron has no auth.uid() and is not
-- counted.
create function private.check_generation_job() returns trigger
language plpgsql set search_path = '' as $$
begin
  if auth.uid() is not null then
    if coalesce((auth.jwt() ->> 'is_anonymous')::boolean, false) then
      raise sqlstate 'PT403' using message = 'Sign up to have plans made: they would be lost with a guest.';
    end if;
    perform private.count_call(new.user_id, 'plan', private.daily_limit('plan'));
  end if;
  return new;
end $$;
create trigger jobs_check_generation before insert on public.jobs
  for each row when (new.kind in ('generate_plan', 'adapt_plan', 'generate_meal_plan', 'adapt_meal_plan'))
  execute function private.check_generation_job();

-- For the worker: adds the tokens that a job's calls of a model took.
create function public.count_tokens(job_id uuid, attempt integer, input_tokens bigint, output_tokens bigint) returns void
language plpgsql set search_path = '' as $$
begin
  insert into public.ai_usage as a (user_id, day, kind, input_tokens, output_tokens)
  values (private.assert_lease(job_id, attempt), (now() at time zone 'UTC')::date, 'plan', count_tokens.input_tokens,
    count_tokens.output_tokens)
  on conflict on constraint ai_usage_once do update
    set input_tokens = a.input_tokens + excluded.input_tokens, output_tokens = a.output_tokens + excluded.output_tokens;
end $$;

-- Counts that the caller searches, adds or corrects a memory. The API calls it before a model that costs money embeds
-- the text.
-- Definer: people may not write their own usage. A person who calls it directly only uses up their own day.
create function public.count_memory_call() returns void
language plpgsql security definer set search_path = '' as $$
declare
  caller constant uuid := auth.uid();
begin
  if coalesce((auth.jwt() ->> 'is_anonymous')::boolean, false) then
    raise sqlstate 'PT403' using message = 'The companion needs an account with an address or a provider.';
  end if;
  perform private.assert_account(caller);
  perform private.count_call(caller, 'memory', private.daily_limit('memory'));
end $$;

grant execute on function private.daily_limit to authenticated, service_role;
grant execute on function public.count_memory_call to authenticated;
grant execute on function public.count_tokens to service_role;

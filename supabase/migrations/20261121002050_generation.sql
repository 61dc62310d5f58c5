-- What all that asks a model has in common: who may ask, how often in a day, and what a person can do.

create or replace function private.daily_limit(kind public.usage_kind) returns integer
language sql immutable set search_path = '' as $$
  select case kind when 'chat' then 200 when 'plan' then 30 when 'memory' then 500 end
$$;

-- As before, and `detail` is the limit, for whoever counts along.
create or replace function private.count_call(owner uuid, kind public.usage_kind, most integer) returns void
language plpgsql set search_path = '' as $$
declare
  today constant date := (now() at time zone 'UTC')::date;
begin
  insert into public.ai_usage as a (user_id, day, kind, calls) values (owner, today, count_call.kind, 1)
  on conflict on constraint ai_usage_once do update set calls = a.calls + 1 where a.calls < most;
  if not found then
    raise sqlstate 'PT429' using detail = most::text, message = format('That was the last of %s for today; the next is possible at %s.',
      most, to_char(today + 1, 'YYYY-MM-DD"T00:00:00Z"'));
  end if;
end $$;

-- A job that a person asks for (cron asks for nobody) counts against their day, whichever way they ask.
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

-- For the worker: tokens that a job's calls of a model took.
create function public.count_tokens(job_id uuid, attempt integer, input_tokens bigint, output_tokens bigint) returns void
language plpgsql set search_path = '' as $$
begin
  insert into public.ai_usage as a (user_id, day, kind, input_tokens, output_tokens)
  values (private.held_job(job_id, attempt), (now() at time zone 'UTC')::date, 'plan', count_tokens.input_tokens,
    count_tokens.output_tokens)
  on conflict on constraint ai_usage_once do update
    set input_tokens = a.input_tokens + excluded.input_tokens, output_tokens = a.output_tokens + excluded.output_tokens;
end $$;
revoke execute on function public.count_tokens from public, anon, authenticated;
grant execute on function public.count_tokens to service_role;

-- Memories that are searched, added or corrected by hand count too: this comes before a text is embedded by a model that
-- costs. Definer: nobody writes their own usage. Whoever calls it for nothing takes from their own day.
create function public.count_memory_call() returns void
language plpgsql security definer set search_path = '' as $$
declare
  mine constant uuid := auth.uid();
begin
  if coalesce((auth.jwt() ->> 'is_anonymous')::boolean, false) then
    raise sqlstate 'PT403' using message = 'The companion needs an account with an address or a provider.';
  end if;
  perform from public.users as u where u.id = mine for no key update;
  if not found then
    raise sqlstate 'PT401' using message = 'There is no such account.';
  end if;
  perform private.count_call(mine, 'memory', private.daily_limit('memory'));
end $$;
revoke execute on function public.count_memory_call from public, anon;
grant execute on function public.count_memory_call to authenticated;

-- The exercises that a person can do: with what they have, at their level, sparing what is injured, and without those that
-- they excluded. Whatever plans for them chooses from these.
create function private.exercise_candidates(owner uuid) returns setof public.exercises
language sql stable set search_path = '' as $$
  select e.*
    from public.users as u
      join public.exercises as e on (e.user_id is null or e.user_id = u.id) and e.hidden_at is null
   where u.id = owner
     and e.equipment <@ (u.equipment || '{bodyweight}'::public.equipment[])
     and not e.contraindications && u.injuries
     and e.level <= coalesce(u.experience_level, 'beginner')
     and not exists (select from public.exercise_preferences as p
                      where p.user_id = u.id and p.exercise_id = e.id and p.kind = 'excluded')
$$;
grant execute on function private.exercise_candidates to service_role;

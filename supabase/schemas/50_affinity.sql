-- The affinity ledger: why the companion feels as close as it does. Append-only; users.affinity_score is its sum.
create table public.affinity_events (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references auth.users on delete cascade,
  rule public.affinity_rule not null,
  points integer not null,
  source_type public.affinity_source not null,
  source_id text not null,
  round integer not null default 0,
  workout_id uuid,
  days smallint,
  explanation text not null,
  created_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp(),
  constraint affinity_events_once unique (user_id, rule, source_type, source_id, round),
  constraint affinity_events_source_id_length check (private.is_nonblank(source_id, 60)),
  constraint affinity_events_explanation_length check (private.is_nonblank(explanation, 300)),
  constraint affinity_events_days_of_week check ((days is not null) = (rule = 'week_streak') and days between 1 and 7),
  constraint affinity_events_points_range check (points between -100000 and 100),
  constraint affinity_events_sign check (case when rule in ('absence', 'reversal') then points <= 0 else points > 0 end)
);
comment on table public.affinity_events is 'Every point of affinity, and why. Append-only; written by functions.';
comment on column public.affinity_events.round is 'Which time the same thing was earned or taken back: it can be both again after an edit.';
comment on column public.affinity_events.days is 'Of a week: on how many days the person had trained when it was earned.';
comment on column public.affinity_events.workout_id is 'The workout that earned or lost it. No key: the ledger outlives workouts.';
create index affinity_events_owner on public.affinity_events (user_id, created_at desc, id desc);
create index affinity_events_of_workout on public.affinity_events (user_id, workout_id) where workout_id is not null;
revoke all on public.affinity_events from anon, authenticated;
revoke update, delete, truncate on public.affinity_events from service_role;
grant select on public.affinity_events to authenticated;
alter table public.affinity_events enable row level security;
create policy "People read their own affinity" on public.affinity_events
  for select to authenticated using ((select auth.uid()) = user_id);

-- Append-only for everyone, the server included; only with the account do events go.
create function private.refuse_change() returns trigger
language plpgsql set search_path = '' as $$
begin
  raise sqlstate 'PT409' using message = 'History is not changed.';
end $$;
create trigger affinity_events_never_change before update on public.affinity_events
  for each row execute function private.refuse_change();

-- The one way to write the ledger: once for each source and round, and never so that the score falls below 0.
-- The caller holds the person's row in public.users. True when it was written.
create function private.award(owner uuid, rule public.affinity_rule, points integer,
  source_type public.affinity_source, source_id text, round integer, workout_id uuid, explanation text,
  days integer default null) returns boolean
language plpgsql set search_path = '' as $$
declare
  counted integer;
begin
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
end $$;

-- A week that reaches the person's own target earns once. That is taken back only when an edit or a deletion (`may_lose`)
-- leaves it fewer days than the target and than it was earned with: another target alone is no reason, nor is one more
-- workout. Without a target there is nothing to reach. `week` is its Monday.
create function private.recompute_week_award(owner uuid, week date, workout_id uuid, may_lose boolean) returns void
language plpgsql set search_path = '' as $$
declare
  target constant smallint := (select u.days_per_week from public.users as u where u.id = owner);
  source constant text := to_char(week, 'IYYY-"W"IW');
  days integer;
  earned integer;
  taken integer;
  needed integer;
begin
  select count(distinct w.local_date) into days from public.workouts as w
   where w.user_id = owner and w.source = 'app' and w.local_date between week and week + 6;
  select count(*) filter (where e.rule = 'week_streak'), count(*) filter (where e.rule = 'reversal'),
         least(target, (array_agg(e.days order by e.round desc) filter (where e.rule = 'week_streak'))[1])
    into earned, taken, needed
    from public.affinity_events as e
   where e.user_id = owner and e.source_type = 'week' and e.source_id = source and e.rule in ('week_streak', 'reversal');
  if days >= target and earned = taken then
    perform private.award(owner, 'week_streak', 10, 'week', source, earned, workout_id,
      format('You trained on %s days of week %s, as you had planned.', days, source), days);
  elsif may_lose and days < needed and earned > taken then
    perform private.award(owner, 'reversal', -10, 'week', source, taken, workout_id,
      format('Week %s no longer has the %s days you had planned.', source, needed));
  end if;
end $$;

-- −2 for each day from the fifteenth without a workout. Days that a missed run left out are made up for, a week back at
-- most; running it again adds nothing. The number of events it wrote.
create function public.decay_affinity() returns integer
language plpgsql set search_path = '' as $$
declare
  person record;
  absent date;
  written integer := 0;
begin
  for person in
    select u.id, (now() at time zone u.timezone)::date as today,
           (select max(w.local_date) from public.workouts as w where w.user_id = u.id) as last_day
      from public.users as u where u.affinity_score > 0 order by u.id
  loop
    continue when person.last_day is null or person.today < person.last_day + 15;
    perform from public.users as u where u.id = person.id for no key update;
    for absent in select d::date from generate_series(greatest(person.last_day + 15, person.today - 6),
      person.today, interval '1 day') as d
    loop
      exit when (select u.affinity_score from public.users as u where u.id = person.id) = 0;
      written := written + private.award(person.id, 'absence', -2, 'day', absent::text, 0, null,
        format('%s days without a workout.', absent - person.last_day))::integer;
    end loop;
  end loop;
  return written;
end $$;
comment on function public.decay_affinity is 'For the cron task; only the service role may.';

grant execute on function private.award, public.decay_affinity to service_role;

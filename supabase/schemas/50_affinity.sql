-- The affinity ledger: it explains why the companion feels as close as it does. Append-only; users.affinity_score is
-- its sum.
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
comment on column public.affinity_events.round is
  'Counts how often the same thing was earned or taken back: after an edit it can be both again.';
comment on column public.affinity_events.days is
  'Of week_streak: the number of days with a workout when it was earned.';
comment on column public.affinity_events.workout_id is
  'The workout that earned or lost it. No foreign key: the ledger outlives workouts.';

create index affinity_events_owner on public.affinity_events (user_id, created_at desc, id desc);
create index affinity_events_of_workout on public.affinity_events (user_id, workout_id) where workout_id is not null;

revoke all on public.affinity_events from anon, authenticated;
-- The server appends too, through private.award, and changes nothing. Events are deleted only with their account.
revoke update, delete, truncate on public.affinity_events from service_role;
grant select on public.affinity_events to authenticated;

alter table public.affinity_events enable row level security;
create policy "People read their own affinity" on public.affinity_events
  for select to authenticated using ((select auth.uid()) = user_id);

create trigger affinity_events_count_added after insert on public.affinity_events referencing new table as added
  for each statement execute function private.count_added('affinity_events');

-- Append-only for everyone, also for the owner of the table, whom no revoke stops.
create function private.refuse_ledger_update() returns trigger
language plpgsql set search_path = '' as $$
begin
  raise sqlstate 'PT409' using message = 'History is not changed.';
end $$;
create trigger affinity_events_append_only before update on public.affinity_events
  for each row execute function private.refuse_ledger_update();

-- All events are written here: once for each source and round, and never so that the score falls below 0. The caller
-- must have locked the person's row in public.users. True when the event was written. A person with as many events as
-- there may be (quota affinity_events) gets and loses no more points: what they do is kept without, not refused.
create function private.award(owner uuid, rule public.affinity_rule, points integer,
  source_type public.affinity_source, source_id text, round integer, workout_id uuid, explanation text,
  days integer default null) returns boolean
language plpgsql set search_path = '' as $$
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
end $$;

-- Whether the workout has earned the points of a planned day.
create function private.has_planned_day_award(workout public.workouts) returns boolean
language sql stable set search_path = '' as $$
  select exists (
    select from public.affinity_events as e
     where e.user_id = workout.user_id and e.workout_id = workout.id and e.rule = 'planned_day'
       and e.round = workout.award_round)
$$;

-- What a workout earns by the rules of affinity, most points first. `keeps_planned_day`: it has earned the points of a
-- planned day, and keeps them although its plan has been changed or archived since.
create function private.earned_awards(workout public.workouts, records jsonb, keeps_planned_day boolean)
returns table (rule public.affinity_rule, points integer, source_type public.affinity_source, source_id text,
  explanation text)
language plpgsql stable set search_path = '' as $$
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
end $$;

-- Makes the ledger agree with the workout: writes what it earns, and after an edit reverses what it had earned. The
-- awards come first: a score cannot fall below 0, so with the reversal first a low score would end higher than if the
-- workout had been logged like this at once. Another workout of the same day also changes what this one earns.
create function private.recompute_workout_awards(workout public.workouts, records jsonb,
  keeps_planned_day boolean default false) returns void
language plpgsql set search_path = '' as $$
declare
  earned_points integer := 0;
  earned_events jsonb;
  current_round integer := workout.award_round;
begin
  select coalesce(sum(e.points), 0),
         jsonb_agg(jsonb_build_array(e.rule, e.points, e.explanation) order by e.rule, e.explanation)
    into earned_points, earned_events
    from public.affinity_events as e
   where e.user_id = workout.user_id and e.workout_id = workout.id and e.round = workout.award_round
     and e.rule in ('workout_logged', 'planned_day', 'personal_record');
  if earned_events is not null and earned_events = (
    select jsonb_agg(jsonb_build_array(d.rule, d.points, d.explanation) order by d.rule, d.explanation)
      from private.earned_awards(workout, records, keeps_planned_day) as d) then
    return;
  end if;
  if earned_points > 0 then
    update public.workouts as w set award_round = w.award_round + 1 where w.id = workout.id
    returning w.award_round into current_round;
  end if;
  perform private.award(workout.user_id, d.rule, d.points, d.source_type, d.source_id, current_round, workout.id,
      d.explanation)
    from private.earned_awards(workout, records, keeps_planned_day) as d;
  if earned_points > 0 then
    perform private.award(workout.user_id, 'reversal', -earned_points, 'workout', workout.id::text, workout.award_round,
      workout.id,
      format('What the workout of %s earns has changed; this is what it had earned.',
             to_char(workout.local_date, 'FMDD Mon YYYY')));
  end if;
end $$;

-- After a workout was moved to a day, moved from it or deleted: if it was logged before all others of that day, then
-- the first of those has become the first of the day, or is no longer.
create function private.recompute_first_of_day(changed public.workouts, day date) returns void
language plpgsql set search_path = '' as $$
declare
  other public.workouts;
begin
  select * into other from public.workouts as w
   where w.user_id = changed.user_id and w.local_date = day and w.source = 'app' and w.id <> changed.id
   order by w.created_at, w.id limit 1;
  if (changed.created_at, changed.id) < (other.created_at, other.id) then
    perform private.recompute_workout_awards(other, private.workout_records(other.user_id, other.id),
      private.has_planned_day_award(other));
  end if;
end $$;

-- A week in which the person reaches their target of days earns once. It is reversed only when an edit or a deletion
-- (`may_lose`) leaves it fewer days than both the target and the days that it was earned with: another target alone, or
-- one more workout, reverses nothing. Without a target no week earns. `week` is its Monday.
create function private.recompute_week_award(owner uuid, week date, workout_id uuid, may_lose boolean) returns void
language plpgsql set search_path = '' as $$
declare
  target constant smallint := (select u.days_per_week from public.users as u where u.id = owner);
  source constant text := to_char(week, 'IYYY-"W"IW');
  days integer;
  times_earned integer;
  times_reversed integer;
  needed_days integer;
begin
  select count(distinct w.local_date) into days from public.workouts as w
   where w.user_id = owner and w.source = 'app' and w.local_date between week and week + 6;
  select count(*) filter (where e.rule = 'week_streak'), count(*) filter (where e.rule = 'reversal'),
         least(target, (array_agg(e.days order by e.round desc) filter (where e.rule = 'week_streak'))[1])
    into times_earned, times_reversed, needed_days
    from public.affinity_events as e
   where e.user_id = owner and e.source_type = 'week' and e.source_id = source and e.rule in ('week_streak', 'reversal');
  if days >= target and times_earned = times_reversed then
    perform private.award(owner, 'week_streak', 10, 'week', source, times_earned, workout_id,
      format('You trained on %s days of week %s, as you had planned.', days, source), days);
  elsif may_lose and days < needed_days and times_earned > times_reversed then
    perform private.award(owner, 'reversal', -10, 'week', source, times_reversed, workout_id,
      format('Week %s no longer has the %s days you had planned.', source, needed_days));
  end if;
end $$;

-- Cron: −2 for each day from the fifteenth without a workout, for the next people. Days that a missed run left out are
-- made up for, a week back at most; running it twice adds nothing. Returns the number of events, and whether it was the
-- last batch: {"changed", "done"}. Somebody who is just writing is left for the next run.
create function public.decay_affinity(max_people integer default 250) returns jsonb
language plpgsql set search_path = '' as $$
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
end $$;
comment on function public.decay_affinity is 'For the cron task; only the service role may call it.';

grant execute on function private.award, public.decay_affinity to service_role;

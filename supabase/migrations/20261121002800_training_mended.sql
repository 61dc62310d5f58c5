-- What was earned stays right: of a week when the target changes, of a day when another workout of it does, and of a
-- plan's day when the plan is deleted.

-- A week earns once it reaches the person's own target. That is taken back only when an edit or a deletion leaves it
-- fewer days than the target and than it was earned with: another target alone is no reason, nor is one more workout.
-- `week` is its Monday.
drop function private.settle_week(uuid, date, uuid);
create function private.settle_week(owner uuid, week date, workout_id uuid, may_lose boolean) returns void
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
  -- How many days it was earned with, the ledger says in words.
  select count(*) filter (where e.rule = 'week_streak'), count(*) filter (where e.rule = 'reversal'),
         least(target, (array_agg(substring(e.explanation from 'on ([0-9]+) days')::integer order by e.round desc)
                          filter (where e.rule = 'week_streak'))[1])
    into earned, taken, needed
    from public.affinity_events as e
   where e.user_id = owner and e.source_type = 'week' and e.source_id = source and e.rule in ('week_streak', 'reversal');
  if days >= target and earned = taken then
    perform private.award(owner, 'week_streak', 10, 'week', source, earned, workout_id,
      format('You trained on %s days of week %s, as you had planned.', days, source));
  elsif may_lose and days < needed and earned > taken then
    perform private.award(owner, 'reversal', -10, 'week', source, taken, workout_id,
      format('Week %s no longer has the %s days you had planned.', source, needed));
  end if;
end $$;

-- As it was, but for its words: what a workout earns also changes with another one of its day.
create or replace function private.settle_workout(done public.workouts, records jsonb, was_planned boolean default false)
returns void
language plpgsql set search_path = '' as $$
declare
  had integer := 0;
  earned jsonb;
  current_round integer := done.award;
begin
  select coalesce(sum(e.points), 0),
         jsonb_agg(jsonb_build_array(e.rule, e.points, e.explanation) order by e.rule, e.explanation)
    into had, earned
    from public.affinity_events as e
   where e.user_id = done.user_id and e.workout_id = done.id and e.round = done.award
     and e.rule in ('workout_logged', 'planned_day', 'personal_record');
  if earned is not null and earned = (
    select jsonb_agg(jsonb_build_array(d.rule, d.points, d.explanation) order by d.rule, d.explanation)
      from private.deserved(done, records, was_planned) as d) then
    return;
  end if;
  if had > 0 then
    update public.workouts as w set award = w.award + 1 where w.id = done.id returning w.award into current_round;
  end if;
  perform private.award(done.user_id, d.rule, d.points, d.source_type, d.source_id, current_round, done.id, d.explanation)
    from private.deserved(done, records, was_planned) as d;
  if had > 0 then
    perform private.award(done.user_id, 'reversal', -had, 'workout', done.id::text, done.award, done.id,
      format('What the workout of %s earns has changed; this is what it had earned.',
             to_char(done.local_date, 'FMDD Mon YYYY')));
  end if;
end $$;

-- Whether it has earned the points of a planned day.
create function private.was_planned(done public.workouts) returns boolean
language sql stable set search_path = '' as $$
  select exists (
    select from public.affinity_events as e
     where e.user_id = done.user_id and e.workout_id = done.id and e.rule = 'planned_day' and e.round = done.award)
$$;

-- After a workout came to a day or left it: if it was logged before all others of that day, then the first of those has
-- become, or is no longer, the first of the day.
create function private.settle_first_of_day(changed public.workouts, day date) returns void
language plpgsql set search_path = '' as $$
declare
  other public.workouts;
begin
  select * into other from public.workouts as w
   where w.user_id = changed.user_id and w.local_date = day and w.source = 'app' and w.id <> changed.id
   order by w.created_at, w.id limit 1;
  if (changed.created_at, changed.id) < (other.created_at, other.id) then
    perform private.settle_workout(other, private.workout_records(other.user_id, other.id), private.was_planned(other));
  end if;
end $$;

-- As it was, but that another workout takes nothing back from its week.
create or replace function public.log_workout(payload json) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  mine constant uuid := auth.uid();
  hash constant bytea := sha256(convert_to(payload::text, 'UTF8'));
  earlier public.workouts;
  made public.workouts;
  records jsonb;
begin
  -- One change at a time for a person: what counts as the first of a day, or as a record, has one answer.
  perform from public.users as u where u.id = mine for no key update;
  if not found then
    raise sqlstate 'PT401' using message = 'There is no such account.';
  end if;
  select * into earlier from public.workouts as w
   where w.user_id = mine and w.client_id = (payload ->> 'client_id')::uuid;
  if found then
    if earlier.request_hash <> hash then
      raise sqlstate 'PT409' using message = 'This client_id was used for a different workout.';
    end if;
    return jsonb_build_object('replayed', true, 'workout',
      private.workout_document(mine, earlier.id, private.workout_records(mine, earlier.id)));
  end if;
  made := private.write_workout(mine, payload, hash, 'app', null);
  records := private.workout_records(mine, made.id);
  perform private.settle_workout(made, records);
  perform private.settle_week(mine, date_trunc('week', made.local_date)::date, made.id, false);
  return jsonb_build_object('replayed', false, 'workout', private.workout_document(mine, made.id, records));
end $$;

-- As it was, but that it keeps the day of a plan that was deleted, and settles the days it leaves and comes to.
create or replace function public.update_workout(workout_id uuid, payload json,
  unchanged_since timestamptz[] default null)
returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  mine constant uuid := auth.uid();
  was constant public.workouts := private.locked_workout(mine, update_workout.workout_id, unchanged_since);
  done public.workouts;
  records jsonb;
begin
  if was.id is null then
    return null;
  end if;
  perform private.check_workout(mine, payload);
  update public.workouts as w set
      plan_id = r.plan_id, plan_day = r.plan_day, name = r.name, started_at = r.started_at, ended_at = r.ended_at,
      timezone = r.timezone, perceived_exertion = r.perceived_exertion, notes = r.notes,
      plan_version = case when r.plan_id is not distinct from was.plan_id then was.plan_version else (
        select nullif(p.version, 0) from public.plans as p where p.id = r.plan_id) end
    from json_to_record(payload) as r (plan_id uuid, plan_day smallint, name text, started_at timestamptz,
      ended_at timestamptz, timezone text, perceived_exertion smallint, notes text)
   where w.id = was.id returning w.* into done;
  delete from public.sets as s where s.workout_id = was.id;
  perform private.write_sets(done, payload -> 'exercises');
  records := private.workout_records(mine, done.id);
  if was.source = 'app' then
    -- What gains comes first, for the same reason as in settle_workout.
    perform private.settle_first_of_day(done, was.local_date) where was.local_date <> done.local_date;
    perform private.settle_workout(done, records, done.plan_id is not distinct from was.plan_id
      and done.plan_day is not distinct from was.plan_day and private.was_planned(was));
    perform private.settle_first_of_day(done, done.local_date) where was.local_date <> done.local_date;
    perform private.settle_week(mine, week, was.id, true)
       from unnest(array[date_trunc('week', was.local_date)::date, date_trunc('week', done.local_date)::date]) as week
      where was.local_date <> done.local_date;
  end if;
  return private.workout_document(mine, was.id, records);
end $$;

-- As it was, but that it settles the day.
create or replace function public.delete_workout(workout_id uuid, unchanged_since timestamptz[] default null)
returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  mine constant uuid := auth.uid();
  was constant public.workouts := private.locked_workout(mine, delete_workout.workout_id, unchanged_since);
  had integer;
begin
  if was.id is null then
    return false;
  end if;
  select coalesce(sum(e.points), 0) into had from public.affinity_events as e
   where e.user_id = mine and e.workout_id = was.id and e.round = was.award
     and e.rule in ('workout_logged', 'planned_day', 'personal_record');
  delete from public.workouts as w where w.id = was.id;
  if was.source = 'app' then
    -- Before anything is taken back: a score near 0 would lose less than was earned.
    perform private.settle_first_of_day(was, was.local_date);
  end if;
  if had > 0 then
    perform private.award(mine, 'reversal', -had, 'workout', was.id::text, was.award, was.id,
      format('The workout of %s was deleted; this is what it had earned.', to_char(was.local_date, 'FMDD Mon YYYY')));
  end if;
  if was.source = 'app' then
    perform private.settle_week(mine, date_trunc('week', was.local_date)::date, was.id, true);
  end if;
  return true;
end $$;

grant execute on function private.settle_week to service_role;

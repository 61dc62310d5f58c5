-- Who is due for a check-in is looked up by functions that are planned once for a connection, not once for a person, and with
-- what the person has told: healed injuries, exercises that they do not want or had better not do. Follows
-- supabase/schemas/79_check_ins.sql.

set local check_function_bodies = off;

create or replace function private.may_check_in(person public.users, at timestamptz) returns boolean
language plpgsql stable set search_path = '' as $$
begin
  return person.check_ins_enabled and person.closed_at is null
    and not private.is_quiet(at, person.timezone, person.check_ins_quiet_from, person.check_ins_quiet_to)
    and (select count(*) from private.check_ins as c
          where c.user_id = person.id and c.sent_at > at - interval '7 days' and c.sent_at < at + interval '10 minutes')
        < person.check_ins_max_per_week
    -- Not between a question and its answer.
    and not exists (
      select from public.chat_messages as m
       where m.user_id = person.id and m.created_at > at - interval '10 minutes'
         and m.answering_until between at and at + interval '10 minutes')
    and not coalesce(private.is_guest(person.id), true);
end $$;

create or replace function private.has_checked_in(owner uuid, cause public.check_in_cause, source text) returns boolean
language plpgsql stable set search_path = '' as $$
begin
  return exists (select from private.check_ins as c
                  where c.user_id = owner and c.cause = has_checked_in.cause and c.source = has_checked_in.source);
end $$;

create or replace function private.last_check_in(person public.users, cause public.check_in_cause) returns date
language plpgsql stable set search_path = '' as $$
begin
  return (select (max(c.sent_at) at time zone person.timezone)::date from private.check_ins as c
           where c.user_id = person.id and c.cause = last_check_in.cause);
end $$;

create or replace function private.is_around(person public.users, today date) returns boolean
language plpgsql stable set search_path = '' as $$
begin
  return person.created_at > today - 42
    or exists (select from public.workouts as w where w.user_id = person.id and w.local_date between today - 42 and today)
    or exists (select from public.chat_messages as m
                where m.user_id = person.id and m.role = 'user' and m.created_at > today - 42);
end $$;

create or replace function private.scheduled_since(plan public.plans) returns timestamptz
language plpgsql stable set search_path = '' as $$
begin
  return greatest(plan.activated_at, (
    select min(v.created_at) from public.plan_versions as v
     where v.plan_id = plan.id and v.version > coalesce((
       select max(o.version) from public.plan_versions as o
        where o.plan_id = plan.id
          and private.plan_weekdays(o.content) is distinct from private.plan_weekdays(plan.content)), 0)));
end $$;

create or replace function private.next_plan_day(plan public.plans) returns integer
language plpgsql stable set search_path = '' as $$
begin
  return coalesce((
    select (w.plan_day + 1) % jsonb_array_length(plan.content -> 'days') from public.workouts as w
     where w.user_id = plan.user_id and w.plan_id = plan.id and w.plan_day < jsonb_array_length(plan.content -> 'days')
     order by w.started_at desc, w.id desc limit 1), 0);
end $$;

create or replace function private.deload_week(person public.users, today date) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (
    select jsonb_build_object('cause', 'deload_week', 'source', k.source, 'plan_id', p.id, 'plan_name', p.name,
             'week', d.week, 'begins_on', f.first_on + (d.week - 1) * 7)
      from public.plans as p
        cross join lateral (
          select min(w.local_date) as first_on, max(w.local_date) as last_on from public.workouts as w
           where w.plan_id = p.id and w.user_id = person.id and w.local_date <= today) as f
        cross join lateral jsonb_array_elements(p.content -> 'deload_weeks') as e
        cross join lateral (select (e.value #>> '{}')::numeric::integer as week) as d
        cross join lateral (select p.id || ' ' || d.week as source) as k
     where p.user_id = person.id and p.kind = 'workout' and p.status = 'active'
       and f.first_on + (d.week - 1) * 7 - today between 1 and 2 and f.last_on >= today - 21
       and not private.has_checked_in(person.id, 'deload_week', k.source)
     order by d.week limit 1);
end $$;

create or replace function private.record_anniversary(person public.users, today date) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  record_set record;
  best record;
begin
  if not private.is_around(person, today) then
    return null;
  end if;
  select r.*, w.local_date, r.exercise_id || ' ' || extract(year from w.local_date) as source into record_set
    from public.workouts as w
      cross join lateral jsonb_to_recordset(private.workout_records(person.id, w.id)) as r (exercise_id uuid,
        exercise_name text, kind public.record_kind, value numeric, at_kg numeric, at_reps smallint, set_id uuid)
   where w.user_id = person.id
     and w.local_date between today - interval '1 year 1 day' and today - interval '1 year' + interval '1 day'
     and (w.local_date + interval '1 year')::date between today - 1 and today
     and (r.kind <> 'most_reps' or r.at_kg = 0)
     and r.exercise_id not in (select private.excluded_exercises(person.id))
     and not exists (select from public.exercises as e
                      where e.id = r.exercise_id
                        and e.contraindications && (select p.injuries from private.person(person.id) as p))
     and not private.has_checked_in(person.id, 'record_anniversary',
           r.exercise_id || ' ' || extract(year from w.local_date))
   order by array_position(array['heaviest', 'farthest', 'longest', 'most_reps', 'least_assist', 'e1rm'], r.kind::text),
     w.local_date, w.id, r.exercise_name, r.exercise_id
   limit 1;
  if record_set.set_id is null then
    return null;
  end if;
  -- Who reached it first: the same again is no better.
  select m.set_id, m.value, m.local_date into best from private.record_candidates as m
   where m.user_id = person.id and m.exercise_id = record_set.exercise_id and m.kind = record_set.kind
     and m.at_kg is not distinct from record_set.at_kg and m.at_reps is not distinct from record_set.at_reps
   order by case m.kind when 'least_assist' then m.value else -m.value end, m.started_at, m.set_id limit 1;
  return jsonb_build_object('cause', 'record_anniversary', 'source', record_set.source,
    'exercise_name', record_set.exercise_name, 'record', record_set.kind, 'value', record_set.value,
    'at_reps', record_set.at_reps, 'set_id', record_set.set_id, 'reached_on', record_set.local_date,
    'best', best.value, 'best_set_id', best.set_id, 'best_on', best.local_date);
end $$;

create or replace function private.pain_notes(person public.users, first_day date, last_day date)
returns table (kind public.evidence_kind, id uuid, noted_on date, note text)
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
begin
  return query
  select 'memory'::public.evidence_kind, m.id, t.noted_on, m.content
    from public.memories as m
      cross join lateral (
        select (m.created_at at time zone person.timezone)::date as noted_on
        union select (m.stated_at at time zone person.timezone)::date) as t
   where person.memory_enabled and m.user_id = person.id and m.kind = 'injury' and m.status = 'active'
     and m.stated_at > first_day - 1 and m.decision is distinct from 'declined'
     and not jsonb_path_exists(m.facts, '$[*] ? (@.field == "injuries" && @.op == "remove")') and t.noted_on between first_day and last_day
  union all
  select 'workout', w.id, w.local_date, w.notes from public.workouts as w
   where w.user_id = person.id and w.local_date between first_day and last_day and w.notes is not null
     and private.mentions_pain(w.notes)
  union all
  select 'set', s.id, s.local_date, s.exercise_notes from public.sets as s
   where s.user_id = person.id and s.local_date between first_day and last_day and s.exercise_notes is not null
     and private.mentions_pain(s.exercise_notes);
end $$;

create or replace function private.week_of_pain(person public.users, today date) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  week record;
begin
  select count(distinct n.noted_on) as days, max(n.noted_on) - min(n.noted_on) as apart, max(n.noted_on) as last_on,
         (array_agg(format('%s %s %s', n.kind, n.id, n.noted_on) order by n.noted_on, n.kind, n.id))[1] as source,
         jsonb_agg(jsonb_build_object('kind', n.kind, 'id', n.id, 'noted_on', n.noted_on, 'note', n.note)
                   order by n.noted_on desc, n.kind, n.id) as notes
    into week
    from private.pain_notes(person, greatest(today - 7, private.last_check_in(person, 'pain_notes') + 1), today) as n;
  if week.days < 2 or week.apart < 2 or private.has_checked_in(person.id, 'pain_notes', week.source)
    or exists (select from private.told_facts(person.id) as t
                where t.field = 'injuries' and t.op = 'remove' and t.decision is distinct from 'declined'
                  and (t.said_at at time zone person.timezone)::date >= week.last_on) then
    return null;
  end if;
  return jsonb_build_object('cause', 'pain_notes', 'source', week.source, 'days', week.days,
    'notes', jsonb_path_query_array(week.notes, '$[0 to 9]'),
    'plan_id', (select p.id from public.plans as p
                 where p.user_id = person.id and p.kind = 'workout' and p.status = 'active'));
end $$;

create or replace function private.due_check_in(owner uuid, at timestamptz) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  person public.users;
  today date;
  cause jsonb;
begin
  select * into person from public.users as u where u.id = owner;
  if private.may_check_in(person, at) is not true then
    return null;
  end if;
  today := (at at time zone person.timezone)::date;
  cause := coalesce(private.week_of_pain(person, today), private.missed_sessions(person, today),
    private.deload_week(person, today), private.record_anniversary(person, today));
  if cause is null or private.quota_left(owner, 'messages') <= 0 then
    return null;
  end if;
  return cause || jsonb_build_object('user_id', owner, 'today', today, 'weight_unit', person.weight_unit,
      'distance_unit', person.distance_unit, 'language', (
        select m.language from public.chat_messages as m
         where m.user_id = owner and m.role = 'user' order by m.created_at desc, m.id desc limit 1));
end $$;

create or replace function public.check_ins_due(max_people integer default 250) returns jsonb
language plpgsql set search_path = '' set plan_cache_mode = force_generic_plan as $$
declare
  batch record;
begin
  select * into batch from private.next_people('check_in', max_people);
  return jsonb_build_object('done', batch.done, 'due', coalesce((
    select jsonb_agg(d.due order by p.id)
      from unnest(batch.people) as p (id) cross join lateral (select private.due_check_in(p.id, now()) as due offset 0) as d
     where d.due is not null), '[]'));
end $$;

create or replace function public.keep_check_ins(check_ins jsonb) returns integer
language plpgsql set search_path = '' set plan_cache_mode = force_generic_plan as $$
declare
  item jsonb;
  kept integer := 0;
begin
  for item in select i.value from jsonb_array_elements(check_ins) as i order by i.value #>> '{due,user_id}' loop
    kept := kept + private.keep_check_in(item)::integer;
  end loop;
  return kept;
end $$;

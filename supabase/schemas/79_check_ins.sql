-- Check-ins: the companion writes first, rarely. A clock asks who is due (public.check_ins_due), Python writes the text, and
-- public.keep_check_ins stores it if all is still as it was. Both ask private.due_check_in, which has every rule: the
-- switch, the cap, quiet hours, and each cause once. docs/decisions/0043-check-ins.md says where its numbers come from.

-- What check-ins were about. It outlives the messages: deleting a conversation brings no cause back.
create table private.check_ins (
  user_id uuid not null references auth.users on delete cascade,
  cause public.check_in_cause not null,
  source text not null,
  sent_at timestamptz not null default clock_timestamp(),
  constraint check_ins_once primary key (user_id, cause, source),
  constraint check_ins_source_length check (private.is_nonblank(source, 100))
);
comment on table private.check_ins is 'The causes that the companion has written about first, each once.';
comment on column private.check_ins.source is 'What in the person''s data was the cause, such as the day of a record.';
create index check_ins_newest on private.check_ins (user_id, sent_at desc);
revoke all on private.check_ins from anon, authenticated;
grant select, insert on private.check_ins to service_role;

-- Whether a moment lies in quiet hours: by the clock on the wall, so that they have their length in summer and winter. They
-- may go over midnight. None when both ends are equal.
create function private.is_quiet(at timestamptz, timezone text, quiet_from time, quiet_to time) returns boolean
language sql stable set search_path = '' as $$
  select case when quiet_from <= quiet_to then l.clock >= quiet_from and l.clock < quiet_to
              else l.clock >= quiet_from or l.clock < quiet_to end
    from (select (at at time zone timezone)::time as clock) as l
$$;

-- Whether the person may be written to at this moment, whatever the cause. Rows of the future were written by a clock that
-- was wrong.
create function private.may_check_in(person public.users, at timestamptz) returns boolean
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
    -- Nor of training while the companion waits to hear that they are fine.
    and private.open_concern(person.id) is null
    and not coalesce(private.is_guest(person.id), true);
end $$;

-- Whether the companion has written about this already.
create function private.has_checked_in(owner uuid, cause public.check_in_cause, source text) returns boolean
language plpgsql stable set search_path = '' as $$
begin
  return exists (select from private.check_ins as c
                  where c.user_id = owner and c.cause = has_checked_in.cause and c.source = has_checked_in.source);
end $$;

-- The last day on which the companion wrote about such a cause.
create function private.last_check_in(person public.users, cause public.check_in_cause) returns date
language plpgsql stable set search_path = '' as $$
begin
  return (select (max(c.sent_at) at time zone person.timezone)::date from private.check_ins as c
           where c.user_id = person.id and c.cause = last_check_in.cause);
end $$;

-- Whether the person has been here in the last six weeks: trained, wrote, or signed up. Somebody who left is not reminded of
-- what they once did.
create function private.is_around(person public.users, today date) returns boolean
language plpgsql stable set search_path = '' as $$
begin
  return person.created_at > today - 42
    or exists (select from public.workouts as w where w.user_id = person.id and w.local_date between today - 42 and today)
    or exists (select from public.chat_messages as m
                where m.user_id = person.id and m.role = 'user' and m.created_at > today - 42);
end $$;

-- Missed sessions -----------------------------------------------------------------------------------------------------

-- The weekdays of a plan, 1 for Monday; null when a day has none: then it can be done on any.
create function private.plan_weekdays(content jsonb) returns integer[]
language sql immutable set search_path = '' as $$
  select case when bool_and(jsonb_typeof(d.value -> 'weekday') = 'number')
              then array_agg(distinct (d.value ->> 'weekday')::numeric::integer) end
    from jsonb_array_elements(content -> 'days') as d
$$;

-- Since when an active plan has had the weekdays that it has now: sessions before that were not planned.
create function private.scheduled_since(plan public.plans) returns timestamptz
language plpgsql stable set search_path = '' as $$
begin
  return greatest(plan.activated_at, (
    select min(v.created_at) from public.plan_versions as v
     where v.plan_id = plan.id and v.version > coalesce((
       select max(o.version) from public.plan_versions as o
        where o.plan_id = plan.id
          and private.plan_weekdays(o.content) is distinct from private.plan_weekdays(plan.content)), 0)));
end $$;

-- The day of a plan that is next: the one after the last that was done.
create function private.next_plan_day(plan public.plans) returns integer
language plpgsql stable set search_path = '' as $$
begin
  return coalesce((
    select (w.plan_day + 1) % jsonb_array_length(plan.content -> 'days') from public.workouts as w
     where w.user_id = plan.user_id and w.plan_id = plan.id and w.plan_day < jsonb_array_length(plan.content -> 'days')
     order by w.started_at desc, w.id desc limit 1), 0);
end $$;

-- Three planned sessions in a row that went by, with no workout of any kind since: on the plan's weekdays, or where it has
-- none, three times as many days as there are to a session. Counted from the last workout, or from when the plan became
-- what it is, or from the last such check-in. Only within ten days of the third, so that an absence of months is no cause,
-- and at most twice in 120 days, for who comes and goes.
create function private.missed_sessions(person public.users, today date) returns jsonb
language plpgsql stable set search_path = '' as $$
declare
  plan public.plans;
  last_workout public.workouts;
  weekdays integer[];
  per_week integer;
  counted_from date;
  missed_days date[];
  third date;
  next_day integer;
  cause_source text;
begin
  select * into plan from public.plans as p where p.user_id = person.id and p.kind = 'workout' and p.status = 'active';
  if plan.id is null then
    return null;
  end if;
  select * into last_workout from public.workouts as w
   where w.user_id = person.id order by w.local_date desc, w.started_at desc, w.id desc limit 1;
  cause_source := case when last_workout.id is not null then 'workout ' || last_workout.id else 'plan ' || plan.id end;
  if last_workout.local_date > today - 4 or private.has_checked_in(person.id, 'missed_sessions', cause_source)
    or (select count(*) from private.check_ins as c
         where c.user_id = person.id and c.cause = 'missed_sessions' and c.sent_at > today - 120) >= 2 then
    return null;
  end if;
  counted_from := greatest(last_workout.local_date, (private.scheduled_since(plan) at time zone person.timezone)::date,
    private.last_check_in(person, 'missed_sessions'));
  -- At one session a week the third is missed after 21 days; later than ten days after that, it is none of our business.
  if today - counted_from > 32 then
    return null;
  end if;
  weekdays := private.plan_weekdays(plan.content);
  per_week := coalesce(plan.days_per_week, person.days_per_week, least(7, jsonb_array_length(plan.content -> 'days')));
  if weekdays is not null then
    missed_days := array(
      select d.day from (select counted_from + n as day from generate_series(1, today - 1 - counted_from) as n) as d
       where extract(isodow from d.day) = any (weekdays) order by d.day);
    third := missed_days[3];
  else
    third := counted_from + ceil(21.0 / per_week)::integer;
  end if;
  if third is null or third not between today - 10 and today - 1 then
    return null;
  end if;
  next_day := private.next_plan_day(plan);
  return jsonb_build_object('cause', 'missed_sessions', 'source', cause_source, 'plan_id', plan.id, 'plan_name', plan.name,
    'plan_day', next_day, 'session', plan.content #>> array['days', next_day::text, 'name'], 'planned_on', missed_days,
    'missed', coalesce(cardinality(missed_days), (today - 1 - counted_from) * per_week / 7),
    'last_workout_id', last_workout.id, 'last_workout_on', last_workout.local_date);
end $$;

-- A deload week -------------------------------------------------------------------------------------------------------

-- The deload week of the active plan that begins tomorrow or the day after. Weeks count from the plan's first workout, as
-- in src/training/history.py. Not for somebody who has not trained for three weeks: they have rested.
create function private.deload_week(person public.users, today date) returns jsonb
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

-- A record's anniversary ----------------------------------------------------------------------------------------------

-- A record of a year ago, today or yesterday, with what has become of it. Not of an exercise that the person has excluded, or
-- had better not do now. One for each exercise and year. A load
-- or a distance says more than an estimate, so it comes first. Repetitions only without weight: with it, every load has
-- a record of them.
create function private.record_anniversary(person public.users, today date) returns jsonb
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

-- A week of pain ------------------------------------------------------------------------------------------------------

-- Whether a note says that something hurts, in English, German, Spanish or Norwegian. What is denied ("no pain", "tut nicht
-- weh") and what is only said so ("no pain, no gain") is taken out first. Sore muscles are no pain.
create function private.mentions_pain(note text) returns boolean
language plpgsql immutable set search_path = '' as $$
declare
  said text := lower(normalize(note, nfkc));
  figurative constant text := '\yno pain,? no gain\y|\y(pain cave|pain train|hurts? so good|pain in the (ass|neck|butt))\y';
  free constant text := '\y(pain|schmerz|smerte)[ -]?(free|frei|los|fri)\w*';
  words constant text := '('
    'pain\w*|hurt\w*|ach(e|es|ed|ing)|twinges?|stabbing|throbbing|injur\w+|sprain\w*|tend[io]nitis'
    '|\w*schmerz\w*|weh|wehgetan|zwick\w*|gezwickt|\w*verletz\w*|\w*zerrung|gezerrt|verstaucht\w*|\w*entzünd\w*'
    '|dolor(es|os[oa]s?|id[oa]s?)?|duelen?|dol(ía|ían|ió|ieron)|molestias?|molesta(n|ba|ban)?|lesi[óo]n\w*|tir[óo]n|esguince'
    '|pinchazos?|lastim\w+|vondt\w*|\w*smerte\w*|(hode|kne|ledd|rygg)?verk(er|et|ing)|(hode|kne|ledd|rygg)verk'
    '|skad(e|et|en|er|a)|forstu(et|ing)|betennelse\w*)';
  denial text;
begin
  said := regexp_replace(said, figurative, ' ', 'g');
  said := regexp_replace(said, free, ' ', 'g');
  foreach denial in array array[
    '(no|not|without|zero|never|nothing|(is|are|was|were|does|did|do|wo)n.?t|hardly any)',
    '(kein|keine|keinen|keinerlei|keiner|ohne|nicht|nichts|nie|null)',
    '(sin|no|ningún|ningun|ninguna|nada de|nunca|tampoco)',
    '(ingen|ikke|uten|aldri|ikkje|null)'] loop
    -- At most three words between, and none that begins another statement.
    said := regexp_replace(said, '\y' || denial || '(\s+(?!(but|and|then|aber|und|dann|pero|y|luego|men|og|så)\y)[\w'']+)'
      || '{0,3}?\s+' || words || '\y', ' ', 'g');
  end loop;
  said := regexp_replace(said, '\y' || words || '\s+([\w'']+\s+){0,2}?'
    || '(nicht|ikke|gone|went away|healed|weg|vorbei|verschwunden|over|borte)\y', ' ', 'g');
  return said ~ ('\y' || words || '\y');
end $$;

create index memories_injuries on public.memories (user_id, stated_at) where kind = 'injury' and status = 'active';

-- What the person has said hurts within these days: injuries that they told (unless memory is off), and notes on workouts and
-- on exercises.
create function private.pain_notes(person public.users, first_day date, last_day date)
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

-- Pain on two days or more within a week, with a day between the first and the last. Notes from before the last such check-in
-- have been asked about. Not when the person has told since that something has healed.
create function private.week_of_pain(person public.users, today date) returns jsonb
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

-- Who is due ----------------------------------------------------------------------------------------------------------

-- What the companion may write to this person at this moment, with all that the text needs; null when nothing. Where there are
-- several causes, the first of public.check_in_cause.
create function private.due_check_in(owner uuid, at timestamptz) returns jsonb
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

-- Cron, first half: who of the next people is due, and why: {"due": [what private.due_check_in() returns], "done"}.
-- Each query is of one person, so that one plan is right for all: planning for each would cost more than the query.
create function public.check_ins_due(max_people integer default 100) returns jsonb
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
comment on function public.check_ins_due is 'For the cron task; only the service role may call it.';

-- Writes one check-in: {"due": as public.check_ins_due() returned it, "message", "mood", "actions", "evidence": [{"kind",
-- "id", "value"}]}. False when the person is just writing, or is no longer due for exactly this: then the next run sees.
create function private.keep_check_in(item jsonb) returns boolean
language plpgsql set search_path = '' as $$
declare
  due constant jsonb := item -> 'due';
  owner constant uuid := (due ->> 'user_id')::uuid;
  check_in public.chat_messages;
begin
  perform from public.users as u where u.id = owner and u.closed_at is null for no key update skip locked;
  if not found or private.due_check_in(owner, now()) is distinct from due then
    return false;
  end if;
  insert into private.check_ins (user_id, cause, source)
  values (owner, (due ->> 'cause')::public.check_in_cause, due ->> 'source');
  insert into public.chat_messages (user_id, role, kind, message, mood, actions, model, finish, input_tokens, output_tokens,
    latency_ms)
  values (owner, 'assistant', 'check_in', item ->> 'message', (item ->> 'mood')::public.companion_mood, item -> 'actions',
    'check-in', 'stop', 0, 0, 0)
  returning * into check_in;
  insert into public.message_evidence (user_id, message_id, kind, source_id, text, value)
  select owner, check_in.id, e.kind, e.id, left(t.text, 600), e.value
    from jsonb_to_recordset(item -> 'evidence') as e (kind public.evidence_kind, id uuid, value text)
      cross join lateral private.evidence_text(owner, e.kind, e.id) as t (text)
   where t.text is not null
  on conflict do nothing;
  return true;
end $$;

-- Cron, second half: how many of these were written. See private.keep_check_in().
create function public.keep_check_ins(check_ins jsonb) returns integer
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
comment on function public.keep_check_ins is 'For the cron task; only the service role may call it.';

grant execute on function private.is_quiet, private.may_check_in, private.has_checked_in, private.last_check_in,
  private.is_around, private.plan_weekdays, private.scheduled_since, private.next_plan_day, private.missed_sessions,
  private.deload_week, private.record_anniversary, private.mentions_pain, private.pain_notes, private.week_of_pain,
  private.due_check_in, private.keep_check_in, private.describe_set, private.evidence_text to service_role;
grant execute on function public.check_ins_due, public.keep_check_ins to service_role;

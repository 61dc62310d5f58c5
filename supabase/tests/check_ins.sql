-- private.check_ins and what decides who is written to: each rule at moments that the test chooses.
begin;
select * from no_plan();

insert into auth.users (id, email) values
  ('00000000-0000-4000-8000-0000000000a0', 'ana@people.example'), ('00000000-0000-4000-8000-0000000000b0', 'bo@people.example');
insert into auth.users (id, is_anonymous) values ('00000000-0000-4000-8000-0000000000c0', true);
-- Who have been here for long.
update public.users set created_at = '2020-01-01' where id::text like '00000000-0000-4000-8000-0000000000%';
insert into public.exercises (id, user_id, slug, name, kind, primary_muscles) values
  ('00000000-0000-4000-8000-00000000e001', null, 'test-squat', 'Test Squat', 'weight_reps', '{quadriceps}'),
  ('00000000-0000-4000-8000-00000000e002', null, 'test-pull-up', 'Test Pull-Up', 'bodyweight_reps', '{lats}');
create temporary table sound as select '{"days": [
  {"name": "Legs", "weekday": 1, "exercises": [{"exercise_id": "00000000-0000-4000-8000-00000000e001", "sets": [{"set_type": "working", "reps_max": 5}]}]},
  {"name": "Push", "weekday": 3, "exercises": [{"exercise_id": "00000000-0000-4000-8000-00000000e001", "sets": [{"set_type": "working", "reps_max": 5}]}]},
  {"name": "Pull", "weekday": 5, "exercises": [{"exercise_id": "00000000-0000-4000-8000-00000000e001", "sets": [{"set_type": "working", "reps_max": 5}]}]}],
  "deload_weeks": [4]}'::jsonb as content;

-- A plan of the person that has been active since then; null weekdays where they are not fixed.
create function pg_temp.planned(owner uuid, active_since timestamptz, content jsonb default null, per_week integer default null) returns uuid
language plpgsql as $$
declare made uuid;
begin
  insert into public.plans (user_id, name, status, content, days_per_week)
    select owner, 'Strength', 'active', coalesce(planned.content, s.content), per_week from sound as s returning id into made;
  update public.plans set activated_at = active_since where id = made;
  update public.plan_versions as v set created_at = active_since where v.plan_id = made;
  return made;
end $$;
create function pg_temp.without_weekdays() returns jsonb language sql as $$
  select jsonb_set(content, '{days}', (select jsonb_agg(d - 'weekday') from jsonb_array_elements(content -> 'days') as d)) from sound $$;
-- A workout of that day, with this set.
create function pg_temp.trained(owner uuid, on_day date, weight numeric default 60, notes text default null, plan_id uuid default null,
  plan_day integer default null, exercise_notes text default null, reps integer default 5, exercise uuid default '00000000-0000-4000-8000-00000000e001') returns uuid
language plpgsql as $$
declare workout_id uuid := gen_random_uuid();
begin
  insert into public.workouts (id, user_id, client_id, request_hash, started_at, timezone, notes, plan_id, plan_day)
    values (workout_id, owner, gen_random_uuid(), '', on_day + time '17:00', 'UTC', trained.notes, trained.plan_id, trained.plan_day);
  insert into public.sets (user_id, workout_id, exercise_id, exercise_name, kind, exercise_position, position, set_type, reps, entered_value,
      entered_unit, started_at, local_date, exercise_notes)
    select owner, workout_id, e.id, e.name, e.kind, 0, 0, 'working', trained.reps, trained.weight,
      case when trained.weight is not null then 'kg'::public.weight_unit end, on_day + time '17:00', on_day, trained.exercise_notes
      from public.exercises as e where e.id = exercise;
  return workout_id;
end $$;
-- What they would be written at that moment.
create function pg_temp.due(owner uuid, at timestamptz) returns jsonb language sql as $$ select private.due_check_in(owner, at) $$;
create function pg_temp.cause(owner uuid, at timestamptz) returns text language sql as $$ select private.due_check_in(owner, at) ->> 'cause' $$;
create function pg_temp.ana() returns uuid language sql as $$ select '00000000-0000-4000-8000-0000000000a0'::uuid $$;
create function pg_temp.bo() returns uuid language sql as $$ select '00000000-0000-4000-8000-0000000000b0'::uuid $$;
-- As if this had been written then.
create function pg_temp.wrote(at timestamptz) returns void language sql as $$
  insert into private.check_ins (user_id, cause, source, sent_at)
    select pg_temp.ana(), (d ->> 'cause')::public.check_in_cause, d ->> 'source', at from private.due_check_in(pg_temp.ana(), at) as d $$;

-- Who may touch what -----------------------------------------------------------------------------------------------------
select table_privs_are('private', 'check_ins', who, array[]::text[], who || ' does not see what was written about')
  from unnest(array['anon', 'authenticated']) as who;
select ok(has_column_privilege('authenticated', 'public.users', column_name, 'update'), 'people set ' || column_name)
  from unnest(array['check_ins_enabled', 'check_ins_max_per_week', 'check_ins_quiet_from', 'check_ins_quiet_to']) as column_name;
select ok(not has_column_privilege('authenticated', 'public.plans', 'activated_at', 'update, insert'), 'since when a plan is active is not theirs to say');
select ok(not has_table_privilege('authenticated', 'public.chat_messages', 'insert, update'), 'nor do they write messages');

-- Settings ---------------------------------------------------------------------------------------------------------------
select lives_ok(format('update public.users set %s where id = %L', change, pg_temp.ana()), 'possible: ' || change)
  from unnest(array['check_ins_max_per_week = 0', 'check_ins_max_per_week = 7', 'check_ins_quiet_from = ''00:00''',
    'check_ins_quiet_to = ''23:59''']) as change;
select throws_ok(format('update public.users set %s where id = %L', change, pg_temp.ana()), '23514', null, 'refused: ' || change)
  from unnest(array['check_ins_max_per_week = 8', 'check_ins_max_per_week = -1', 'check_ins_quiet_from = ''22:00:30''',
    'check_ins_quiet_to = ''24:00''', 'check_ins_quiet_from = ''08:00:00.5''']) as change;
select throws_ok(format('update public.users set %s = null where id = %L', name, pg_temp.ana()), '23502', null, name || ' is always there')
  from unnest(array['check_ins_enabled', 'check_ins_max_per_week', 'check_ins_quiet_from', 'check_ins_quiet_to']) as name;
update public.users set check_ins_max_per_week = default, check_ins_quiet_from = default, check_ins_quiet_to = default where id = pg_temp.ana();

-- Quiet hours ------------------------------------------------------------------------------------------------------------
select is(private.is_quiet(at::timestamptz, zone, quiet_from::time, quiet_to::time), quiet, concat_ws(' ', at, zone, quiet_from, quiet_to))
  from (values
    ('2026-11-16 21:59+00', 'UTC', '22:00', '08:00', false), ('2026-11-16 22:00+00', 'UTC', '22:00', '08:00', true),
    ('2026-11-16 23:59+00', 'UTC', '22:00', '08:00', true), ('2026-11-17 00:00+00', 'UTC', '22:00', '08:00', true),
    ('2026-11-17 07:59+00', 'UTC', '22:00', '08:00', true), ('2026-11-17 08:00+00', 'UTC', '22:00', '08:00', false),
    ('2026-11-17 12:00+00', 'UTC', '12:00', '13:00', true), ('2026-11-17 13:00+00', 'UTC', '12:00', '13:00', false),
    ('2026-11-17 11:59+00', 'UTC', '12:00', '13:00', false), ('2026-11-17 12:00+00', 'UTC', '12:00', '12:00', false),
    ('2026-11-17 03:00+00', 'UTC', '00:00', '00:00', false),
    -- Another day there.
    ('2026-11-16 13:00+00', 'Asia/Tokyo', '22:00', '08:00', true), ('2026-11-16 23:00+00', 'Asia/Tokyo', '22:00', '08:00', false),
    ('2026-11-17 05:00+00', 'America/Los_Angeles', '22:00', '08:00', false), ('2026-11-17 06:00+00', 'America/Los_Angeles', '22:00', '08:00', true),
    ('2026-11-16 16:14+00', 'Asia/Kathmandu', '22:00', '08:00', false), ('2026-11-16 16:15+00', 'Asia/Kathmandu', '22:00', '08:00', true),
    -- 22:00 is an hour earlier in UTC once summer time has begun, on 29 March 2026, and later again from 25 October.
    ('2026-03-28 20:59+00', 'Europe/Berlin', '22:00', '08:00', false), ('2026-03-28 21:00+00', 'Europe/Berlin', '22:00', '08:00', true),
    ('2026-03-29 05:59+00', 'Europe/Berlin', '22:00', '08:00', true), ('2026-03-29 06:00+00', 'Europe/Berlin', '22:00', '08:00', false),
    ('2026-03-29 19:59+00', 'Europe/Berlin', '22:00', '08:00', false), ('2026-03-29 20:00+00', 'Europe/Berlin', '22:00', '08:00', true),
    ('2026-10-25 06:59+00', 'Europe/Berlin', '22:00', '08:00', true), ('2026-10-25 07:00+00', 'Europe/Berlin', '22:00', '08:00', false),
    -- An hour that there is not, and one that there is twice.
    ('2026-03-29 01:00+00', 'Europe/Berlin', '00:30', '02:30', false), ('2026-03-29 00:59+00', 'Europe/Berlin', '00:30', '02:30', true),
    ('2026-10-25 00:15+00', 'Europe/Berlin', '00:30', '02:30', true), ('2026-10-25 01:15+00', 'Europe/Berlin', '00:30', '02:30', true),
    ('2026-10-25 01:30+00', 'Europe/Berlin', '00:30', '02:30', false)) as t (at, zone, quiet_from, quiet_to, quiet);

-- Missed sessions on weekdays: Monday 2 November 2026 is the first day of all this -----------------------------------------
create temporary table noted (name text, id uuid);
insert into noted select 'plan', pg_temp.planned(pg_temp.ana(), '2026-10-01 10:00+00');
insert into noted select 'workout', pg_temp.trained(pg_temp.ana(), '2026-11-02', plan_id => id, plan_day => 0) from noted where name = 'plan';
select is(pg_temp.cause(pg_temp.ana(), '2026-11-09 10:00+00'), null, 'two missed, and the third is today');
select is(pg_temp.due(pg_temp.ana(), '2026-11-10 10:00+00') - 'source' - 'last_workout_id' - 'plan_id', jsonb_build_object('cause', 'missed_sessions',
  'plan_name', 'Strength', 'plan_day', 1, 'session', 'Push', 'missed', 3, 'planned_on', '["2026-11-04", "2026-11-06", "2026-11-09"]'::jsonb,
  'last_workout_on', '2026-11-02', 'user_id', pg_temp.ana(), 'today', '2026-11-10', 'weight_unit', 'kg', 'distance_unit', 'km', 'language', null),
  'three missed, with all that the text needs');
select is(pg_temp.due(pg_temp.ana(), '2026-11-10 10:00+00') ->> 'source', 'workout ' || id, 'since the last workout') from noted where name = 'workout';
select is(pg_temp.cause(pg_temp.ana(), '2026-11-10 23:00+00'), null, 'not in quiet hours');
select is(pg_temp.cause(pg_temp.ana(), '2026-11-09 10:30+00'), null, 'in UTC it is Monday still');
update public.users set timezone = 'Pacific/Kiritimati' where id = pg_temp.ana();
select is(pg_temp.cause(pg_temp.ana(), '2026-11-09 20:30+00'), 'missed_sessions', 'but not where they live: Tuesday, 10:30');
update public.users set timezone = 'UTC' where id = pg_temp.ana();
select is(pg_temp.cause(pg_temp.bo(), '2026-11-10 10:00+00'), null, 'not to somebody else');
select is(pg_temp.due(pg_temp.ana(), '2026-11-19 10:00+00') ->> 'missed', '7', 'ten days after the third still, with all of them');
select is(pg_temp.cause(pg_temp.ana(), '2026-11-20 10:00+00'), null, 'but not later');
select is(pg_temp.cause(pg_temp.ana(), '2027-03-02 10:00+00'), null, 'nor after months');
savepoint missed;
select pg_temp.trained(pg_temp.ana(), '2026-11-08');
select is(pg_temp.cause(pg_temp.ana(), '2026-11-10 10:00+00'), null, 'a workout on another day is one as well');
rollback to missed;
update public.plans set activated_at = '2026-11-05 10:00+00' where user_id = pg_temp.ana();
select is(pg_temp.cause(pg_temp.ana(), '2026-11-11 10:00+00'), null, 'what was before the plan, and on its first day, is not counted');
select is(pg_temp.due(pg_temp.ana(), '2026-11-12 10:00+00') -> 'planned_on', '["2026-11-06", "2026-11-09", "2026-11-11"]', 'but three after it');
rollback to missed;
update public.plans set content = jsonb_set(content, '{days,1,weekday}', '4') where user_id = pg_temp.ana();
update public.plan_versions set created_at = '2026-11-07 10:00+00' where user_id = pg_temp.ana() and version = 2;
select is(pg_temp.cause(pg_temp.ana(), '2026-11-10 10:00+00'), null, 'nor what was before its days were changed');
select is(pg_temp.due(pg_temp.ana(), '2026-11-14 10:00+00') -> 'planned_on', '["2026-11-09", "2026-11-12", "2026-11-13"]', 'the new days are');
rollback to missed;
update public.plans set content = jsonb_set(content, '{days,1,name}', '"Upper"') where user_id = pg_temp.ana();
update public.plan_versions set created_at = '2026-11-07 10:00+00' where user_id = pg_temp.ana() and version = 2;
select is(pg_temp.cause(pg_temp.ana(), '2026-11-10 10:00+00'), 'missed_sessions', 'another change leaves the days as they were');
rollback to missed;
update public.plans set status = 'archived' where user_id = pg_temp.ana();
select is(pg_temp.cause(pg_temp.ana(), '2026-11-10 10:00+00'), null, 'not without a plan');
rollback to missed;
select pg_temp.wrote('2026-11-10 10:00+00');
select is(pg_temp.cause(pg_temp.ana(), '2026-11-19 10:00+00'), null, 'once for one absence');
update public.plans set status = 'archived' where user_id = pg_temp.ana();
select pg_temp.planned(pg_temp.ana(), '2026-11-11 10:00+00');
select is(pg_temp.cause(pg_temp.ana(), '2026-11-19 10:00+00'), null, 'also with another plan');
select pg_temp.trained(pg_temp.ana(), '2026-11-20');
select is(pg_temp.cause(pg_temp.ana(), '2026-11-28 10:00+00'), 'missed_sessions', 'and again after another workout');
select pg_temp.wrote('2026-11-28 10:00+00');
select pg_temp.trained(pg_temp.ana(), '2026-12-15');
select is(pg_temp.cause(pg_temp.ana(), '2026-12-23 10:00+00'), null, 'but not a third time in 120 days: they come and go');
select pg_temp.trained(pg_temp.ana(), '2027-04-01');
select is(pg_temp.cause(pg_temp.ana(), '2027-04-08 10:00+00'), 'missed_sessions', 'after that they may be told again');
rollback to missed;

-- Without weekdays: as many days a session as the week has ---------------------------------------------------------------
update public.plans set status = 'archived' where user_id = pg_temp.ana();
select pg_temp.planned(pg_temp.ana(), '2026-10-01 10:00+00', pg_temp.without_weekdays(), 3);
select is(pg_temp.cause(pg_temp.ana(), '2026-11-09 10:00+00'), null, 'three a week: not within seven days');
select is(pg_temp.due(pg_temp.ana(), '2026-11-10 10:00+00') - 'source' - 'plan_id' @> '{"cause": "missed_sessions", "missed": 3, "planned_on": null}', true,
  'but when they have gone by');
update public.plans set days_per_week = 1 where user_id = pg_temp.ana() and status = 'active';
select is(pg_temp.cause(pg_temp.ana(), '2026-11-23 10:00+00'), null, 'one a week: not within three weeks');
select is(pg_temp.due(pg_temp.ana(), '2026-11-24 10:00+00') ->> 'missed', '3', 'but after them');
update public.plans set days_per_week = null where user_id = pg_temp.ana() and status = 'active';
update public.users set days_per_week = 7 where id = pg_temp.ana();
select is(pg_temp.cause(pg_temp.ana(), '2026-11-05 10:00+00'), null, 'a plan that does not say how often goes by the profile');
select is(pg_temp.due(pg_temp.ana(), '2026-11-06 10:00+00') ->> 'missed', '3', 'every day: three days');
rollback to missed;

-- Never begun ------------------------------------------------------------------------------------------------------------
delete from public.workouts where user_id = pg_temp.ana();
update public.plans set activated_at = '2026-11-02 10:00+00' where user_id = pg_temp.ana();
select is(pg_temp.due(pg_temp.ana(), '2026-11-10 10:00+00') @> '{"cause": "missed_sessions", "last_workout_id": null, "plan_day": 0}', true, 'a plan without a first session');
select is(pg_temp.due(pg_temp.ana(), '2026-11-10 10:00+00') ->> 'source', 'plan ' || id, 'once for the plan') from noted where name = 'plan';
rollback to missed;

-- Who is not written to, whatever the cause ---------------------------------------------------------------------------------
select is(pg_temp.cause(pg_temp.ana(), '2026-11-10 10:00+00'), 'missed_sessions', 'there is one');
update public.users set check_ins_enabled = false where id = pg_temp.ana();
select is(pg_temp.cause(pg_temp.ana(), '2026-11-10 10:00+00'), null, 'not when it is off');
rollback to missed;
update public.users set check_ins_max_per_week = 0 where id = pg_temp.ana();
select is(pg_temp.cause(pg_temp.ana(), '2026-11-10 10:00+00'), null, 'nor at most never');
rollback to missed;
update public.users set closed_at = now() where id = pg_temp.ana();
select is(pg_temp.cause(pg_temp.ana(), '2026-11-10 10:00+00'), null, 'nor when the account is closed');
rollback to missed;
update auth.users set is_anonymous = true where id = pg_temp.ana();
select is(pg_temp.cause(pg_temp.ana(), '2026-11-10 10:00+00'), null, 'nor a guest');
rollback to missed;
insert into public.chat_messages (user_id, role, client_id, message, answering_until, created_at)
  values (pg_temp.ana(), 'user', gen_random_uuid(), 'Hi', '2026-11-10 10:00:30+00', '2026-11-10 09:59:50+00');
select is(pg_temp.cause(pg_temp.ana(), '2026-11-10 10:00+00'), null, 'nor between a question and its answer');
select is(pg_temp.cause(pg_temp.ana(), '2026-11-10 10:02+00'), 'missed_sessions', 'but after it');
rollback to missed;
insert into private.usage_counts as c (user_id, messages) values (pg_temp.ana(), 300000) on conflict (user_id) do update set messages = 300000;
select is(pg_temp.cause(pg_temp.ana(), '2026-11-10 10:00+00'), null, 'nor when there is no room for a message');
rollback to missed;
select is(pg_temp.due('00000000-0000-4000-8000-00000000dead', now()), null, 'nor nobody');

-- The cap ----------------------------------------------------------------------------------------------------------------
insert into private.check_ins (user_id, cause, source, sent_at) values (pg_temp.ana(), 'deload_week', 'x', '2026-11-03 10:00:01+00');
select is(pg_temp.cause(pg_temp.ana(), '2026-11-10 10:00+00'), null, 'one within seven days');
select is(pg_temp.cause(pg_temp.ana(), '2026-11-10 10:01+00'), 'missed_sessions', 'then the next');
update public.users set check_ins_max_per_week = 2 where id = pg_temp.ana();
select is(pg_temp.cause(pg_temp.ana(), '2026-11-10 10:00+00'), 'missed_sessions', 'or two, for who likes it');
insert into private.check_ins (user_id, cause, source, sent_at) values (pg_temp.ana(), 'deload_week', 'y', '2026-11-10 09:00+00');
select is(pg_temp.cause(pg_temp.ana(), '2026-11-10 10:00+00'), null, 'and no third');
update private.check_ins set sent_at = '2027-11-03' where source in ('x', 'y');
select is(pg_temp.cause(pg_temp.ana(), '2026-11-10 10:00+00'), 'missed_sessions', 'what a clock that was wrong wrote silences nobody');
rollback to missed;

-- A deload week ----------------------------------------------------------------------------------------------------------
-- The first workout was on Monday 2 November, so week 4 begins on the 23rd.
select pg_temp.trained(pg_temp.ana(), day, plan_id => id) from noted, unnest('{2026-11-09,2026-11-16,2026-11-18,2026-11-20}'::date[]) as day where name = 'plan';
select is(pg_temp.cause(pg_temp.ana(), '2026-11-20 18:00+00'), null, 'three days before');
select is(pg_temp.due(pg_temp.ana(), '2026-11-21 10:00+00') - 'plan_id' - 'source', jsonb_build_object('cause', 'deload_week', 'plan_name', 'Strength',
  'week', 4, 'begins_on', '2026-11-23', 'user_id', pg_temp.ana(), 'today', '2026-11-21', 'weight_unit', 'kg', 'distance_unit', 'km', 'language', null), 'two days before');
select is(pg_temp.cause(pg_temp.ana(), '2026-11-22 10:00+00'), 'deload_week', 'the day before');
select is(pg_temp.cause(pg_temp.ana(), '2026-11-23 10:00+00'), null, 'not when it has begun');
select pg_temp.wrote('2026-11-21 10:00+00');
update public.users set check_ins_max_per_week = 7 where id = pg_temp.ana();
select is(pg_temp.cause(pg_temp.ana(), '2026-11-22 10:00+00'), null, 'once for each of them');
rollback to missed;
select pg_temp.wrote('2026-11-10 10:00+00');
update public.users set check_ins_max_per_week = 7 where id = pg_temp.ana();
update public.plans set content = jsonb_set(content, '{deload_weeks}', '[5]') where user_id = pg_temp.ana();
select is(pg_temp.cause(pg_temp.ana(), '2026-11-29 10:00+00'), null, 'not for somebody who has rested for weeks');
rollback to missed;

-- A record's anniversary ---------------------------------------------------------------------------------------------------
delete from public.plans where user_id = pg_temp.ana();
delete from public.workouts where user_id = pg_temp.ana();
select pg_temp.trained(pg_temp.ana(), '2025-11-03', 100);
insert into noted select 'record', pg_temp.trained(pg_temp.ana(), '2025-11-10', 110);
select pg_temp.trained(pg_temp.bo(), '2025-11-03', 10), pg_temp.trained(pg_temp.bo(), '2026-11-04', 200);
select is(pg_temp.cause(pg_temp.ana(), '2026-11-10 10:00+00'), null, 'somebody who left is not reminded');
insert into public.chat_messages (user_id, role, client_id, message, language, created_at)
  values (pg_temp.ana(), 'user', gen_random_uuid(), 'Hallo', 'de', '2026-11-01');
savepoint anniversary;
select is(pg_temp.cause(pg_temp.ana(), '2026-11-03 10:00+00'), null, 'a first value is no record');
select is(pg_temp.cause(pg_temp.ana(), '2026-11-09 10:00+00'), null, 'not before a year');
select is(pg_temp.due(pg_temp.ana(), '2026-11-10 10:00+00') - 'set_id' - 'best_set_id', jsonb_build_object('cause', 'record_anniversary',
  'source', '00000000-0000-4000-8000-00000000e001 2025', 'exercise_name', 'Test Squat', 'record', 'heaviest', 'value', 110, 'at_reps', null,
  'reached_on', '2025-11-10', 'best', 110, 'best_on', '2025-11-10', 'user_id', pg_temp.ana(), 'today', '2026-11-10', 'weight_unit', 'kg',
  'distance_unit', 'km', 'language', 'de'), 'it stands, in their language');
select is((pg_temp.due(pg_temp.ana(), '2026-11-10 10:00+00') ->> 'set_id')::uuid, s.id, 'and the set is theirs')
  from public.sets as s join noted as n on n.id = s.workout_id and n.name = 'record';
select is(pg_temp.cause(pg_temp.ana(), '2026-11-11 10:00+00'), 'record_anniversary', 'a day later still');
select is(pg_temp.cause(pg_temp.ana(), '2026-11-12 10:00+00'), null, 'not later');
select pg_temp.trained(pg_temp.ana(), '2026-06-01', 120), pg_temp.trained(pg_temp.ana(), '2026-07-01', 120);
select is(pg_temp.due(pg_temp.ana(), '2026-11-10 10:00+00') @> '{"value": 110, "best": 120, "best_on": "2026-06-01"}', true, 'or has been beaten, first then');
insert into public.exercise_preferences (user_id, exercise_id, kind) values (pg_temp.ana(), '00000000-0000-4000-8000-00000000e001', 'excluded');
select is(pg_temp.cause(pg_temp.ana(), '2026-11-10 10:00+00'), null, 'not of an exercise that they do not want');
rollback to anniversary;
insert into public.memories (user_id, kind, content, content_hash, facts) values (pg_temp.ana(), 'preference', 'I hate test squats', 'a',
  '[{"field": "excluded_exercises", "op": "add", "value": "test squat"}]');
select is(pg_temp.cause(pg_temp.ana(), '2026-11-10 10:00+00'), null, 'or have told that they do not');
rollback to anniversary;
update public.exercises set contraindications = '{knee}' where slug = 'test-squat';
select is(pg_temp.cause(pg_temp.ana(), '2026-11-10 10:00+00'), 'record_anniversary', 'a healthy knee may be reminded');
insert into public.memories (user_id, kind, content, content_hash, facts) values (pg_temp.ana(), 'injury', 'I tore my ACL', 'a',
  '[{"field": "injuries", "op": "add", "value": {"joint": "knee"}}]');
select is(pg_temp.cause(pg_temp.ana(), '2026-11-10 10:00+00'), null, 'not of what would hurt them now');
rollback to anniversary;
select pg_temp.wrote('2026-11-10 10:00+00');
update public.users set check_ins_max_per_week = 7 where id = pg_temp.ana();
select pg_temp.trained(pg_temp.ana(), '2025-11-12', 115);
select is(pg_temp.cause(pg_temp.ana(), '2026-11-12 10:00+00'), null, 'once for each exercise and year');
rollback to anniversary;
delete from public.workouts where user_id = pg_temp.ana();
select pg_temp.trained(pg_temp.ana(), '2023-12-01', 100), pg_temp.trained(pg_temp.ana(), '2024-02-29', 110);
insert into public.chat_messages (user_id, role, client_id, message, created_at) values (pg_temp.ana(), 'user', gen_random_uuid(), 'Hi', '2025-02-01');
select is(pg_temp.cause(pg_temp.ana(), at::timestamptz), cause, 'of 29 February: ' || at)
  from (values ('2025-02-27 10:00+00', null), ('2025-02-28 10:00+00', 'record_anniversary'), ('2025-03-01 10:00+00', 'record_anniversary'),
    ('2025-03-02 10:00+00', null)) as t (at, cause);
rollback to anniversary;
delete from public.workouts where user_id = pg_temp.ana();
select pg_temp.trained(pg_temp.ana(), '2025-11-03', null, reps => 8, exercise => '00000000-0000-4000-8000-00000000e002');
select pg_temp.trained(pg_temp.ana(), '2025-11-10', null, reps => 10, exercise => '00000000-0000-4000-8000-00000000e002');
select is(pg_temp.due(pg_temp.ana(), '2026-11-10 10:00+00') @> '{"record": "most_reps", "value": 10, "best": 10}', true, 'repetitions without weight');
rollback to anniversary;
delete from public.workouts where user_id = pg_temp.ana();
select pg_temp.trained(pg_temp.ana(), '2025-11-03', 100, reps => 14), pg_temp.trained(pg_temp.ana(), '2025-11-10', 100, reps => 15);
select is(pg_temp.cause(pg_temp.ana(), '2026-11-10 10:00+00'), null, 'but not at each load');
rollback to anniversary;
delete from public.chat_messages where user_id = pg_temp.ana();
select pg_temp.trained(pg_temp.ana(), '2026-10-20', 50);
select is(pg_temp.cause(pg_temp.ana(), '2026-11-10 10:00+00'), 'record_anniversary', 'who still trains is around');
rollback to missed;

-- Pain -------------------------------------------------------------------------------------------------------------------
select is(private.mentions_pain(note), true, 'pain: ' || note) from unnest(array['left knee hurts on squats', 'some pain in the shoulder', 'lower back aching',
  'My knee hurt, but no pain in the hip', 'no pain at first but my knee hurts now', 'felt a twinge', 'Wrist was painful', 'bad day. Hip hurts', 'pain is back',
  'Knie tut weh', 'Knie tat beim Beugen weh', 'Schulterschmerzen beim Drücken', 'nicht schlecht, aber Knie schmerzt', 'Rücken zwickt wieder', 'Leiste gezerrt',
  'me duele la rodilla', 'dolor en el hombro', 'molestias en la espalda', 'un pinchazo en el gemelo', 'No dormí, me dolía la espalda',
  'vondt i kneet', 'skulderen gjør vondt', 'Smerter i ryggen', 'det verker i albuen', 'ingen problemer med skulder, men kneet gjør vondt']) as note;
select is(private.mentions_pain(note), false, 'no pain: ' || note) from unnest(array['no pain today', 'pain-free', 'Painfree at last', 'didn’t hurt',
  'doesn''t hurt any more', 'no hip or knee pain', 'the pain is gone', 'No pain, no gain!', 'hurts so good', 'legs sore', 'Felt great', 'achieved my goal', '',
  'Muskelkater', 'keine Schmerzen', 'schmerzfrei', 'Knie tut nicht mehr weh', 'schmerzt nicht mehr', 'Schmerzen sind weg', 'ohne Schmerzen',
  'sin dolor', 'ya no me duele', 'ningún dolor', 'agujetas', 'no me duele nada', 'ingen smerter', 'gjør ikke vondt lenger', 'smertefri', 'støl',
  'Nettverket var nede', 'machine 3, teaching day']) as note;
select is(private.mentions_pain(null), null, 'nothing said');
delete from public.plans where user_id = pg_temp.ana();
savepoint pain;
select pg_temp.trained(pg_temp.ana(), '2026-11-16', notes => 'Knee hurts');
select pg_temp.trained(pg_temp.ana(), '2026-11-17', exercise_notes => 'knee painful');
select is(pg_temp.cause(pg_temp.ana(), '2026-11-18 10:00+00'), null, 'two days on end are no week');
select pg_temp.trained(pg_temp.ana(), '2026-11-18', notes => 'No pain today');
select is(pg_temp.cause(pg_temp.ana(), '2026-11-18 20:00+00'), null, 'nor one without pain');
select pg_temp.trained(pg_temp.bo(), '2026-11-18', notes => 'Shoulder hurts');
select is(pg_temp.cause(pg_temp.ana(), '2026-11-18 20:00+00'), null, 'nor another person''s');
select pg_temp.trained(pg_temp.ana(), '2026-11-19', notes => 'Knee hurts again');
select is(pg_temp.due(pg_temp.ana(), '2026-11-20 10:00+00') @> '{"cause": "pain_notes", "days": 3, "plan_id": null,
  "notes": [{"kind": "workout", "noted_on": "2026-11-19", "note": "Knee hurts again"}, {"kind": "set", "note": "knee painful"}, {"note": "Knee hurts"}]}', true,
  'three days of a week, the newest first');
select is(jsonb_array_length(pg_temp.due(pg_temp.ana(), '2026-11-20 10:00+00') -> 'notes'), 3, 'and nothing else');
select is(pg_temp.cause(pg_temp.ana(), '2026-11-25 10:00+00'), null, 'not when most of it is more than a week ago');
select pg_temp.wrote('2026-11-20 10:00+00');
update public.users set check_ins_max_per_week = 7 where id = pg_temp.ana();
select pg_temp.trained(pg_temp.ana(), '2026-11-21', notes => 'Knee hurts still');
select is(pg_temp.cause(pg_temp.ana(), '2026-11-22 10:00+00'), null, 'what has been asked about counts no more');
select pg_temp.trained(pg_temp.ana(), '2026-11-24', notes => 'Knee hurts still');
select is(pg_temp.due(pg_temp.ana(), '2026-11-25 10:00+00') ->> 'days', '2', 'another week of it does');
rollback to pain;
insert into public.memories (user_id, kind, content, content_hash, created_at, stated_at) values
  (pg_temp.ana(), 'injury', 'Knee hurts', 'a', '2026-11-16 10:00+00', '2026-11-18 10:00+00');
select is(pg_temp.due(pg_temp.ana(), '2026-11-20 10:00+00') @> '{"cause": "pain_notes", "days": 2, "notes": [{"kind": "memory"}]}', true, 'told, and told again');
update public.users set memory_enabled = false where id = pg_temp.ana();
select is(pg_temp.cause(pg_temp.ana(), '2026-11-20 10:00+00'), null, 'memories are not read when memory is off');
update public.users set memory_enabled = true where id = pg_temp.ana();
update public.memories set status = 'superseded' where user_id = pg_temp.ana();
select is(pg_temp.cause(pg_temp.ana(), '2026-11-20 10:00+00'), null, 'nor what is true no more');
update public.memories set status = 'active', decision = 'declined', decided_at = now() where user_id = pg_temp.ana();
select is(pg_temp.cause(pg_temp.ana(), '2026-11-20 10:00+00'), null, 'nor what they said is not so');
update public.memories set decision = null, decided_at = null, facts = '[{"field": "injuries", "op": "remove", "value": {"joint": "knee"}}]'
  where user_id = pg_temp.ana();
select is(pg_temp.cause(pg_temp.ana(), '2026-11-20 10:00+00'), null, 'nor that something has healed');
rollback to pain;
select pg_temp.trained(pg_temp.ana(), day, notes => 'Knee hurts') from unnest('{2026-11-16,2026-11-18}'::date[]) as day;
select is(pg_temp.cause(pg_temp.ana(), '2026-11-20 10:00+00'), 'pain_notes', 'it still hurts');
insert into public.memories (user_id, kind, content, content_hash, stated_at, facts) values (pg_temp.ana(), 'injury', 'My knee is fine again', 'a',
  '2026-11-19 10:00+00', '[{"field": "injuries", "op": "remove", "value": {"joint": "knee"}}]');
select is(pg_temp.cause(pg_temp.ana(), '2026-11-20 10:00+00'), null, 'until they say that it has healed');
select pg_temp.trained(pg_temp.ana(), '2026-11-20', notes => 'Knee hurts');
select is(pg_temp.cause(pg_temp.ana(), '2026-11-20 20:00+00'), 'pain_notes', 'and again when it does not');
rollback to pain;

-- The most urgent first ----------------------------------------------------------------------------------------------------
rollback to missed;
select pg_temp.trained(pg_temp.ana(), '2026-10-31', notes => 'Knee hurts'), pg_temp.trained(pg_temp.ana(), '2026-11-03', notes => 'Knee hurts');
update public.plans set days_per_week = 7, content = pg_temp.without_weekdays() where user_id = pg_temp.ana();
update public.plan_versions set created_at = '2026-10-01' where user_id = pg_temp.ana();
select is(pg_temp.cause(pg_temp.ana(), '2026-11-07 10:00+00'), 'pain_notes', 'pain before missed sessions');
rollback to missed;

-- Keeping ----------------------------------------------------------------------------------------------------------------
-- At this very moment, whatever the hour.
update public.users set check_ins_quiet_from = '00:00', check_ins_quiet_to = '00:00' where id in (pg_temp.ana(), pg_temp.bo());
select pg_temp.trained(pg_temp.ana(), current_date - d, notes => 'Knee hurts') from unnest('{1,4}'::integer[]) as d;
select pg_temp.trained(pg_temp.bo(), current_date - d, notes => 'Hip hurts') from unnest('{1,4}'::integer[]) as d;
create temporary table composed as
  select p.name, jsonb_build_object('due', private.due_check_in(p.id, now()), 'message', 'How is it today?', 'mood', 'concerned', 'actions', '[]'::jsonb,
    'evidence', (select jsonb_agg(jsonb_build_object('kind', 'workout', 'id', w.id, 'value', null)) from public.workouts as w
                  where w.notes like '%hurts')) as item
    from (values ('ana', pg_temp.ana()), ('bo', pg_temp.bo())) as p (name, id);
grant all on composed to service_role;
set local role service_role;
select is(public.keep_check_ins('[]'), 0, 'nobody is due');
select is(public.keep_check_ins(jsonb_build_array(item #- '{due,today}')), 0, 'what is not due is not kept: ' || name) from composed;
select is(public.keep_check_ins(jsonb_build_array(jsonb_set(item, '{due,days}', '9'))), 0, 'nor what has changed meanwhile: ' || name) from composed;
select is(public.keep_check_ins(jsonb_build_array(jsonb_set(a.item, '{due,user_id}', b.item #> '{due,user_id}'))), 0, 'nor to somebody else')
  from composed as a, composed as b where a.name = 'ana' and b.name = 'bo';
select is(public.keep_check_ins(jsonb_agg(item || '{"mood": "warm"}' order by name desc)), 2, 'both are kept') from composed;
select is(public.keep_check_ins(jsonb_agg(item)), 0, 'once') from composed;
reset role;
select results_eq($$select role::text, kind::text, reply_to, message, model, finish::text, actions, client_id, language from public.chat_messages
    where user_id = pg_temp.ana()$$,
  $$values ('assistant', 'check_in', null::uuid, 'How is it today?', 'check-in', 'stop', '[]'::jsonb, null::uuid, null::text)$$, 'a message that answers none');
select results_eq($$select distinct w.user_id from public.message_evidence as e join public.workouts as w on w.id = e.source_id
    where e.user_id = pg_temp.ana()$$, 'select pg_temp.ana()', 'its evidence is theirs, whatever was sent along');
select is((select count(*)::integer from public.message_evidence where user_id = pg_temp.ana()), 2, 'all of it');
delete from public.chat_messages where user_id = pg_temp.ana();
delete from private.check_ins where user_id = pg_temp.bo();
update public.users set check_ins_max_per_week = 7 where id = pg_temp.ana();
set local role service_role;
select is(public.keep_check_ins(jsonb_build_array(item)), 0, 'deleting the conversation brings nothing back') from composed where name = 'ana';
select throws_ok(format('select public.keep_check_ins(%L)', jsonb_build_array(item || change::jsonb)), code, null, 'refused: ' || change)
  from composed, (values ('{"message": ""}', '23514'), ('{"mood": "angry"}', '22P02'), ('{"actions": [{"kind": "pay"}]}', '23514'), ('{"actions": null}', '23514'))
    as t (change, code) where name = 'bo';
reset role;
select is_empty('select 1 from private.check_ins where user_id = pg_temp.bo()', 'what is refused is no check-in');
delete from auth.users where id = pg_temp.ana();
select is_empty('select 1 from private.check_ins where user_id = pg_temp.ana()', 'and all goes with the account');

-- What a message is ---------------------------------------------------------------------------------------------------------
select throws_ok(format('insert into public.chat_messages (user_id, %s) values (%L, %s)', columns, pg_temp.bo(), what), '23514', null, 'refused: ' || title)
  from (values
    ('role, kind, client_id, message', '''user'', ''check_in'', gen_random_uuid(), ''x''', 'a check-in by a person'),
    ('role, kind, message, mood, actions, model, finish, input_tokens, output_tokens, latency_ms',
     '''assistant'', ''check_in'', ''x'', ''warm'', ''[]'', ''gemini'', ''stop'', 0, 0, 0', 'a check-in by a model'),
    ('role, kind, message, mood, actions, model, finish, input_tokens, output_tokens, latency_ms',
     '''assistant'', ''message'', ''x'', ''warm'', ''[]'', ''check-in'', ''stop'', 0, 0, 0', 'a message that answers none'),
    ('role, kind, message, mood, actions, model, finish, input_tokens, output_tokens, latency_ms, language',
     '''assistant'', ''check_in'', ''x'', ''warm'', ''[]'', ''check-in'', ''stop'', 0, 0, 0, ''en''', 'a check-in with a language'),
    ('role, client_id, message, language', '''user'', gen_random_uuid(), ''x'', ''english''', 'a language in full'),
    ('role, client_id, message, language', '''user'', gen_random_uuid(), ''x'', ''EN''', 'a language in capitals')) as t (columns, what, title);

-- Since when a plan is active -------------------------------------------------------------------------------------------------
insert into public.plans (user_id, name, content) select pg_temp.bo(), 'Draft', content from sound;
select is(activated_at, null, 'a draft never was') from public.plans where name = 'Draft' and user_id = pg_temp.bo();
update public.plans set status = 'active' where name = 'Draft' and user_id = pg_temp.bo();
select is(activated_at, now(), 'then it is') from public.plans where name = 'Draft' and user_id = pg_temp.bo();
update public.plans set activated_at = '2026-01-01' where name = 'Draft' and user_id = pg_temp.bo();
update public.plans set status = 'active', description = 'x' where name = 'Draft' and user_id = pg_temp.bo();
select is(activated_at, '2026-01-01', 'a change leaves that') from public.plans where name = 'Draft' and user_id = pg_temp.bo();
update public.plans set status = 'archived' where name = 'Draft' and user_id = pg_temp.bo();
select is(activated_at, null, 'until it is over') from public.plans where name = 'Draft' and user_id = pg_temp.bo();

select * from finish();
rollback;

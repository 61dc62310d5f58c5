-- public.sets: what was done, set by set, in the units it was entered in; written by log_workout and its kin alone.
begin;
select plan(214);

insert into auth.users (id, email) values
  ('00000000-0000-4000-8000-0000000000a0', 'ana@people.example'), ('00000000-0000-4000-8000-0000000000b0', 'bo@people.example');
insert into auth.users (id, is_anonymous) values ('00000000-0000-4000-8000-0000000000c0', true);
insert into public.exercises (id, user_id, slug, name, kind, primary_muscles)
  select ('00000000-0000-4000-8000-00000000e' || lpad(n::text, 3, '0'))::uuid, null, 'test-' || replace(kind::text, '_', '-'), 'Test ' || kind, kind, '{abs}'
    from unnest(enum_range(null::public.exercise_kind)) with ordinality as t (kind, n);
insert into public.exercises (id, user_id, name, kind, primary_muscles) values
  ('00000000-0000-4000-8000-00000000e0a0', '00000000-0000-4000-8000-0000000000a0', 'Ana''s', 'weight_reps', '{abs}'),
  ('00000000-0000-4000-8000-00000000e0b0', '00000000-0000-4000-8000-0000000000b0', 'Bo''s Secret', 'weight_reps', '{abs}');

-- A session of one exercise with these sets.
create function pg_temp.session(exercise text, sets jsonb, client text default gen_random_uuid()::text) returns json
language sql set search_path = '' as $$
  select json_build_object('client_id', client, 'started_at', '2026-03-04T18:00:00Z', 'timezone', 'UTC', 'exercises',
    json_build_array(json_build_object('exercise_id', exercise, 'sets', sets)))
$$;
-- A sound set of each kind.
create temporary table sound as select kind, e.id, sets.one from public.exercises as e join (values
    ('weight_reps'::public.exercise_kind, '{"reps": 5, "weight": {"value": 100, "unit": "kg"}}'::jsonb),
    ('reps', '{"reps": 5}'), ('bodyweight_reps', '{"reps": 5}'),
    ('assisted', '{"reps": 5, "assist": {"value": 20, "unit": "kg"}}'), ('duration', '{"duration_seconds": 60}'),
    ('weight_duration', '{"duration_seconds": 60, "weight": {"value": 20, "unit": "kg"}}'),
    ('distance_duration', '{"duration_seconds": 60}')) as sets (kind, one) using (kind)
  where e.slug = 'test-' || replace(kind::text, '_', '-');
update sound set one = one || '{"set_type": "working"}';
grant all on sound to authenticated;
grant execute on function pg_temp.session to authenticated;

-- Who may ask what ---------------------------------------------------------------------------------------------------
select table_privs_are('public', 'sets', 'anon', array[]::text[], 'anon can do nothing');
select table_privs_are('public', 'sets', 'authenticated', array['SELECT'], 'people read');
select is_empty($$select 1 from information_schema.column_privileges where table_schema = 'public' and table_name = 'sets'
  and grantee in ('anon', 'authenticated') and privilege_type <> 'SELECT'$$, 'no column is anyone''s to set');
select policies_are('public', 'sets', array['People read their own sets',
  'Only queries that the app needs']);

-- The constraint sets_fields_of_kind spells out private.kind_measures(): of every kind, every choice of columns ---------------------
create temporary table bare_sets (like public.sets including constraints);
do $$
declare
  name name;
begin
  for name in select attname from pg_attribute where attrelid = 'bare_sets'::regclass and attnum > 0 and attnotnull loop
    execute format('alter table bare_sets alter %I drop not null', name);
  end loop;
end $$;
create function pg_temp.is_accepted(kind public.exercise_kind, columns text[]) returns boolean language plpgsql as $$
declare
  violated text;
begin
  insert into bare_sets (kind, reps, entered_value, entered_unit, duration_seconds, distance_m) values (is_accepted.kind,
    case when 'reps' = any(columns) then 5 end, case when 'load' = any(columns) then 20 end,
    case when 'load' = any(columns) then 'kg'::public.weight_unit end,
    case when 'duration_seconds' = any(columns) then 60 end, case when 'distance_m' = any(columns) then 400 end);
  return true;
exception when check_violation then
  get stacked diagnostics violated = constraint_name;
  if violated <> 'sets_fields_of_kind' then
    raise;
  end if;
  return false;
end $$;
-- What is lifted and what helps are one column.
create temporary table column_of_kind as
  select kind, case when measure in ('weight', 'assist') then 'load' else measure end as name, necessity from private.kind_measures();
select is(pg_temp.is_accepted(kind, columns),
    not exists (select from column_of_kind as c where c.kind = k.kind and necessity = 'required' and c.name <> all(columns))
    and not exists (select from unnest(columns) as name where name not in (select c.name from column_of_kind as c where c.kind = k.kind))
    and (select coalesce(bool_or(c.name = any(columns)), true) from column_of_kind as c where c.kind = k.kind and necessity = 'either'),
    format('sets_fields_of_kind says of %s with %s what kind_measures() says', kind, columns))
  from unnest(enum_range(null::public.exercise_kind)) as k (kind), generate_series(0, 15) as choice,
    lateral (select coalesce(array_agg(name), '{}') as columns
      from unnest(array['reps', 'load', 'duration_seconds', 'distance_m']) with ordinality as t (name, n)
     where choice & (1 << (n::integer - 1)) <> 0) as chosen;

-- The owner ----------------------------------------------------------------------------------------------------------
set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000a0", "role": "authenticated"}';
select lives_ok(format('select public.log_workout(%L)', pg_temp.session(id::text, jsonb_build_array(one))), 'a set of ' || kind) from sound;
select results_eq($$select exercise_name, kind::text from public.sets order by sets.kind$$,
  $$select 'Test ' || kind, kind::text from unnest(enum_range(null::public.exercise_kind)) as kind$$, 'says what it was called and of what kind');
select is((select count(*)::integer from public.sets where user_id <> '00000000-0000-4000-8000-0000000000a0'), 0, 'all are hers');
select throws_ok('insert into public.sets (reps) values (5)', '42501', null, 'a set is not written by hand');
select throws_ok('update public.sets set reps = 9', '42501', null, 'nor changed');
select throws_ok('delete from public.sets', '42501', null, 'nor deleted');
select throws_ok('truncate public.sets', '42501', null, 'at all');

-- What belongs to which kind -------------------------------------------------------------------------------------------
select throws_ok(format('select public.log_workout(%L)', pg_temp.session(s.id::text, jsonb_build_array(s.one - field))), 'PT422', null,
  s.kind || ' cannot be without ' || field)
  from sound as s, jsonb_object_keys(s.one - 'set_type') as field;
select throws_ok(format('select public.log_workout(%L)', pg_temp.session(s.id::text, jsonb_build_array(s.one || extra::jsonb))), 'PT422', null,
  s.kind || ' has no ' || extra)
  from sound as s join (values
    ('weight_reps', '{"assist": {"value": 5, "unit": "kg"}}'), ('reps', '{"assist": {"value": 5, "unit": "kg"}}'),
    ('bodyweight_reps', '{"assist": {"value": 5, "unit": "kg"}}'), ('assisted', '{"weight": {"value": 5, "unit": "kg"}}'),
    ('duration', '{"assist": {"value": 5, "unit": "kg"}}'), ('weight_duration', '{"assist": {"value": 5, "unit": "kg"}}'),
    ('distance_duration', '{"assist": {"value": 5, "unit": "kg"}}')) as t (kind, extra) on s.kind = t.kind::public.exercise_kind;
select lives_ok(format('select public.log_workout(%L)', pg_temp.session(s.id::text, jsonb_build_array(s.one || extra::jsonb))),
  s.kind || ' may have ' || extra)
  from sound as s join (values
    ('weight_reps', '{"duration_seconds": 5, "distance_m": 5}'), ('reps', '{"weight": {"value": 5, "unit": "kg"}, "distance_m": 2.4}'),
    ('bodyweight_reps', '{"duration_seconds": 180}'), ('assisted', '{"duration_seconds": 5}'),
    ('duration', '{"reps": 5, "distance_m": 5, "weight": {"value": 5, "unit": "kg"}}'), ('weight_duration', '{"reps": 5, "distance_m": 30}'),
    ('distance_duration', '{"reps": 5}')) as t (kind, extra) on s.kind = t.kind::public.exercise_kind;
select throws_ok(format('select public.log_workout(%L)', pg_temp.session(s.id::text, sets::jsonb)), code, null, 'refused: ' || sets)
  from sound as s, (values
    ('[]', 'PT422'), ('{}', '22023'), ('null', '22023'), ('[5]', 'PT422'), ('[null]', 'PT422'), ('[[]]', 'PT422')) as t (sets, code)
 where s.kind = 'weight_reps';
select throws_ok(format('select public.log_workout(%L)', pg_temp.session(s.id::text, jsonb_build_array(s.one || change::jsonb))), code, null,
  'refused: ' || left(change, 50))
  from sound as s, (values
    ('{"reps": 0}', '23514'), ('{"reps": 1001}', '23514'), ('{"reps": 99999}', '22003'), ('{"reps": 5.5}', '22P02'), ('{"reps": "NaN"}', '22P02'),
    ('{"weight": {"value": -1, "unit": "kg"}}', '23514'), ('{"weight": {"value": 1000.001, "unit": "kg"}}', '23514'),
    ('{"weight": {"value": 2205, "unit": "lb"}}', '23514'), ('{"weight": {"value": 1.0001, "unit": "kg"}}', '23514'),
    ('{"weight": {"value": "NaN", "unit": "kg"}}', '23514'), ('{"weight": {"value": "Infinity", "unit": "kg"}}', '22003'),
    ('{"weight": {"value": 1e131071, "unit": "kg"}}', '22003'), ('{"weight": {"value": 1e-16383, "unit": "kg"}}', '23514'),
    ('{"weight": {"value": 5}}', '23514'), ('{"weight": {"unit": "kg"}}', '23514'), ('{"weight": {"value": 5, "unit": "stone"}}', '22P02'),
    ('{"weight": 5}', '23514'), ('{"set_type": null}', '23502'), ('{"set_type": "hard"}', '22P02'), ('{"side": "both"}', '22P02'),
    ('{"rpe": 10.5}', '23514'), ('{"rpe": 7.3}', '23514'), ('{"rpe": "NaN"}', '23514'), ('{"rir": 11}', '23514'),
    ('{"average_heart_rate": 19}', '23514'), ('{"average_heart_rate": 301}', '23514'), ('{"max_heart_rate": 19}', '23514'),
    ('{"max_heart_rate": 301}', '23514'), ('{"max_heart_rate": 40000}', '22003'), ('{"average_heart_rate": "fast"}', '22P02'),
    ('{"average_heart_rate": 150, "max_heart_rate": 149}', '23514')) as t (change, code)
 where s.kind = 'weight_reps';
select throws_ok(format('select public.log_workout(%L)', pg_temp.session(s.id::text, jsonb_build_array(s.one || change::jsonb))), code, null,
  'refused: ' || left(change, 50))
  from sound as s, (values ('{"duration_seconds": 0}', '23514'), ('{"duration_seconds": 86401}', '23514'), ('{"distance_m": 0}', '23514'),
    ('{"distance_m": "NaN"}', '23514'), ('{"distance_m": 1000001}', '23514'), ('{"distance_m": 1e131071}', '22003')) as t (change, code)
 where s.kind = 'distance_duration';
select throws_ok(format('select public.log_workout(%L)', pg_temp.session(s.id::text, to_jsonb(array_fill(s.one, array[101])))),
  'PT422', null, 'an exercise has 100 sets at most') from sound as s where s.kind = 'weight_reps';
select lives_ok(format('select public.log_workout(%L)', pg_temp.session(s.id::text, to_jsonb(array_fill(s.one, array[100])))),
  'and so many it may have') from sound as s where s.kind = 'weight_reps';

-- Kilograms and the estimated maximum are computed -------------------------------------------------------------------------
select results_eq(format($$select (e ->> 'weight_kg')::numeric, (e ->> 'e1rm_kg')::numeric from jsonb_path_query(
    public.log_workout(%L), '$.workout.exercises[0].sets[*]') as e$$, pg_temp.session(id::text, '[
    {"set_type": "working", "reps": 1, "weight": {"value": 100, "unit": "kg"}}, {"set_type": "working", "reps": 10, "weight": {"value": 225, "unit": "lb"}},
    {"set_type": "working", "reps": 13, "weight": {"value": 50, "unit": "kg"}}, {"set_type": "warmup", "reps": 5, "weight": {"value": 50, "unit": "kg"}}]')),
  'values (100.000, 100.000), (102.058, 136.077), (50.000, null), (50.000, null)', 'from what was entered') from sound where kind = 'weight_reps';

-- Another person -----------------------------------------------------------------------------------------------------
select throws_ok(format('select public.log_workout(%L)', pg_temp.session(id, '[{"set_type": "working", "reps": 5, "weight": {"value": 5, "unit": "kg"}}]')),
  'PT422', null, 'not to be done: ' || title)
  from (values ('00000000-0000-4000-8000-00000000e0b0', 'another person''s exercise'), ('00000000-0000-4000-8000-00000000dead', 'one that does not exist'))
    as t (id, title);
select lives_ok(format('select public.log_workout(%L)', pg_temp.session('00000000-0000-4000-8000-00000000e0a0',
  '[{"set_type": "working", "reps": 5, "weight": {"value": 5, "unit": "kg"}}]')), 'one''s own is');
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000b0", "role": "authenticated"}';
select is_empty('select 1 from public.sets', 'another person''s sets are not there');

-- History keeps its exercise -------------------------------------------------------------------------------------------
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000a0", "role": "authenticated"}';
select throws_ok($$update public.exercises set kind = 'reps' where name = 'Ana''s'$$, 'PT409', null, 'what numbers mean does not change');
select lives_ok($$update public.exercises set name = 'Renamed' where name = 'Ana''s'$$, 'what it is called does');
select is(public.delete_exercise('00000000-0000-4000-8000-00000000e0a0'), true, 'a logged exercise is deleted');
select results_eq($$select s.exercise_name, e.name, e.hidden_at is not null from public.sets as s join public.exercises as e on e.id = s.exercise_id
  where e.user_id is not null$$, $$values ('Ana''s', 'Renamed', true)$$, 'which only hides it, and history has the name it had');

-- An anonymous sign-in is an ordinary owner ---------------------------------------------------------------------------
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000c0", "role": "authenticated", "is_anonymous": true}';
select lives_ok(format('select public.log_workout(%L)', pg_temp.session(id::text, jsonb_build_array(one))), 'an anonymous sign-in logs sets')
  from sound where kind = 'reps';
select results_eq('select user_id from public.sets', $$values ('00000000-0000-4000-8000-0000000000c0'::uuid)$$, 'of its own');

-- No account, and the server's own key --------------------------------------------------------------------------------
reset role;
set local role anon;
select throws_ok('select 1 from public.sets', '42501', null, 'anon reads nothing');
reset role;
set local role service_role;
select is((select count(distinct user_id)::integer from public.sets where user_id::text like '00000000-0000-4000-8000-0000000000%'), 2,
  'the service role sees all');

-- Nobody, the server included, hangs a set on another person's workout --------------------------------------------------
reset role;
select throws_ok($$insert into public.sets (user_id, workout_id, exercise_id, exercise_name, kind, exercise_position, position, set_type, reps, started_at, local_date)
  select '00000000-0000-4000-8000-0000000000b0', workout_id, exercise_id, exercise_name, kind, 9, 0, set_type, reps, started_at, local_date
    from public.sets where kind = 'reps' limit 1$$, '23503', null, 'a set is of the person whose workout it is');
delete from public.workouts where user_id = '00000000-0000-4000-8000-0000000000c0';
select is_empty($$select 1 from public.sets where user_id = '00000000-0000-4000-8000-0000000000c0'$$, 'sets go with their workout');
delete from auth.users where id = '00000000-0000-4000-8000-0000000000a0';
select is_empty($$select 1 from public.sets where user_id = '00000000-0000-4000-8000-0000000000a0'$$, 'and with the account');

select * from finish();
rollback;

-- public.measurements: what people measure of their bodies, one of each kind a day; the day is the database's to say.
begin;
select plan(56);

insert into auth.users (id, email) values
  ('00000000-0000-4000-8000-0000000000a0', 'ana@people.example'), ('00000000-0000-4000-8000-0000000000b0', 'bo@people.example');
insert into auth.users (id, is_anonymous) values ('00000000-0000-4000-8000-0000000000c0', true);
update public.users set timezone = 'Pacific/Auckland' where id = '00000000-0000-4000-8000-0000000000a0';
insert into public.measurements (id, user_id, kind, value, measured_at) values
  ('00000000-0000-4000-8000-00000000b0b0', '00000000-0000-4000-8000-0000000000b0', 'body_weight', 90, '2026-03-04T20:00:00Z');

-- Who may ask what ---------------------------------------------------------------------------------------------------
select table_privs_are('public', 'measurements', 'anon', array[]::text[], 'anon can do nothing');
select table_privs_are('public', 'measurements', 'authenticated', array['DELETE', 'SELECT'], 'people read and delete');
select column_privs_are('public', 'measurements', c, 'authenticated', array['INSERT', 'SELECT', 'UPDATE'], 'people write ' || c)
  from unnest(array['kind', 'value', 'measured_at']) as c;
select column_privs_are('public', 'measurements', c, 'authenticated', array['SELECT'], c || ' is nobody''s to set')
  from unnest(array['id', 'user_id', 'local_date', 'created_at', 'updated_at']) as c;
select policies_are('public', 'measurements', array['People read their own measurements', 'People add their own measurements',
  'People change their own measurements', 'People delete their own measurements',
  'Only queries that the app needs']);

-- The owner ----------------------------------------------------------------------------------------------------------
set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000a0", "role": "authenticated"}';
select results_eq($$insert into public.measurements (kind, value, measured_at) values ('body_weight', 80, '2026-03-04T20:00:00Z')
  returning user_id, local_date$$, $$values ('00000000-0000-4000-8000-0000000000a0'::uuid, '2026-03-05'::date)$$,
  'a measurement is of the day that it was where she lives');
select throws_ok($$insert into public.measurements (kind, value, measured_at) values ('body_weight', 81, '2026-03-05T10:59:59Z')$$, '23505', null,
  'one of each kind a day');
select lives_ok($$insert into public.measurements (kind, value, measured_at) values ('body_weight', 81, '2026-03-05T11:00:00Z')$$, 'the next day begins at midnight');
select lives_ok($$insert into public.measurements (kind, value, measured_at) values ('body_fat', 0.2, '2026-03-04T20:00:00Z')$$, 'another kind is another');
select results_eq($$insert into public.measurements (kind, value, measured_at) values ('body_fat', 0.25, '2026-03-04T21:00:00Z')
  on conflict (user_id, kind, local_date) do update set value = excluded.value, measured_at = excluded.measured_at
  returning value, updated_at > created_at$$, 'values (0.2500, true)', 'measuring again replaces');
select results_eq($$update public.measurements set measured_at = '2026-03-01T00:00:00Z' where kind = 'body_fat' returning local_date$$,
  $$values ('2026-03-01'::date)$$, 'at another time it is of another day');
select throws_ok($$update public.measurements set measured_at = '2026-03-04T20:00:00Z' where value = 81$$, '23505', null, 'which may be taken');
select throws_ok('update public.measurements set local_date = ''2020-01-01''', '42501', null, 'the day is not theirs to say');
select throws_ok($$insert into public.measurements (kind, value, local_date) values ('waist', 0.8, '2020-01-01')$$, '42501', null, 'at first neither');
select throws_ok('update public.measurements set user_id = user_id', '42501', null, 'nor whose it is');
select throws_ok('truncate public.measurements', '42501', null, 'nobody empties the table');
update public.users set timezone = 'UTC';
select is((select local_date from public.measurements where value = 80), '2026-03-05', 'moving changes no day that has been');
prepare gone as delete from public.measurements where kind = 'body_fat' returning id;
select isnt_empty('execute gone', 'people delete theirs');

-- What a measurement may be ----------------------------------------------------------------------------------------------
select throws_ok(format('insert into public.measurements (kind, value) values (%L, %L)', kind, value), code, null, 'refused: ' || kind || ' ' || value)
  from (values ('body_weight', '19.9', '23514'), ('body_weight', '500.1', '23514'), ('body_weight', 'NaN', '23514'), ('body_weight', 'Infinity', '22003'),
    ('body_weight', '1e131071', '22003'), ('body_weight', '-80', '23514'), ('height', '180', '23514'), ('height', '0', '23514'),
    ('body_fat', '20', '23514'), ('body_fat', '0', '23514'), ('waist', '80', '23514'), ('arm', '0.04', '23514'),
    ('resting_heart_rate', '19', '23514'), ('resting_heart_rate', '251', '23514'), ('mood', '5', '22P02'), ('body_weight', null, '23502'))
    as t (kind, value, code);
select throws_ok(format('insert into public.measurements (kind, value, measured_at) values (''height'', 1.8, %L)', at), code, null, 'refused: at ' || at)
  from (values ('infinity', '23514'), ('-infinity', '23514'), ('2999-01-01', '23514'), ('1969-12-31T23:59:59Z', '23514'),
    ('yesterday evening', '22007')) as t (at, code);

-- Another person -----------------------------------------------------------------------------------------------------
select is_empty($$select 1 from public.measurements where id = '00000000-0000-4000-8000-00000000b0b0'$$, 'another person''s measurement is not there');
select is_empty($$update public.measurements set value = 1 where id = '00000000-0000-4000-8000-00000000b0b0' returning id$$, 'nor to change');
select is_empty($$delete from public.measurements where id = '00000000-0000-4000-8000-00000000b0b0' returning id$$, 'nor to delete');
select throws_ok($$insert into public.measurements (kind, value, user_id) values ('height', 1.8, '00000000-0000-4000-8000-0000000000b0')$$,
  '42501', null, 'nothing is measured in another''s name');

-- An anonymous sign-in is an ordinary owner, and an account that is gone is none ------------------------------------------
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000c0", "role": "authenticated", "is_anonymous": true}';
select results_eq($$insert into public.measurements (kind, value) values ('height', 1.8) returning user_id$$,
  $$values ('00000000-0000-4000-8000-0000000000c0'::uuid)$$, 'an anonymous sign-in measures itself');
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-00000000dead", "role": "authenticated"}';
select throws_ok($$insert into public.measurements (kind, value) values ('height', 1.8)$$, 'PT401', null, 'a token of no account measures nothing');

-- No account, and the server's own key --------------------------------------------------------------------------------
reset role;
set local role anon;
select throws_ok('select 1 from public.measurements', '42501', null, 'anon reads nothing');
select throws_ok($$insert into public.measurements (kind, value) values ('height', 1.8)$$, '42501', null, 'and writes nothing');
reset role;
set local role service_role;
select is((select count(distinct user_id)::integer from public.measurements where user_id::text like '00000000-0000-4000-8000-0000000000%'), 3,
  'the service role sees all');
select results_eq($$insert into public.measurements (user_id, kind, value, measured_at, local_date)
  values ('00000000-0000-4000-8000-0000000000b0', 'height', 1.8, '2026-03-04T20:00:00Z', '2026-03-03') returning local_date$$,
  $$values ('2026-03-03'::date)$$, 'and alone brings a day along');
reset role;
delete from auth.users where id = '00000000-0000-4000-8000-0000000000b0';
select is_empty($$select 1 from public.measurements where user_id = '00000000-0000-4000-8000-0000000000b0'$$,
  'a person''s measurements go with the account');

select * from finish();
rollback;

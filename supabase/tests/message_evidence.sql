-- public.message_evidence: what replies used, with texts that the database wrote; read by the owner, written by finish_chat.
begin;
select plan(52);

insert into auth.users (id, email) values
  ('00000000-0000-4000-8000-0000000000a0', 'ana@people.example'), ('00000000-0000-4000-8000-0000000000b0', 'bo@people.example');
insert into auth.users (id, is_anonymous) values ('00000000-0000-4000-8000-0000000000c0', true);
insert into public.exercises (id, user_id, slug, name, kind, primary_muscles) values
  ('00000000-0000-4000-8000-00000000e001', null, 'test-library-squat', 'Test Library Squat', 'weight_reps', '{quadriceps}');
insert into public.plans (id, user_id, name, status, content)
  select id::uuid, user_id::uuid, name, 'active', '{"days": [{"name": "Legs", "exercises": [
    {"exercise_id": "00000000-0000-4000-8000-00000000e001", "sets": [{"set_type": "working", "reps_max": 5}]}]}]}'
    from (values ('00000000-0000-4000-8000-0000000010a0', '00000000-0000-4000-8000-0000000000a0', 'Strength'),
                 ('00000000-0000-4000-8000-0000000010b0', '00000000-0000-4000-8000-0000000000b0', 'Bo''s secret plan')) as t (id, user_id, name);
insert into public.memories (id, user_id, kind, content, content_hash, status, updated_at)
  select id::uuid, user_id::uuid, 'fact', content, sha256(id::bytea), status::public.memory_status, '2026-01-02' from (values
    ('00000000-0000-4000-8000-0000000011a0', '00000000-0000-4000-8000-0000000000a0', 'Has a dog.', 'active'),
    ('00000000-0000-4000-8000-0000000011a1', '00000000-0000-4000-8000-0000000000a0', 'Has a cat.', 'superseded'),
    ('00000000-0000-4000-8000-0000000011a2', '00000000-0000-4000-8000-0000000000a0', null, 'dismissed'),
    ('00000000-0000-4000-8000-0000000011b0', '00000000-0000-4000-8000-0000000000b0', 'Bo''s secret.', 'active')) as t (id, user_id, content, status);
create temporary table noted (name text, id uuid);
grant all on noted to authenticated, service_role;

-- Logs a set; its id.
create function pg_temp.trained() returns uuid
language sql set search_path = '' as $$
  select (public.log_workout(json_build_object('client_id', gen_random_uuid(), 'timezone', 'UTC', 'started_at', '2026-03-04T18:00:00Z',
    'exercises', json_build_array(json_build_object('exercise_id', '00000000-0000-4000-8000-00000000e001', 'sets', json_build_array(
      json_build_object('set_type', 'working', 'reps', 5, 'weight', json_build_object('value', 102.5, 'unit', 'kg')))))))
    #>> '{workout,exercises,0,sets,0,id}')::uuid
$$;
-- Says something, and answers it with this evidence; the answer.
create function pg_temp.replied(evidence jsonb) returns jsonb
language sql set search_path = '' as $$
  select public.finish_chat(jsonb_build_object('message_id', public.begin_chat(gen_random_uuid(), 'How am I doing?') -> 'message_id',
    'reply', 'Well.', 'mood', 'proud', 'actions', '[]'::jsonb, 'model', 'offline', 'finish', 'stop', 'input_tokens', 1, 'output_tokens', 1,
    'latency_ms', 1, 'evidence', evidence, 'memories', '[]'::jsonb))
$$;
grant execute on function pg_temp.trained, pg_temp.replied to authenticated;

-- Who may ask what ---------------------------------------------------------------------------------------------------
select table_privs_are('public', 'message_evidence', 'anon', array[]::text[], 'anon can do nothing');
select table_privs_are('public', 'message_evidence', 'authenticated', array['SELECT'], 'people read');
select is_empty($$select 1 from information_schema.column_privileges where table_schema = 'public' and table_name = 'message_evidence'
  and grantee in ('anon', 'authenticated') and privilege_type <> 'SELECT'$$, 'no column is anyone''s to set');
select policies_are('public', 'message_evidence', array['People read what replies to them used',
  'Only queries that the app needs']);

-- The owner ----------------------------------------------------------------------------------------------------------
set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000b0", "role": "authenticated"}';
insert into noted select 'bos set', pg_temp.trained();
insert into noted select 'bos', (pg_temp.replied('[{"kind": "plan", "id": "00000000-0000-4000-8000-0000000010b0"}]') #>> '{message,id}')::uuid;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000a0", "role": "authenticated"}';
select is_empty('select 1 from public.message_evidence', 'what replies to another person used is not seen');
insert into noted select 'anas set', pg_temp.trained();
select results_eq(format('select value ->> ''kind'', value ->> ''text'' from jsonb_array_elements(pg_temp.replied(%L) -> ''evidence'')',
    jsonb_build_array(
      jsonb_build_object('kind', 'memory', 'id', '00000000-0000-4000-8000-0000000011a0', 'text', 'Forged'),
      jsonb_build_object('kind', 'set', 'id', id, 'text', 'Forged'),
      jsonb_build_object('kind', 'plan', 'id', '00000000-0000-4000-8000-0000000010a0', 'text', 'Forged'),
      jsonb_build_object('kind', 'plan', 'id', '00000000-0000-4000-8000-0000000010a0'))),
  $$values ('memory', 'Has a dog.'), ('set', 'Test Library Squat: 5 × 102.5 kg on 4 Mar 2026'), ('plan', 'Strength')$$,
  'each thing once, in the words that the database has of it') from noted where name = 'anas set';
insert into noted select 'anas', id from public.chat_messages where role = 'assistant';
select results_eq(format('select value ->> ''text'', value ->> ''value'' from jsonb_array_elements(pg_temp.replied(%L) -> ''evidence'')',
    jsonb_build_array(
      jsonb_build_object('kind', 'profile', 'id', '00000000-0000-4000-8000-0000000000a0', 'value', '2,480 kcal', 'text', 'Forged'),
      jsonb_build_object('kind', 'profile', 'id', '00000000-0000-4000-8000-0000000000a0', 'value', '150 g'),
      jsonb_build_object('kind', 'profile', 'id', '00000000-0000-4000-8000-0000000000a0', 'value', '150 g'),
      jsonb_build_object('kind', 'exercise', 'id', '00000000-0000-4000-8000-00000000e001', 'value', '102.5 kg'))),
  $$values ('Your profile', '2,480 kcal'), ('Your profile', '150 g'), ('Test Library Squat', '102.5 kg')$$,
  'each value of a thing once, with the text of the thing');
select is(pg_temp.replied('[{"kind": "profile", "id": "00000000-0000-4000-8000-0000000000b0", "value": "150 g"}]') -> 'evidence', '[]',
  'another person''s profile is no evidence');
select throws_ok(format('select pg_temp.replied(%L)', jsonb_build_array(jsonb_build_object('kind', 'profile',
  'id', '00000000-0000-4000-8000-0000000000a0', 'value', repeat('x', 201)))), '23514', null, 'a value is short');
delete from public.chat_messages where id not in (select id from noted where name in ('anas', 'bos'))
  and id not in (select reply_to from public.chat_messages where id in (select id from noted where name = 'anas'));
select is(jsonb_array_length(public.chat_evidence(id)), 3, 'as it is shown later') from noted where name = 'anas';
select results_eq('select distinct user_id, message_id from public.message_evidence',
  $$select '00000000-0000-4000-8000-0000000000a0'::uuid, id from noted where name = 'anas'$$, 'it is hers');
select isnt((select last_used_at from public.memories where id = '00000000-0000-4000-8000-0000000011a0'), null, 'a memory that was used says so');
select throws_ok(format($$insert into public.message_evidence (user_id, message_id, kind, source_id, text)
  values ('00000000-0000-4000-8000-0000000000a0', %L, 'plan', gen_random_uuid(), 'x')$$, id), '42501', null, 'evidence is not written by hand')
  from noted where name = 'anas';
select throws_ok('update public.message_evidence set text = ''x''', '42501', null, 'nor changed');
select throws_ok('delete from public.message_evidence', '42501', null, 'nor deleted');
select throws_ok('truncate public.message_evidence', '42501', null, 'at all');

-- What is no evidence ----------------------------------------------------------------------------------------------------
select is(pg_temp.replied(jsonb_build_array(jsonb_build_object('kind', kind, 'id', coalesce(source, id::text)))) -> 'evidence', '[]', 'no evidence: ' || title)
  from (values ('memory', '00000000-0000-4000-8000-0000000011b0', 'another person''s memory', null),
    ('set', null, 'another person''s set', 'bos set'), ('plan', '00000000-0000-4000-8000-0000000010b0', 'another person''s plan', null),
    ('memory', '00000000-0000-4000-8000-0000000011a1', 'a memory that was replaced', null),
    ('memory', '00000000-0000-4000-8000-0000000011a2', 'a memory that was forgotten', null),
    ('memory', '00000000-0000-4000-8000-0000000010a0', 'a plan as a memory', null), ('plan', '00000000-0000-4000-8000-0000000011a0', 'a memory as a plan', null),
    ('memory', null, 'a set as a memory', 'anas set'), ('set', '00000000-0000-4000-8000-0000000010a0', 'a plan as a set', null),
    ('plan', '00000000-0000-4000-8000-00000000dead', 'what is not there', null)) as t (kind, source, title, name) left join noted using (name);
select is(pg_temp.replied('[{}, {"kind": "plan"}, {"id": "00000000-0000-4000-8000-0000000010a0"}]') -> 'evidence', '[]', 'no evidence: half of it');
select throws_ok(format('select pg_temp.replied(%L)', evidence), code, null, 'refused: ' || evidence)
  from (values ('null', '22023'), ('{}', '22023'), ('5', '22023'), ('[5]', '22023'), ('[null]', '22023'), ('[[]]', '22023'),
    ('[{"kind": "secret", "id": "00000000-0000-4000-8000-0000000010a0"}]', '22P02'), ('[{"kind": "plan", "id": "x"}]', '22P02')) as t (evidence, code);
select is((select count(*)::integer from public.message_evidence), 3, 'nothing of all this was kept');

-- Another person -----------------------------------------------------------------------------------------------------
select is(public.chat_evidence(id), null, 'what another person''s reply used is not shown') from noted where name = 'bos';
select is(public.chat_evidence('00000000-0000-4000-8000-00000000dead'), null, 'like that of one that does not exist');
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000c0", "role": "authenticated", "is_anonymous": true}';
select is(public.chat_evidence(id), null, 'nor to a guest') from noted where name in ('anas', 'bos');

-- No account, and the server's own key --------------------------------------------------------------------------------
reset role;
set local role anon;
select throws_ok('select 1 from public.message_evidence', '42501', null, 'anon reads nothing');
select throws_ok('select public.chat_evidence(gen_random_uuid())', '42501', null, 'and is shown nothing');
reset role;
set local role service_role;
select is((select count(*)::integer from public.message_evidence where message_id in (select id from noted)), 4, 'the service role sees all');
reset role;
select throws_ok(format($$insert into public.message_evidence (user_id, message_id, kind, source_id, text)
  values ('00000000-0000-4000-8000-0000000000a0', %L, 'plan', gen_random_uuid(), 'x')$$, id), '23503', null,
  'evidence is of the owner''s reply, whoever writes it') from noted where name = 'bos';
select throws_ok(format($$insert into public.message_evidence (user_id, message_id, kind, source_id, text)
  values ('00000000-0000-4000-8000-0000000000a0', %L, 'plan', gen_random_uuid(), %L)$$, id, repeat('x', 601)), '23514', null,
  'and not longer than 600 characters') from noted where name = 'anas';

-- What becomes of it -----------------------------------------------------------------------------------------------------
set local role authenticated;
set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000a0", "role": "authenticated"}';
delete from public.plans;
select results_eq('select text from public.message_evidence where kind = ''plan''', 'values (''Strength'')', 'it outlives its source');
select is(public.forget_memory('00000000-0000-4000-8000-0000000011a0'), true, 'but for a memory');
select is_empty('select 1 from public.message_evidence where kind = ''memory''', 'that the person wants forgotten');
delete from public.chat_messages where id = (select id from noted where name = 'anas');
select is_empty('select 1 from public.message_evidence', 'it goes with its reply');
insert into noted select 'last', (pg_temp.replied(jsonb_build_array(jsonb_build_object('kind', 'set', 'id', id))) #>> '{message,id}')::uuid
  from noted where name = 'anas set';
select is(jsonb_array_length(public.chat_evidence(id)), 1, 'another reply has its own') from noted where name = 'last';
reset role;
delete from auth.users where id = '00000000-0000-4000-8000-0000000000a0';
select is_empty($$select 1 from public.message_evidence where user_id = '00000000-0000-4000-8000-0000000000a0'$$, 'and all goes with the account');
select isnt_empty($$select 1 from public.message_evidence where user_id = '00000000-0000-4000-8000-0000000000b0'$$, 'but no other person''s');

select * from finish();
rollback;

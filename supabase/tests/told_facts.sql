-- What a person has told: in force from that moment, offered for the profile, and ended by retracting, deciding or forgetting.
begin;
select * from no_plan();

insert into auth.users (id, email) values
  ('00000000-0000-4000-8000-0000000000a0', 'ana@people.example'), ('00000000-0000-4000-8000-0000000000b0', 'bo@people.example');
create function pg_temp.fact(field text, op text, value jsonb) returns jsonb language sql as $$
  select jsonb_build_object('field', field, 'op', op, 'value', value) $$;
create function pg_temp.tell(who text, content text, facts jsonb, given jsonb default '{}') returns jsonb language sql as $$
  select private.learn_memory(('00000000-0000-4000-8000-0000000000' || who)::uuid,
    jsonb_build_object('kind', 'fact', 'content', content, 'quote', content, 'facts', facts) || given, null) $$;
create function pg_temp.person(who text) returns public.users language sql as $$
  select private.person(('00000000-0000-4000-8000-0000000000' || who)::uuid) $$;
create function pg_temp.id_of(content text) returns uuid language sql as $$
  select m.id from public.memories as m
   where m.content = id_of.content and m.user_id = '00000000-0000-4000-8000-0000000000a0' order by m.created_at desc limit 1 $$;
create function pg_temp.facts_of(content text) returns jsonb language sql as $$
  select m.facts from public.memories as m
   where m.content = facts_of.content and m.user_id = '00000000-0000-4000-8000-0000000000a0' and m.status = 'active' $$;
-- What the profile could have, as the person sees it: field, op and value.
create function pg_temp.offered(who text) returns setof text language sql as $$
  select concat_ws(' ', o ->> 'field', o ->> 'op', o ->> 'value')
    from public.users as u, jsonb_array_elements(public.unconfirmed(u)) as o
   where u.id = ('00000000-0000-4000-8000-0000000000' || who)::uuid $$;
create function pg_temp.ana() returns void language plpgsql as $$
begin
  set local role authenticated;
  set local request.jwt.claims = '{"sub": "00000000-0000-4000-8000-0000000000a0", "role": "authenticated"}';
end $$;

grant execute on function pg_temp.id_of, pg_temp.person to public;

-- In force at once -----------------------------------------------------------------------------------------------------
select is(pg_temp.tell('a0', 'I am allergic to peanuts and milk',
  jsonb_build_array(pg_temp.fact('allergens', 'add', '"peanut"'), pg_temp.fact('allergens', 'add', '"milk"'))) ->> 'outcome', 'learned', 'told');
select is((pg_temp.person('a0')).allergens, '{peanut,milk}'::public.allergen[], 'an allergy is in force at once');
select is((select allergens from public.users where id = '00000000-0000-4000-8000-0000000000a0'), '{}', 'the profile is as it was');
select is((pg_temp.person('b0')).allergens, '{}', 'another person has nothing of it');
select is(pg_temp.tell('b0', 'I am allergic to peanuts and milk', '[]') ->> 'outcome', 'learned', 'Bo says the same words');
select is((pg_temp.person('b0')).allergens, '{}', 'which say nothing else of Bo than what was heard');
select bag_eq($$select pg_temp.offered('a0')$$, $$values ('allergens add peanut'), ('allergens add milk')$$, 'it is offered');
select is_empty($$select pg_temp.offered('b0')$$, 'to nobody else');
select pg_temp.tell('a0', 'I eat vegan', jsonb_build_array(pg_temp.fact('diet', 'set', '"vegan"')));
select pg_temp.tell('a0', 'My knees hurt', jsonb_build_array(pg_temp.fact('injuries', 'add', '{"joint": "knee", "side": null}')));
select pg_temp.tell('a0', 'I hate mushrooms', jsonb_build_array(pg_temp.fact('dislikes', 'add', '"mushrooms"')));
select is((pg_temp.person('a0')).diet::text, 'vegan', 'so is a diet');
select is((pg_temp.person('a0')).injuries, '{knee}', 'so is a painful joint');
select is((pg_temp.person('a0')).dislikes, '{mushrooms}', 'so is a dislike');
select pg_temp.tell('a0', 'I train four times a week', jsonb_build_array(pg_temp.fact('days_per_week', 'set', '4')));
select is((pg_temp.person('a0')).days_per_week, null, 'what is no matter of safety is only offered');
select is(array(select pg_temp.offered('a0') limit 1), '{days_per_week set 4}', 'the newest first');

-- A profile that says it already is offered nothing.
update public.users set diet = 'vegetarian', dislikes = '{Mushroom,olives}', injuries = '{hip}' where id = '00000000-0000-4000-8000-0000000000b0';
select pg_temp.tell('b0', 'I am vegetarian', jsonb_build_array(pg_temp.fact('diet', 'set', '"vegetarian"')));
select pg_temp.tell('b0', 'No mushrooms for me', jsonb_build_array(pg_temp.fact('dislikes', 'add', '"mushrooms"')));
select is_empty($$select pg_temp.offered('b0')$$, 'what the profile says already is not offered');
select is((pg_temp.person('b0')).dislikes, '{Mushroom,olives}', 'and nothing is there twice');

-- Retracting -----------------------------------------------------------------------------------------------------------
select is(pg_temp.tell('a0', 'Milk is fine, the test was wrong', jsonb_build_array(pg_temp.fact('allergens', 'remove', '"milk"'))) ->> 'outcome',
  'learned', 'a part of what was told is retracted');
select is((pg_temp.person('a0')).allergens, '{peanut}', 'the rest stays in force');
select is(pg_temp.facts_of('I am allergic to peanuts and milk'), jsonb_build_array(pg_temp.fact('allergens', 'add', '"peanut"')), 'in its memory');
select is(pg_temp.tell('a0', 'I am not vegan any more', jsonb_build_array(pg_temp.fact('diet', 'remove', '"vegan"'))) ->> 'outcome', 'superseded', 'all of it');
select is((pg_temp.person('a0')).diet, null, 'ends it');
select is((select status::text from public.memories where id = pg_temp.id_of('I eat vegan')), 'superseded', 'and is history');
select is((select superseded_by from public.memories where id = pg_temp.id_of('I eat vegan')), pg_temp.id_of('I am not vegan any more'), 'of what replaced it');
select is(pg_temp.tell('a0', 'I am vegan again', jsonb_build_array(pg_temp.fact('diet', 'set', '"vegan"'))) ->> 'outcome', 'superseded', 'and back');
select is((pg_temp.person('a0')).diet::text, 'vegan', 'the newest word counts');
select is(pg_temp.tell('a0', 'I switched to vegetarian', jsonb_build_array(pg_temp.fact('diet', 'set', '"vegetarian"'))) ->> 'outcome', 'superseded', 'another diet replaces');
select is((pg_temp.person('a0')).diet::text, 'vegetarian', 'the one before');
select is(pg_temp.tell('a0', 'My knees are fine now', jsonb_build_array(pg_temp.fact('injuries', 'remove', '{"joint": "knee"}'))) ->> 'outcome', 'superseded', 'healed');
select is((pg_temp.person('a0')).injuries, '{}', 'is no injury');
select is(pg_temp.tell('a0', 'I like mushrooms now', jsonb_build_array(pg_temp.fact('dislikes', 'remove', '"mushroom"'))) ->> 'outcome', 'superseded', 'in other words');
select is((pg_temp.person('a0')).dislikes, '{}', 'a dislike ends, too');
select is(pg_temp.tell('a0', 'Five days would be better', jsonb_build_array(pg_temp.fact('days_per_week', 'set', '5'))) ->> 'outcome', 'superseded', 'another number');
select is(pg_temp.tell('a0', 'I also want to run a marathon', jsonb_build_array(pg_temp.fact('goals', 'add', '"run a marathon"'))) ->> 'outcome', 'learned', 'a goal');
select is(pg_temp.tell('a0', 'And a stronger back', jsonb_build_array(pg_temp.fact('goals', 'add', '"a stronger back"'))) ->> 'outcome', 'learned', 'another goal adds');
select is(pg_temp.tell('a0', 'I live in Oslo', jsonb_build_array(pg_temp.fact('residence', 'set', '"Oslo"'))) ->> 'outcome', 'learned', 'where one lives');
select is(pg_temp.tell('a0', 'I have moved to Bergen', jsonb_build_array(pg_temp.fact('residence', 'set', '"Bergen"'))) ->> 'outcome', 'superseded', 'is one place');
select bag_eq($$select pg_temp.offered('a0')$$, $$values ('allergens add peanut'), ('diet set vegetarian'), ('days_per_week set 5'),
  ('goals add run a marathon'), ('goals add a stronger back')$$, 'what is left is offered, and nothing that the profile has no place for');

-- Sides.
select pg_temp.tell('a0', 'Left knee hurts', jsonb_build_array(pg_temp.fact('injuries', 'add', '{"joint": "knee", "side": "left"}')));
select pg_temp.tell('a0', 'Right knee hurts', jsonb_build_array(pg_temp.fact('injuries', 'add', '{"joint": "knee", "side": "right"}')));
select pg_temp.tell('a0', 'Left knee is well', jsonb_build_array(pg_temp.fact('injuries', 'remove', '{"joint": "knee", "side": "left"}')));
select is((pg_temp.person('a0')).injuries, '{knee}', 'the other knee still hurts');
select pg_temp.tell('a0', 'Both knees are well', jsonb_build_array(pg_temp.fact('injuries', 'remove', '{"joint": "knee"}')));
select is((pg_temp.person('a0')).injuries, '{}', 'now none does');

-- What is avoided for the pain is avoided while it hurts.
select pg_temp.tell('a0', 'My hip hurts when I squat', jsonb_build_array(pg_temp.fact('injuries', 'add', '{"joint": "hip"}'), pg_temp.fact('excluded_exercises', 'add', '"squat"')));
select isnt_empty($$select private.excluded_exercises('00000000-0000-4000-8000-0000000000a0')$$, 'an exercise that hurts is excluded');
select is(pg_temp.tell('a0', 'My hip is well again', jsonb_build_array(pg_temp.fact('injuries', 'remove', '{"joint": "hip"}'))) ->> 'outcome', 'superseded', 'until it does not');
select is_empty($$select private.excluded_exercises('00000000-0000-4000-8000-0000000000a0')$$, 'then it is back');

-- A contradiction that was named ends no constraint that the new words do not speak of.
select pg_temp.tell('a0', 'Wrong again', '[]', jsonb_build_object('replaces', pg_temp.id_of('I am allergic to peanuts and milk')));
select is((pg_temp.person('a0')).allergens, '{peanut}', 'an allergy outlives a sentence that was misunderstood');
select is(pg_temp.tell('a0', 'Peanuts only make me itch', jsonb_build_array(pg_temp.fact('allergens', 'add', '"peanut"')),
  jsonb_build_object('replaces', pg_temp.id_of('I am allergic to peanuts and milk'))) ->> 'outcome', 'superseded', 'one that says it again replaces it');
select is((pg_temp.person('a0')).allergens, '{peanut}', 'and keeps it');

-- Saying the same again merges facts.
select is(pg_temp.tell('a0', 'Peanuts only make me itch', jsonb_build_array(pg_temp.fact('allergens', 'add', '"soy"'))) ->> 'outcome', 'reinforced', 'the same words');
select is((pg_temp.person('a0')).allergens, '{peanut,soy}', 'carry both');
select is(pg_temp.tell('a0', 'x', '[{"field": "allergens", "op": "add", "value": "stones"}, 5, {"field": "diet", "op": "set", "value": "vegan", "x": 1}]'::jsonb) ->> 'outcome',
  'learned', 'facts that are none');
select is(pg_temp.facts_of('x'), '[]', 'are left out');

-- Deciding ---------------------------------------------------------------------------------------------------------------
select pg_temp.ana();
select is(public.apply_memory(pg_temp.id_of('Peanuts only make me itch')) ->> 'decision', 'applied', 'applied');
select results_eq('select allergens from public.users', $$values ('{soy,peanut}'::public.allergen[])$$, 'it is in the profile');
select is((public.apply_memory(pg_temp.id_of('Peanuts only make me itch')) ->> 'updated_at')::timestamptz,
  (select updated_at from public.memories where content = 'Peanuts only make me itch'), 'once more changes nothing');
select throws_ok(format('select public.decline_memory(%L)', pg_temp.id_of('Peanuts only make me itch')), 'PT409', null, 'then it is too late to decline');
select public.apply_memory(pg_temp.id_of('I also want to run a marathon')), public.apply_memory(pg_temp.id_of('And a stronger back'));
select is((select goals from public.users), '{run a marathon,a stronger back}', 'lists are merged');
select throws_ok(format('select public.apply_memory(%L)', pg_temp.id_of('I have moved to Bergen')), 'PT409', null, 'there is no place for it');
select throws_ok(format('select public.decline_memory(%L)', pg_temp.id_of('I have moved to Bergen')), 'PT409', null, 'nor anything to decline');
select throws_ok(format('select public.apply_memory(%L)', pg_temp.id_of('I live in Oslo')), 'PT409', null, 'what was replaced is past');
reset role;
select pg_temp.tell('b0', 'Bo hates fish', jsonb_build_array(pg_temp.fact('dislikes', 'add', '"fish"')));
create temporary table bos as select m.id from public.memories as m where m.content = 'Bo hates fish';
grant select on bos to authenticated;
select pg_temp.ana();
select is(public.apply_memory(id), null, 'another person''s memory is not there to apply') from bos;
select is(public.decline_memory(id), null, 'nor to decline') from bos;
select is(public.apply_memory('00000000-0000-4000-8000-00000000dead'), null, 'like one that does not exist');
select throws_ok(format('select public.apply_memory(%L, %L)', pg_temp.id_of('I switched to vegetarian'), '{2020-01-01}'), 'PT412', null, 'one that has changed meanwhile');
select is(public.decline_memory(pg_temp.id_of('I switched to vegetarian')) #>> '{memory,decision}', 'declined', 'declined');
reset role;
select is((pg_temp.person('a0')).diet, null, 'it is no longer in force');
select is((pg_temp.person('b0')).dislikes, '{Mushroom,olives,fish}', 'Bo''s is');
select pg_temp.ana();
select is(public.decline_memory(pg_temp.id_of('I switched to vegetarian')) #>> '{memory,decision}', 'declined', 'once more changes nothing');
select is(public.apply_memory(pg_temp.id_of('I switched to vegetarian')) ->> 'decision', 'applied', 'one may think again');
select results_eq('select diet::text from public.users', $$values ('vegetarian')$$, 'and apply it');
reset role;
select is(pg_temp.tell('a0', 'I stopped being vegetarian', jsonb_build_array(pg_temp.fact('diet', 'remove', '"vegetarian"'))) ->> 'outcome', 'superseded', 'retracted');
select is((pg_temp.person('a0')).diet, null, 'also what was applied ends at once');
select is((select diet::text from public.users where id = '00000000-0000-4000-8000-0000000000a0'), 'vegetarian', 'the profile waits for the person');
select is(pg_temp.tell('a0', 'No peanut allergy after all', jsonb_build_array(pg_temp.fact('allergens', 'remove', '"peanut"'))) ->> 'outcome', 'learned', 'an allergen');
select is((pg_temp.person('a0')).allergens, '{peanut,soy}', 'leaves the profile only by the person''s hand');
select pg_temp.ana();
select public.apply_memory(pg_temp.id_of('No peanut allergy after all'));
select is((select allergens from public.users), '{soy}', 'now');

-- What is changed by hand ends what was told of it before.
reset role;
select pg_temp.tell('a0', 'Celery is poison to me', jsonb_build_array(pg_temp.fact('allergens', 'add', '"celery"'), pg_temp.fact('session_minutes', 'set', '40')));
select pg_temp.ana();
update public.users set session_minutes = 60, allergens = '{soy,egg}';
reset role;
select is(pg_temp.facts_of('Celery is poison to me'), jsonb_build_array(pg_temp.fact('allergens', 'add', '"celery"')), 'another value is newer, another allergen adds');
select is((pg_temp.person('a0')).allergens, '{egg,soy,celery}', 'which stays in force');
select pg_temp.ana();
update public.users set allergens = '{soy,celery}';
update public.users set allergens = '{soy}';
reset role;
select is((pg_temp.person('a0')).allergens, '{soy}', 'what they take out themselves ends');
select pg_temp.ana();
update public.users set diet = 'vegan';
reset role;
select is((pg_temp.person('a0')).diet::text, 'vegan', 'a retraction does not outlive a later choice');
select throws_ok($$update public.users set session_minutes = 10 where id = '00000000-0000-4000-8000-0000000000a0'$$, '23514', null, 'a session takes a quarter of an hour');

-- Measures.
select pg_temp.tell('a0', 'I weigh 80.5 kg', jsonb_build_array(pg_temp.fact('body_weight', 'set', '80.5'), pg_temp.fact('height', 'set', '1.75')));
select pg_temp.ana();
select public.apply_memory(pg_temp.id_of('I weigh 80.5 kg'));
select bag_eq('select kind::text, value, local_date from public.measurements',
  $$values ('body_weight', 80.5, (now() at time zone 'UTC')::date), ('height', 1.75, (now() at time zone 'UTC')::date)$$, 'are measured today');
reset role;
select pg_temp.tell('a0', 'I weigh 82 kg', jsonb_build_array(pg_temp.fact('body_weight', 'set', '82')));
update public.memories set stated_at = now() - interval '3 days' where content = 'I weigh 82 kg';
select is_empty($$select 1 from pg_temp.offered('a0') as o where o like 'body_weight%'$$, 'what was measured since is not offered');
select pg_temp.ana();
select public.apply_memory(pg_temp.id_of('I weigh 82 kg'));
select is((select value from public.measurements where kind = 'body_weight'), 80.5, 'nor overwritten');
reset role;

-- Exercises --------------------------------------------------------------------------------------------------------------
insert into public.exercises (id, user_id, slug, name, aliases, kind, primary_muscles) values
  ('00000000-0000-4000-8000-00000000e001', null, 'test-front-squat', 'Test Front Squat', '{}', 'weight_reps', '{quadriceps}'),
  ('00000000-0000-4000-8000-00000000e002', null, 'test-back-squat', 'Test Back Squat', '{}', 'weight_reps', '{quadriceps}'),
  ('00000000-0000-4000-8000-00000000e003', null, 'test-split', 'Test Bulgarian', '{rear-foot Lunges}', 'weight_reps', '{quadriceps}'),
  ('00000000-0000-4000-8000-00000000e0b0', '00000000-0000-4000-8000-0000000000b0', null, 'Bo''s front squat', '{}', 'weight_reps', '{quadriceps}');
create function pg_temp.mine() returns setof text language sql as $$
  select e.name from public.exercises as e where e.id in (select private.excluded_exercises('00000000-0000-4000-8000-0000000000a0')) and e.name like '%Test%' $$;
select pg_temp.tell('a0', 'I hate front squats and lunges', jsonb_build_array(pg_temp.fact('excluded_exercises', 'add', '"front squats"'), pg_temp.fact('excluded_exercises', 'add', '"lunge"')));
select bag_eq('select pg_temp.mine()', $$values ('Test Front Squat'), ('Test Bulgarian')$$, 'by name and alias, in any number');
select is_empty($$select 1 from private.excluded_exercises('00000000-0000-4000-8000-0000000000a0') as x (id) where id = '00000000-0000-4000-8000-00000000e0b0'$$, 'never another person''s');
select pg_temp.tell('a0', 'Lunges are okay', jsonb_build_array(pg_temp.fact('excluded_exercises', 'remove', '"lunges"')));
select bag_eq('select pg_temp.mine()', $$values ('Test Front Squat')$$, 'taken back');
insert into public.exercise_preferences (user_id, exercise_id, kind) values
  ('00000000-0000-4000-8000-0000000000a0', '00000000-0000-4000-8000-00000000e001', 'favourite'),
  ('00000000-0000-4000-8000-0000000000a0', '00000000-0000-4000-8000-00000000e003', 'excluded'),
  ('00000000-0000-4000-8000-0000000000a0', '00000000-0000-4000-8000-00000000e002', 'favourite');
update public.memories set stated_at = now() - interval '1 day' where content = 'Lunges are okay';
select bag_eq('select pg_temp.mine()', $$values ('Test Front Squat'), ('Test Bulgarian')$$, 'what is excluded since counts');
select pg_temp.ana();
select public.apply_memory(pg_temp.id_of('I hate front squats and lunges'));
select bag_eq($$select e.name, p.kind::text from public.exercise_preferences as p join public.exercises as e on e.id = p.exercise_id where e.name like 'Test%'$$,
  $$values ('Test Front Squat', 'excluded'), ('Test Bulgarian', 'excluded'), ('Test Back Squat', 'favourite')$$, 'applied, they are excluded');
reset role;
select bag_eq('select pg_temp.mine()', $$values ('Test Front Squat'), ('Test Bulgarian')$$, 'as before');
select pg_temp.tell('a0', 'I do front squats again', jsonb_build_array(pg_temp.fact('excluded_exercises', 'remove', '"front squat"')));
update public.memories set stated_at = now() + interval '1 minute' where content = 'I do front squats again';
select bag_eq('select pg_temp.mine()', $$values ('Test Bulgarian')$$, 'a retraction counts at once');
select pg_temp.ana();
select public.apply_memory(pg_temp.id_of('I do front squats again'));
select is_empty($$select 1 from public.exercise_preferences where exercise_id = '00000000-0000-4000-8000-00000000e001'$$, 'and, applied, for good');
reset role;

select is(private.exercise_has_words(e, private.food_words(words)), means, format('"%s" %s mean %s', words, case when means then 'does' else 'does not' end, e.name))
  from (values ('e001', 'Front Squats', true), ('e001', 'squat front', true), ('e001', 'front', true), ('e001', 'fro', false), ('e001', 'front squat jump', false),
               ('e001', 'strength training', false), ('e001', '-', false), ('e003', 'foot lunge', true), ('e003', 'split', false)) as t (id, words, means)
    join public.exercises as e on e.id = ('00000000-0000-4000-8000-00000000' || t.id)::uuid;
update public.exercises set category = 'plyometric' where slug = 'test-split';
select is(private.exercise_has_words(e, private.food_words('plyometrics')), e.slug = 'test-split', 'a kind of exercises: ' || e.slug)
  from public.exercises as e where e.slug like 'test-%';

-- Care -------------------------------------------------------------------------------------------------------------------
select is(private.careful_reason('00000000-0000-4000-8000-0000000000a0'), null, 'nothing asks for care');
select pg_temp.tell('a0', 'I am pregnant and eat no pork', jsonb_build_array(pg_temp.fact('pregnancy', 'set', 'true'), pg_temp.fact('dislikes', 'add', '"pork"')));
select is(private.careful_reason('00000000-0000-4000-8000-0000000000a0') ->> 'kind', 'pregnancy', 'a pregnancy does');
select is_empty($$select 1 from pg_temp.offered('a0') as o where o like 'pregnancy%'$$, 'which is not offered for the profile');
select pg_temp.ana();
select public.decline_memory(pg_temp.id_of('I am pregnant and eat no pork'));
reset role;
select is((pg_temp.person('a0')).dislikes, '{}', 'pork was declined');
select is(private.careful_reason('00000000-0000-4000-8000-0000000000a0') ->> 'kind', 'pregnancy', 'the pregnancy was not');
select pg_temp.tell('a0', 'The baby is born', jsonb_build_array(pg_temp.fact('pregnancy', 'remove', 'true')));
select is(private.careful_reason('00000000-0000-4000-8000-0000000000a0'), null, 'born');
select pg_temp.tell('a0', 'I have bulimia', jsonb_build_array(pg_temp.fact('conditions', 'add', '"eating_disorder"')));
select is(private.careful_reason('00000000-0000-4000-8000-0000000000a0') ->> 'kind', 'eating_disorder', 'so does an eating disorder');
select pg_temp.ana();
select throws_ok($$select public.generate_meal_plan('{}')$$, 'PT422', (private.careful_reason('00000000-0000-4000-8000-0000000000a0') ->> 'message'), 'no target is computed');
select lives_ok($$select public.generate_meal_plan('{"targets": {"energy_kcal": 2200, "protein_g": 90}}')$$, 'those of a dietitian are taken');
select throws_ok(format('select public.apply_memory(%L)', pg_temp.id_of('I have bulimia')), 'PT409', null, 'there is no place for it');
select is(public.decline_memory(pg_temp.id_of('I have bulimia')) #>> '{memory,decision}', 'declined', 'it can be declined');
reset role;
select is(private.careful_reason('00000000-0000-4000-8000-0000000000a0'), null, 'and ends');

-- Memory turned off: safety stays.
select pg_temp.tell('a0', 'Elbow pain, and I hate rice', jsonb_build_array(pg_temp.fact('injuries', 'add', '{"joint": "elbow"}'), pg_temp.fact('dislikes', 'add', '"rice"')));
update public.users set memory_enabled = false where id = '00000000-0000-4000-8000-0000000000a0';
select is(((pg_temp.person('a0')).injuries, (pg_temp.person('a0')).dislikes)::text, '({elbow},{})', 'with memory off, what was told of safety stays in force');
select is(pg_temp.tell('a0', 'Hip pain', jsonb_build_array(pg_temp.fact('injuries', 'add', '{"joint": "hip"}'))) ->> 'outcome', 'off', 'and nothing is learned');
update public.users set memory_enabled = true where id = '00000000-0000-4000-8000-0000000000a0';

-- Forgetting, and telling again --------------------------------------------------------------------------------------------
select pg_temp.ana();
select public.forget_memory(pg_temp.id_of('Elbow pain, and I hate rice'));
reset role;
select is(((pg_temp.person('a0')).injuries, (pg_temp.person('a0')).dislikes)::text, '({},{})', 'what is forgotten is not in force');
select is_empty($$select 1 from public.memories where status = 'dismissed' and facts <> '[]'$$, 'nor anywhere');
select is(pg_temp.tell('a0', 'Elbow pain, and I hate rice', jsonb_build_array(pg_temp.fact('injuries', 'add', '{"joint": "elbow"}'))) ->> 'outcome', 'learned_again', 'told again');
select is((pg_temp.person('a0')).injuries, '{elbow}', 'it is in force again');
select bag_eq($$select o from pg_temp.offered('a0') as o where o like 'keep%' or o like 'injuries%'$$, $$values ('keep'), ('injuries add {"joint": "elbow"}')$$, 'and asked about');
select pg_temp.ana();
select is(public.decline_memory(pg_temp.id_of('Elbow pain, and I hate rice')), '{"memory": null}', 'declined, it is forgotten again');
reset role;
select is((pg_temp.person('a0')).injuries, '{}', 'and not in force');
select pg_temp.tell('a0', 'Elbow pain, and I hate rice', jsonb_build_array(pg_temp.fact('injuries', 'add', '{"joint": "elbow"}')));
select pg_temp.ana();
select is(public.apply_memory(pg_temp.id_of('Elbow pain, and I hate rice')) ->> 'asks_to_keep', 'false', 'kept');
reset role;
select is((select injuries from public.users where id = '00000000-0000-4000-8000-0000000000a0'), '{elbow}', 'and applied');
select is_empty($$select 1 from public.memories where status = 'dismissed' and content_hash = private.words_hash('Elbow pain, and I hate rice')$$, 'nothing of the forgetting is left');
select pg_temp.ana();
select public.forget_memory(pg_temp.id_of('Elbow pain, and I hate rice'));
reset role;
select is((pg_temp.person('a0')).injuries, '{elbow}', 'what was applied stays in the profile');

-- What people cannot do ----------------------------------------------------------------------------------------------------
select pg_temp.ana();
select throws_ok(format('update public.memories set %s', change), '42501', null, 'people do not set ' || change)
  from (values ('facts = ''[]'''), ('decision = ''applied'''), ('asks_to_keep = false'), ('decided_at = now()')) as c (change);
select results_eq($$select count(*)::integer from private.told_facts('00000000-0000-4000-8000-0000000000b0')$$, 'values (0)', 'nor ask what another person told');
select is((private.person('00000000-0000-4000-8000-0000000000b0')).id, null, 'nor who they are');
set local role anon;
select throws_ok(format('select public.%s(%L)', name, '00000000-0000-4000-8000-00000000dead'), '42501', null, 'nor does anon call ' || name)
  from (values ('apply_memory'), ('decline_memory')) as f (name);
reset role;

select * from finish();
rollback;

-- Told facts reach what the companion says, families of foods and kinds of exercises; why no targets are computed is said
-- of the memory that it rests on.

set check_function_bodies = off;

drop function private.facts_in_force(uuid);

-- Texts in it are data and no instructions: prompts quote them. `before_message`: the message to answer, which is left out.
create or replace function private.chat_context(owner uuid, before_message uuid) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return (
    select jsonb_build_object(
      'now', to_char(now() at time zone u.timezone, 'YYYY-MM-DD"T"HH24:MI'),
      'memory_enabled', u.memory_enabled,
      'profile', jsonb_build_object('name', u.name, 'sport', u.sport, 'experience_level', u.experience_level,
        'days_per_week', u.days_per_week, 'goals', u.goals, 'equipment', u.equipment, 'injuries', u.injuries,
        'weight_unit', u.weight_unit, 'distance_unit', u.distance_unit, 'timezone', u.timezone, 'diet', u.diet,
        'allergens', u.allergens, 'dislikes', u.dislikes, 'session_minutes', u.session_minutes),
      'told', private.told(owner),
      'affinity', jsonb_build_object('score', u.affinity_score, 'events', coalesce((
        select jsonb_agg(jsonb_build_object('points', e.points, 'explanation', e.explanation) order by e.created_at desc)
          from (select * from public.affinity_events as e where e.user_id = owner
                 order by e.created_at desc, e.id desc limit 5) as e), '[]')),
      'plan', (
        select jsonb_build_object('id', p.id, 'name', p.name, 'goal', p.goal, 'days', (
                 select jsonb_agg(jsonb_build_object('day', d.n - 1, 'name', d.value ->> 'name',
                          'weekday', d.value -> 'weekday', 'exercises', (
                          select jsonb_agg(x.name order by e.n)
                            from jsonb_array_elements(d.value -> 'exercises') with ordinality as e (value, n)
                              join public.exercises as x on x.id = (e.value ->> 'exercise_id')::uuid)) order by d.n)
                   from jsonb_array_elements(p.content -> 'days') with ordinality as d (value, n)),
               'next_day', coalesce((
                 select (w.plan_day + 1) % jsonb_array_length(p.content -> 'days') from public.workouts as w
                  where w.user_id = owner and w.plan_id = p.id and w.plan_day < jsonb_array_length(p.content -> 'days')
                  order by w.started_at desc, w.id desc limit 1), 0))
          from public.plans as p where p.user_id = owner and p.kind = 'workout' and p.status = 'active'),
      'proposal', (
        select jsonb_build_object('id', r.id, 'plan_id', r.plan_id, 'changes', (
                 select coalesce(jsonb_agg(left(c.value ->> 'explanation', 300) order by c.n), '[]')
                   from jsonb_array_elements(r.changes) with ordinality as c (value, n) where c.n <= 10))
          from public.plan_proposals as r join public.plans as p on p.id = r.plan_id
         where r.user_id = owner and r.kind = 'workout' and r.status = 'open' and p.status = 'active'
         order by r.created_at desc, r.id desc limit 1),
      'meal_plan', (
        select jsonb_build_object('id', m.id, 'name', m.name, 'days', (
                 select jsonb_agg(jsonb_build_object('day', d.n - 1, 'name', d.value ->> 'name',
                          'weekday', d.value -> 'weekday', 'meals', (
                            select jsonb_agg(jsonb_build_object('meal', e.n - 1, 'slot', e.value ->> 'slot',
                                     'name', e.value ->> 'name') order by e.n)
                              from jsonb_array_elements(d.value -> 'meals') with ordinality as e (value, n))) order by d.n)
                   from jsonb_array_elements(m.content -> 'days') with ordinality as d (value, n)))
          from public.plans as m where m.user_id = owner and m.kind = 'meal' and m.status = 'active'),
      'sessions', coalesce((
        select jsonb_agg(jsonb_build_object('date', w.local_date, 'name', w.name, 'plan_day', w.plan_day,
                 'records', private.workout_records(owner, w.id),
                 'sets', (
                   select jsonb_agg(jsonb_build_object('id', s.id, 'exercise', s.exercise_name, 'reps', s.reps,
                            'weight_kg', s.weight_kg, 'duration_seconds', s.duration_seconds, 'distance_m', s.distance_m,
                            'text', private.describe_set(s)) order by s.exercise_position, s.position)
                     from (select * from public.sets as s
                            where s.user_id = owner and s.workout_id = w.id and s.set_type <> 'warmup'
                            order by s.exercise_position, s.position limit 50) as s)) order by w.started_at desc, w.id desc)
          from (select * from public.workouts as w where w.user_id = owner
                 order by w.started_at desc, w.id desc limit 5) as w), '[]'),
      'conversation', coalesce((
        select jsonb_agg(jsonb_build_object('role', m.role, 'message', m.message) order by m.created_at, m.id)
          from (select * from public.chat_messages as m where m.user_id = owner and m.id <> before_message
                 order by m.created_at desc, m.id desc limit 12) as m), '[]'))
      from private.person(owner) as u where u.id is not null);
end $$;

-- The undecided facts that are in force, of these fields or all: of those that are about the same, the newest. While memory
-- is off, only safety and care are.
create or replace function private.facts_in_force(owner uuid, fields public.fact_field[] default null) returns setof private.told_fact
language sql stable rows 10 set search_path = '' as $$
  select distinct on (t.field, k.key, t.value ->> 'side')
         t.memory_id, t.field, t.op, t.value, k.key, t.quote, t.said_at
    from private.told_facts(owner) as t
      cross join lateral (select private.fact_key(t.field::text, t.value) as key) as k
   where t.decision is null and (fields is null or t.field = any (fields))
     and (t.field in ('allergens', 'diet', 'injuries', 'pregnancy', 'conditions', 'medication')
       or exists (select from public.users as u where u.id = owner and u.memory_enabled))
   order by t.field, k.key, t.value ->> 'side', t.said_at desc, t.memory_id
$$;

-- The person as they are: the profile with what they have told of allergens, diet, injuries and dislikes. Whatever is
-- generated, checked or suggested reads this and never the profile alone; told exclusions of exercises are in
-- private.excluded_exercises. A retraction counts at once, but for an allergen of the profile, which stays until the
-- person applies its removal.
create or replace function private.person(owner uuid) returns public.users
language plpgsql stable set search_path = '' as $$
declare
  told constant private.told_fact[] := array(
    select f from private.facts_in_force(owner, '{allergens,diet,injuries,dislikes}') as f);
  person public.users;
begin
  select * into person from public.users as u where u.id = owner;
  if told <> '{}' then
    person.allergens := array(
      select unnest(person.allergens)
      union select f.key::public.allergen from unnest(told) as f where f.field = 'allergens' and f.op = 'add' order by 1);
    person.diet := private.told_diet(person.diet, told);
    person.injuries := private.told_injuries(person, told);
    person.dislikes := private.told_dislikes(person.dislikes, told);
  end if;
  return person;
end $$;

-- Whether all of these words, as private.food_words gives them, are in the name or in one alias of the exercise, or name its
-- category. Folding a phrase takes long, and only changes the last two letters of a word and what is not ASCII: most
-- phrases are told apart without.
create or replace function private.exercise_has_words(exercise public.exercises, words text[]) returns boolean
language sql immutable set search_path = '' as $$
  select words <> '{""}' and exists (
    select from unnest(exercise.name || exercise.aliases) as phrase
     where case
       when phrase ~ '[^ -~]' or lower(phrase) like all (array(
         select '%' || left(w.word, greatest(length(w.word) - 2, 1)) || '%' from unnest(words) as w (word)))
       then words <@ private.food_words(phrase) else false end)
    -- "Cardio" and "Olympic lifts" name a kind of exercises; "strength training" would name nearly all.
    or (exercise.category <> 'strength' and array(
      select w.word from unnest(words) as w (word) where w.word not in ('exercise', 'lift', 'training', 'work'))
        = private.food_words(exercise.category::text))
$$;

-- The exercises that no plan of this person is to have: those they excluded, unless they have taken it back since, and
-- those that they told by name or family.
create or replace function private.excluded_exercises(owner uuid) returns setof uuid
language sql stable set search_path = '' as $$
  with told as materialized (
    select f.op, f.said_at, private.food_words(f.value #>> '{}') as words
      from private.facts_in_force(owner, '{excluded_exercises}') as f)
  select p.exercise_id
    from public.exercise_preferences as p join public.exercises as e on e.id = p.exercise_id
   where p.user_id = owner and p.kind = 'excluded'
     and not exists (select from told as t
                      where t.op = 'remove' and t.said_at > p.updated_at and private.exercise_has_words(e, t.words))
  union
  select e.id from told as t join public.exercises as e on private.exercise_has_words(e, t.words)
   where t.op = 'add' and (e.user_id is null or e.user_id = owner)
$$;

-- Families of foods that people name and that the names of foods do not say: the family, its members, and the categories
-- and allergens that are of it as a whole. All words as private.food_words() folds them.
create or replace function private.food_families()
returns table (family text, members text[], categories public.food_category[], allergens public.allergen[])
language sql immutable rows 25 set search_path = '' as $$
  select f.family, v.members, v.categories, v.allergens
    from (values
      ('{nut,tree nut}'::text[],
       '{nut,almond,walnut,hazelnut,cashew,pistachio,pecan,peanut,trail mix}'::text[],
       '{}'::public.food_category[], '{}'::public.allergen[]),
      ('{shellfish,crustacean,mollusc}', '{}', '{}', '{crustaceans,molluscs}'),
      ('{seafood}', '{fish finger,sushi salmon}', '{fish,seafood}', '{}'),
      ('{meat}', '{bacon,ham,salami,chorizo,chicken,beef,con carne}', '{meat,poultry}', '{}'),
      ('{red meat}', '{beef,pork,con carne}', '{meat}', '{}'),
      ('{white meat,fowl,bird}', '{chicken,turkeie,duck}', '{poultry}', '{}'),
      ('{offal,organ meat,innard,giblet}', '{liver}', '{}', '{}'),
      ('{dairie,dairie product,milk product}', '{}', '{dairy,cheese}', '{milk}'),
      ('{berrie}', '{blackberrie,blueberrie,cranberrie,raspberrie,strawberrie,redcurrant}', '{}', '{}'),
      ('{citru,citru fruit}', '{orange,lemon,lime,grapefruit,mandarin}', '{}', '{}'),
      ('{leafie green,leafie vegetable,green leave}', '{spinach,chard,kale,lettuce,salad leave,rocket,pak choi}', '{}', '{}'),
      ('{pulse}', '{lentil,chickpea,dal,falafel,hummu}', '{legume}', '{}'),
      ('{spicie,spicie food,hot food,hot spice}', '{chilli,harissa,sriracha,kimchi}', '{}', '{}'))
      as v (families, members, categories, allergens)
      cross join lateral unnest(v.families) as f (family)
$$;

-- Whether a dislike means the food: when all words of it are in the name or in one alias, when it names the category
-- ("fish"), or a family that the food is of ("nuts"). Taken literally: "olive" means olive oil too.
create or replace function private.food_is_disliked(food public.foods, dislikes text[]) returns boolean
language sql immutable set search_path = '' as $$
  with words as materialized (
    select private.food_words(phrase) as words from unnest(food.name || food.aliases) as phrase),
  disliked as materialized (
    select private.food_words(dislike) as words from unnest(dislikes) as dislike),
  families as materialized (
    select f.members, f.categories, f.allergens from disliked as d join private.food_families() as f
      on f.family = array_to_string(d.words, ' '))
  select exists (
    select from disliked as d
     where d.words <> '{""}'
       and (d.words = private.food_words(food.category::text) or exists (select from words as w where d.words <@ w.words)))
   or exists (
    select from families as f
     where food.category = any (f.categories) or food.allergens && f.allergens
        or exists (select from words as w, unnest(f.members) as m (member) where string_to_array(m.member, ' ') <@ w.words))
$$;

grant execute on function private.food_families to authenticated, service_role;

-- Why no formula computes what this person needs: {"kind", "message"}, null when nothing speaks against it. The formulas
-- were made for other bodies than that of a pregnant woman, and numbers can feed an eating disorder.
create or replace function private.careful_reason(owner uuid) returns jsonb
language sql stable set search_path = '' as $$
  select case f.field
    when 'pregnancy' then jsonb_build_object('kind', 'pregnancy', 'message', 'You told me that you are pregnant. What you '
      'and your child need now is for your midwife or doctor to say, not for a formula. If they have given you numbers, '
      'enter energy and protein yourself.')
    else jsonb_build_object('kind', 'eating_disorder', 'message', 'You told me about an eating disorder. I compute no '
      'targets then, because numbers from a formula can do harm. Please settle them with your doctor or dietitian; '
      'what they have given you, you can enter as energy and protein yourself.') end
    from private.facts_in_force(owner, '{pregnancy,conditions}') as f
   where (f.field = 'pregnancy' and f.op = 'set') or (f.field = 'conditions' and f.op = 'add' and f.key = 'eating_disorder')
   order by f.field desc limit 1
$$;

-- Raises PT422 with the data that computing targets lacks, or why none are computed. Nothing is needed when energy and
-- protein are given, except under 18: their minimum depends on all of it.
create or replace function private.require_nutrition_data(owner uuid, requested jsonb) returns void
language plpgsql stable set search_path = '' as $$
declare
  profile constant jsonb := private.nutrition_profile(owner);
  is_given constant boolean := requested ->> 'energy_kcal' is not null and requested ->> 'protein_g' is not null;
  problems jsonb;
begin
  if not is_given and profile -> 'careful' <> 'null' then
    raise sqlstate 'PT422' using message = profile #>> '{careful,message}', detail = jsonb_build_array(jsonb_build_object(
      'loc', jsonb_build_array('memories', profile #> '{careful,kind}'),
      'message', 'no targets are computed; enter energy and protein yourself', 'type', profile #> '{careful,kind}'))::text;
  elsif is_given and coalesce((profile ->> 'age')::integer >= 18, true) then
    return;
  end if;
  select jsonb_agg(jsonb_build_object('loc', f.loc, 'message', f.message, 'type', f.type)) into problems
    from (values
      ('["profile", "sex"]'::jsonb, 'is needed to compute targets', 'missing', profile ->> 'sex' is null),
      ('["profile", "date_of_birth"]', 'is needed to compute targets', 'missing', profile ->> 'age' is null),
      ('["profile", "date_of_birth"]', 'targets are computed from 10 years on', 'value_error',
        (profile ->> 'age')::integer < 10),
      ('["profile", "activity_level"]', 'is needed to compute targets', 'missing', profile ->> 'activity_level' is null),
      ('["measurements", "body_weight"]', 'is needed to compute targets', 'missing', profile ->> 'body_weight' is null),
      ('["measurements", "height"]', 'is needed to compute targets', 'missing', profile ->> 'height' is null)
    ) as f (loc, message, type, is_wrong)
   where f.is_wrong;
  if problems is not null then
    raise sqlstate 'PT422' using message = 'Your profile and measurements do not say enough to compute targets.',
      detail = problems::text;
  end if;
end $$;

grant execute on function private.facts_in_force to authenticated, service_role;

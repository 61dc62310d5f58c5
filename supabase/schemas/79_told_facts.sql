-- What a person has told, as planning sees it: which facts of their memories are in force, the profile with these, and
-- deciding on what is offered. A fact is
--   undecided  in force where safety or what is generated depends on it, and offered for the profile;
--   applied    written into the profile, which is what counts from then on;
--   declined   no longer in force.
-- What the profile has no place for (pregnancy, conditions, medication) is in force until it is retracted, forgotten, or
-- declined. What a person changes in the profile by hand ends what they had told of it before.

create type private.told_fact as (memory_id uuid, field public.fact_field, op public.fact_op, value jsonb, key text,
  quote text, said_at timestamptz);

-- The decision on one of a memory's facts. What is not offered is not decided on together with what is.
create function private.decision_on(fact jsonb, facts jsonb, decision public.fact_decision) returns public.fact_decision
language sql immutable set search_path = '' as $$
  select case when decision is null or private.is_offered(fact ->> 'field') then decision
    when decision = 'declined'
      and not exists (select from jsonb_array_elements(facts) as f where private.is_offered(f.value ->> 'field')) then decision end
$$;

-- The facts of all active memories.
create function private.told_facts(owner uuid) returns table (memory_id uuid, field public.fact_field, op public.fact_op,
  value jsonb, quote text, said_at timestamptz, decision public.fact_decision)
language sql stable set search_path = '' as $$
  select m.id, (f.value ->> 'field')::public.fact_field, (f.value ->> 'op')::public.fact_op, f.value -> 'value',
         coalesce(m.source_quote, m.content), m.stated_at, private.decision_on(f.value, m.facts, m.decision)
    from public.memories as m cross join lateral jsonb_array_elements(m.facts) as f
   where m.user_id = owner and m.status = 'active' and m.facts <> '[]'
$$;

-- The undecided facts that are in force, of these fields or all: of those that are about the same, the newest. While memory
-- is off, only safety and care are.
create function private.facts_in_force(owner uuid, fields public.fact_field[] default null) returns setof private.told_fact
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
create function private.person(owner uuid) returns public.users
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

-- The diet that was set last, unless that was retracted since.
create function private.told_diet(diet public.diet, told private.told_fact[]) returns public.diet
language sql immutable set search_path = '' as $$
  with set_last as (
    select f.key, f.said_at from unnest(told) as f where f.field = 'diet' and f.op = 'set' order by f.said_at desc limit 1),
  current as (
    select coalesce(s.key, told_diet.diet::text) as diet, coalesce(s.said_at, '-infinity') as said_at
      from (select) as nothing left join set_last as s on true)
  select c.diet::public.diet from current as c
   where not exists (
     select from unnest(told) as f where f.field = 'diet' and f.op = 'remove' and f.key = c.diet and f.said_at > c.said_at)
$$;

-- Joints of the profile without the healed ones, and those that were told. A profile does not say which side: a joint stays
-- when only one side has healed and the other had been applied.
create function private.told_injuries(person public.users, told private.told_fact[]) returns public.joint[]
language sql stable set search_path = '' as $$
  select array(
    select j from unnest(person.injuries) as j
     where not exists (select from unnest(told) as f where f.field = 'injuries' and f.op = 'remove' and f.key = j::text)
        or private.has_other_side(person.id, j, told)
    union select f.key::public.joint from unnest(told) as f where f.field = 'injuries' and f.op = 'add' order by 1)
$$;

-- Whether an injury of the joint was applied on a side that none of these retractions means.
create function private.has_other_side(owner uuid, joint public.joint, told private.told_fact[]) returns boolean
language sql stable set search_path = '' as $$
  select exists (
    select from private.told_facts(owner) as t
     where t.field = 'injuries' and t.op = 'add' and t.decision = 'applied' and t.value ->> 'joint' = has_other_side.joint::text
       and not exists (
         select from unnest(told) as f
          where f.field = 'injuries' and f.op = 'remove' and f.key = has_other_side.joint::text
            and coalesce(f.value ->> 'side' = t.value ->> 'side', true)))
$$;

create function private.told_dislikes(dislikes text[], told private.told_fact[]) returns text[]
language sql immutable set search_path = '' as $$
  with kept as (
    select d.dislike, private.fact_key('dislikes', to_jsonb(d.dislike)) as key, d.n
      from unnest(dislikes) with ordinality as d (dislike, n))
  select array(
    select k.dislike from kept as k
     where not exists (select from unnest(told) as f where f.field = 'dislikes' and f.op = 'remove' and f.key = k.key)
     order by k.n)
    || array(
    select f.value #>> '{}' from unnest(told) as f
     where f.field = 'dislikes' and f.op = 'add' and f.key not in (select k.key from kept as k) order by f.said_at, f.key)
$$;

-- Whether all of these words, as private.food_words gives them, are in the name or in one alias of the exercise, or name its
-- category. Folding a phrase takes long, and only changes the last two letters of a word and what is not ASCII: most
-- phrases are told apart without.
create function private.exercise_has_words(exercise public.exercises, words text[]) returns boolean
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
create function private.excluded_exercises(owner uuid) returns setof uuid
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

-- Whether the profile says this already, so that there is nothing to offer. Exclusions of exercises are offered until they
-- are decided on: comparing them with every exercise would cost more than it is worth.
create function private.is_in_profile(fact private.told_fact, person public.users) returns boolean
language sql stable set search_path = '' as $$
  select case fact.field
    when 'allergens' then (fact.key = any (person.allergens::text[])) = (fact.op = 'add')
    when 'equipment' then (fact.key = any (person.equipment::text[])) = (fact.op = 'add')
    when 'injuries' then (fact.key = any (person.injuries::text[])) = (fact.op = 'add')
    when 'dislikes' then (fact.key in (
      select private.fact_key('dislikes', to_jsonb(d)) from unnest(person.dislikes) as d)) = (fact.op = 'add')
    when 'goals' then (fact.key in (
      select private.fact_key('goals', to_jsonb(g)) from unnest(person.goals) as g)) = (fact.op = 'add')
    when 'diet' then (coalesce(person.diet::text, '') = fact.key) = (fact.op = 'set')
    when 'days_per_week' then person.days_per_week::text is not distinct from fact.key
    when 'session_minutes' then person.session_minutes::text is not distinct from fact.key
    when 'sport' then person.sport::text is not distinct from fact.key
    when 'experience_level' then person.experience_level::text is not distinct from fact.key
    when 'weight_unit' then person.weight_unit::text = fact.key
    when 'distance_unit' then person.distance_unit::text = fact.key
    when 'timezone' then person.timezone = fact.key
    when 'date_of_birth' then person.date_of_birth::text is not distinct from fact.key
    when 'height' then private.is_measured(person.id, 'height', fact)
    when 'body_weight' then private.is_measured(person.id, 'body_weight', fact)
    else false end
$$;

-- Whether it was measured since, or the last measurement says the same.
create function private.is_measured(owner uuid, kind public.measurement_kind, fact private.told_fact) returns boolean
language sql stable set search_path = '' as $$
  select coalesce((
    select m.measured_at > fact.said_at or m.value = fact.key::numeric from public.measurements as m
     where m.user_id = owner and m.kind = is_measured.kind order by m.local_date desc limit 1), false)
$$;

-- What was told and holds, newest first, for generators to keep to and to name: [{"memory_id", "field", "op", "value",
-- "quote", "said_at", "said_on"}]. What was applied is among it for as long as the profile has it.
create function private.told(owner uuid) returns jsonb
language sql stable set search_path = '' as $$
  with told as (
    select f.* from private.facts_in_force(owner) as f
    union all
    select f.*
      from public.users as u
        cross join lateral (
          select t.memory_id, t.field, t.op, t.value, private.fact_key(t.field::text, t.value), t.quote, t.said_at
            from private.told_facts(owner) as t where t.decision = 'applied' and t.op <> 'remove') as f
     where u.id = owner and u.memory_enabled
       and (f.field = 'excluded_exercises' or private.is_in_profile(row(f.*)::private.told_fact, u)))
  select coalesce(jsonb_agg(jsonb_build_object('memory_id', t.memory_id, 'field', t.field, 'op', t.op, 'value', t.value,
           'quote', t.quote, 'said_at', t.said_at, 'said_on', (t.said_at at time zone u.timezone)::date)
           order by t.said_at desc, t.memory_id, t.field, t.key), '[]')
    from (select * from told as t order by t.said_at desc, t.memory_id limit 200) as t
      join public.users as u on u.id = owner
$$;

-- GET /users/me: what the person has told and the profile could have, newest first: [{"memory_id", "field", "op", "value",
-- "quote", "said_at"}]. What they had forgotten and said again is among it with the op "keep" and no field.
-- A computed column: `select=*,unconfirmed`. The argument has no name, so that nobody can call it with a made-up profile.
-- Volatile, so that the answer to a change of the profile sees what that change has ended.
create function public.unconfirmed(public.users) returns jsonb
language sql set search_path = '' as $$
  with offered as (
    select f.memory_id, f.field::text, f.op::text, f.value, f.quote, f.said_at from private.facts_in_force(($1).id) as f
     where private.is_offered(f.field::text) and not private.is_in_profile(f, $1)
    union all
    select m.id, null, 'keep', null, coalesce(m.source_quote, m.content), m.stated_at from public.memories as m
     where m.user_id = ($1).id and m.status = 'active' and m.asks_to_keep)
  select coalesce(jsonb_agg(to_jsonb(o) order by o.said_at desc, o.memory_id, o.field nulls first, o.value), '[]')
    from (select * from offered as o order by o.said_at desc, o.memory_id limit 200) as o
$$;
comment on function public.unconfirmed is 'What a person has told that the profile could have, until it is applied or declined.';

-- Deciding ------------------------------------------------------------------------------------------------------------

-- Adds a member to a list of the profile, or takes it out. PT409 when the list is full.
create function private.change_list(field text, members text[], op text, value jsonb, max_members integer) returns text[]
language plpgsql set search_path = '' as $$
declare
  key constant text := private.fact_key(field, value);
  others constant text[] := array(
    select m.member from unnest(members) with ordinality as m (member, n)
     where private.fact_key(field, case field when 'injuries' then jsonb_build_object('joint', m.member) else to_jsonb(m.member) end)
           <> key order by m.n);
begin
  if op = 'remove' then
    return others;
  elsif others <> members then
    return members;
  elsif cardinality(members) >= max_members then
    raise sqlstate 'PT409' using message = format('Your profile has %s %s already; remove one first.', max_members, field);
  end if;
  return members || coalesce(value ->> 'joint', value #>> '{}');
end $$;

-- Writes a fact into a list of the profile.
create function private.apply_to_list(person public.users, field text, op text, value jsonb) returns void
language plpgsql set search_path = '' as $$
begin
  if field = 'injuries' and op = 'remove' and exists (
    select from private.told_facts(person.id) as t
     where t.field = 'injuries' and t.op = 'add' and t.decision is distinct from 'declined'
       and t.value ->> 'joint' = apply_to_list.value ->> 'joint') then
    return; -- the other side is injured
  end if;
  update public.users as u set
      allergens = case when field = 'allergens'
        then private.change_list(field, u.allergens::text[], op, value, 14)::public.allergen[] else u.allergens end,
      equipment = case when field = 'equipment'
        then private.change_list(field, u.equipment::text[], op, value, 26)::public.equipment[] else u.equipment end,
      injuries = case when field = 'injuries'
        then private.change_list(field, u.injuries::text[], op, value, 9)::public.joint[] else u.injuries end,
      dislikes = case when field = 'dislikes'
        then private.change_list(field, u.dislikes, op, value, 50) else u.dislikes end,
      goals = case when field = 'goals' then private.change_list(field, u.goals, op, value, 10) else u.goals end
   where u.id = person.id;
end $$;

-- Writes a single value into the profile; a diet may also be taken out.
create function private.apply_value(person public.users, field text, op text, value jsonb) returns void
language plpgsql set search_path = '' as $$
declare
  word constant text := private.fact_key(field, value);
begin
  update public.users as u set
      diet = case when field <> 'diet' then u.diet when op = 'set' then word::public.diet
                  when u.diet::text <> word then u.diet end,
      days_per_week = case when field = 'days_per_week' then word::smallint else u.days_per_week end,
      session_minutes = case when field = 'session_minutes' then word::smallint else u.session_minutes end,
      sport = case when field = 'sport' then word::public.sport else u.sport end,
      experience_level = case when field = 'experience_level' then word::public.experience_level else u.experience_level end,
      weight_unit = case when field = 'weight_unit' then word::public.weight_unit else u.weight_unit end,
      distance_unit = case when field = 'distance_unit' then word::public.distance_unit else u.distance_unit end,
      timezone = case when field = 'timezone' then word else u.timezone end,
      date_of_birth = case when field = 'date_of_birth' then word::date else u.date_of_birth end
   where u.id = person.id;
end $$;

-- Excludes all exercises that have these words, also favourites, or no longer excludes them. The person's words are not
-- given as the reason: forgetting the memory would have to find them there.
create function private.apply_exclusion(owner uuid, op text, value jsonb) returns void
language plpgsql set search_path = '' as $$
declare
  exercises constant uuid[] := array(
    select e.id from public.exercises as e
     where (e.user_id is null or e.user_id = owner) and e.hidden_at is null
       and private.exercise_has_words(e, private.food_words(value #>> '{}')));
begin
  if op = 'add' then
    insert into public.exercise_preferences as p (user_id, exercise_id, kind)
    select owner, e.id, 'excluded' from unnest(exercises) as e (id)
    on conflict on constraint exercise_preferences_one_each
      do update set kind = excluded.kind, reason = null where p.kind <> excluded.kind;
  else
    delete from public.exercise_preferences as p
     where p.user_id = owner and p.kind = 'excluded' and p.exercise_id = any (exercises);
  end if;
end $$;

-- Measured today, unless it was measured since it was said.
create function private.apply_measurement(owner uuid, kind public.measurement_kind, value jsonb, said_at timestamptz)
returns void
language sql set search_path = '' as $$
  insert into public.measurements (user_id, kind, value, measured_at)
  select owner, apply_measurement.kind, (apply_measurement.value)::numeric, now()
   where not exists (
     select from public.measurements as m
      where m.user_id = owner and m.kind = apply_measurement.kind and m.measured_at > said_at)
  on conflict on constraint measurements_one_a_day do update set value = excluded.value, measured_at = excluded.measured_at
$$;

-- Writes the facts of a memory into the profile. Nothing that is there is lost: lists are merged.
create function private.apply_facts(memory public.memories) returns void
language plpgsql set search_path = '' as $$
declare
  person public.users;
  fact record;
begin
  select * into person from public.users as u where u.id = memory.user_id;
  for fact in select f.* from jsonb_to_recordset(memory.facts) as f (field text, op text, value jsonb) loop
    case
      when not private.is_offered(fact.field) then null;
      when fact.field in ('allergens', 'equipment', 'injuries', 'dislikes', 'goals') then
        perform private.apply_to_list(person, fact.field, fact.op, fact.value);
      when fact.field = 'excluded_exercises' then
        perform private.apply_exclusion(person.id, fact.op, fact.value);
      when fact.field in ('height', 'body_weight') then
        perform private.apply_measurement(person.id, fact.field::public.measurement_kind, fact.value, memory.stated_at);
      else perform private.apply_value(person, fact.field, fact.op, fact.value);
    end case;
  end loop;
end $$;

-- Raises PT409 when there is nothing to decide about the memory.
create function private.assert_decidable(memory public.memories, is_decidable boolean) returns void
language plpgsql set search_path = '' as $$
begin
  if memory.status = 'superseded' then
    raise sqlstate 'PT409' using message = 'A newer memory has replaced this one; decide on that one.';
  elsif not is_decidable and not memory.asks_to_keep then
    raise sqlstate 'PT409' using message = 'This memory says nothing that the profile has a place for, so there is nothing to decide.';
  end if;
end $$;

-- POST /memories/{id}/apply: the memory after its facts were written into the profile; null when there is none. One that
-- had been forgotten and was said again is kept. Applying again changes nothing. What was declined may be applied later.
-- Definer, like the next one: people may not write memories. lock_memory() finds only those of auth.uid().
create function public.apply_memory(memory_id uuid, unchanged_since timestamptz[] default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  memory public.memories := private.lock_memory(auth.uid(), memory_id, unchanged_since);
begin
  if memory.id is null then
    return null;
  elsif memory.decision is distinct from 'applied' or memory.asks_to_keep then
    perform private.assert_decidable(memory,
      exists (select from jsonb_array_elements(memory.facts) as f where private.is_offered(f.value ->> 'field')));
    if memory.asks_to_keep then
      delete from public.memories as m
       where m.user_id = memory.user_id and m.id = any (
         private.tombstones(memory.user_id, memory.content_hash, memory.embedding, memory.embedding_model));
    end if;
    -- Before the profile changes: what the person does there by hand would end undecided facts.
    update public.memories as m set decision = 'applied', decided_at = clock_timestamp(), asks_to_keep = false
     where m.id = memory.id returning m.* into memory;
    perform private.apply_facts(memory);
  end if;
  return private.memory_document(memory);
end $$;

-- POST /memories/{id}/decline: {"memory"}, whose facts are no longer in force, null when there is none. What had been
-- forgotten and was said again is forgotten again: then the memory is null.
create function public.decline_memory(memory_id uuid, unchanged_since timestamptz[] default null) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  memory public.memories := private.lock_memory(auth.uid(), memory_id, unchanged_since);
begin
  if memory.id is null then
    return null;
  elsif memory.asks_to_keep then
    perform private.tombstone_memories(memory.user_id, memory.id);
    return '{"memory": null}';
  elsif memory.decision = 'applied' then
    raise sqlstate 'PT409' using message = 'This is in your profile already; change it there.';
  elsif memory.decision is null then
    perform private.assert_decidable(memory, exists (
      select from jsonb_array_elements(memory.facts) as f
       where private.is_offered(f.value ->> 'field') or private.constrains(f.value)));
    update public.memories as m set decision = 'declined', decided_at = clock_timestamp()
     where m.id = memory.id returning m.* into memory;
    -- The same, said in other words.
    update public.memories as m set facts = private.remaining_facts(m.facts, memory.facts, same_too => true)
     where m.user_id = memory.user_id and m.status = 'active' and m.decision is null and m.facts <> '[]'
       and private.remaining_facts(m.facts, memory.facts, same_too => true) <> m.facts;
  end if;
  return jsonb_build_object('memory', private.memory_document(memory));
end $$;

-- What a change of the profile says, as facts: members that came and members that went.
create function private.list_changes(field text, before text[], after text[]) returns jsonb
language sql immutable set search_path = '' as $$
  select coalesce(jsonb_agg(jsonb_build_object('field', field, 'op', c.op, 'value',
      case field when 'injuries' then jsonb_build_object('joint', c.member) else to_jsonb(c.member) end)), '[]')
    from (select 'add' as op, a as member from unnest(after) as a where a <> all (before)
          union all select 'remove', b from unnest(before) as b where b <> all (after)) as c
$$;

-- Definer: people may not write memories.
create function private.end_outdated_facts() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  changes constant jsonb := private.list_changes('allergens', old.allergens::text[], new.allergens::text[])
    || private.list_changes('injuries', old.injuries::text[], new.injuries::text[])
    || private.list_changes('equipment', old.equipment::text[], new.equipment::text[])
    || private.list_changes('dislikes', old.dislikes, new.dislikes) || private.list_changes('goals', old.goals, new.goals);
  fields constant text[] := array_remove(array[
    case when old.diet is distinct from new.diet then 'diet' end,
    case when old.days_per_week is distinct from new.days_per_week then 'days_per_week' end,
    case when old.session_minutes is distinct from new.session_minutes then 'session_minutes' end,
    case when old.sport is distinct from new.sport then 'sport' end,
    case when old.experience_level is distinct from new.experience_level then 'experience_level' end,
    case when old.weight_unit is distinct from new.weight_unit then 'weight_unit' end,
    case when old.distance_unit is distinct from new.distance_unit then 'distance_unit' end,
    case when old.timezone is distinct from new.timezone then 'timezone' end,
    case when old.date_of_birth is distinct from new.date_of_birth then 'date_of_birth' end], null);
begin
  update public.memories as m set facts = r.facts
    from public.memories as o
      cross join lateral (
        select coalesce(jsonb_agg(f.value order by f.n), '[]') as facts
          from jsonb_array_elements(private.remaining_facts(o.facts, changes)) with ordinality as f (value, n)
         where f.value ->> 'field' <> all (fields)) as r
   where m.id = o.id and o.user_id = new.id and o.status = 'active' and o.decision is null and o.facts <> '[]'
     and r.facts <> o.facts;
  return new;
end $$;
comment on function private.end_outdated_facts() is
  'Trigger: what a person changes in the profile by hand ends what they had told of it before.';
create trigger users_end_outdated_facts
  before update of allergens, injuries, equipment, dislikes, goals, diet, days_per_week, session_minutes, sport,
    experience_level, weight_unit, distance_unit, timezone, date_of_birth on public.users
  for each row
  when ((old.allergens, old.injuries, old.equipment, old.dislikes, old.goals, old.diet, old.days_per_week, old.session_minutes,
      old.sport, old.experience_level, old.weight_unit, old.distance_unit, old.timezone, old.date_of_birth)
    is distinct from (new.allergens, new.injuries, new.equipment, new.dislikes, new.goals, new.diet, new.days_per_week,
      new.session_minutes, new.sport, new.experience_level, new.weight_unit, new.distance_unit, new.timezone, new.date_of_birth))
  execute function private.end_outdated_facts();

grant execute on function private.decision_on, private.told_facts, private.facts_in_force, private.person, private.told_diet,
  private.told_injuries, private.has_other_side, private.told_dislikes, private.exercise_has_words, private.excluded_exercises,
  private.is_in_profile, private.is_measured, private.told to authenticated, service_role;
grant execute on function public.unconfirmed, public.apply_memory, public.decline_memory to authenticated;

-- Foods: the library (no owner; read by everyone signed in, written by seeds only) and each person's own. All values
-- are per 100 g of the food as its name has it: "Rice, white, dry" is weighed before it is cooked.

-- Energy in kcal by Regulation (EU) No 1169/2011, annex XIV: 4 per gram of protein and of carbohydrate, 2 of fibre, 9
-- of fat, 7 of alcohol. Our carbohydrate includes fibre.
create function private.food_energy_kcal(protein_g numeric, carbohydrate_g numeric, fibre_g numeric, fat_g numeric,
  alcohol_g numeric) returns numeric
language sql immutable set search_path = '' as $$
  select 4 * protein_g + 4 * (carbohydrate_g - fibre_g) + 2 * fibre_g + 9 * fat_g + 7 * alcohol_g
$$;

-- Whether the diets include all wider ones: vegan food also suits vegetarians, pescatarians and omnivores, and would be
-- hidden from them otherwise.
create function private.diets_are_complete(diets public.diet[]) returns boolean
language sql immutable set search_path = '' as $$
  select 'omnivore' = any (diets)
     and ('pescatarian' = any (diets) or not 'vegetarian' = any (diets))
     and ('vegetarian' = any (diets) or not 'vegan' = any (diets))
$$;

-- Whether the diets agree with the allergens and the category. These do not tell of honey, gelatine or rennet.
create function private.diets_match_food(diets public.diet[], allergens public.allergen[], category public.food_category)
returns boolean
language sql immutable set search_path = '' as $$
  select (not 'vegan' = any (diets) or not (allergens && '{egg,milk}' or category in ('egg', 'dairy', 'cheese')))
     and (not 'vegetarian' = any (diets)
          or not (allergens && '{fish,crustaceans,molluscs}' or category in ('fish', 'seafood')))
     and (not 'pescatarian' = any (diets) or category not in ('meat', 'poultry'))
$$;

-- Up to ten servings, such as {"name": "cup", "grams": 245}. The size is checked first, so that nothing long is parsed.
create function private.are_servings(servings jsonb) returns boolean
language sql immutable set search_path = '' as $$
  select case when pg_column_size(servings) > 8192 or jsonb_typeof(servings) <> 'array' then false
    when jsonb_array_length(servings) > 10 then false
    else coalesce((
      select bool_and(case when jsonb_typeof(s) = 'object' and jsonb_typeof(s -> 'name') = 'string'
               and jsonb_typeof(s -> 'grams') = 'number'
               then s - 'name' - 'grams' = '{}' and private.is_nonblank(s ->> 'name', 60)
                and (s -> 'grams')::numeric between 0.1 and 2000 and scale((s -> 'grams')::numeric) <= 2
               else false end)
        from jsonb_array_elements(servings) as s), true) end
$$;

create table public.foods (
  id uuid primary key default gen_random_uuid(),
  user_id uuid default auth.uid() references auth.users on delete cascade,
  slug text,
  name text not null,
  aliases text[] not null default '{}',
  category public.food_category not null default 'other',
  energy_kcal numeric(6, 1) not null,
  protein_g numeric(6, 2) not null,
  carbohydrate_g numeric(6, 2) not null,
  fat_g numeric(6, 2) not null,
  fibre_g numeric(6, 2) not null default 0,
  sugar_g numeric(6, 2) not null default 0,
  salt_g numeric(6, 2) not null default 0,
  alcohol_g numeric(6, 2) not null default 0,
  allergens public.allergen[] not null default '{}',
  diets public.diet[] not null default '{omnivore}',
  servings jsonb not null default '[]',
  hidden_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint foods_slug_of_library check ((slug is not null) = (user_id is null)),
  constraint foods_slug_shape check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and char_length(slug) <= 120),
  constraint foods_name_length check (private.is_nonblank(name, 120)),
  constraint foods_aliases_size check (private.texts_fit(aliases, 20, 80)),
  -- A numeric(6, 2) may be NaN, which is greater than every number: each range has an upper end.
  constraint foods_energy_kcal_range check (energy_kcal between 0 and 1000),
  constraint foods_protein_g_range check (protein_g between 0 and 100),
  constraint foods_carbohydrate_g_range check (carbohydrate_g between 0 and 100),
  constraint foods_fat_g_range check (fat_g between 0 and 100),
  constraint foods_fibre_g_range check (fibre_g between 0 and carbohydrate_g),
  constraint foods_sugar_g_range check (sugar_g between 0 and carbohydrate_g),
  constraint foods_salt_g_range check (salt_g between 0 and 100),
  constraint foods_alcohol_g_range check (alcohol_g between 0 and 100),
  -- Each value is rounded on its own, so that together they may be half a gram more.
  constraint foods_macros_sum check (protein_g + carbohydrate_g + fat_g + alcohol_g <= 100.5),
  -- Tables and labels differ by up to a tenth. The 5 kcal are for foods with hardly any energy: a label rounds the half
  -- grams of a cucumber away, and the acids of a lemon have energy that no column has.
  constraint foods_energy_adds_up check (
    abs(energy_kcal - private.food_energy_kcal(protein_g, carbohydrate_g, fibre_g, fat_g, alcohol_g))
      <= greatest(5, 0.1 * private.food_energy_kcal(protein_g, carbohydrate_g, fibre_g, fat_g, alcohol_g))),
  constraint foods_allergens_set check (private.is_set(allergens, 14)),
  constraint foods_diets_set check (private.is_set(diets, 4) and private.diets_are_complete(diets)),
  constraint foods_diets_match_food check (private.diets_match_food(diets, allergens, category)),
  constraint foods_servings_shape check (private.are_servings(servings))
);
comment on table public.foods is 'Library foods (user_id null) and custom ones; nutrients per 100 g.';
comment on column public.foods.carbohydrate_g is 'Includes fibre (fibre_g); European labels leave it out.';
comment on column public.foods.sugar_g is 'Part of the carbohydrate.';
comment on column public.foods.salt_g is 'Sodium times 2.5, as labels have it.';
comment on column public.foods.allergens is
  'What it contains, or usually contains: oats have gluten unless sold as gluten-free.';
comment on column public.foods.diets is 'All diets that it suits. Every food suits an omnivore.';
comment on column public.foods.servings is 'Usual portions, up to ten of {"name", "grams"}.';
comment on column public.foods.hidden_at is 'Set when a custom food is deleted that a meal plan uses.';

create unique index foods_library_slug on public.foods (slug) where user_id is null;
create unique index foods_custom_name on public.foods (user_id, lower(name)) where user_id is not null and hidden_at is null;
create index foods_owner on public.foods (user_id, created_at desc, id desc);

-- No right to delete: delete_food() keeps what meal plans use.
revoke all on public.foods from anon, authenticated;
grant select on public.foods to authenticated;
grant insert (name, aliases, category, energy_kcal, protein_g, carbohydrate_g, fat_g, fibre_g, sugar_g, salt_g, alcohol_g,
  allergens, diets, servings) on public.foods to authenticated;
grant update (name, aliases, category, energy_kcal, protein_g, carbohydrate_g, fat_g, fibre_g, sugar_g, salt_g, alcohol_g,
  allergens, diets, servings) on public.foods to authenticated;

alter table public.foods enable row level security;
create policy "Everyone signed in reads the library and their own foods" on public.foods
  for select to authenticated using (user_id is null or (select auth.uid()) = user_id);
create policy "People add their own foods" on public.foods
  for insert to authenticated with check ((select auth.uid()) = user_id);
create policy "People change their own foods" on public.foods
  for update to authenticated
  using ((select auth.uid()) = user_id and hidden_at is null) with check ((select auth.uid()) = user_id);

create trigger foods_set_updated_at before update on public.foods
  for each row when (old.* is distinct from new.*) execute function private.set_updated_at();
create trigger foods_lock_person before insert or update on public.foods
  for each statement when (current_user = 'authenticated') execute function private.lock_person();

-- The API loads all custom foods of a person for each search, so their number is limited. So is that of hidden ones.
create function private.limit_custom_foods() returns trigger
language plpgsql set search_path = '' as $$
declare
  quota constant public.quota := case when new.hidden_at is null then 'foods' else 'hidden_foods' end;
begin
  if (select count(*) from public.foods as f
       where f.user_id = new.user_id and (f.hidden_at is null) = (new.hidden_at is null)) >= private.quota_limit(quota) then
    perform private.refuse_quota(quota);
  end if;
  return new;
end $$;
create trigger foods_custom_limit before insert on public.foods
  for each row when (new.user_id is not null) execute function private.limit_custom_foods();
create trigger foods_hidden_limit before update of hidden_at on public.foods
  for each row when ((new.hidden_at is null) <> (old.hidden_at is null)) execute function private.limit_custom_foods();

-- Who may eat what ----------------------------------------------------------------------------------------------------

-- Diet and allergens are strict: no meal plan has a food that they forbid. Without a diet a person eats everything.
create function private.food_is_allowed(food public.foods, owner_diet public.diet, owner_allergens public.allergen[])
returns boolean
language sql immutable set search_path = '' as $$
  select coalesce(owner_diet, 'omnivore') = any (food.diets) and not food.allergens && coalesce(owner_allergens, '{}')
$$;

-- The words of a name without accents and plurals: {olive,green} for "Olives, green". Folding plurals makes up words
-- ("berrie"), which does no harm where both sides are folded.
create function private.food_words(phrase text) returns text[]
language sql immutable set search_path = '' as $$
  select regexp_split_to_array(btrim(regexp_replace(regexp_replace(regexp_replace(
      regexp_replace(lower(regexp_replace(normalize(phrase, NFKD), '[\u0300-\u036f]', '', 'g')),
        '[[:space:][:punct:]]+|$', ' ', 'g'),
      '([^s ])s ', '\1 ', 'g'), 'y ', 'ie ', 'g'), '(o|ch|sh|ss|x|z)e ', '\1 ', 'g')), ' ')
$$;

-- Families of foods that people name and that the names of foods do not say: the family, its members, and the categories
-- and allergens that are of it as a whole. All words as private.food_words() folds them.
create function private.food_families()
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
create function private.food_is_disliked(food public.foods, dislikes text[]) returns boolean
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

-- The foods that a person can be offered: from the library and their own, without those they may not eat or dislike.
create function private.food_candidates(owner uuid) returns setof public.foods
language sql stable set search_path = '' as $$
  select f.*
    from private.person(owner) as u
      join public.foods as f on (f.user_id is null or f.user_id = u.id) and f.hidden_at is null
   where u.id is not null
     and private.food_is_allowed(f, u.diet, u.allergens)
     and not private.food_is_disliked(f, u.dislikes)
$$;

-- The API -------------------------------------------------------------------------------------------------------------

-- What a person adds to the shared library. The API keeps the library in memory and asks only for this.
create function public.food_overlay() returns jsonb
language sql stable set search_path = '' as $$
  select jsonb_build_object(
    'foods', coalesce((
      select jsonb_agg(to_jsonb(f) order by f.created_at desc, f.id)
        from public.foods as f where f.user_id = (select auth.uid()) and f.hidden_at is null), '[]'),
    'diet', u.diet, 'allergens', coalesce(to_jsonb(u.allergens), '[]'))
    from private.person((select auth.uid())) as u
$$;
comment on function public.food_overlay is 'Own foods, diet and allergens.';

-- POST /foods: {"answer": row, "replayed": whether the key had been used for the same request before}.
create function public.create_food(payload json, idempotency_key text default null) returns jsonb
language plpgsql set search_path = '' as $$
declare
  earlier_id constant uuid := private.claim_idempotency_key(idempotency_key, 'create_food', payload);
  created public.foods;
begin
  if earlier_id is not null then
    return private.created_answer(
      (select to_jsonb(f) from public.foods as f where f.id = earlier_id and f.hidden_at is null), true);
  end if;
  insert into public.foods (name, aliases, category, energy_kcal, protein_g, carbohydrate_g, fat_g, fibre_g, sugar_g, salt_g,
    alcohol_g, allergens, diets, servings)
  select r.name, r.aliases, r.category, r.energy_kcal, r.protein_g, r.carbohydrate_g, r.fat_g, r.fibre_g, r.sugar_g, r.salt_g,
    r.alcohol_g, r.allergens, r.diets, r.servings
    from json_populate_record(null::public.foods, payload) as r
  returning * into created;
  perform private.store_resource(idempotency_key, created.id);
  return private.created_answer(to_jsonb(created), false);
end $$;

-- Whether a meal plan of the caller has, had or is proposed to have the food.
create function private.food_is_used(food_id uuid) returns boolean
language sql stable set search_path = '' as $$
  select exists (
    select from public.plan_versions as v
     where v.user_id = (select auth.uid())
       and v.content @? format('$.days[*].meals[*].items[*] ? (@.food_id == "%s")', food_id)::jsonpath)
   or exists (
    select from public.plan_proposals as r
     where r.user_id = (select auth.uid())
       and r.content @? format('$.days[*].meals[*].items[*] ? (@.food_id == "%s")', food_id)::jsonpath)
$$;

-- DELETE /foods/{id}: deletes the food, or hides it when a meal plan uses it. True when there was one.
-- Definer: people have no right to delete foods, so that they cannot delete a used one directly.
create function public.delete_food(food_id uuid) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  caller constant uuid := auth.uid();
begin
  perform private.assert_account(caller);
  -- Wait for transactions that plan with it (private.check_plan_content locks it), and only then look.
  perform from public.foods as f where f.id = delete_food.food_id and f.user_id = caller for update;
  if private.food_is_used(delete_food.food_id) then
    update public.foods as f set hidden_at = now()
     where f.id = delete_food.food_id and f.user_id = caller and f.hidden_at is null;
  else
    delete from public.foods as f where f.id = delete_food.food_id and f.user_id = caller and f.hidden_at is null;
  end if;
  return found;
end $$;

-- Foods that a person may not be planned ------------------------------------------------------------------------------

-- Why a food does not suit this person: {"allergens": [those they avoid], "diet": theirs, if it does not suit that};
-- null when it does.
create function private.food_conflict(food public.foods, person public.users) returns jsonb
language sql stable set search_path = '' as $$
  select case when not private.food_is_allowed(food, person.diet, person.allergens) then jsonb_build_object(
    'allergens', array(select a from unnest(food.allergens) as a where a = any (person.allergens) order by a),
    'diet', case when not person.diet = any (food.diets) then person.diet end) end
$$;

-- A food conflict in words.
create function private.conflict_message(conflict jsonb) returns text
language sql immutable set search_path = '' as $$
  select concat_ws(', and ',
    'contains ' || (select string_agg(a, ', ') from jsonb_array_elements_text(conflict -> 'allergens') as a)
      || ', which you avoid',
    'does not fit a ' || (conflict ->> 'diet') || ' diet')
$$;

grant execute on function private.food_families to authenticated, service_role;
grant execute on function private.food_energy_kcal, private.diets_are_complete, private.diets_match_food, private.are_servings,
  private.food_is_allowed, private.food_words, private.food_is_disliked, private.food_candidates, private.food_conflict,
  private.conflict_message to authenticated, service_role;
grant execute on function public.food_overlay, public.create_food, public.delete_food to authenticated;

-- Food library. Legumes, tofu and its kin.
-- Applying this file again changes nothing: a row is touched only where something in it differs.
-- A slug is for ever (the id is made from it): correct a row in place, never rename its slug.
--
-- Per 100 g as named. Carbohydrate includes fibre. Energy is what a European label says (docs/decisions/0024-foods.md).
-- fits names the strictest diet that the food fits; all wider ones follow.
with library (
  slug, name, aliases, category,
  energy_kcal, protein_g, carbohydrate_g, fat_g, fibre_g, sugar_g, salt_g, alcohol_g,
  allergens, fits, servings
) as (
  values
  -- Lentils, beans and peas
  ('lentils-red-dry', 'Lentils, red, dry', '{Lentils,Red lentils,Masoor dal}', 'legume',
   350, 23.9, 63.1, 2.2, 10.8, 2, 0.02, 0, '{}', 'vegan', '[{"name": "portion", "grams": 70}, {"name": "cup", "grams": 190}]'),
  ('lentils-red-cooked', 'Lentils, red, cooked', '{Boiled red lentils}', 'legume',
   98, 7.6, 17.5, 0.4, 3.9, 1, 0.01, 0, '{}', 'vegan', '[{"name": "portion", "grams": 200}]'),
  ('lentils-green-dry', 'Lentils, green, dry', '{Green lentils,Brown lentils,Puy lentils}', 'legume',
   345, 24.6, 63.4, 1.1, 10.7, 2, 0.02, 0, '{}', 'vegan', '[{"name": "portion", "grams": 70}]'),
  ('lentils-green-cooked', 'Lentils, green, cooked', '{Boiled lentils}', 'legume',
   108, 9, 20.1, 0.4, 7.9, 1.8, 0, 0, '{}', 'vegan', '[{"name": "portion", "grams": 200}, {"name": "cup", "grams": 198}]'),
  ('lentils-canned-drained', 'Lentils, canned, drained', '{Tinned lentils}', 'legume',
   90, 6.8, 15.5, 0.5, 5, 0.6, 0.5, 0, '{}', 'vegan', '[{"name": "can", "grams": 240}, {"name": "portion", "grams": 120}]'),
  ('chickpeas-dry', 'Chickpeas, dry', '{"Garbanzo beans, dry"}', 'legume',
   370, 20.5, 63, 6, 12.2, 10.7, 0.06, 0, '{}', 'vegan', '[{"name": "portion", "grams": 60}]'),
  ('chickpeas-cooked', 'Chickpeas, cooked', '{Boiled chickpeas}', 'legume',
   157, 8.9, 27.4, 2.6, 7.6, 4.8, 0.02, 0, '{}', 'vegan', '[{"name": "portion", "grams": 160}]'),
  ('chickpeas-canned-drained', 'Chickpeas, canned, drained', '{Chickpeas,Tinned chickpeas,"Garbanzos, canned"}', 'legume',
   133, 7, 22.5, 2.8, 6.4, 1, 0.5, 0, '{}', 'vegan', '[{"name": "can", "grams": 240}, {"name": "portion", "grams": 120}]'),
  ('black-beans-dry', 'Black beans, dry', '{"Turtle beans, dry"}', 'legume',
   325, 21.6, 62.4, 1.4, 15.5, 2.1, 0.01, 0, '{}', 'vegan', '[{"name": "portion", "grams": 60}]'),
  ('black-beans-cooked', 'Black beans, cooked', '{Boiled black beans}', 'legume',
   122, 8.9, 23.7, 0.5, 8.7, 0.3, 0, 0, '{}', 'vegan', '[{"name": "portion", "grams": 170}]'),
  ('black-beans-canned-drained', 'Black beans, canned, drained', '{Tinned black beans}', 'legume',
   96, 6.5, 17.5, 0.5, 6.5, 0.4, 0.5, 0, '{}', 'vegan', '[{"name": "can", "grams": 240}, {"name": "portion", "grams": 120}]'),
  ('kidney-beans-dry', 'Kidney beans, dry', '{"Red beans, dry"}', 'legume',
   325, 22.5, 61.3, 1.1, 15.2, 2.1, 0.03, 0, '{}', 'vegan', '[{"name": "portion", "grams": 60}]'),
  ('kidney-beans-cooked', 'Kidney beans, cooked', '{Boiled kidney beans}', 'legume',
   121, 8.7, 22.8, 0.5, 7.4, 0.3, 0, 0, '{}', 'vegan', '[{"name": "portion", "grams": 170}]'),
  ('kidney-beans-canned-drained', 'Kidney beans, canned, drained', '{Kidney beans,Tinned kidney beans,Red kidney beans}', 'legume',
   107, 7.5, 20, 0.6, 6.8, 1.5, 0.5, 0, '{}', 'vegan', '[{"name": "can", "grams": 240}, {"name": "portion", "grams": 120}]'),
  ('white-beans-cooked', 'White beans, cooked', '{Boiled white beans,Haricot beans,Navy beans}', 'legume',
   134, 9.7, 25.1, 0.4, 6.3, 0.3, 0.01, 0, '{}', 'vegan', '[{"name": "portion", "grams": 170}]'),
  ('cannellini-beans-canned-drained', 'Cannellini beans, canned, drained', '{Tinned white beans,Cannellini}', 'legume',
   100, 7, 18, 0.5, 6, 0.6, 0.5, 0, '{}', 'vegan', '[{"name": "can", "grams": 240}, {"name": "portion", "grams": 120}]'),
  ('pinto-beans-cooked', 'Pinto beans, cooked', '{Boiled pinto beans}', 'legume',
   135, 9, 26.2, 0.7, 9, 0.3, 0, 0, '{}', 'vegan', '[{"name": "portion", "grams": 170}]'),
  ('butter-beans-cooked', 'Butter beans, cooked', '{Lima beans}', 'legume',
   109, 7.8, 20.9, 0.4, 7, 2.9, 0.01, 0, '{}', 'vegan', '[{"name": "portion", "grams": 170}]'),
  ('mung-beans-dry', 'Mung beans, dry', '{Moong beans}', 'legume',
   335, 23.9, 62.6, 1.2, 16.3, 6.6, 0.04, 0, '{}', 'vegan', '[{"name": "portion", "grams": 60}]'),
  ('mung-beans-cooked', 'Mung beans, cooked', '{Boiled mung beans}', 'legume',
   97, 7, 19.2, 0.4, 7.6, 2, 0.01, 0, '{}', 'vegan', '[{"name": "portion", "grams": 170}]'),
  ('adzuki-beans-cooked', 'Adzuki beans, cooked', '{Azuki beans}', 'legume',
   125, 7.5, 24.8, 0.1, 7.3, 0.3, 0.02, 0, '{}', 'vegan', '[{"name": "portion", "grams": 170}]'),
  ('black-eyed-beans-cooked', 'Black-eyed beans, cooked', '{Black-eyed peas,Cowpeas}', 'legume',
   112, 7.7, 20.8, 0.5, 6.5, 3.3, 0.01, 0, '{}', 'vegan', '[{"name": "portion", "grams": 170}]'),
  ('split-peas-dry', 'Split peas, dry', '{Yellow split peas,Green split peas}', 'legume',
   332, 23.8, 63.7, 1.2, 22.2, 3.1, 0.01, 0, '{}', 'vegan', '[{"name": "portion", "grams": 65}]'),
  ('split-peas-cooked', 'Split peas, cooked', '{Boiled split peas}', 'legume',
   108, 8.3, 21.1, 0.4, 8.3, 2.9, 0.01, 0, '{}', 'vegan', '[{"name": "portion", "grams": 190}]'),
  ('broad-beans-cooked', 'Broad beans, cooked', '{Fava beans}', 'legume',
   106, 7.6, 19.7, 0.4, 5.4, 1.8, 0.01, 0, '{}', 'vegan', '[{"name": "portion", "grams": 150}]'),
  ('soya-beans-dry', 'Soya beans, dry', '{Soybeans}', 'legume',
   437, 36.5, 30.2, 19.9, 9.3, 7.3, 0.01, 0, '{soy}', 'vegan', '[{"name": "portion", "grams": 60}]'),
  ('soya-beans-cooked', 'Soya beans, cooked', '{Boiled soybeans}', 'legume',
   173, 18.2, 8.4, 9, 6, 3, 0, 0, '{soy}', 'vegan', '[{"name": "portion", "grams": 150}]'),
  ('edamame-shelled', 'Edamame, shelled', '{Edamame,Green soybeans}', 'legume',
   121, 11.9, 8.9, 5.2, 5.2, 2.2, 0.02, 0, '{soy}', 'vegan', '[{"name": "portion", "grams": 100}]'),
  ('lupin-beans-cooked', 'Lupin beans, cooked', '{Lupini beans}', 'legume',
   120, 15.6, 9.9, 2.9, 2.8, 0.5, 0.6, 0, '{lupin}', 'vegan', '[{"name": "portion", "grams": 80}]'),
  ('baked-beans-in-tomato-sauce', 'Baked beans in tomato sauce', '{Baked beans}', 'legume',
   80, 4.7, 16.6, 0.2, 3.9, 4.7, 0.6, 0, '{}', 'vegan', '[{"name": "half can", "grams": 207}]'),
  -- Tofu and its kin
  ('tofu-firm', 'Tofu, firm', '{Bean curd,Tofu}', 'plant_protein',
   148, 17.3, 2.8, 8.7, 2.3, 0.6, 0.04, 0, '{soy}', 'vegan', '[{"name": "portion", "grams": 125}, {"name": "block", "grams": 250}]'),
  ('tofu-silken', 'Tofu, silken', '{Soft tofu}', 'plant_protein',
   53, 4.8, 2.4, 2.7, 0.1, 1.3, 0.01, 0, '{soy}', 'vegan', '[{"name": "portion", "grams": 150}]'),
  ('tofu-smoked', 'Tofu, smoked', '{Smoked tofu}', 'plant_protein',
   166, 17.5, 2.5, 9.9, 1.2, 0.5, 1, 0, '{soy}', 'vegan', '[{"name": "portion", "grams": 100}, {"name": "block", "grams": 200}]'),
  ('tempeh', 'Tempeh', '{}', 'plant_protein',
   194, 19.5, 8.5, 10.5, 5, 0.5, 0.02, 0, '{soy}', 'vegan', '[{"name": "portion", "grams": 100}]'),
  ('seitan', 'Seitan', '{"Wheat gluten, cooked",Wheat meat}', 'plant_protein',
   124, 24, 4, 1.5, 0.6, 0.5, 1, 0, '{gluten,soy}', 'vegan', '[{"name": "portion", "grams": 100}]'),
  ('soya-mince-dry', 'Soya mince, dry', '{TVP,Textured vegetable protein,Soy chunks}', 'plant_protein',
   320, 50, 33, 1.2, 16, 7, 0.02, 0, '{soy}', 'vegan', '[{"name": "portion", "grams": 40}]'),
  ('pea-protein-mince', 'Pea protein mince', '{"Plant-based mince, pea",Vegan mince}', 'plant_protein',
   196, 17, 8, 12, 5, 1, 1, 0, '{}', 'vegan', '[{"name": "portion", "grams": 100}]'),
  ('sunflower-mince-dry', 'Sunflower mince, dry', '{Textured sunflower protein}', 'plant_protein',
   340, 52, 34, 2.5, 16, 6, 0.02, 0, '{}', 'vegan', '[{"name": "portion", "grams": 40}]'),
  ('burger-plant-based-soya', 'Burger, plant-based, soya', '{Vegan burger,Veggie burger}', 'plant_protein',
   203, 16, 11, 12, 4.5, 1.5, 1.2, 0, '{gluten,soy}', 'vegan', '[{"name": "patty", "grams": 100}]'),
  ('sausage-plant-based', 'Sausage, plant-based', '{Vegan sausage,Veggie sausage}', 'plant_protein',
   215, 15, 10, 13.5, 3.5, 1.5, 1.6, 0, '{gluten,soy}', 'vegan', '[{"name": "sausage", "grams": 50}]'),
  ('mycoprotein-pieces', 'Mycoprotein pieces', '{Quorn pieces}', 'plant_protein',
   105, 14, 10, 2.6, 7.5, 0.8, 0.5, 0, '{egg}', 'vegetarian', '[{"name": "portion", "grams": 100}]')
)
insert into public.foods as food (
  id, user_id, slug, name, aliases, category,
  energy_kcal, protein_g, carbohydrate_g, fat_g, fibre_g, sugar_g, salt_g, alcohol_g,
  allergens, diets, servings
)
select
  md5('slow-burn/foods/' || slug)::uuid,
  null,
  slug,
  name,
  aliases::text[],
  category::public.food_category,
  energy_kcal, protein_g, carbohydrate_g, fat_g, fibre_g, sugar_g, salt_g, alcohol_g,
  allergens::public.allergen[],
  enum_range(null, fits::public.diet),
  servings::jsonb
from library
on conflict (slug) where user_id is null do update set
  name = excluded.name,
  aliases = excluded.aliases,
  category = excluded.category,
  energy_kcal = excluded.energy_kcal,
  protein_g = excluded.protein_g,
  carbohydrate_g = excluded.carbohydrate_g,
  fat_g = excluded.fat_g,
  fibre_g = excluded.fibre_g,
  sugar_g = excluded.sugar_g,
  salt_g = excluded.salt_g,
  alcohol_g = excluded.alcohol_g,
  allergens = excluded.allergens,
  diets = excluded.diets,
  servings = excluded.servings
where (
  food.name, food.aliases, food.category, food.energy_kcal, food.protein_g, food.carbohydrate_g,
  food.fat_g, food.fibre_g, food.sugar_g, food.salt_g, food.alcohol_g, food.allergens, food.diets,
  food.servings
) is distinct from (
  excluded.name, excluded.aliases, excluded.category, excluded.energy_kcal, excluded.protein_g,
  excluded.carbohydrate_g, excluded.fat_g, excluded.fibre_g, excluded.sugar_g, excluded.salt_g,
  excluded.alcohol_g, excluded.allergens, excluded.diets, excluded.servings
);

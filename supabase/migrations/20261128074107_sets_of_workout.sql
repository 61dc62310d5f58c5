-- The sets of a workout are found by workout and owner together. Policies ask for both; without an index that has both
-- the planner combined two, and read all of a person's sets for each workout: 2.4 ms each at 100,000 sets.
-- Follows supabase/schemas/40_workouts.sql. Building the index holds up writers of sets, some seconds per million rows.

ALTER TABLE "public"."sets"
  DROP CONSTRAINT "sets_place_once",
  ADD CONSTRAINT "sets_place_once" UNIQUE (workout_id, user_id, exercise_position, "position");

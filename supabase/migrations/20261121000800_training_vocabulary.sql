-- The words of training that is done, beside those of training that is planned.
create type public.workout_source as enum ('app', 'import');
create type public.set_side as enum ('left', 'right');
create type public.record_kind as enum ('heaviest', 'e1rm', 'most_reps', 'longest', 'farthest');
create type public.affinity_rule as enum (
  'workout_logged', 'planned_day', 'personal_record', 'week_streak', 'conversation', 'absence', 'reversal');
create type public.affinity_source as enum ('workout', 'set', 'week', 'day', 'message');
create type public.measurement_kind as enum (
  'body_weight', 'height', 'body_fat', 'waist', 'hips', 'chest', 'arm', 'thigh', 'resting_heart_rate');
create type public.job_kind as enum ('import_workouts', 'import_account');
create type public.job_status as enum ('queued', 'running', 'succeeded', 'failed', 'cancelled');

-- Same activity: a run that came from a watch's file is not imported again from another app's. Follows
-- supabase/schemas/65_imports.sql.

SET local check_function_bodies = off;

CREATE OR REPLACE FUNCTION private.import_workout (
  owner  uuid,
  job_id uuid,
  item   json
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  imported_id constant uuid := (item ->> 'client_id')::uuid;
  is_restored constant boolean := exists (
    select from public.deleted_workouts as d where d.user_id = owner and d.client_id = imported_id);
  same_id uuid;
  earlier public.workouts;
  workout public.workouts;
begin
  select * into earlier from public.workouts as w
   where w.user_id = owner and w.client_id = imported_id;
  if earlier.id is not null then
    return private.import_known_workout(earlier, job_id, item);
  end if;
  same_id := private.same_activity(owner, item);
  if same_id is not null then
    return jsonb_build_object('outcome', 'duplicate', 'id', same_id,
      'reason', 'the same activity is here already: the same sport, begun within a minute, about as far');
  end if;
  workout := private.write_workout(owner, item, sha256(convert_to(item::text, 'UTF8')), 'import', job_id);
  return jsonb_build_object('outcome', 'imported', 'id', workout.id, 'restored', is_restored);
end $function$;

CREATE OR REPLACE FUNCTION private.same_activity (
  owner uuid,
  item  json
)
  RETURNS uuid
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select w.id
    from json_to_record(item) as i (client_id uuid, started_at timestamptz, ended_at timestamptz, same_activity jsonb)
      join public.workouts as w on w.user_id = owner and w.client_id <> i.client_id
        and w.started_at between i.started_at - interval '1 minute' and i.started_at + interval '1 minute'
        and coalesce(w.ended_at, 'infinity') > i.started_at and coalesce(i.ended_at, 'infinity') > w.started_at
      cross join lateral (
        select count(*) as count, sum(s.distance_m) as distance_m from public.sets as s
         where s.user_id = owner and s.workout_id = w.id and i.same_activity -> 'exercises' ? s.exercise_name) as done
      cross join lateral (select (i.same_activity ->> 'distance_m')::numeric as distance_m) as file
   where done.count > 0
     and coalesce(abs(done.distance_m - file.distance_m) <= greatest(100, 0.05 * file.distance_m), true)
   order by abs(extract(epoch from w.started_at - i.started_at)), w.id
   limit 1
$function$;

REVOKE ALL ON FUNCTION "private"."same_activity"(uuid, json) FROM PUBLIC;

REVOKE ALL ON FUNCTION "private"."same_activity"(uuid, json) FROM "postgres";

GRANT EXECUTE ON FUNCTION "private"."same_activity"(uuid, json) TO "postgres";

GRANT EXECUTE ON FUNCTION "private"."same_activity"(uuid, json) TO "service_role";

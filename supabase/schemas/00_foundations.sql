-- What everything else builds on: a schema that PostgREST does not expose, closed defaults, shared triggers and checks.

-- Function bodies may refer to tables and functions of later files, so they are not checked while these are created.
-- tests/stack/database/test_catalogue.py checks every body once all are there.
set check_function_bodies = off;

-- Helpers live here. PostgREST serves `public` only, so nothing in `private` can be called from outside.
create schema private;
comment on schema private is 'Functions used by triggers, checks and policies. Not exposed by the API.';

revoke all on schema private from public, anon;
grant usage on schema private to authenticated, service_role;

-- The platform grants everything on new objects to anon and authenticated. Here each file grants what it means.
alter default privileges in schema public revoke all on tables from anon, authenticated;
alter default privileges in schema public revoke all on sequences from anon, authenticated;
alter default privileges in schema public revoke all on functions from anon, authenticated;
alter default privileges revoke execute on functions from public;

-- If-Match compares updated_at, so two changes of a row must never get the same value. The clock can give the same time
-- to two statements; then this adds a microsecond.
create function private.set_updated_at() returns trigger
language plpgsql set search_path = '' as $$
begin
  new.updated_at := greatest(clock_timestamp(), old.updated_at + interval '1 microsecond');
  return new;
end $$;
comment on function private.set_updated_at() is 'Trigger: sets updated_at, strictly later than before.';

-- Matches a character that can be seen. Not seen are: white space, control characters, what Unicode says to leave out
-- where it means nothing (Default_Ignorable_Code_Point: zero-width and bidirectional marks, Hangul fillers, variation
-- selectors, tags), and the blank of Braille. src/core/schema.py has the same list.
create function private.visible_character() returns text
language sql immutable set search_path = '' as $$
  select '[^\u0001-\u0020\u007f-\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f'
    '\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3'
    '\U0001d173-\U0001d17a\U000e0000-\U000e0fff]'
$$;

-- A text of 1 to `max_length` characters of which at least one can be seen. Null for null, as a check constraint wants
-- it.
create function private.is_nonblank(value text, max_length integer) returns boolean
language sql immutable set search_path = '' as $$
  select char_length(value) between 1 and max_length and value ~ private.visible_character()
$$;

-- A list of short texts: at most `max_items`, none of them null or blank. A column of type text[] also accepts nested
-- arrays, so the dimensions are checked; an empty array has none.
create function private.texts_fit(texts text[], max_items integer, max_length integer) returns boolean
language sql immutable set search_path = '' as $$
  select cardinality(texts) <= max_items
     and coalesce(array_ndims(texts), 1) = 1
     and coalesce((select bool_and(coalesce(private.is_nonblank(item, max_length), false))
                     from unnest(texts) as item), true)
$$;

-- A list used as a set: at most `max_items` members, none twice, none null.
create function private.is_set(members anyarray, max_items integer) returns boolean
language sql immutable set search_path = '' as $$
  select cardinality(members) <= max_items
     and coalesce(array_ndims(members), 1) = 1
     and (select count(*) = count(distinct member) from unnest(members) as member) -- a null is not counted as distinct
$$;

-- An IANA zone such as Europe/Oslo or UTC, in its exact spelling. Postgres also accepts POSIX strings ("Foo/Bar+5"),
-- abbreviations ("EST") and other capitals ("europe/oslo"), which the API refuses. So the pattern allows digits only in
-- Etc/GMT+5, and the zone is compared with the spelling that the setting shows. The setting lasts until the function
-- ends.
create function private.is_timezone(zone text) returns boolean
language plpgsql stable set search_path = '' set timezone = 'UTC' as $$
begin
  if zone !~ '^(UTC|Etc/GMT[+-][0-9]{1,2}|[A-Z][A-Za-z_]+(/[A-Za-z_-]+){1,2})$' or char_length(zone) > 64 then
    return false;
  end if;
  return set_config('timezone', zone, true) = zone;
exception when invalid_parameter_value then
  return false;
end $$;

-- A UUID as the API and Postgres write it: in lower case, with hyphens.
create function private.is_uuid(value text) returns boolean
language sql immutable set search_path = '' as $$
  select value ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
$$;

-- Writes rows of a library; the seeds call it. `rows` are objects with a slug and the columns to set. A new slug is
-- added. An existing row changes only where it differs, so that applying a seed again changes nothing. The id is
-- derived from the slug. Returns the number of rows that were added or changed.
create function private.upsert_library(target regclass, rows jsonb) returns integer
language plpgsql set search_path = '' as $$
declare
  columns constant text[] := array(
    select quote_ident(key) from jsonb_object_keys(rows -> 0) as key where key <> 'slug' order by key);
  new_values constant text := (select string_agg('excluded.' || c, ', ') from unnest(columns) as c);
  old_values constant text := (select string_agg('library.' || c, ', ') from unnest(columns) as c);
  changed integer;
begin
  execute format('insert into %1$s as library (id, user_id, slug, %2$s)'
    ' select md5(%3$L || r.slug)::uuid, null, r.slug, %2$s from jsonb_populate_recordset(null::%1$s, $1) as r'
    ' on conflict (slug) where user_id is null do update set (%2$s) = row(%4$s) where (%5$s) is distinct from (%4$s)',
    target, array_to_string(columns, ', '),
    'slow-burn/' || (select c.relname from pg_catalog.pg_class as c where c.oid = target) || '/', new_values, old_values)
    using rows;
  get diagnostics changed = row_count;
  return changed;
end $$;

grant execute on function private.visible_character to authenticated, service_role;
grant execute on function private.is_nonblank, private.texts_fit, private.is_set, private.is_timezone
  to authenticated, service_role;
grant execute on function private.is_uuid to service_role;

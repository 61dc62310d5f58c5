-- What clocks start goes over all people in batches, each a transaction of its own: a run may end anywhere and be started
-- again, and no batch holds anyone up for long.

-- How far the run of a task has come. One row a task.
create table private.cron_positions (
  task text primary key,
  after uuid not null default '00000000-0000-0000-0000-000000000000',
  moved_at timestamptz not null default clock_timestamp()
);
comment on table private.cron_positions is 'The last person that each task of the clock has looked at.';
revoke all on private.cron_positions from anon, authenticated;
grant select, insert, update on private.cron_positions to service_role;

-- The next people that a task looks at, and whether they are the last ones: then the next run begins with the first.
-- A run that was left more than an hour ago does not go on; it begins again. Two runs at once share the people.
create function private.next_people(task text, max_people integer, out people uuid[], out done boolean)
language plpgsql set search_path = '' as $$
declare
  last uuid;
begin
  insert into private.cron_positions as p (task) values (next_people.task)
  on conflict on constraint cron_positions_pkey do update
    set after = case when p.moved_at < clock_timestamp() - interval '1 hour' then excluded.after else p.after end
  returning p.after into last;
  people := array(select u.id from public.users as u where u.id > last order by u.id limit max_people);
  done := cardinality(people) < max_people;
  update private.cron_positions as p
     set after = coalesce(case when not done then people[max_people] end, '00000000-0000-0000-0000-000000000000'),
         moved_at = clock_timestamp()
   where p.task = next_people.task;
end $$;

-- What a batch answers: how much it changed, and whether the run is over.
create function private.batch_result(changed integer, done boolean) returns jsonb
language sql immutable set search_path = '' as $$
  select jsonb_build_object('changed', changed, 'done', done)
$$;

grant execute on function private.next_people, private.batch_result to service_role;

-- Whatever comes with the token of an account that is gone is told so, reads too.

SET local check_function_bodies = off;

CREATE OR REPLACE FUNCTION private.check_request()
  RETURNS void
  LANGUAGE plpgsql
  SET search_path TO ''
  AS $function$
declare
  max_running constant integer := 5;
  key bigint;
  headers json;
  max_bytes numeric;
begin
  if current_user <> 'authenticated' then
    return;
  end if;
  -- A token outlives its account by up to an hour: whatever comes with it later is told so, reads too.
  perform private.assert_caller();
  key := hashtextextended(coalesce(auth.uid()::text, ''), 0);
  for slot in 1 .. max_running loop
    exit when pg_try_advisory_xact_lock(key # slot);
    if slot = max_running then
      perform private.refuse_for_now('53300', 'Too many requests at the same time. Send fewer at once.');
    end if;
  end loop;
  if current_setting('request.method') in ('GET', 'HEAD') then
    return;
  end if;
  headers := current_setting('request.headers');
  -- Only the file of an import is larger than a document.
  max_bytes := case current_setting('request.path') when '/rpc/enqueue_job' then 12000000 else 4000000 end;
  if coalesce(headers ->> 'content-length', '0')::numeric > max_bytes then
    raise sqlstate 'PT413' using message = 'The body is too large.';
  elsif headers ->> 'transfer-encoding' is not null then
    raise sqlstate 'PT411' using message = 'Content-Length is required.';
  elsif current_setting('transaction_read_only') = 'off' then
    perform private.count_write();
  end if;
end $function$;

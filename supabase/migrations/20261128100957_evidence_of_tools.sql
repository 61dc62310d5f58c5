-- A reply's evidence is what tools answered, with the number as the reply shows it: more kinds of things, and a value.
-- Actions may carry the body of their request. Follows supabase/schemas/01_vocabulary.sql and supabase/schemas/70_chat.sql.

SET local check_function_bodies = off;

ALTER TABLE "public"."message_evidence"
  DROP CONSTRAINT "message_evidence_once";

ALTER TABLE "public"."message_evidence"
  ADD COLUMN "value" text;

COMMENT ON COLUMN "public"."message_evidence"."value" IS 'The number or date of it that the reply shows, as it shows it.';

COMMENT ON TABLE "public"."message_evidence" IS 'What a reply of the companion used, in the words of that time.';

ALTER TABLE "public"."message_evidence"
  ADD CONSTRAINT "message_evidence_value_length" CHECK (private.is_nonblank(value, 200));

ALTER TABLE "public"."message_evidence"
  ADD CONSTRAINT "message_evidence_once" UNIQUE NULLS NOT DISTINCT (message_id, kind, source_id, value);

ALTER TYPE "public"."evidence_kind" ADD VALUE 'workout' AFTER 'plan';

ALTER TYPE "public"."evidence_kind" ADD VALUE 'exercise' AFTER 'workout';

ALTER TYPE "public"."evidence_kind" ADD VALUE 'measurement' AFTER 'exercise';

ALTER TYPE "public"."evidence_kind" ADD VALUE 'profile' AFTER 'measurement';

ALTER TYPE "public"."evidence_kind" ADD VALUE 'food' AFTER 'profile';

ALTER TYPE "public"."evidence_kind" ADD VALUE 'affinity' AFTER 'food';

CREATE OR REPLACE FUNCTION private.are_actions (
  actions jsonb
)
  RETURNS boolean
  LANGUAGE sql
  IMMUTABLE
  SET search_path TO ''
  AS $function$
  select case
    when jsonb_typeof(actions) <> 'array' or pg_column_size(actions) > 4096 then false
    else jsonb_array_length(actions) <= 10 and coalesce((
      select bool_and(case
          -- Few members before there is any text: the text of a number may be a thousand times as long as its jsonb.
          when jsonb_typeof(a.value) <> 'object' or (select count(*) from jsonb_object_keys(a.value)) > 5 then false
          when a.value ? 'body' and (jsonb_typeof(a.value -> 'body') <> 'object'
            or a.value ->> 'kind' not in ('log_workout', 'generate_plan', 'generate_meal_plan', 'adapt_plan')) then false
          else (a.value - 'body')::text ~ replace('^\{('
            '"kind": "(log_workout|review_memories|generate_plan|generate_meal_plan)"'
            '|"kind": "start_workout", "plan_id": UUID, "plan_day": ([0-9]|1[0-3])'
            '|"kind": "adapt_plan", "plan_id": UUID'
            '|"kind": "accept_proposal", "plan_id": UUID, "proposal_id": UUID'
            '|"day": ([0-9]|1[0-3]), "kind": "swap_meal", "meal": [0-7], "meal_plan_id": UUID'
            ')\}$', 'UUID', '"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"') end)
        from jsonb_array_elements(actions) as a), true) end
$function$;

CREATE OR REPLACE FUNCTION private.chat_answer (
  owner    uuid,
  reply_id uuid
)
  RETURNS jsonb
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select jsonb_build_object(
    'message', jsonb_build_object('id', r.id, 'role', r.role, 'client_id', null, 'reply_to', r.reply_to,
      'message', r.message, 'mood', r.mood, 'actions', r.actions, 'model', r.model, 'finish', r.finish,
      'created_at', r.created_at),
    'evidence', coalesce((
      select jsonb_agg(jsonb_build_object('kind', e.kind, 'id', e.source_id, 'text', e.text, 'value', e.value)
                       order by e.created_at, e.id)
        from public.message_evidence as e where e.message_id = r.id), '[]'),
    'memories_learned', coalesce((
      select jsonb_agg(jsonb_build_object('id', m.id, 'kind', m.kind, 'content', m.content, 'quote', m.source_quote)
                       order by m.created_at, m.id)
        from public.memories as m
       where m.user_id = owner and m.source_message_id = r.reply_to and m.status = 'active'), '[]'),
    'actions', r.actions,
    'affinity', jsonb_build_object('score', (select u.affinity_score from public.users as u where u.id = owner)))
    from public.chat_messages as r where r.id = reply_id and r.user_id = owner
$function$;

CREATE OR REPLACE FUNCTION private.evidence_text (
  owner     uuid,
  kind      public.evidence_kind,
  source_id uuid
)
  RETURNS text
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select case kind
    when 'memory' then (select m.content from public.memories as m
                         where m.id = source_id and m.user_id = owner and m.status = 'active')
    when 'set' then (select private.describe_set(s) from public.sets as s where s.id = source_id and s.user_id = owner)
    when 'plan' then (select p.name from public.plans as p where p.id = source_id and p.user_id = owner)
    when 'workout' then (select concat_ws(', ', w.name, to_char(w.local_date, 'FMDD Mon YYYY'))
                           from public.workouts as w where w.id = source_id and w.user_id = owner)
    when 'exercise' then (select e.name from public.exercises as e
                           where e.id = source_id and (e.user_id is null or e.user_id = owner))
    when 'measurement' then (select format('%s on %s', replace(m.kind::text, '_', ' '), to_char(m.local_date, 'FMDD Mon YYYY'))
                               from public.measurements as m where m.id = source_id and m.user_id = owner)
    when 'food' then (select f.name from public.foods as f
                       where f.id = source_id and (f.user_id is null or f.user_id = owner))
    when 'affinity' then (select e.explanation from public.affinity_events as e
                           where e.id = evidence_text.source_id and e.user_id = owner)
    -- What is computed from the profile, such as targets, has the person themselves as its source.
    when 'profile' then case when source_id = owner then 'Your profile' end end
$function$;

CREATE OR REPLACE FUNCTION public.chat_evidence (
  message_id uuid
)
  RETURNS jsonb
  LANGUAGE sql
  STABLE
  SET search_path TO ''
  AS $function$
  select coalesce((
    select jsonb_agg(jsonb_build_object('kind', e.kind, 'id', e.source_id, 'text', e.text, 'value', e.value)
                       order by e.created_at, e.id)
      from public.message_evidence as e where e.message_id = m.id), '[]')
    from public.chat_messages as m where m.id = chat_evidence.message_id and m.user_id = (select auth.uid())
$function$;

CREATE OR REPLACE FUNCTION public.finish_chat (
  payload jsonb
)
  RETURNS jsonb
  LANGUAGE plpgsql
  SECURITY DEFINER
  SET search_path TO ''
  AS $function$
declare
  caller constant uuid := auth.uid();
  user_message public.chat_messages;
  reply public.chat_messages;
  sender public.users;
begin
  perform private.assert_account(caller);
  select * into sender from public.users as u where u.id = caller;
  select * into user_message from public.chat_messages as m
   where m.id = (payload ->> 'message_id')::uuid and m.user_id = caller and m.role = 'user' for update;
  if user_message.id is null then
    raise sqlstate 'PT404' using message = 'There is no such message.';
  end if;
  select * into reply from public.chat_messages as m
   where m.user_id = user_message.user_id and m.reply_to = user_message.id;
  if reply.id is not null then
    return private.chat_answer(caller, reply.id);
  end if;
  -- The minute to answer began when begin_chat returned the context.
  if exists (select from public.memories as m where m.user_id = caller and m.status = 'dismissed'
      and m.updated_at > user_message.answering_until - interval '1 minute') then
    raise sqlstate 'PT409' using message = 'Something was forgotten meanwhile; ask again.';
  end if;
  insert into public.chat_messages (user_id, role, reply_to, message, mood, actions, model, finish, input_tokens,
    output_tokens, latency_ms)
  select caller, 'assistant', user_message.id, r.reply, r.mood, r.actions, r.model, r.finish, r.input_tokens, r.output_tokens,
    r.latency_ms
    from jsonb_to_record(payload) as r (reply text, mood public.companion_mood, actions jsonb, model text,
      finish public.answer_finish, input_tokens integer, output_tokens integer, latency_ms integer)
  returning * into reply;
  insert into public.message_evidence (user_id, message_id, kind, source_id, text, value)
  select caller, reply.id, e.kind, e.id, left(t.text, 600), e.value
    from (select value from jsonb_array_elements(payload -> 'evidence') limit 50) as item
      cross join lateral jsonb_to_record(item.value) as e (kind public.evidence_kind, id uuid, value text)
      cross join lateral private.evidence_text(caller, e.kind, e.id) as t (text)
   where t.text is not null
  on conflict do nothing;
  if sender.memory_enabled then
    -- Learn only from the person's own words: a quote that is not in their message teaches nothing.
    perform private.learn_memory(caller, m.value, user_message.id)
       from (select value from jsonb_array_elements(payload -> 'memories') limit 10) as m
      where position(m.value ->> 'quote' in user_message.message) > 0;
    perform private.mark_memories_used(caller, array(select e.source_id from public.message_evidence as e
                                              where e.message_id = reply.id and e.kind = 'memory'));
  end if;
  update public.ai_usage as a
     set input_tokens = a.input_tokens + reply.input_tokens, output_tokens = a.output_tokens + reply.output_tokens
   where a.user_id = caller and a.kind = 'chat' and a.day = (now() at time zone 'UTC')::date;
  perform private.award(caller, 'conversation', 1, 'day', to_char(now() at time zone sender.timezone, 'YYYY-MM-DD'), 0,
    null, format('You talked with your companion on %s.', to_char(now() at time zone sender.timezone, 'FMDD Mon YYYY')));
  update public.chat_messages as m set answering_until = null
   where m.user_id = user_message.user_id and m.id = user_message.id;
  return private.chat_answer(caller, reply.id);
end $function$;

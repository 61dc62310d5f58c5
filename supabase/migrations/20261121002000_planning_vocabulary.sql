-- The words of planning for people. In a file of its own: a transaction cannot use the enum values that it adds.
alter type public.plan_source add value 'rules';
comment on type public.plan_source is 'Who made the first content: the person, a model, the rules that plan without one, or an import.';
alter type public.job_kind add value 'generate_plan';
alter type public.job_kind add value 'adapt_plan';
alter type public.job_kind add value 'generate_meal_plan';
alter type public.job_kind add value 'adapt_meal_plan';
alter type public.usage_kind add value 'plan';
alter type public.usage_kind add value 'memory';
create type public.proposal_status as enum ('open', 'accepted', 'rejected', 'expired');
create type public.meal_slot as enum ('breakfast', 'lunch', 'dinner', 'snack');

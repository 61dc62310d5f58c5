-- In a file of its own: a transaction cannot use the enum value that it adds.
alter type public.job_kind add value 'embed_memories';

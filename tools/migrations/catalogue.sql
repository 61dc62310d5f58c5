-- Everything a migration can make, as text: one row (object, definition) per object, for both databases of
-- verify-migrations. What an extension brought along is left out, and the CLI's own schema supabase_migrations.
-- A definition names nothing that differs between two equal databases: no oid, no grantor, no column number.
with object (classid, objid, objsubid, owner, acl, definition) as (

  select 'pg_namespace'::regclass::oid, oid, 0, nspowner, coalesce(nspacl, acldefault('n', nspowner)), ''
    from pg_namespace where nspname !~ '^pg_' and nspname not in ('information_schema', 'supabase_migrations')

  union all
  select 'pg_extension'::regclass, oid, 0, extowner, null,
         format('version %s, schema %s', extversion, extnamespace::regnamespace)
    from pg_extension

  -- Tables, views and sequences. A constraint's index, a trigger and a policy have rows of their own.
  union all
  select 'pg_class'::regclass, c.oid, 0, c.relowner,
         coalesce(c.relacl, acldefault(case c.relkind when 'S' then 's' else 'r' end::"char", c.relowner)),
         concat_ws(E'\n',
           format('kind %s, persistence %s, replica identity %s', c.relkind, c.relpersistence, c.relreplident),
           format('row level security %s, forced %s', c.relrowsecurity, c.relforcerowsecurity),
           'options ' || c.reloptions::text,
           'partition by ' || pg_get_partkeydef(c.oid), 'partition ' || pg_get_expr(c.relpartbound, c.oid),
           (select 'inherits ' || string_agg(inhparent::regclass::text, ', ' order by inhseqno)
              from pg_inherits where inhrelid = c.oid),
           case when c.relkind in ('v', 'm') then pg_get_viewdef(c.oid) end,
           (select format('sequence %s from %s by %s in [%s, %s], cache %s, cycle %s',
                          seqtypid::regtype, seqstart, seqincrement, seqmin, seqmax, seqcache, seqcycle)
              from pg_sequence where seqrelid = c.oid),
           (select format('owned by %s.%s', d.refobjid::regclass, a.attname)
              from pg_depend d join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
             where c.relkind = 'S' and d.classid = 'pg_class'::regclass and d.objid = c.oid
               and d.refclassid = 'pg_class'::regclass and d.deptype in ('a', 'i')))
    from pg_class c where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S', 'c')

  union all
  select 'pg_class'::regclass, a.attrelid, a.attnum, null, a.attacl,
         concat_ws(' ',
           -- Its place counts: `select *` and row values go by it.
           format('column %s:', row_number() over (partition by a.attrelid order by a.attnum)),
           format_type(a.atttypid, a.atttypmod),
           case when a.attcollation <> t.typcollation then 'collate ' || a.attcollation::regcollation::text end,
           case when a.attnotnull then 'not null' end,
           case when a.attgenerated = '' then 'default ' else format('generated %s as ', a.attgenerated) end
             || pg_get_expr(d.adbin, d.adrelid),
           'identity ' || nullif(a.attidentity::text, ''),
           case when a.attstorage <> t.typstorage then 'storage ' || a.attstorage::text end,
           'compression ' || nullif(a.attcompression::text, ''),
           'statistics ' || nullif(a.attstattarget, -1),
           'options ' || a.attoptions::text)
    from pg_attribute a
    join pg_class c on c.oid = a.attrelid and c.relkind in ('r', 'p', 'v', 'm', 'f', 'c')
    join pg_type t on t.oid = a.atttypid
    left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
   where a.attnum > 0 and not a.attisdropped

  -- Postgres 18 also lists each NOT NULL, which the column says already.
  union all
  select 'pg_constraint'::regclass, c.oid, 0, null, null,
         concat_ws(' ', pg_get_constraintdef(c.oid), case when not c.convalidated then 'not validated' end)
    from pg_constraint c where c.contype not in ('n', 't')

  union all
  select 'pg_class'::regclass, i.indexrelid, 0, null, null,
         concat_ws(' ', pg_get_indexdef(i.indexrelid), case when not i.indisvalid then 'invalid' end,
           case when i.indisclustered then 'clustered' end, case when i.indisreplident then 'replica identity' end)
    from pg_index i

  union all
  select 'pg_policy'::regclass, p.oid, 0, null, null,
         concat_ws(E'\n',
           format('%s, command %s', case when p.polpermissive then 'permissive' else 'restrictive' end, p.polcmd),
           (select 'to ' || string_agg(name, ', ' order by name)
              from (select case role when 0 then 'public' else pg_get_userbyid(role) end as name
                      from unnest(p.polroles) as role) as roles),
           'using ' || pg_get_expr(p.polqual, p.polrelid),
           'with check ' || pg_get_expr(p.polwithcheck, p.polrelid))
    from pg_policy p

  union all
  select 'pg_trigger'::regclass, t.oid, 0, null, null, format('%s, enabled %s', pg_get_triggerdef(t.oid), t.tgenabled)
    from pg_trigger t where not t.tgisinternal

  union all
  select 'pg_rewrite'::regclass, r.oid, 0, null, null, pg_get_ruledef(r.oid)
    from pg_rewrite r where r.rulename <> '_RETURN'

  union all
  select 'pg_event_trigger'::regclass, e.oid, 0, e.evtowner, null,
         format('on %s, tags %s, execute %s, enabled %s', e.evtevent, e.evttags, e.evtfoid::regprocedure, e.evtenabled)
    from pg_event_trigger e

  union all
  select 'pg_proc'::regclass, p.oid, 0, p.proowner, coalesce(p.proacl, acldefault('f', p.proowner)),
         concat_ws(E'\n',
           format('arguments (%s)', pg_get_function_arguments(p.oid)),
           'returns ' || pg_get_function_result(p.oid),
           format('kind %s, language %s, volatility %s, parallel %s', p.prokind, l.lanname, p.provolatile, p.proparallel),
           format('security definer %s, strict %s, leakproof %s', p.prosecdef, p.proisstrict, p.proleakproof),
           format('cost %s, rows %s', p.procost, p.prorows),
           'support ' || nullif(p.prosupport::oid, 0)::regprocedure::text,
           'set ' || p.proconfig::text,
           (select format('aggregate %s', to_jsonb(g) - 'aggfnoid') from pg_aggregate g where g.aggfnoid = p.oid),
           pg_get_function_sqlbody(p.oid),
           p.prosrc)
    from pg_proc p join pg_language l on l.oid = p.prolang

  -- Not the types of tables and of arrays, which come with those.
  union all
  select 'pg_type'::regclass, t.oid, 0, t.typowner, coalesce(t.typacl, acldefault('T', t.typowner)),
         concat_ws(E'\n',
           format('kind %s', t.typtype),
           (select 'labels ' || string_agg(quote_literal(enumlabel), ', ' order by enumsortorder)
              from pg_enum where enumtypid = t.oid),
           case when t.typtype = 'd' then format('domain over %s', format_type(t.typbasetype, t.typtypmod)) end,
           case when t.typnotnull then 'not null' end,
           'default ' || t.typdefault,
           (select format('range of %s', rngsubtype::regtype) from pg_range where rngtypid = t.oid))
    from pg_type t
   where t.typelem = 0 and (t.typrelid = 0 or (select relkind from pg_class where oid = t.typrelid) = 'c')

  union all
  select 'pg_publication'::regclass, p.oid, 0, p.pubowner, null,
         concat_ws(E'\n',
           format('all tables %s, insert %s, update %s, delete %s, truncate %s, via root %s',
                  p.puballtables, p.pubinsert, p.pubupdate, p.pubdelete, p.pubtruncate, p.pubviaroot),
           (select string_agg(format('table %I.%I %s %s', schemaname, tablename, attnames, rowfilter), E'\n'
                              order by schemaname, tablename)
              from pg_publication_tables where pubname = p.pubname))
    from pg_publication p

  union all
  select 'pg_default_acl'::regclass, d.oid, 0, null, d.defaclacl, ''
    from pg_default_acl d

  union all
  select 'pg_statistic_ext'::regclass, oid, 0, stxowner, null, pg_get_statisticsobjdef(oid) from pg_statistic_ext

  -- What is rare here counts by name only.
  union all select 'pg_cast'::regclass, oid, 0, null, null, '' from pg_cast
  union all select 'pg_collation'::regclass, oid, 0, collowner, null, '' from pg_collation
  union all select 'pg_operator'::regclass, oid, 0, oprowner, null, '' from pg_operator
  union all select 'pg_opclass'::regclass, oid, 0, opcowner, null, '' from pg_opclass
  union all select 'pg_ts_config'::regclass, oid, 0, cfgowner, null, '' from pg_ts_config
  union all select 'pg_ts_dict'::regclass, oid, 0, dictowner, null, '' from pg_ts_dict
  union all select 'pg_language'::regclass, oid, 0, lanowner, lanacl, '' from pg_language
  union all select 'pg_foreign_server'::regclass, oid, 0, srvowner, srvacl, '' from pg_foreign_server
)
select format('%s %s', named.type, named.identity) as object,
       concat_ws(E'\n',
         nullif(o.definition, ''),
         'owner ' || pg_get_userbyid(o.owner),
         (select string_agg(line, E'\n' order by line)
            from (select distinct format('grant %s to %s%s', privilege_type,
                                         case grantee when 0 then 'public' else pg_get_userbyid(grantee) end,
                                         case when is_grantable then ' with grant option' else '' end) as line
                    from aclexplode(o.acl)) as grants),
         (select format('comment %s', quote_literal(description))
            from pg_description d where (d.classoid, d.objoid, d.objsubid) = (o.classid, o.objid, o.objsubid))
       ) as definition
  from object o, pg_identify_object(o.classid, o.objid, o.objsubid) as named
 -- The numbers below belong to Postgres itself, but for the schema `public`, whose grants are ours.
 where (o.objid >= 16384 or o.classid = 'pg_namespace'::regclass)
   and named.schema is distinct from 'supabase_migrations' and named.schema is distinct from 'pg_toast'
   and not exists (
     select from pg_depend d where d.classid = o.classid and d.objid = o.objid and d.deptype = 'e')

union all
select concat_ws(' ', 'database settings', 'of ' || pg_get_userbyid(nullif(s.setrole, 0))), s.setconfig::text
  from pg_db_role_setting s
 where s.setdatabase = (select oid from pg_database where datname = current_database())
 order by object

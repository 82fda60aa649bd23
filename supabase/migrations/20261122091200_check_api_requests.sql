-- What one request of the API may ask, and what nobody learns from how the planner would answer it.

set local lock_timeout = '3s';
set local statement_timeout = '60s';

-- The planner's statistics ------------------------------------------------------------------------------------------
-- `Prefer: count=planned` answers the planner's estimate, and an estimate comes from everybody's rows: how many leads
-- a competitor's page has, what they spend, and, from a histogram, which e-mail addresses are among their leads. So
-- there are no statistics but of what is chosen from a list, and the estimate is the same whoever is asked about. Plans
-- lose nothing: rows are found by an index that begins with whose they are.

do $$
declare
  described record;
begin
  for described in
    select c.relname, a.attname
    from pg_catalog.pg_class as c
    join pg_catalog.pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relname like 'partner\_%'
      and a.attname not in ('status', 'from_status', 'to_status', 'source', 'channel', 'actor', 'submitted_as', 'decided_as')
  loop
    execute format('alter table public.%I alter column %I set statistics 0', described.relname, described.attname);
  end loop;
end
$$;

-- Before each request -----------------------------------------------------------------------------------------------

create function private.take_request_slot()
returns void
language plpgsql
volatile
set search_path = ''
as $$
begin
  -- Looked for a while: of a page's twenty small requests at once none is refused, they are over in no time.
  for attempt in 1 .. 10 loop
    for slot in 1 .. 6 loop
      if pg_try_advisory_xact_lock(hashtextextended('request of ' || auth.uid(), slot)) then
        return;
      end if;
    end loop;
    perform pg_sleep(0.02);
  end loop;
  raise sqlstate 'PT429' using
    message = 'too_many_requests',
    detail = 'Six requests of this account are being answered.',
    hint = 'Wait for those, then send this one again.';
end
$$;
comment on function private.take_request_slot() is
  'Takes one of an account''s six places until the transaction ends. PostgREST has some fifteen connections for everybody. '
  'Raises too_many_requests (429).';

create function private.wait_for_turn_to_write(path text)
returns void
language plpgsql
volatile
set search_path = ''
set lock_timeout = '2s'
as $$
begin
  perform pg_advisory_xact_lock(hashtextextended(
    'writes to ' || path || ' by ' || case when private.is_admin() then 'an admin' else auth.uid()::text end, 0
  ));
exception
  when lock_not_available then
    perform private.raise_retry();
end
$$;
comment on function private.wait_for_turn_to_write(text) is
  'Admins write to a table one after the other, and so does an account: an update takes many rows in whatever order it '
  'finds them, and two of them would deadlock. Before any row is taken. Raises retry (503).';

create function private.check_request()
returns void
language plpgsql
volatile
-- Definer: whoever calls the API calls this, and no other function of this schema.
security definer
set search_path = ''
as $$
declare
  most constant interval := '3 s';
  now_at constant interval := current_setting('statement_timeout')::interval;
  path constant text := current_setting('request.path', true);
  is_write constant boolean := current_setting('request.method', true) not in ('GET', 'HEAD', 'OPTIONS');
  is_view constant boolean := path in ('/landing_pages_in_review', '/live_landing_pages', '/campaign_performance', '/budget_pace');
  headers constant json := nullif(current_setting('request.headers', true), '');
begin
  -- Whoever looks at pg_stat_activity, or at a log that has %a in its prefix, sees which request waits.
  if headers ->> 'x-request-id' is not null then
    perform set_config('application_name', 'request ' || left(headers ->> 'x-request-id', 55), true);
  end if;
  -- PostgreSQL itself says so with an error that PostgREST takes for one of the server's.
  if is_view and is_write then
    raise sqlstate 'PT405' using
      message = 'view_not_writable',
      detail = 'This is a view, which shows rows of several tables.',
      hint = 'Write to the table itself.';
  end if;
  if private.is_trusted_role() then
    return;
  end if;
  if headers ->> 'prefer' ~* 'count\s*=\s*"?(planned|estimated)' then
    raise sqlstate 'PT400' using
      message = 'count_not_available',
      detail = 'An estimate is made from everybody''s rows.',
      hint = 'Ask for count=exact.';
  end if;
  if private.session_role() not in ('anon', 'authenticated') then
    perform private.note_token();
  end if;
  if private.session_role() = 'authenticated' and auth.uid() is not null then
    perform private.take_request_slot();
    if is_write and path ~ '^/partner_' then
      perform private.wait_for_turn_to_write(path);
    end if;
  end if;
  -- A platform's own tables and functions keep the time that the platform gives them.
  if private.session_role() in ('anon', 'authenticated')
    and (is_view or path ~ '^/partner_')
    and (now_at > most or now_at = interval '0')
  then
    perform set_config('statement_timeout', '3s', true);
  end if;
end
$$;
comment on function private.check_request() is
  'PostgREST calls it before each request, as the caller. Raises view_not_writable (405), count_not_available (400), '
  'too_many_requests (429) and retry (503), gives a request for rows of ours three seconds, '
  'and notes which of our own tokens are in use.';

do $$
declare
  another text;
begin
  select split_part(s.setting, '=', 2) into another
  from pg_catalog.pg_db_role_setting as d
  cross join lateral unnest(d.setconfig) as s (setting)
  where d.setrole = 'authenticator'::regrole
    and d.setdatabase in (0, (select oid from pg_catalog.pg_database where datname = current_database()))
    and s.setting like 'pgrst.db\_pre\_request=%';
  if another is null then
    execute format(
      'alter role authenticator in database %I set pgrst.db_pre_request = ''private.check_request''', current_database()
    );
  else
    raise warning 'PostgREST already calls % before each request. Let that function call private.check_request().', another;
  end if;
end
$$;
notify pgrst, 'reload config';

revoke all on all functions in schema private from public;
-- Every role that PostgREST switches to, a platform's own included.
grant execute on function private.check_request() to public;

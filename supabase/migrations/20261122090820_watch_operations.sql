-- What an operator has to know before it hurts: whether the database answers, which of our tokens end soon, and which alerts
-- are open.

set local lock_timeout = '3s';
set local statement_timeout = '60s';

create function private.schema_version()
returns text
-- plpgsql keeps its plan.
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return (select max(m.version) from supabase_migrations.schema_migrations as m);
end
$$;
comment on function private.schema_version() is 'The version of the newest migration that was applied.';

create function public.readiness()
returns text
language plpgsql
stable
set search_path = ''
as $$
begin
  return private.schema_version();
end
$$;
comment on function public.readiness() is
  'Answers the version of the newest migration that was applied: a function asks before it is given requests, as whom it will '
  'ask later, whether the database is there and has what it was written for.';

-- Our own tokens --------------------------------------------------------------------------------------------------

create table private.narrow_tokens (
  role text not null,
  expires_at timestamptz not null,
  seen_on date not null,
  constraint narrow_tokens_pkey primary key (role, expires_at)
);
comment on table private.narrow_tokens is
  'Which tokens of narrow roles are in use, by when they end: nobody but whoever uses one knows that it will.';
comment on column private.narrow_tokens.expires_at is 'infinity: it never ends, and is good for whoever steals it for as long.';
comment on column private.narrow_tokens.seen_on is 'The last day (UTC) on which a request came with it.';
alter table private.narrow_tokens enable row level security;
revoke all on table private.narrow_tokens from public, anon, authenticated, service_role;

create function private.note_token()
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  today constant date := (now() at time zone 'UTC')::date;
  used_by constant text := private.session_role();
  ends_at constant timestamptz := coalesce(
    to_timestamp((nullif(current_setting('request.jwt.claims', true), '')::json ->> 'exp')::double precision), 'infinity'
  );
begin
  if exists (
    select
    from private.narrow_tokens as t
    where t.role = used_by and t.expires_at = ends_at and t.seen_on = today
  )
    or current_setting('transaction_read_only')::boolean
    -- The first request of a day writes, and no other waits until it has.
    or not pg_try_advisory_xact_lock(hashtext('private.narrow_tokens'), hashtext(used_by))
  then
    return;
  end if;
  insert into private.narrow_tokens as t (role, expires_at, seen_on)
  values (used_by, ends_at, today)
  on conflict on constraint narrow_tokens_pkey do update
  set seen_on = excluded.seen_on;
end
$$;
comment on function private.note_token() is 'Notes once a day that a token of a narrow role is in use. private.check_request() calls it.';

create function private.judge_tokens()
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  today constant date := (now() at time zone 'UTC')::date;
  token private.narrow_tokens;
begin
  for token in
    select t.*
    from private.narrow_tokens as t
    order by t.role asc, t.expires_at asc
  loop
    perform private.set_alert(
      'token_expires',
      format('%s %s', token.role, to_char(token.expires_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI')),
      case
        -- Nobody has used it since: it was replaced.
        when token.seen_on < today - 1 then null
        when token.expires_at = 'infinity' then 'It never ends. Sign one that does: docs/operations.md#token_expires.'
        when token.expires_at < now() + interval '30 days'
          then format('It is in use, and refused from %s on. Sign another: docs/operations.md#token_expires.', token.expires_at)
      end
    );
  end loop;
  delete from private.narrow_tokens as t
  where t.seen_on < today - 30;
end
$$;
comment on function private.judge_tokens() is
  'Opens an alert for each token in use that ends within 30 days, or never, and resolves those of tokens that are used no more.';

create function public.find_alerts()
returns table (kind text, subject text, detail text, raised_at timestamptz)
language plpgsql
volatile
security definer
set search_path = ''
as $$
#variable_conflict use_column
begin
  perform private.judge_tokens();
  return query
  select a.kind, a.subject, a.detail, a.raised_at
  from private.alerts as a
  where a.resolved_at is null
  order by a.raised_at desc, a.id desc
  limit 100;
end
$$;
comment on function public.find_alerts() is
  'What needs a person now, the newest first, 100 at most: the job that asks once an hour writes each to its log, where an '
  'operator''s alerting reads it.';

revoke all on function public.readiness(), public.find_alerts() from public, anon, authenticated, service_role;
revoke all on all functions in schema private from public;
grant execute on function private.schema_version(), public.readiness()
to anon, page_renderer, event_recorder, campaign_ingester, job_runner;
grant execute on function public.find_alerts() to job_runner;

-- The ground that the rest stands on: a schema that the Data API does not expose, and one role for each of our
-- functions that has no user to speak for.
--
-- The platform's default privileges are left as they are, because its own tables are made under them too. Every
-- object below therefore says `revoke all` first and grants exactly afterwards, which gives the same result on a
-- project that opens new objects by itself and on one that does not.

-- The lists of channels and sources stand once, in domains; a longer list is added without looking at a row.
-- squawk-ignore-file ban-create-domain-with-constraint

set local lock_timeout = '3s';
set local statement_timeout = '60s';

create extension if not exists moddatetime with schema extensions;

create schema private;
comment on schema private is
  'Salts, raw events, webhook inbox, rendered documents and the functions behind the API. Never exposed by PostgREST.';

revoke all on schema private from public;
-- The invoker functions in `public` call their definer counterparts here, and PostgREST calls one function as whoever
-- asks, so everybody needs to name them. Nothing in the schema can be touched without a grant of its own.
grant usage on schema private to public;

-- Roles belong to the cluster and outlive a reset database, hence the guard.
do $$
declare
  narrow_role text;
begin
  foreach narrow_role in array array['page_renderer', 'event_recorder', 'campaign_ingester', 'job_runner'] loop
    if not exists (select from pg_catalog.pg_roles where rolname = narrow_role) then
      execute format('create role %I nologin noinherit', narrow_role);
    end if;
    execute format('grant %I to authenticator', narrow_role);
    execute format('grant usage on schema public to %I', narrow_role);
    execute format('alter role %I set statement_timeout = ''5s''', narrow_role);
  end loop;
  -- Rebuilding every counter reads whole ledgers.
  alter role job_runner set statement_timeout = '15min';
end
$$;

comment on role page_renderer is 'landing_page_publish: stores the document of a snapshot hash. Nothing else.';
comment on role event_recorder is 'landing_page_track: records views and leads, reads the visitor salt of a day.';
comment on role campaign_ingester is 'campaign_webhook: hands verified webhook events to the inbox.';
comment on role job_runner is 'Scheduled jobs: compares counters with their ledgers and rebuilds them.';

-- Words that several tables share --------------------------------------------------------------------------------

create domain public.marketing_channel as text
  constraint marketing_channel_known check (value in (
    'google_ads', 'meta_ads', 'linkedin_ads', 'tiktok_ads', 'microsoft_ads', 'seo', 'email', 'other'
  ));
comment on domain public.marketing_channel is 'Where a campaign runs or a lead came from.';

create domain public.visit_source as text
  constraint visit_source_known check (value in (
    'google_ads', 'meta_ads', 'linkedin_ads', 'tiktok_ads', 'microsoft_ads', 'seo', 'email', 'other',
    'social', 'referral', 'direct'
  ));
comment on domain public.visit_source is
  'Where a visit of a page came from: a channel, another site without an ad (social, referral), or nowhere (direct).';

create domain public.page_event_kind as text
  constraint page_event_kind_known check (value in ('view', 'call', 'whatsapp'));
comment on domain public.page_event_kind is
  'What a visitor did: see the page, or tap a link that calls the partner or writes to them, which is a conversion as a lead is.';

-- A domain, not a constraint of the table: those are checked anew at every update of a row, and a page's counters move
-- with every batch of views.
create domain public.page_content as jsonb
  constraint page_content_shape check (
    case
      when jsonb_typeof(value) = 'object' and jsonb_typeof(value -> 'blocks') = 'array'
        then value -> 'v' = '1'
          and jsonb_array_length(value -> 'blocks') <= 30
          and octet_length(value::text) <= 65536
          and not value @? 'strict $.blocks[*] ? (@.type() != "object")'
          and not value @? 'lax $.blocks[*] ? (
            !(@.id.type() == "string") || !(@."type".type() == "string") || !(@.data.type() == "object")
          )'
          -- No block is half as deep; a reader's parser may give up long before ours does.
          and not value @? 'strict $.**{16}'
      else value is null
    end
  );
comment on domain public.page_content is
  'What is on a page: {"v": 1, "blocks": [{"id", "type", "data"}]}, at most 30 blocks and 64 kB. docs/content.schema.json '
  'says what a block holds, and publishing checks it.';

-- One line of text that is what it looks like. shared/landing_page/plain_text.py says the same in Python, with the
-- reasons, and a test compares the two for every character.
create domain public.plain_line as text
  constraint plain_line_hides_nothing check (
    value !~ (
      '[\x01-\x1f\x7f-\x9f\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b\u200e\u200f\u2028-\u202e'
      || '\u2060-\u206f\ufeff\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3'
      || '\U0001d173-\U0001d17a\ue000-\uf8ff\U000e0001-\U0010ffff]'
    )
  )
  constraint plain_line_shows_something check (
    value = '' or value ~ (
      '[^ \u00a0\u034f\u115f\u1160\u1680\u17b4\u17b5\u2000-\u200a\u200c\u200d\u202f\u205f\u2800\u3000\u3164'
      || '\ufe00-\ufe0f\uffa0]'
    )
  )
  constraint plain_line_is_composed check (value is nfc normalized);
comment on domain public.plain_line is 'One line without anything hidden, with something to see if it is not empty, in NFC.';

-- Who is asking ---------------------------------------------------------------------------------------------------

create function private.session_role()
returns name
-- plpgsql keeps its plans; a function in SQL would be planned anew in every request, and by every trigger.
language plpgsql
stable
set search_path = ''
as $$
begin
  -- Inside a security definer function `current_user` is its owner. The `role` setting still names who PostgREST
  -- switched to; it reads 'none' on a direct connection such as Studio's.
  return case current_setting('role', true)
    when 'none' then session_user
    else coalesce(current_setting('role', true)::name, session_user)
  end;
end
$$;
comment on function private.session_role() is 'The role this session acts as, also inside security definer functions.';

create function private.is_trusted_role()
returns boolean
language plpgsql
stable
set search_path = ''
as $$
begin
  -- Not `auth.uid() is null`: a signed token without a subject must not pass for the dashboard.
  return coalesce(
    (select r.rolbypassrls or r.rolsuper from pg_catalog.pg_roles as r where r.rolname = private.session_role()),
    false
  );
end
$$;
comment on function private.is_trusted_role() is
  'True for roles that row level security does not bind: the dashboard (postgres) and service_role.';

-- How much one request may ask --------------------------------------------------------------------------------------

create function private.check_query()
returns void
language plpgsql
stable
set search_path = ''
as $$
begin
  -- PostgREST writes one statement for a request, and values travel beside it. So what is long names columns and embeds
  -- over and over: the content of 200 pages a hundred times is a gigabyte. Everything that there is, once, takes 3,000.
  if octet_length(current_query()) > 6000 then
    raise sqlstate 'PT400' using
      message = 'query_too_long',
      detail = 'The request names more columns, embeds and filters than any answer needs.',
      hint = 'Name each column once, use in.(…) for a list, or ask in several requests.';
  end if;
end
$$;
comment on function private.check_query() is
  'Raises query_too_long (400). Called by whatever answers with more than a few bytes.';

-- The counters' and ledgers' seat belt ----------------------------------------------------------------------------
create function private.ledger_writes()
returns integer
language plpgsql
stable
set search_path = ''
as $$
begin
  return coalesce(nullif(current_setting('marketing.ledger_writes', true), ''), '0')::integer;
end
$$;
comment on function private.ledger_writes() is 'How many ledger writes are under way, one within the other.';

create function private.begin_ledger_write()
returns void
language plpgsql
volatile
set search_path = ''
as $$
begin
  -- A depth and not a flag: a function that writes a ledger may call another that does. What is raised in between
  -- takes the depth back with everything else.
  perform set_config('marketing.ledger_writes', (private.ledger_writes() + 1)::text, true);
end
$$;
comment on function private.begin_ledger_write() is 'Opens the seat belt until the end_ledger_write() that belongs to it.';

create function private.end_ledger_write()
returns void
language plpgsql
volatile
set search_path = ''
as $$
begin
  perform set_config('marketing.ledger_writes', (private.ledger_writes() - 1)::text, true);
end
$$;
comment on function private.end_ledger_write() is 'Closes what begin_ledger_write() opened.';

create function private.is_ledger_write()
returns boolean
language plpgsql
stable
set search_path = ''
as $$
begin
  return private.ledger_writes() > 0;
end
$$;
comment on function private.is_ledger_write() is
  'True while one of our own functions writes a counter or a ledger. Grants keep API roles out; this keeps a slip in the '
  'Table Editor out.';

create function private.refuse_write()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if private.is_ledger_write() then
    return coalesce(new, old);
  end if;
  raise sqlstate 'PT403' using
    message = 'ledger_is_immutable',
    detail = format('Rows of %I.%I are history: their own functions write them, and nobody changes them.', tg_table_schema, tg_table_name),
    hint = 'Use the function that owns this table.';
end
$$;
comment on function private.refuse_write() is 'Trigger: a ledger is written by its own functions alone.';

create function private.guard_counters()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if private.is_ledger_write() then
    return coalesce(new, old);
  end if;
  raise sqlstate 'PT403' using
    message = 'counter_not_writable',
    detail = 'Counters are sums of their ledgers; nobody writes them by hand.',
    hint = 'Run rebuild_counters() if counter_drift() reports a difference.';
end
$$;
comment on function private.guard_counters() is 'Trigger: counters move only with their ledgers.';

-- Waiting in a circle --------------------------------------------------------------------------------------------

create function private.raise_retry()
returns void
language plpgsql
set search_path = ''
as $$
begin
  -- Never 40001 itself: PostgREST 12.0 repeats a transaction that raises it for ever.
  raise sqlstate 'PT503' using
    message = 'retry',
    detail = 'Somebody else was changing the same rows.',
    hint = 'Nothing was changed. Send the request again.';
end
$$;
comment on function private.raise_retry() is 'Raises retry (503) in place of a deadlock or a serialization failure.';

revoke all on all functions in schema private from public;
-- Policies run with the caller's rights.
grant execute on function private.check_query() to authenticated;

-- Who is told of a lead: its partner by mail and, if they want it, by a webhook; the visitor by a confirmation. What is to be
-- told is a row of the lead's own transaction, and stays due until a job has noted that somebody took it.

set local lock_timeout = '3s';
set local statement_timeout = '60s';

-- What needs a person ---------------------------------------------------------------------------------------------

create table private.alerts (
  id bigint generated always as identity primary key,
  kind text not null,
  subject text not null default '',
  detail text not null,
  raised_at timestamptz not null default now(),
  resolved_at timestamptz
);
comment on table private.alerts is
  'What a person has to look at. One open row for a kind and subject; it is resolved when what it says is no longer so.';
comment on column private.alerts.kind is 'A stable word. leads_undelivered: a partner has not been told of a lead for 15 minutes.';
comment on column private.alerts.subject is 'What it is about, where there may be several of a kind.';
create unique index alerts_one_open on private.alerts (kind, subject) where resolved_at is null;
alter table private.alerts enable row level security;
revoke all on table private.alerts from public, anon, authenticated, service_role;

create function private.set_alert(kind text, subject text, detail text)
returns void
language plpgsql
volatile
set search_path = ''
as $$
begin
  if set_alert.detail is null then
    update private.alerts as a
    set resolved_at = now()
    where a.kind = set_alert.kind and a.subject = set_alert.subject and a.resolved_at is null;
  else
    insert into private.alerts (kind, subject, detail)
    values (set_alert.kind, set_alert.subject, set_alert.detail)
    on conflict do nothing;
  end if;
end
$$;
comment on function private.set_alert(text, text, text) is 'Opens an alert unless it is open, or resolves it where detail is null.';

-- The partner's own address ---------------------------------------------------------------------------------------

create table private.lead_webhooks (
  partner_id uuid primary key references public.profiles (id) on delete cascade,
  url text not null,
  secret text not null,
  created_at timestamptz not null default now(),
  -- No port, no user and no IP address: it says where to, and nothing else. functions/jobs looks where the name leads.
  constraint lead_webhooks_url_shape check (
    url ~ '^https://([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}(/[!-~]*)?$' and url !~ '#' and length(url) <= 500
  )
);
comment on table private.lead_webhooks is 'Where a partner''s own program is told of leads, by https://www.standardwebhooks.com.';
comment on column private.lead_webhooks.secret is 'whsec_ and 32 bytes in base64. Its partner has seen it once.';
alter table private.lead_webhooks enable row level security;
revoke all on table private.lead_webhooks from public, anon, authenticated, service_role;

-- The outbox ------------------------------------------------------------------------------------------------------

create table private.lead_outbox (
  id uuid primary key default gen_random_uuid(),
  lead_id uuid not null references public.partner_leads (id) on delete cascade,
  -- No foreign key: whoever leaves has the profile locked.
  partner_id uuid not null,
  kind text not null,
  due_at timestamptz default now(),
  attempts integer not null default 0,
  delivered_at timestamptz,
  last_error text,
  created_at timestamptz not null default now(),
  constraint lead_outbox_once unique (lead_id, partner_id, kind),
  constraint lead_outbox_kind_known check (kind in ('partner_mail', 'visitor_mail', 'webhook')),
  constraint lead_outbox_delivered_is_not_due check (delivered_at is null or due_at is null)
);
comment on table private.lead_outbox is
  'What is to be told of leads, and was. No person is in it: what is told is read when it is sent, so that nobody who was erased is.';
comment on column private.lead_outbox.id is 'The mail''s Message-ID and the webhook''s webhook-id, the same at every attempt.';
comment on column private.lead_outbox.due_at is
  'When it is tried next. Taken, it is due again two minutes later, unless the job notes what became of it. Null once delivered or given '
  'up; set it to now() to have it tried again.';
comment on column private.lead_outbox.last_error is 'A word and a number, such as "smtp 450" or "http 500".';
create index lead_outbox_due_idx on private.lead_outbox (kind, due_at) where due_at is not null;
create index lead_outbox_undelivered_idx on private.lead_outbox (created_at) where delivered_at is null and kind = 'partner_mail';
create index lead_outbox_created_at_idx on private.lead_outbox (created_at);
create index lead_outbox_partner_id_idx on private.lead_outbox (partner_id, kind);
alter table private.lead_outbox enable row level security;
revoke all on table private.lead_outbox from public, anon, authenticated, service_role;

create function private.queue_lead(lead_id uuid)
returns void
-- plpgsql keeps its plan.
language plpgsql
volatile
set search_path = ''
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
begin
  insert into private.lead_outbox (lead_id, partner_id, kind)
  select l.id, l.partner_id, o.kind
  from public.partner_leads as l
  join public.partner_lead_contacts as k on k.lead_id = l.id
  cross join unnest(array['partner_mail', 'visitor_mail', 'webhook']) as o (kind)
  where l.id = queue_lead.lead_id and l.partner_id is not null and l.outcome <> 'quarantined' and not l.is_test
    -- A link may claim the leads of years. Who asked a month ago waits for no call.
    and l.submitted_at > now() - interval '14 days'
    and case o.kind
      -- A platform thanks its visitors itself, and who asked twice was thanked.
      when 'visitor_mail' then l.page_id is not null and l.outcome = 'counted' and k.email is not null
      when 'webhook' then exists (select from private.lead_webhooks as w where w.partner_id = l.partner_id)
      else true
    end
  on conflict on constraint lead_outbox_once do nothing;
end
$$;
comment on function private.queue_lead(uuid) is
  'Puts down whom to tell of a lead, once each. Nobody, while it is quarantined or unclaimed, and of a test.';

create function private.queue_claimed_lead()
returns trigger
language plpgsql
-- Definer: leads come in as several roles, none of which writes the outbox.
security definer
set search_path = ''
as $$
begin
  perform private.queue_lead(new.lead_id);
  return null;
end
$$;
comment on function private.queue_claimed_lead() is 'Trigger: a person whom a partner is to call is told of in the same transaction.';

create trigger partner_lead_contacts_queue
  after insert or update of partner_id on public.partner_lead_contacts
  for each row
  when (new.partner_id is not null)
  execute function private.queue_claimed_lead();

-- What a job does with it -----------------------------------------------------------------------------------------

create function private.watch_outbox()
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  oldest timestamptz;
begin
  -- Whom the partner has dealt with, they have heard of.
  select o.created_at into oldest
  from private.lead_outbox as o
  join public.partner_leads as l on l.id = o.lead_id
  where o.kind = 'partner_mail' and o.delivered_at is null and o.created_at < now() - interval '15 minutes' and l.status = 'new'
  order by o.created_at asc
  limit 1;
  perform private.set_alert(
    'leads_undelivered', '', 'Not told to its partner since ' || to_char(oldest at time zone 'Europe/Amsterdam', 'YYYY-MM-DD HH24:MI')
      || ', and perhaps others. The snippet leads_undelivered lists them with what went wrong.'
  );
end
$$;
comment on function private.watch_outbox() is
  'Opens leads_undelivered when the oldest is older than 15 minutes, and resolves it when none is.';

create function private.describe_delivery(delivery private.lead_outbox)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select jsonb_build_object(
    'id', delivery.id,
    'attempts', delivery.attempts,
    'kind', delivery.kind,
    'lead_id', l.id,
    'outcome', l.outcome,
    'submitted_at', l.submitted_at,
    'channel', l.channel,
    'source', l.source,
    'page', case when p.id is not null then jsonb_build_object('title', p.title, 'path', coalesce(p.live_path, p.path)) end,
    -- As the page named them: its own company, unless the lead has gone on to another.
    'company', coalesce(
      (
        select n.company
        from public.partner_landing_page_versions as v
        cross join lateral private.named_recipients(v.snapshot) as n
        where v.page_id = l.page_id and v.content_hash = k.content_hash and n.partner_slug = r.partner_slug
        limit 1
      ),
      k.consent_recipients[1]
    )
  )
  || case delivery.kind
    -- Nothing that a visitor wrote: a form with a stranger's address must not send them a stranger's words.
    when 'visitor_mail' then jsonb_build_object('recipient', k.email)
    else jsonb_build_object(
      'recipient', u.email,
      'webhook_url', w.url,
      'webhook_secret', w.secret,
      'person', jsonb_build_object(
        'name', k.name, 'email', k.email, 'phone', k.phone, 'postcode', k.postcode, 'message', k.message, 'answers', k.answers
      )
    )
  end
  from public.partner_leads as l
  join public.partner_lead_contacts as k on k.lead_id = l.id
  join public.profiles as r on r.id = delivery.partner_id
  join auth.users as u on u.id = delivery.partner_id
  left join public.partner_landing_pages as p on p.id = l.page_id
  left join private.lead_webhooks as w on w.partner_id = delivery.partner_id and delivery.kind = 'webhook'
  -- Whose it is no longer is told nothing of it.
  where l.id = delivery.lead_id and l.partner_id = delivery.partner_id
$$;
comment on function private.describe_delivery(private.lead_outbox) is 'What to send and to whom, as take_deliveries() answers it.';

create function public.take_deliveries(kind text, most integer default 20)
returns jsonb
language plpgsql
volatile
-- Definer: job_runner reads no table.
security definer
set search_path = ''
as $$
declare
  lease constant interval := '2 minutes';
  answer jsonb;
begin
  perform private.watch_outbox();
  with waiting as (
    select o.id, o.partner_id, o.due_at
    from private.lead_outbox as o
    where o.kind = take_deliveries.kind and o.due_at <= now()
    order by o.due_at asc
    limit 10000
  ),

  -- Leased to a job and not noted yet, or failed a moment ago: a program that takes its time has no more than its places.
  under_way as (
    select o.partner_id, count(*) as places
    from private.lead_outbox as o
    where take_deliveries.kind = 'webhook' and o.kind = 'webhook' and o.attempts > 0
      and o.due_at > now() and o.due_at <= now() + lease
    group by o.partner_id
  ),

  -- Each partner's first before anybody's second: thousands of one do not keep the others waiting.
  ranked as (
    select w.id, coalesce(u.places, 0) + row_number() over (partition by w.partner_id order by w.due_at asc) as place
    from waiting as w
    left join under_way as u on u.partner_id = w.partner_id
  ),

  free as materialized (
    select o.id
    from private.lead_outbox as o
    join ranked as r on r.id = o.id
    where o.due_at <= now() and r.place <= 10
    order by r.place asc, o.due_at asc
    limit least(take_deliveries.most, 100)
    -- Several jobs at once take different ones.
    for update of o skip locked
  ),

  taken as (
    update private.lead_outbox as o
    set due_at = now() + lease, attempts = o.attempts + 1
    from free as f
    where o.id = f.id
    returning o.*
  )

  select coalesce(jsonb_agg(d.told order by t.created_at asc), '[]')
  into answer
  from taken as t
  cross join lateral private.describe_delivery(t) as d (told)
  -- Erased this very moment.
  where d.told is not null;
  return answer;
end
$$;
comment on function public.take_deliveries(text, integer) is
  'As job_runner: what is to be sent now, partner_mail, visitor_mail or webhook, 100 at most. Each is for the caller alone for two '
  'minutes, and then due again unless note_deliveries() has heard of it.';

create function public.note_deliveries(results jsonb)
returns integer
language plpgsql
volatile
-- Definer: job_runner writes no table.
security definer
set search_path = ''
as $$
declare
  noted integer;
begin
  perform
  from private.lead_outbox as o
  where o.id in (select r.id from jsonb_to_recordset(results) as r (id uuid))
  order by o.id
  for update;
  with told as materialized (
    select r.id, r.attempts, r.outcome, left(r.error, 100) as error
    from jsonb_to_recordset(results) as r (id uuid, attempts integer, outcome text, error text)
    where r.outcome in ('delivered', 'failed', 'refused')
  )

  update private.lead_outbox as o
  set
    delivered_at = case when t.outcome = 'delivered' then now() end,
    -- A week of an hour each, which outlasts a provider's bad day. Then a person has to look.
    due_at = case
      when t.outcome = 'failed' and o.created_at > now() - interval '7 days' then now() + private.backoff(o.attempts)
    end,
    last_error = t.error
  from told as t
  where o.id = t.id and o.delivered_at is null
    -- Whoever comes late, after somebody else took it, only says that it has arrived.
    and (t.outcome = 'delivered' or o.attempts = t.attempts);
  get diagnostics noted = row_count;

  -- Whose program does not answer is asked once, and not for each lead.
  with silent as (
    select o.partner_id, max(o.due_at) as due_at
    from jsonb_to_recordset(results) as r (id uuid, outcome text)
    join private.lead_outbox as o on o.id = r.id
    where r.outcome = 'failed' and o.kind = 'webhook' and o.due_at is not null
    group by o.partner_id
  )

  update private.lead_outbox as o
  set due_at = s.due_at
  from silent as s
  where o.partner_id = s.partner_id and o.kind = 'webhook' and o.due_at < s.due_at;
  perform private.watch_outbox();
  return noted;
end
$$;
comment on function public.note_deliveries(jsonb) is
  'As job_runner: notes what became of deliveries, [{"id", "attempts", "outcome", "error"}]. delivered; failed is tried again, after '
  'a minute, two, four, up to an hour, for a week; refused is not. Answers how many were noted.';

create function private.backoff(attempts integer)
returns interval
language sql
volatile
set search_path = ''
as $$
  select least(interval '1 minute' * 2 ^ least(backoff.attempts - 1, 10), interval '1 hour') * (0.75 + random() / 2)
$$;
comment on function private.backoff(integer) is
  'How long to wait after so many attempts: a minute, doubled, an hour at most, and not all at once.';

-- What a partner does ---------------------------------------------------------------------------------------------

create function private.require_partner()
returns uuid
language plpgsql
stable
set search_path = ''
as $$
begin
  if not exists (select from public.profiles as p where p.id = auth.uid()) then
    raise sqlstate 'PT403' using
      message = 'not_allowed',
      detail = 'Only a partner may do this, for themselves.',
      hint = 'Sign in as a partner who has a profile.';
  end if;
  return auth.uid();
end
$$;
comment on function private.require_partner() is 'The caller''s own id. Raises not_allowed (403) for whoever has no profile.';

create function private.set_lead_webhook(url text)
returns jsonb
language plpgsql
volatile
-- Definer: secrets are read by nobody.
security definer
set search_path = ''
as $$
declare
  caller_id constant uuid := private.require_partner();
  new_secret constant text := 
    'whsec_' || encode(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 'base64');
begin
  if set_lead_webhook.url is null then
    delete from private.lead_webhooks as w where w.partner_id = caller_id;
    delete from private.lead_outbox as o
    where o.partner_id = caller_id and o.kind = 'webhook' and o.delivered_at is null;
    return null;
  end if;
  insert into private.lead_webhooks as w (partner_id, url, secret)
  values (caller_id, set_lead_webhook.url, new_secret)
  on conflict on constraint lead_webhooks_pkey do update
  set url = excluded.url, secret = excluded.secret, created_at = now();
  return jsonb_build_object('url', set_lead_webhook.url, 'secret', new_secret);
exception
  when check_violation then
    raise sqlstate 'PT400' using
      message = 'lead_webhook_refused',
      detail = 'A webhook goes to https:// and a host name in small letters, with no user, port or fragment, in at most 500 characters.',
      hint = 'Send a URL such as https://example.nl/hooks/leads.';
end
$$;

create function public.set_lead_webhook(url text)
returns jsonb
language sql volatile set search_path = ''
as $$ select private.set_lead_webhook(url) $$;
comment on function public.set_lead_webhook(text) is
  'As a partner: has a program of their own told of leads, and answers {"url", "secret"}; the secret is shown this once, and a new one '
  'with every call. Null ends it. 400 lead_webhook_refused; 403 not_allowed.';

create function private.read_lead_webhook()
returns jsonb
language plpgsql
stable
-- Definer: as set_lead_webhook().
security definer
set search_path = ''
as $$
declare
  caller_id constant uuid := private.require_partner();
begin
  return (
    select jsonb_build_object(
      'url', w.url,
      'created_at', w.created_at,
      'last_delivered_at', max(o.delivered_at),
      'undelivered', count(o.id) filter (where o.delivered_at is null),
      'last_error', (array_agg(o.last_error order by o.created_at desc) filter (where o.last_error is not null))[1]
    )
    from private.lead_webhooks as w
    left join private.lead_outbox as o on o.partner_id = w.partner_id and o.kind = 'webhook'
    where w.partner_id = caller_id
    group by w.partner_id
  );
end
$$;

create function public.read_lead_webhook()
returns jsonb
language sql stable set search_path = ''
as $$ select private.read_lead_webhook() $$;
comment on function public.read_lead_webhook() is
  'As a partner: where their own program is, since when, when it last took a lead, how many it has not, and what went wrong. Null '
  'where there is none. 403 not_allowed.';

revoke all on all functions in schema private from public;
revoke all on function
  public.take_deliveries(text, integer), public.note_deliveries(jsonb), public.set_lead_webhook(text), public.read_lead_webhook()
from public, anon, authenticated, service_role;
grant execute on function public.take_deliveries(text, integer), public.note_deliveries(jsonb) to job_runner;
grant execute on function
  public.set_lead_webhook(text), private.set_lead_webhook(text), public.read_lead_webhook(), private.read_lead_webhook()
to authenticated;

-- Views, leads, and the daily figures that partners read.
--
-- An event counts once because of its keys, not because somebody looked first: the insert and the counters are one
-- transaction, and what `on conflict do nothing` did not insert is not counted.

set local lock_timeout = '3s';
set local statement_timeout = '60s';

-- Visitors --------------------------------------------------------------------------------------------------------

create table private.visitor_salts (
  day date primary key,
  salt bytea not null
);
comment on table private.visitor_salts is
  'The random salt of a day''s visitor hashes. Rows older than yesterday are deleted, and with them the way back to '
  'an address.';
alter table private.visitor_salts enable row level security;
revoke all on table private.visitor_salts from public, anon, authenticated, service_role;

create function private.amsterdam_day(moment timestamptz)
returns date
language sql
immutable
set search_path = ''
as $$
  select (moment at time zone 'Europe/Amsterdam')::date
$$;
comment on function private.amsterdam_day(timestamptz) is 'The day that figures are booked on.';

create function public.visitor_salt(day date)
returns text
language plpgsql
volatile
-- Definer: event_recorder reads no table. Nobody else may execute this: with the salt, a day's hashes can be guessed.
security definer
set search_path = ''
as $$
declare
  today constant date := private.amsterdam_day(now());
  found bytea;
begin
  -- Events are accepted from 24 hours ago until five minutes ahead, which touches at most these three days.
  if day is null or day not between today - 1 and today + 1 then
    raise sqlstate 'PT400' using
      message = 'salt_not_kept',
      detail = 'Salts are kept for today and yesterday only.',
      hint = 'Drop the event as late.';
  end if;
  delete from private.visitor_salts as s where s.day < today - 1;
  insert into private.visitor_salts (day, salt)
  -- Two random uuids carry 244 bits from the server's strong generator.
  values (visitor_salt.day, sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())))
  on conflict do nothing;
  select s.salt into found from private.visitor_salts as s where s.day = visitor_salt.day;
  return encode(found, 'hex');
end
$$;
comment on function public.visitor_salt(date) is
  'As event_recorder: the salt of an Amsterdam day, 64 hex digits, made on first use. 400 salt_not_kept.';

-- Ledger ----------------------------------------------------------------------------------------------------------

create table private.page_events (
  id uuid not null,
  page_id uuid not null references public.partner_landing_pages (id) on delete restrict,
  kind text not null,
  visitor bytea,
  day date not null,
  half_hour timestamptz not null,
  occurred_at timestamptz not null,
  constraint page_events_pkey primary key (id, kind),
  constraint page_events_kind_known check (kind in ('view', 'conversion')),
  constraint page_events_visitor_length check (length(visitor) = 16),
  -- A conversion is a person with a name: their views of that day must not be found by it.
  constraint page_events_views_have_visitors check ((kind = 'view') = (visitor is not null))
);
comment on table private.page_events is
  'One row a counted view or conversion. No address and no user agent: a visitor is a hash under a salt that is '
  'deleted.';
comment on column private.page_events.id is 'The client''s UUIDv7 for a view, the lead''s id for a conversion.';
comment on column private.page_events.day is 'The Amsterdam day of occurred_at.';
comment on column private.page_events.half_hour is 'The half-hour of the clock that occurred_at falls in.';
-- The second of the two keys: a reload within the half-hour is no second view.
create unique index page_events_one_view_a_half_hour
on private.page_events (page_id, visitor, half_hour) where kind = 'view';
create index page_events_page_id_day_idx on private.page_events (page_id, day);
create trigger page_events_keep
  before update or delete on private.page_events
  for each row execute function private.refuse_write();
-- Once a statement: a batch is one.
create trigger page_events_keep_out
  before insert on private.page_events
  for each statement execute function private.refuse_write();
alter table private.page_events enable row level security;
revoke all on table private.page_events from public, anon, authenticated, service_role;

create table private.page_visitors (
  page_id uuid not null references public.partner_landing_pages (id) on delete restrict,
  day date not null,
  visitor bytea not null,
  constraint page_visitors_pkey primary key (page_id, day, visitor)
);
comment on table private.page_visitors is
  'The distinct visitors of a page on a day; the key makes two batches at once agree.';
create trigger page_visitors_keep
  before update or delete on private.page_visitors
  for each row execute function private.refuse_write();
create trigger page_visitors_keep_out
  before insert on private.page_visitors
  for each statement execute function private.refuse_write();
alter table private.page_visitors enable row level security;
revoke all on table private.page_visitors from public, anon, authenticated, service_role;

create table public.partner_landing_page_stats (
  page_id uuid not null references public.partner_landing_pages (id) on delete restrict,
  day date not null,
  -- No foreign key: it would lock the profile after the page, and whoever leaves locks them the other way round.
  partner_id uuid,
  views bigint not null default 0,
  visitors bigint not null default 0,
  conversions bigint not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint partner_landing_page_stats_pkey primary key (page_id, day)
);
comment on table public.partner_landing_page_stats is
  'A page''s figures by Amsterdam day. Moves in the transaction that stores the event.';
comment on column public.partner_landing_page_stats.partner_id is
  'The page''s partner, repeated for row level security.';
comment on column public.partner_landing_page_stats.visitors is
  'Distinct visitors that day. People behind one address with one browser count as one.';
create index partner_landing_page_stats_partner_id_idx on public.partner_landing_page_stats (partner_id, day);
create trigger partner_landing_page_stats_guard_counters
  before insert or update or delete on public.partner_landing_page_stats
  for each row execute function private.guard_counters();
create trigger partner_landing_page_stats_set_updated_at
  before update on public.partner_landing_page_stats
  for each row execute function extensions.moddatetime(updated_at);
alter table public.partner_landing_page_stats enable row level security;
create policy partner_landing_page_stats_select_own on public.partner_landing_page_stats
  for select to authenticated
  using (partner_id between (select private.scope_start()) and (select private.scope_end()));
revoke all on table public.partner_landing_page_stats from public, anon, authenticated, service_role;
grant select on table public.partner_landing_page_stats to authenticated, service_role;
-- No writes: figures follow their ledger.

-- Leads -----------------------------------------------------------------------------------------------------------

-- Not `leads`: a lead marketplace has a table of that name already.
create table public.partner_leads (
  id uuid primary key,
  partner_id uuid references public.profiles (id) on delete set null,
  page_id uuid references public.partner_landing_pages (id) on delete restrict,
  campaign_id uuid references public.partner_marketing_campaigns (id) on delete restrict,
  channel public.marketing_channel,
  external_lead_id text,
  external_campaign_id text,
  source public.visit_source,
  is_test boolean not null default false,
  submitted_at timestamptz not null default now(),
  erased_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint partner_leads_external_lead_id_key unique (channel, external_lead_id),
  constraint partner_leads_has_origin
    check ((page_id is not null) <> (channel is not null and external_lead_id is not null))
);
comment on table public.partner_leads is
  'Somebody who asked for a quote, on a landing page or in an ad platform''s own form. The row that is counted: '
  'nothing in it names a person.';
comment on column public.partner_leads.id is 'Made by the form for a landing page, so that a retry is the same lead.';
comment on column public.partner_leads.partner_id is
  'Null while no campaign claims the lead, and once the partner has left.';
comment on column public.partner_leads.external_campaign_id is
  'What the platform said; campaign_id follows when an admin links that campaign.';
comment on column public.partner_leads.source is
  'Where the visit came from, on a landing page; in a platform''s own form that is its channel. Never changes.';
comment on column public.partner_leads.campaign_id is
  'The campaign that the platform named, or that the page''s address did (utm_id), if it is this partner''s.';
comment on column public.partner_leads.is_test is 'A platform''s test lead: kept, never counted.';
comment on column public.partner_leads.submitted_at is 'When the person sent the form, as far as the platform says so.';
comment on column public.partner_leads.erased_at is
  'When its person was erased. Told again by a platform, nobody comes back.';
create index partner_leads_partner_id_idx on public.partner_leads (partner_id, submitted_at desc);
create index partner_leads_page_id_idx on public.partner_leads (page_id);
create index partner_leads_campaign_id_idx on public.partner_leads (campaign_id);
create index partner_leads_unclaimed_idx
on public.partner_leads (channel, external_campaign_id) where campaign_id is null;
create trigger partner_leads_keep
  before update or delete on public.partner_leads
  for each row execute function private.refuse_write();
create trigger partner_leads_keep_out
  before insert on public.partner_leads
  for each statement execute function private.refuse_write();
create trigger partner_leads_set_updated_at
  before update on public.partner_leads
  for each row execute function extensions.moddatetime(updated_at);

create table public.partner_lead_contacts (
  lead_id uuid primary key references public.partner_leads (id) on delete cascade,
  partner_id uuid references public.profiles (id) on delete cascade,
  name text,
  email text,
  phone text,
  postcode text,
  message text,
  answers jsonb not null default '{}',
  consent_version text,
  consent_text text,
  tags jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint partner_lead_contacts_name_length check (length(name) <= 200),
  constraint partner_lead_contacts_email_length check (length(email) <= 320),
  constraint partner_lead_contacts_phone_length check (length(phone) <= 50),
  constraint partner_lead_contacts_postcode_length check (length(postcode) <= 20),
  constraint partner_lead_contacts_message_length check (length(message) <= 5000),
  constraint partner_lead_contacts_consent_length
    check (length(consent_version) <= 40 and length(consent_text) <= 2000),
  constraint partner_lead_contacts_answers_shape
    check (jsonb_typeof(answers) = 'object' and octet_length(answers::text) <= 65536),
  constraint partner_lead_contacts_tags_shape check (
    jsonb_typeof(tags) = 'object' and octet_length(tags::text) <= 16384
    and tags - array[
      'utm_source', 'utm_medium', 'utm_campaign', 'utm_term', 'utm_content', 'utm_id',
      'gclid', 'gbraid', 'wbraid', 'fbclid', 'li_fat_id', 'ttclid', 'msclkid'
    ] = '{}'
  )
);
comment on table public.partner_lead_contacts is
  'The person behind a lead, and what they agreed to. Apart from partner_leads, so that erasing a person changes no '
  'count.';
comment on column public.partner_lead_contacts.partner_id is 'The lead''s partner, repeated for row level security.';
comment on column public.partner_lead_contacts.phone is 'E.164 where the form could tell; as given otherwise.';
comment on column public.partner_lead_contacts.answers is 'A platform form''s questions and answers, as given.';
comment on column public.partner_lead_contacts.consent_text is 'The wording that the person saw when sending the form.';
comment on column public.partner_lead_contacts.tags is
  'The utm_* tags and click ids in the address of the page. An ad platform knows a person by its click id.';
create index partner_lead_contacts_partner_id_idx on public.partner_lead_contacts (partner_id);
create trigger partner_lead_contacts_set_updated_at
  before update on public.partner_lead_contacts
  for each row execute function extensions.moddatetime(updated_at);

create function private.remember_erasure()
returns trigger
language plpgsql
-- Definer: whoever erases a person may not write leads.
security definer
set search_path = ''
as $$
begin
  perform private.begin_ledger_write();
  update public.partner_leads as l set erased_at = now() from old_rows as o where l.id = o.lead_id;
  perform private.end_ledger_write();
  return null;
end
$$;
comment on function private.remember_erasure() is 'Trigger: a lead whose person was erased says so.';

create trigger partner_lead_contacts_remember_erasure
  after delete on public.partner_lead_contacts
  referencing old table as old_rows
  for each statement execute function private.remember_erasure();

alter table public.partner_leads enable row level security;
create policy partner_leads_select_own on public.partner_leads
  for select to authenticated
  using (partner_id between (select private.scope_start()) and (select private.scope_end()));
alter table public.partner_lead_contacts enable row level security;
create policy partner_lead_contacts_select_own on public.partner_lead_contacts
  for select to authenticated
  using (partner_id between (select private.scope_start()) and (select private.scope_end()));
revoke all on table public.partner_leads, public.partner_lead_contacts from public, anon, authenticated, service_role;
grant select on table public.partner_leads, public.partner_lead_contacts to authenticated, service_role;
-- No writes: leads come in through record_lead() and ingest_campaign_events().

-- Recording -------------------------------------------------------------------------------------------------------

create function private.uuid7_time(id uuid)
returns timestamptz
language sql
immutable
set search_path = ''
as $$
  -- RFC 9562, 5.7: the first 48 bits are milliseconds since 1970.
  select to_timestamp(('x' || lpad(left(replace(id::text, '-', ''), 12), 16, '0'))::bit(64)::bigint / 1000.0)
$$;
comment on function private.uuid7_time(uuid) is 'When a UUIDv7 was made, to the millisecond.';

create function private.half_hour(moment timestamptz)
returns timestamptz
language sql
immutable
set search_path = ''
as $$
  select date_bin('30 minutes', moment, 'epoch'::timestamptz)
$$;
comment on function private.half_hour(timestamptz) is 'The half-hour of the clock that a moment falls in.';

create function private.add_page_figures(
  page_id uuid, day date, views bigint, visitors bigint, conversions bigint, last_viewed_at timestamptz
)
returns void
language plpgsql
volatile
set search_path = ''
as $$
begin
  update public.partner_landing_pages as p
  set views_count = p.views_count + add_page_figures.views,
    conversions_count = p.conversions_count + add_page_figures.conversions,
    last_viewed_at = greatest(p.last_viewed_at, add_page_figures.last_viewed_at)
  where p.id = add_page_figures.page_id;
  insert into public.partner_landing_page_stats as s (page_id, day, partner_id, views, visitors, conversions)
  select
    p.id, add_page_figures.day, p.partner_id,
    add_page_figures.views, add_page_figures.visitors, add_page_figures.conversions
  from public.partner_landing_pages as p
  where p.id = add_page_figures.page_id
  on conflict on constraint partner_landing_page_stats_pkey do update
  set views = s.views + excluded.views,
    visitors = s.visitors + excluded.visitors,
    conversions = s.conversions + excluded.conversions;
end
$$;
comment on function private.add_page_figures(uuid, date, bigint, bigint, bigint, timestamptz) is
  'Adds newly inserted events to a page''s counters and day. The page''s row is locked first, so that days follow '
  'in one order.';

create function private.judge_event(event jsonb)
returns text
language plpgsql
stable
set search_path = ''
as $$
declare
  occurred_at timestamptz;
  is_served boolean;
begin
  -- The UUID's version and variant digits are part of the pattern.
  if (
    event ->> 'id' ~ '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$'
    and event ->> 'page_id' ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
    and event ->> 'visitor' ~ '^[0-9a-f]{32}$'
    and event ->> 'kind' = 'view'
  ) is not true then
    return 'bad';
  end if;
  occurred_at := private.uuid7_time((event ->> 'id')::uuid);
  if occurred_at not between now() - interval '24 hours' and now() + interval '5 minutes' then
    return 'late';
  end if;
  -- Then or now: the visitor's clock may be minutes off, and the event hours late.
  select coalesce(private.served_version_id(p, occurred_at), private.served_version_id(p, now())) is not null
  into is_served
  from public.partner_landing_pages as p where p.id = (event ->> 'page_id')::uuid;
  return case
    when is_served is null then 'unknown_page'
    when not is_served then 'page_not_live'
  end;
end
$$;
comment on function private.judge_event(jsonb) is
  'Why an event is not counted: bad, late, unknown_page or page_not_live. Null if it may be.';

create function public.record_events(events jsonb)
returns jsonb
language plpgsql
volatile
-- Definer: event_recorder writes events through this function alone and reads no table.
security definer
set search_path = ''
as $$
declare
  verdicts jsonb;
  figures record;
  counted text[] := '{}';
begin
  if jsonb_typeof(events) is distinct from 'array' or jsonb_array_length(events) > 1000 then
    raise sqlstate 'PT400' using
      message = 'batch_refused',
      detail = 'Events come as a list of at most 1,000.',
      hint = 'Send fewer at once.';
  end if;
  perform private.begin_ledger_write();

  select coalesce(jsonb_agg(private.judge_event(e.event) order by e.position), '[]')
  into verdicts
  from jsonb_array_elements(events) with ordinality as e (event, position);

  for figures in
    with candidates as (
      select
        (e.event ->> 'id')::uuid as id,
        (e.event ->> 'page_id')::uuid as page_id,
        decode(e.event ->> 'visitor', 'hex') as visitor,
        private.uuid7_time((e.event ->> 'id')::uuid) as occurred_at
      from jsonb_array_elements(events) with ordinality as e (event, position)
      where verdicts -> (e.position::integer - 1) = 'null'
    ),

    inserted as (
      insert into private.page_events as v (id, page_id, kind, visitor, day, half_hour, occurred_at)
      select
        c.id, c.page_id, 'view', c.visitor,
        private.amsterdam_day(c.occurred_at), private.half_hour(c.occurred_at), c.occurred_at
      from candidates as c
      -- One order for everybody: two batches with the same events wait for each other instead of deadlocking.
      order by c.page_id, c.visitor, c.occurred_at, c.id
      on conflict do nothing
      returning v.id, v.page_id, v.day, v.visitor, v.occurred_at
    ),

    new_visitors as (
      insert into private.page_visitors as n (page_id, day, visitor)
      select distinct i.page_id, i.day, i.visitor
      from inserted as i
      order by i.page_id, i.day, i.visitor
      on conflict do nothing
      returning n.page_id, n.day
    )

    select
      i.page_id,
      i.day,
      count(*) as views,
      (select count(*) from new_visitors as n where n.page_id = i.page_id and n.day = i.day) as visitors,
      max(i.occurred_at) as last_viewed_at,
      array_agg(i.id || ' ' || i.page_id) as keys
    from inserted as i
    group by i.page_id, i.day
    order by i.page_id, i.day
  loop
    perform private.add_page_figures(
      figures.page_id, figures.day, figures.views, figures.visitors, 0, figures.last_viewed_at
    );
    counted := counted || figures.keys;
  end loop;

  perform private.end_ledger_write();
  return (
    select coalesce(
      jsonb_agg(
        coalesce(r.verdict, case when r.key = any (counted) and r.occurrence = 1 then 'counted' else 'duplicate' end)
        order by r.position
      ),
      '[]'
    )
    from (
      select
        e.position,
        verdicts ->> (e.position::integer - 1) as verdict,
        (e.event ->> 'id') || ' ' || (e.event ->> 'page_id') as key,
        row_number() over (partition by e.event ->> 'id', e.event ->> 'page_id' order by e.position) as occurrence
      from jsonb_array_elements(events) with ordinality as e (event, position)
    ) as r
  );
end
$$;
comment on function public.record_events(jsonb) is
  'As event_recorder: counts [{"id", "page_id", "kind": "view", "visitor"}] and answers an outcome for each, in '
  'order: counted, duplicate, late, unknown_page, page_not_live, bad. 400 batch_refused.';

create function private.hold_partners(partner_ids uuid[])
returns void
language sql
volatile
set search_path = ''
as $$
  select from public.profiles as p where p.id = any (hold_partners.partner_ids) order by p.id for key share
$$;
comment on function private.hold_partners(uuid[]) is
  'Keeps partners from leaving until the transaction ends. Before any row of theirs is locked: whoever leaves has the '
  'profile locked, and wants those rows.';

create function public.record_lead(lead jsonb)
returns jsonb
language plpgsql
volatile
-- Definer: event_recorder writes leads through this function alone and reads no table.
security definer
set search_path = ''
as $$
declare
  lead_id constant uuid := lead ->> 'id';
  page public.partner_landing_pages;
  known_page_id uuid;
  campaign_id uuid;
begin
  perform private.hold_partners(
    array(select p.partner_id from public.partner_landing_pages as p where p.id = (lead ->> 'page_id')::uuid)
  );
  select p.* into page from public.partner_landing_pages as p where p.id = (lead ->> 'page_id')::uuid;
  if page.id is null then
    raise sqlstate 'PT404' using
      message = 'page_not_found',
      detail = 'There is no such landing page.',
      hint = 'Send the page_id that the page itself carries.';
  end if;

  -- A retry is answered as the first time was, also when the page has been taken down in between.
  select l.page_id into known_page_id from public.partner_leads as l where l.id = lead_id;
  if known_page_id is null and private.served_version_id(page, now()) is null then
    raise sqlstate 'PT410' using
      message = 'page_not_live',
      detail = 'The page has been taken down and takes no more requests.',
      hint = 'Call the firm instead.';
  end if;

  perform private.begin_ledger_write();
  -- Another partner's campaign gets no lead, whatever an address says.
  select c.id into campaign_id
  from public.partner_marketing_campaigns as c
  where c.channel = lead ->> 'source' and c.external_campaign_id = lead #>> '{tags,utm_id}'
    and c.partner_id = page.partner_id;
  insert into public.partner_leads as l (id, partner_id, page_id, campaign_id, source)
  values (lead_id, page.partner_id, page.id, campaign_id, coalesce(lead ->> 'source', 'direct'))
  on conflict (id) do nothing;
  if not found then
    select l.page_id into known_page_id from public.partner_leads as l where l.id = lead_id;
    if known_page_id is distinct from page.id then
      raise sqlstate 'PT409' using
        message = 'lead_conflict',
        detail = 'Another lead has this id.',
        hint = 'Make a new UUID for every form.';
    end if;
    perform private.end_ledger_write();
    return jsonb_build_object('lead_id', lead_id, 'outcome', 'duplicate');
  end if;

  insert into public.partner_lead_contacts
    (lead_id, partner_id, name, email, phone, postcode, message, consent_version, consent_text, tags)
  values (
    lead_id, page.partner_id, lead ->> 'name', lead ->> 'email', lead ->> 'phone', lead ->> 'postcode',
    lead ->> 'message', lead ->> 'consent_version', lead ->> 'consent_text', coalesce(lead -> 'tags', '{}')
  );

  insert into private.page_events (id, page_id, kind, day, half_hour, occurred_at)
  values (
    lead_id, page.id, 'conversion',
    private.amsterdam_day(now()), private.half_hour(now()), now()
  );
  perform private.add_page_figures(page.id, private.amsterdam_day(now()), 0, 0, 1, null);
  if campaign_id is not null then
    perform private.total_campaign(campaign_id);
  end if;
  perform private.end_ledger_write();
  return jsonb_build_object('lead_id', lead_id, 'outcome', 'counted');
end
$$;
comment on function public.record_lead(jsonb) is
  'As event_recorder: stores a landing page''s lead with its person, consent and attribution, and counts it, for the '
  'page and for the campaign that it came by, once. '
  '404 page_not_found; 409 lead_conflict; 410 page_not_live.';

revoke all on all functions in schema private from public;
revoke all on function public.visitor_salt(date), public.record_events(jsonb), public.record_lead(jsonb)
from public, anon, authenticated, service_role;
grant execute on function public.visitor_salt(date), public.record_events(jsonb), public.record_lead(jsonb)
to event_recorder;

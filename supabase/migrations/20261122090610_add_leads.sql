-- Somebody who asked for a quote, and the person behind it, apart.

set local lock_timeout = '3s';
set local statement_timeout = '60s';

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
  first_source public.visit_source,
  -- No foreign key: an embed of the campaign would have two to choose from. Its views are counted, so it stays.
  first_campaign_id uuid,
  outcome text not null default 'counted',
  reason text,
  status text not null default 'new',
  lost_reason text,
  is_test boolean not null default false,
  submitted_at timestamptz not null default now(),
  erased_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint partner_leads_external_lead_id_key unique (channel, external_lead_id),
  constraint partner_leads_has_origin
    check ((page_id is not null) <> (channel is not null and external_lead_id is not null)),
  constraint partner_leads_has_source check ((page_id is null) = (source is null) and (source is null) = (first_source is null)),
  constraint partner_leads_outcome_known check (outcome in ('counted', 'duplicate', 'quarantined')),
  constraint partner_leads_reason_known check (
    (outcome = 'quarantined') = (reason is not null)
    and reason in ('bot', 'honeypot', 'turnstile', 'too_fast', 'visitor', 'address', 'network', 'page', 'contact')
  ),
  constraint partner_leads_status_known check (status in ('new', 'contacted', 'quoted', 'won', 'lost')),
  constraint partner_leads_lost_reason_known check (
    (status = 'lost') = (lost_reason is not null)
    and lost_reason in ('no_answer', 'price', 'another_firm', 'out_of_area', 'not_our_work', 'not_serious', 'withdrawn', 'other')
  )
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
  'Where the visit last came from, if it did not come directly; in a platform''s own form that is its channel. Never changes.';
comment on column public.partner_leads.first_source is
  'Where the visitor first came from that day, of all pages of this partner. Never changes.';
comment on column public.partner_leads.first_campaign_id is 'The campaign of first_source, if it is this partner''s.';
comment on column public.partner_leads.outcome is
  'counted; duplicate: the same person asked on the same page within 24 hours; quarantined: it looks as if nobody asked, and '
  'the partner does not see it until an admin releases it.';
comment on column public.partner_leads.reason is
  'Why it is quarantined. bot: its browser says that it is none. honeypot: a field that no person sees was filled in. turnstile: '
  'Cloudflare does not vouch for it. too_fast: '
  'sent sooner than anybody can read. visitor, address, network, page, contact: too many from, on or about one.';
comment on column public.partner_leads.campaign_id is
  'The campaign that the platform named, or that the address of the visit which source is of did (utm_id), if it is this partner''s.';
comment on column public.partner_leads.status is
  'How far its partner is: new, contacted, quoted, won, lost. set_lead_status() changes it.';
comment on column public.partner_leads.lost_reason is
  'no_answer, price, another_firm, out_of_area, not_our_work, not_serious, withdrawn, other. Words and no text: this row outlives its '
  'person.';
comment on column public.partner_leads.is_test is 'A platform''s test lead: kept, never counted.';
comment on column public.partner_leads.submitted_at is
  'When the person sent the form, as far as the form or the platform says so. A page counts it on that Amsterdam day.';
comment on column public.partner_leads.erased_at is
  'When its person was erased. Told again by a platform, nobody comes back.';
create index partner_leads_partner_id_idx on public.partner_leads (partner_id, submitted_at desc);
create index partner_leads_page_id_idx on public.partner_leads (page_id, created_at);
create index partner_leads_campaign_id_idx on public.partner_leads (campaign_id);
create index partner_leads_quarantined_idx on public.partner_leads (submitted_at) where outcome = 'quarantined';
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
  consent_recipients text[],
  consented_at timestamptz,
  ads_consent_version text,
  ads_consent_text text,
  content_hash text,
  form_sha256 text,
  tags jsonb not null default '{}',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint partner_lead_contacts_name_length check (length(name) <= 200),
  constraint partner_lead_contacts_email_length check (length(email) <= 320),
  constraint partner_lead_contacts_phone_length check (length(phone) <= 50),
  constraint partner_lead_contacts_postcode_length check (length(postcode) <= 20),
  constraint partner_lead_contacts_message_length check (length(message) <= 5000),
  constraint partner_lead_contacts_consent_length
    check (length(consent_version) <= 40 and length(consent_text) <= 2000 and cardinality(consent_recipients) <= 6),
  constraint partner_lead_contacts_ads_consent check (
    (ads_consent_version is null) = (ads_consent_text is null) and length(ads_consent_version) <= 40 and length(ads_consent_text) <= 2000
  ),
  constraint partner_lead_contacts_form_hashes
    check (content_hash ~ '^[0-9a-f]{64}$' and form_sha256 ~ '^[0-9a-f]{64}$'),
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
comment on column public.partner_lead_contacts.consent_recipients is
  'Who was named as receiving the data: the company of the page, and those that it may go to if that lets it lie.';
comment on column public.partner_lead_contacts.consented_at is 'When the form with the ticked box came in. No form of ours ticks it.';
comment on column public.partner_lead_contacts.ads_consent_text is
  'The wording under which the ad platform that brought them may hear whether something came of it. Null: it may not.';
comment on column public.partner_lead_contacts.content_hash is
  'The version of the page that the form stood on, as the form says, or as was served then.';
comment on column public.partner_lead_contacts.form_sha256 is
  'SHA-256 of what was asked and agreed to: private.lead_form_sha256() of that version makes it again.';
comment on column public.partner_lead_contacts.tags is
  'The utm_* tags and click ids in the address of the page. An ad platform knows a person by its click id.';
create index partner_lead_contacts_partner_id_idx on public.partner_lead_contacts (partner_id);
create index partner_lead_contacts_created_at_idx on public.partner_lead_contacts (created_at);
create index partner_lead_contacts_email_idx on public.partner_lead_contacts (email);
create index partner_lead_contacts_phone_idx on public.partner_lead_contacts (phone);
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
  -- What a platform told of them and was not understood goes too.
  delete from private.inbox_persons as p
  using old_rows as o, public.partner_leads as l, private.campaign_inbox as i
  where l.id = o.lead_id and i.channel = l.channel and i.external_lead_id = l.external_lead_id and p.inbox_id = i.id;
  -- And there is nothing left to tell.
  delete from private.lead_outbox as m using old_rows as o where m.lead_id = o.lead_id and m.delivered_at is null;
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
  using (
    (
      partner_id between (select private.scope_start()) and (select private.scope_end())
      and (outcome <> 'quarantined' or (select private.is_admin()))
    )
    -- Nobody claims them yet, or their partner has left.
    or (partner_id is null and (select private.is_admin()))
  );
alter table public.partner_lead_contacts enable row level security;
-- The partner who is to call them. Admins ask read_lead_person(), which remembers that they did.
create policy partner_lead_contacts_select_own on public.partner_lead_contacts
  for select to authenticated
  using (
    partner_id = (select auth.uid())
    and exists (
      select
      from public.partner_leads as l
      where l.id = partner_lead_contacts.lead_id and l.partner_id = (select auth.uid()) and l.outcome <> 'quarantined'
    )
  );
revoke all on table public.partner_leads, public.partner_lead_contacts from public, anon, authenticated, service_role;
grant select on table public.partner_leads, public.partner_lead_contacts to authenticated, service_role;
-- No writes: leads come in through record_lead() and ingest_campaign_events().

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

-- Too many of one kind --------------------------------------------------------------------------------------------

create table private.lead_limits (
  is_the_row boolean primary key default true,
  min_milliseconds integer not null default 2000,
  max_of_visitor integer not null default 5,
  max_of_address integer not null default 20,
  max_of_network integer not null default 100,
  max_of_page integer not null default 300,
  max_of_contact integer not null default 5,
  constraint lead_limits_is_one_row check (is_the_row),
  constraint lead_limits_bounds check (
    min_milliseconds >= 0
    and least(max_of_visitor, max_of_address, max_of_network, max_of_page, max_of_contact) > 0
    and greatest(max_of_visitor, max_of_address, max_of_network, max_of_page, max_of_contact) <= 1000000
  )
);
comment on table private.lead_limits is
  'How many leads are believed, which an operator sets. What is beyond is quarantined, and ten times as many from an address or '
  'a network are refused. One row.';
comment on column private.lead_limits.min_milliseconds is 'Sooner after the page was opened nobody has filled in a form.';
comment on column private.lead_limits.max_of_visitor is 'Of a page an hour, from one address with one browser.';
comment on column private.lead_limits.max_of_address is
  'An hour, over all pages, from one IPv4 address or IPv6 /64. Thousands of a mobile carrier''s customers share one.';
comment on column private.lead_limits.max_of_network is 'The same from one IPv4 /24 or IPv6 /48.';
comment on column private.lead_limits.max_of_page is 'Of a page in an hour, those that nothing else speaks against.';
comment on column private.lead_limits.max_of_contact is 'In 24 hours, over all pages, about one telephone number or e-mail address.';
alter table private.lead_limits enable row level security;
revoke all on table private.lead_limits from public, anon, authenticated, service_role;
insert into private.lead_limits default values;

-- Unlogged and emptied every hour, as the rates of views are.
create unlogged table private.lead_rates (
  hour integer not null,
  subject bigint not null,
  leads integer not null,
  constraint lead_rates_pkey primary key (hour, subject)
);
comment on table private.lead_rates is
  'How many leads came in within an hour of the clock from a visitor, an address or a network.';
comment on column private.lead_rates.subject is 'A hash of the day''s keyed hash of whom it is about.';
alter table private.lead_rates enable row level security;
revoke all on table private.lead_rates from public, anon, authenticated, service_role;

create function private.rate_lead(page_id uuid, visitor bigint, address bigint, network bigint)
returns text
language plpgsql
volatile
set search_path = ''
as $$
declare
  this_hour constant integer := floor(extract(epoch from now()) / 3600);
  limits private.lead_limits;
  reason text;
  is_too_much boolean;
begin
  select l.* into limits from private.lead_limits as l;
  with subjects as materialized (
    select w.kind, w.most, w.place, hashtextextended(w.kind || '/' || w.who, 0) as subject
    from (values
      ('visitor', 1, limits.max_of_visitor, page_id || '/' || visitor::text),
      ('address', 2, limits.max_of_address, address::text),
      ('network', 3, limits.max_of_network, network::text)
    ) as w (kind, place, most, who)
    where w.who is not null
  ),

  noted as (
    insert into private.lead_rates as r (hour, subject, leads)
    select this_hour, s.subject, 1 from subjects as s order by s.subject
    on conflict on constraint lead_rates_pkey do update
    set leads = r.leads + 1
    returning r.subject, r.leads
  )

  select
    (array_agg(s.kind order by s.place) filter (where n.leads > s.most))[1],
    bool_or(s.kind in ('address', 'network') and n.leads > 10 * s.most)
  into reason, is_too_much
  from subjects as s
  join noted as n on n.subject = s.subject;
  if is_too_much then
    raise sqlstate 'PT429' using
      message = 'too_many_leads',
      detail = 'Far more requests come from this network than people can send.',
      hint = 'Wait an hour, or call the firm.';
  end if;
  return reason;
end
$$;
comment on function private.rate_lead(uuid, bigint, bigint, bigint) is
  'Notes a new lead, and says of what there are too many: visitor, address, network. Raises too_many_leads (429).';

create function private.find_same_contact(lead_id uuid, page_id uuid, email text, phone text, moment timestamptz)
returns table (is_on_page boolean)
-- plpgsql keeps its plans: by index, also while nobody has looked how many leads there are.
language plpgsql
stable
set search_path = ''
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
as $$
begin
  return query select l.page_id is not distinct from find_same_contact.page_id and l.outcome = 'counted'
  from public.partner_lead_contacts as k
  join public.partner_leads as l on l.id = k.lead_id
  where (k.email = find_same_contact.email or k.phone = find_same_contact.phone)
    and l.id <> find_same_contact.lead_id
    -- What is held speaks against nobody: a stranger could have sent it to have a customer held.
    and l.outcome <> 'quarantined'
    and l.created_at > moment - interval '24 hours' and l.created_at < moment + interval '24 hours'
  limit 1000;
end
$$;
comment on function private.find_same_contact(uuid, uuid, text, text, timestamptz) is
  'The other leads about the same person within 24 hours, and which of them count on the page.';

-- Attribution and consent -----------------------------------------------------------------------------------------

create function private.find_touches(partner_id uuid, visitor bigint)
returns table (source text, campaign_id uuid)
-- plpgsql keeps its plans.
language plpgsql
stable
set search_path = ''
set enable_seqscan = off
as $$
declare
  today constant date := private.amsterdam_day(now());
begin
  return query select e.source::text, e.campaign_id
  from public.partner_landing_pages as p
  cross join lateral (
    select v.id, v.source, v.campaign_id
    from private.page_events as v
    where v.day = today and v.page_id = p.id and v.visitor = find_touches.visitor
      and v.kind = 'view' and v.source <> 'direct'
  ) as e
  where p.partner_id = find_touches.partner_id and p.last_viewed_at >= today::timestamp at time zone 'Europe/Amsterdam'
  -- A UUIDv7 begins with its time.
  order by e.id;
end
$$;
comment on function private.find_touches(uuid, bigint) is
  'From where a visitor came to a partner''s pages today, but directly, in order. Nothing but the day''s own hash tells them.';

create function private.named_recipients(snapshot jsonb)
returns table (place bigint, partner_slug text, company text)
-- plpgsql keeps its plan.
language plpgsql
immutable
set search_path = ''
as $$
begin
  return query select 0::bigint, null::text, c.company #>> '{}'
  from jsonb_path_query(snapshot, '$.content.blocks[*] ? (@."type" == "legal").data.company') as c (company)
  union all
  select a.place, a.recipient ->> 'partner_slug', a.recipient ->> 'company'
  from jsonb_path_query(snapshot, '$.content.blocks[*] ? (@."type" == "lead_form").data.also_to[*]')
    with ordinality as a (recipient, place);
end
$$;
comment on function private.named_recipients(jsonb) is
  'Whom a version of a page names as receiving its leads: its own company first, and then those that they may go to.';

create function private.lead_form_sha256(content jsonb, consent_text text)
returns text
language sql
immutable
set search_path = ''
as $$
  select encode(
    sha256(convert_to(jsonb_path_query_first(content, '$.blocks[*] ? (@."type" == "lead_form")')::text || consent_text, 'UTF8')),
    'hex'
  )
$$;
comment on function private.lead_form_sha256(jsonb, text) is
  'SHA-256, 64 hex digits, of a page''s lead form as PostgreSQL writes jsonb, followed by the words agreed to.';

-- Taking in -------------------------------------------------------------------------------------------------------

create function private.count_lead(lead public.partner_leads)
returns void
language plpgsql
volatile
set search_path = ''
as $$
begin
  perform private.add_page_figures(array[
    (
      lead.page_id, private.amsterdam_day(lead.submitted_at), lead.source, lead.campaign_id, 0, 0, 1, null
    )::private.page_figures
  ]);
  update public.partner_marketing_campaigns as c set total_leads = c.total_leads + 1 where c.id = lead.campaign_id;
end
$$;
comment on function private.count_lead(public.partner_leads) is
  'Adds a page''s lead to its day and to its campaign. The page''s row is held.';

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
  known public.partner_leads;
  new_lead public.partner_leads;
  served public.partner_landing_page_versions;
  last_source text;
  last_campaign_id uuid;
  rated text;
  same boolean[];
begin
  perform private.hold_partners(
    array(select p.partner_id from public.partner_landing_pages as p where p.id = (lead ->> 'page_id')::uuid)
  );
  -- One at a time on a page: of two that ask the same at once, one is the first.
  select p.* into page from public.partner_landing_pages as p where p.id = (lead ->> 'page_id')::uuid for no key update;
  if page.id is null then
    raise sqlstate 'PT404' using
      message = 'page_not_found',
      detail = 'There is no such landing page.',
      hint = 'Send the page_id that the page itself carries.';
  end if;

  -- A retry is answered as the first time was, also when the page has been taken down in between.
  select l.* into known from public.partner_leads as l where l.id = lead_id;
  if known.page_id = page.id then
    return jsonb_build_object('lead_id', lead_id, 'outcome', known.outcome, 'is_new', false);
  end if;
  if known.id is null and private.served_version_id(page, now()) is null then
    raise sqlstate 'PT410' using
      message = 'page_not_live',
      detail = 'The page has been taken down and takes no more requests.',
      hint = 'Call the firm instead.';
  end if;

  perform private.begin_ledger_write();
  new_lead.id := lead_id;
  new_lead.partner_id := page.partner_id;
  new_lead.page_id := page.id;
  -- When the form was sent, as its id says; a retry does not move it to another day.
  new_lead.submitted_at :=
    case when private.uuid7_time(lead_id) <@ private.acceptable_times(now()) then private.uuid7_time(lead_id) else now() end;
  new_lead.source := coalesce(lead ->> 'source', 'direct');
  -- Another partner's campaign gets no lead, whatever an address says.
  select c.id into new_lead.campaign_id
  from public.partner_marketing_campaigns as c
  where c.channel = new_lead.source and c.external_campaign_id = lead #>> '{tags,utm_id}'
    and c.partner_id = page.partner_id;
  select
    (array_agg(t.source order by t.place asc))[1], (array_agg(t.campaign_id order by t.place asc))[1],
    (array_agg(t.source order by t.place desc))[1], (array_agg(t.campaign_id order by t.place desc))[1]
  into new_lead.first_source, new_lead.first_campaign_id, last_source, last_campaign_id
  from private.find_touches(page.partner_id, (lead ->> 'visitor')::bigint) with ordinality as t (source, campaign_id, place);
  -- Who came by an ad in the morning and directly at noon came by the ad.
  if new_lead.source = 'direct' and last_source is not null then
    new_lead.source := last_source;
    new_lead.campaign_id := last_campaign_id;
  end if;
  if new_lead.first_source is null then
    new_lead.first_source := new_lead.source;
    new_lead.first_campaign_id := new_lead.campaign_id;
  end if;

  rated := private.rate_lead(
    page.id, (lead ->> 'visitor')::bigint, (lead ->> 'address')::bigint, (lead ->> 'network')::bigint
  );
  same := array(
    select s.is_on_page from private.find_same_contact(lead_id, page.id, lead ->> 'email', lead ->> 'phone', now()) as s
  );
  select
    coalesce(
      lead ->> 'suspicion',
      case when (lead ->> 'milliseconds')::numeric < l.min_milliseconds then 'too_fast' end,
      rated,
      case when cardinality(same) >= l.max_of_contact then 'contact' end,
      -- Counted of those that are believed: or a rival could have a page's customers held by sending what is held.
      case
        when (
          select count(*)
          from public.partner_leads as p
          where p.page_id = page.id and p.created_at > now() - interval '1 hour' and p.outcome <> 'quarantined'
        ) >= l.max_of_page then 'page'
      end
    )
  into new_lead.reason
  from private.lead_limits as l;
  new_lead.outcome := case when new_lead.reason is not null then 'quarantined' when true = any (same) then 'duplicate' else 'counted' end;

  insert into public.partner_leads
    (id, partner_id, page_id, campaign_id, source, first_source, first_campaign_id, outcome, reason, submitted_at)
  values (
    new_lead.id, new_lead.partner_id, new_lead.page_id, new_lead.campaign_id, new_lead.source, new_lead.first_source,
    new_lead.first_campaign_id, new_lead.outcome, new_lead.reason, new_lead.submitted_at
  )
  on conflict (id) do nothing;
  if not found then
    raise sqlstate 'PT409' using
      message = 'lead_conflict',
      detail = 'Another lead has this id.',
      hint = 'Make a new UUID for every form.';
  end if;

  -- What the form stood on: what it says, of this page, and else what was served when it was sent.
  select v.* into served
  from public.partner_landing_page_versions as v
  where v.page_id = page.id and v.content_hash = lead ->> 'content_hash';
  if served.id is null then
    select v.* into served
    from public.partner_landing_page_versions as v
    where v.id = coalesce(private.served_version_id(page, new_lead.submitted_at), private.served_version_id(page, now()));
  end if;
  insert into public.partner_lead_contacts
    (
      lead_id, partner_id, name, email, phone, postcode, message, consent_version, consent_text, consent_recipients, consented_at,
      ads_consent_version, ads_consent_text, content_hash, form_sha256, tags
    )
  values (
    lead_id, page.partner_id, lead ->> 'name', lead ->> 'email', lead ->> 'phone', lead ->> 'postcode',
    lead ->> 'message', lead ->> 'consent_version', lead ->> 'consent_text',
    array(select left(n.company, 200) from private.named_recipients(served.snapshot) as n order by n.place), now(),
    lead ->> 'ads_consent_version', lead ->> 'ads_consent_text', served.content_hash, private.lead_form_sha256(served.snapshot -> 'content', lead ->> 'consent_text'),
    coalesce(lead -> 'tags', '{}')
  );
  if new_lead.outcome = 'counted' then
    perform private.count_lead(new_lead);
  end if;
  perform private.end_ledger_write();
  return jsonb_build_object('lead_id', lead_id, 'outcome', new_lead.outcome, 'is_new', true);
end
$$;
comment on function public.record_lead(jsonb) is
  'As event_recorder: stores a landing page''s lead with its person, consent and attribution, and counts it, for the '
  'page and for the campaign that it came by, once. outcome is counted, duplicate (the same person on the same page within 24 hours) '
  'or quarantined. '
  '404 page_not_found; 409 lead_conflict; 410 page_not_live; 429 too_many_leads.';

revoke all on all functions in schema private from public;
revoke all on function public.record_lead(jsonb) from public, anon, authenticated, service_role;
grant execute on function public.record_lead(jsonb) to event_recorder;

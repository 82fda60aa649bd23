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
  is_test boolean not null default false,
  submitted_at timestamptz not null default now(),
  erased_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint partner_leads_external_lead_id_key unique (channel, external_lead_id),
  constraint partner_leads_has_origin
    check ((page_id is not null) <> (channel is not null and external_lead_id is not null)),
  constraint partner_leads_has_source check ((page_id is null) = (source is null))
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
comment on column public.partner_leads.submitted_at is
  'When the person sent the form, as far as the form or the platform says so. A page counts it on that Amsterdam day.';
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
  -- What a platform told of them and was not understood goes too.
  delete from private.inbox_persons as p
  using old_rows as o, public.partner_leads as l, private.campaign_inbox as i
  where l.id = o.lead_id and i.channel = l.channel and i.external_lead_id = l.external_lead_id and p.inbox_id = i.id;
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
  -- When the form was sent, as its id says; a retry does not move it to another day.
  submitted_at constant timestamptz :=
    case when private.uuid7_time(lead_id) <@ private.acceptable_times() then private.uuid7_time(lead_id) else now() end;
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
  insert into public.partner_leads as l (id, partner_id, page_id, campaign_id, source, submitted_at)
  values (lead_id, page.partner_id, page.id, campaign_id, coalesce(lead ->> 'source', 'direct'), submitted_at)
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

  perform from public.partner_landing_pages as p where p.id = page.id for no key update;
  perform private.add_page_figures(array[
    (
      page.id, private.amsterdam_day(submitted_at), coalesce(lead ->> 'source', 'direct'), campaign_id, 0, 0, 1, null
    )::private.page_figures
  ]);
  update public.partner_marketing_campaigns as c set total_leads = c.total_leads + 1 where c.id = campaign_id;
  perform private.end_ledger_write();
  return jsonb_build_object('lead_id', lead_id, 'outcome', 'counted');
end
$$;
comment on function public.record_lead(jsonb) is
  'As event_recorder: stores a landing page''s lead with its person, consent and attribution, and counts it, for the '
  'page and for the campaign that it came by, once. '
  '404 page_not_found; 409 lead_conflict; 410 page_not_live.';

revoke all on all functions in schema private from public;
revoke all on function public.record_lead(jsonb) from public, anon, authenticated, service_role;
grant execute on function public.record_lead(jsonb) to event_recorder;

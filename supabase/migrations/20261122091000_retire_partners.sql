-- A partner leaves by the platform deleting the auth user or the profile. Nothing of theirs stays live, their personal
-- data and that of their leads goes, and every figure stays. docs/decisions/0005-leaving-partners.md has the reasons.

set local lock_timeout = '3s';
set local statement_timeout = '60s';

create table private.retired_slugs (
  slug_sha256 bytea primary key,
  retired_at timestamptz not null default now()
);
comment on table private.retired_slugs is
  'Slugs of partners who left after a page had been live. Visitors and search engines still know the addresses, so nobody '
  'else gets them. Hashed, since a slug is often a name. An operator gives one back by deleting its row.';
alter table private.retired_slugs enable row level security;
revoke all on table private.retired_slugs from public, anon, authenticated, service_role;

create function private.keep_retired_slug()
returns trigger
language plpgsql
-- Definer: whoever may change a profile may not read who left.
security definer
set search_path = ''
as $$
begin
  if exists (select from private.retired_slugs as r where r.slug_sha256 = sha256(convert_to(new.partner_slug, 'UTF8'))) then
    raise sqlstate 'PT409' using
      message = 'partner_slug_retired',
      detail = format('Pages of a partner who left were under /partners/%s/.', new.partner_slug),
      hint = 'Choose another slug; if it was yours, ask the marketplace.';
  end if;
  return new;
end
$$;
comment on function private.keep_retired_slug() is 'Trigger: raises partner_slug_retired (409).';

create trigger profiles_keep_retired_slug
  before insert or update of partner_slug on public.profiles
  for each row
  when (new.partner_slug is not null)
  execute function private.keep_retired_slug();

create function private.retire_partner()
returns trigger
language plpgsql
-- Definer: the platform deletes profiles as roles that have no rights on our tables.
security definer
set search_path = ''
as $$
declare
  page_ids constant uuid[] := array(select p.id from public.partner_landing_pages as p where p.partner_id = old.id);
begin
  -- The profile is locked already, see private.hold_partners(). Pages in the order in which views lock them.
  perform from public.partner_landing_pages as p where p.partner_id = old.id order by p.id for no key update;
  perform private.begin_ledger_write();

  insert into private.retired_slugs (slug_sha256)
  select sha256(convert_to(old.partner_slug, 'UTF8'))
  where exists (select from private.landing_page_addresses as a where a.page_id = any (page_ids))
    and old.partner_slug is not null
  on conflict do nothing;
  delete from public.partner_lead_contacts as k where k.partner_id = old.id;
  delete from private.lead_outbox as o where o.partner_id = old.id;
  delete from private.inbox_persons as p
  using private.campaign_inbox as i, public.partner_marketing_campaigns as c
  where p.inbox_id = i.id and c.partner_id = old.id
    and i.channel = c.channel and i.external_campaign_id = c.external_campaign_id;

  insert into public.partner_landing_page_transitions (page_id, from_status, to_status, actor, reason)
  select p.id, p.status, 'archived', case when private.actor() = 'service_role' then 'service_role' else 'dashboard' end,
    'partner left'
  from public.partner_landing_pages as p
  where p.partner_id = old.id and p.status <> 'archived';
  -- What is left of a page is its id and its counters.
  update public.partner_landing_pages as p
  set partner_id = null, path = null, status = 'archived', title = 'Former partner', subtitle = null, seo_title = null,
    seo_description = null, content_json = '{"v": 1, "blocks": []}', status_reason = null,
    submitted_version_id = null, live_version_id = null, previous_version_id = null, live_path = null, publish_at = null, unpublish_at = null,
    created_by = null, editor_ids = '{}'
  where p.partner_id = old.id;
  -- Versions carry the firm's name, address and customers' words; so do documents, those that nobody submitted too.
  delete from public.partner_landing_page_versions as v
  where v.page_id = any (page_ids);
  delete from private.landing_page_documents as d
  where d.page_id = any (page_ids);
  delete from private.landing_page_addresses as a
  where a.page_id = any (page_ids);

  update public.partner_marketing_campaigns as c
  set partner_id = null, status = 'archived', ended_at = coalesce(c.ended_at, now())
  where c.partner_id = old.id;
  -- Steps stay as dates. Their reasons are free text, with a customer's telephone number in it for all we know.
  update public.partner_landing_page_transitions as t
  set partner_id = null, actor_id = null, reason = null
  where t.partner_id = old.id;
  update public.partner_landing_page_stats as s set partner_id = null where s.partner_id = old.id;
  update public.partner_landing_page_drops as d set partner_id = null where d.partner_id = old.id;
  update public.partner_leads as l set partner_id = null where l.partner_id = old.id;
  update public.partner_lead_steps as t set partner_id = null, actor_id = null where t.partner_id = old.id;
  update public.partner_lead_looks as k set partner_id = null where k.partner_id = old.id;
  update public.partner_campaign_writes as w set partner_id = null where w.partner_id = old.id;
  update public.partner_campaign_metrics as m set partner_id = null where m.partner_id = old.id;
  perform private.end_ledger_write();
  return old;
end
$$;
comment on function private.retire_partner() is
  'Trigger: takes a leaving partner''s pages down and keeps nothing but figures.';

create trigger profiles_retire_partner
  before delete on public.profiles
  for each row execute function private.retire_partner();

revoke all on all functions in schema private from public;

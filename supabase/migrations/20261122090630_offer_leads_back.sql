-- A lead that its partner lets lie goes to another of the segment, if the person was told that it might.

set local lock_timeout = '3s';
set local statement_timeout = '60s';

create table private.segment_lead_rules (
  segment_id uuid primary key references public.lead_segments (id) on delete cascade,
  untouched_days integer not null,
  constraint segment_lead_rules_untouched_days_range check (untouched_days between 1 and 60)
);
comment on table private.segment_lead_rules is
  'After how many days a segment''s untouched leads are offered back, where that is not three.';
alter table private.segment_lead_rules enable row level security;
revoke all on table private.segment_lead_rules from public, anon, authenticated, service_role;

create function private.find_candidates(lead_id uuid)
returns table (partner_id uuid, partner_slug text, company text)
language sql
stable
set search_path = ''
as $$
  select r.id, r.partner_slug, n.company
  from public.partner_leads as l
  join public.partner_lead_contacts as k on k.lead_id = l.id
  join public.partner_landing_pages as p on p.id = l.page_id
  join public.partner_landing_page_versions as v on v.page_id = p.id and v.content_hash = k.content_hash
  cross join lateral private.named_recipients(v.snapshot) as n
  join public.profiles as r on r.partner_slug = n.partner_slug
  where l.id = find_candidates.lead_id and r.id <> l.partner_id
    and exists (
      select from public.partner_segments as s where s.partner_id = r.id and s.segment_id = p.segment_id and s.is_active
    )
    -- Nobody gets it twice.
    and not exists (
      select from public.partner_lead_steps as t where t.lead_id = l.id and t.partner_id = r.id
    )
  order by n.place
$$;
comment on function private.find_candidates(uuid) is
  'Who may get a lead next: named in the consent, active in the page''s segment, and without having had it.';

create view private.untouched_leads with (security_invoker = true) as
select
  l.id as lead_id, l.partner_id, r.partner_slug, p.path, l.submitted_at, t.since, now() - t.since as waiting,
  array(select c.partner_slug from private.find_candidates(l.id) as c) as may_go_to
from public.partner_leads as l
join public.partner_lead_contacts as k on k.lead_id = l.id
join public.partner_landing_pages as p on p.id = l.page_id
join public.profiles as r on r.id = l.partner_id
left join private.segment_lead_rules as s on s.segment_id = p.segment_id
-- Since it came, or since its last step.
cross join lateral (
  select greatest(l.created_at, max(x.created_at)) as since
  from public.partner_lead_steps as x
  where x.lead_id = l.id
) as t
where l.status = 'new' and l.outcome = 'counted' and not l.is_test
  and t.since < now() - make_interval(days => coalesce(s.untouched_days, 3));
comment on view private.untouched_leads is
  'Leads of landing pages that their partner has not touched in time, and who may get them next; reassign_lead() does it.';

create function private.reassign_lead(lead_id uuid, partner_id uuid)
returns uuid
language plpgsql
volatile
-- Definer: ledgers are written by their own functions alone.
security definer
set search_path = ''
as $$
declare
  lead public.partner_leads;
begin
  perform private.require_admin();
  lead := private.find_lead(lead_id);
  perform private.hold_partners(array[lead.partner_id, reassign_lead.partner_id]);
  select l.* into lead from public.partner_leads as l where l.id = lead.id for no key update;
  if lead.partner_id = reassign_lead.partner_id then
    return lead.partner_id;
  end if;
  if not exists (select from private.untouched_leads as u where u.lead_id = lead.id) then
    raise sqlstate 'PT409' using
      message = 'lead_not_untouched',
      detail = 'Only a lead of a landing page is offered back, which counts, whose person is known, and which its partner has not touched in time.',
      hint = 'private.untouched_leads lists them. An operator sets the days in private.segment_lead_rules.';
  end if;
  if not exists (select from private.find_candidates(lead.id) as c where c.partner_id = reassign_lead.partner_id) then
    raise sqlstate 'PT409' using
      message = 'recipient_not_named',
      detail = 'The person did not agree to this partner, or it is not active in the page''s segment, or has had the lead before.',
      hint = 'untouched_leads.may_go_to lists who may get it; lead_form.also_to of the page names them.';
  end if;
  perform private.begin_ledger_write();
  insert into public.partner_lead_steps (lead_id, partner_id, from_status, to_status, actor, actor_id)
  values
    (lead.id, lead.partner_id, lead.status, 'offered_back', private.actor(), auth.uid()),
    (lead.id, reassign_lead.partner_id, 'offered_back', 'new', private.actor(), auth.uid());
  -- Whoever let it lie is told nothing more.
  delete from private.lead_outbox as o
  where o.lead_id = lead.id and o.partner_id = lead.partner_id and o.delivered_at is null;
  update public.partner_leads as l set partner_id = reassign_lead.partner_id where l.id = lead.id;
  -- By which its new partner and its person are told.
  update public.partner_lead_contacts as k set partner_id = reassign_lead.partner_id where k.lead_id = lead.id;
  perform private.end_ledger_write();
  return reassign_lead.partner_id;
end
$$;

create function public.reassign_lead(lead_id uuid, partner_id uuid)
returns uuid
language sql volatile set search_path = ''
as $$ select private.reassign_lead(lead_id, partner_id) $$;
comment on function public.reassign_lead(uuid, uuid) is
  'As an admin: gives a lead that its partner let lie to another partner of the segment, whom its person was told of; both, and the '
  'person, are told. What counts stays with the page. Answers whose it is. 403 not_allowed; 404 lead_not_found; 409 lead_not_untouched, '
  'recipient_not_named.';

revoke all on all functions in schema private from public;
revoke all on function public.reassign_lead(uuid, uuid) from public, anon, authenticated, service_role;
grant execute on function public.reassign_lead(uuid, uuid), private.reassign_lead(uuid, uuid) to authenticated, service_role;

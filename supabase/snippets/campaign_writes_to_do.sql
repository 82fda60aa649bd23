-- What campaigns need on their platforms that a person has to do or to decide. decide_campaign_write(id, 'send' or 'drop') decides.
select
  w.id, w.status, w.reason, w.to_do, w.requested_by, w.found as platform_has, w.request, p.partner_slug, w.queued_at
from public.partner_campaign_writes as w
left join public.profiles as p on p.id = w.partner_id
where w.status in ('by_hand', 'needs_approval', 'refused')
  and not exists (
    select from public.partner_campaign_writes as n
    where n.campaign_id = w.campaign_id and n.field = w.field and n.id > w.id
  )
order by w.queued_at asc;

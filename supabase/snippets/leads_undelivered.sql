-- Of which leads somebody has not been told, oldest first. Once it is mended: update private.lead_outbox set due_at = now() where id = '…'.
select o.id, r.partner_slug, o.kind, o.created_at, o.attempts, o.last_error, o.due_at, o.due_at is null as has_given_up, l.status
from private.lead_outbox as o
join public.partner_leads as l on l.id = o.lead_id
join public.profiles as r on r.id = o.partner_id
where o.delivered_at is null and (o.attempts > 0 or o.created_at < now() - interval '5 minutes')
order by o.created_at asc;

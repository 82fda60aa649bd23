-- Leads that their partner has not touched, oldest first.
select r.partner_slug, coalesce(p.path, l.channel) as came_by, l.id, l.submitted_at, now() - l.submitted_at as waiting
from public.partner_leads as l
join public.profiles as r on r.id = l.partner_id
left join public.partner_landing_pages as p on p.id = l.page_id
where l.status = 'new' and l.outcome = 'counted' and not l.is_test and l.erased_at is null
order by l.submitted_at asc;

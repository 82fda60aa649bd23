-- Leads that look as if nobody asked, newest first, without the person.
-- Letting one count:  select public.release_lead('<id>');   looking at its person:  select * from public.read_lead_person('<id>');
select r.partner_slug, p.path, l.id, l.reason, l.source, l.submitted_at
from public.partner_leads as l
join public.partner_landing_pages as p on p.id = l.page_id
left join public.profiles as r on r.id = l.partner_id
where l.outcome = 'quarantined'
order by l.submitted_at desc;

-- Events that are not counted, since they look as if nobody saw the page: how many of which page, on which day, why.
-- Counting them after all:  select public.release_events('<page_id>', '<day>', '<reason, or null for all>');
select r.partner_slug, p.path, h.page_id, h.day, h.kind, h.reason, count(*) as events, count(distinct h.visitor) as visitors
from private.held_events as h
join public.partner_landing_pages as p on p.id = h.page_id
left join public.profiles as r on r.id = p.partner_id
group by r.partner_slug, p.path, h.page_id, h.day, h.kind, h.reason
order by h.day desc, events desc;

-- Today's leads by partner: how many count, repeat another one, or are held, and how many the partner has not touched.
select
  r.partner_slug,
  count(*) filter (where l.outcome = 'counted' and not l.is_test) as counted,
  count(*) filter (where l.outcome = 'duplicate') as duplicate,
  count(*) filter (where l.outcome = 'quarantined') as quarantined,
  count(*) filter (where l.outcome = 'counted' and l.status = 'new' and not l.is_test) as untouched
from public.partner_leads as l
left join public.profiles as r on r.id = l.partner_id
where private.amsterdam_day(l.submitted_at) = private.amsterdam_day(now())
group by r.partner_slug
order by counted desc, r.partner_slug asc;

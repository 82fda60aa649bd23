-- What ad platforms were told of won leads in the last month, and what they made of it.
select v.channel, v.account_id, v.status, v.reason, count(*) as leads, min(v.happened_at) as first_at, max(v.happened_at) as last_at
from public.partner_lead_conversions as v
where v.created_at > now() - interval '30 days'
group by v.channel, v.account_id, v.status, v.reason
order by v.channel asc, v.account_id asc, leads desc;

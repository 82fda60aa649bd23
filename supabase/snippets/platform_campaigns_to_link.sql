-- Campaigns of connected ad accounts that no campaign of ours is linked to, with what they spent in four weeks.
select k.channel, k.account_id, k.external_campaign_id, k.name, k.word, k.daily_budget, k.budget_note, sum(m.spend) as spend, k.read_at
from private.platform_campaigns as k
left join public.partner_marketing_campaigns as c
  on c.channel = k.channel and c.external_campaign_id = k.external_campaign_id
left join public.partner_campaign_metrics as m
  on m.channel = k.channel and m.external_campaign_id = k.external_campaign_id and m.day > current_date - 28
where c.id is null
group by k.channel, k.external_campaign_id, k.account_id
order by sum(m.spend) desc nulls last;

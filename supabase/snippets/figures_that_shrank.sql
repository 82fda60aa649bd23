-- Figures of a day that a platform took back in the last month, and why.
select
  r.created_at, r.channel, r.account_id, r.external_campaign_id, r.day, r.reason, r.currency, r.spend_before, r.spend_after,
  r.clicks_before, r.clicks_after
from private.campaign_restatements as r
where r.created_at > now() - interval '30 days'
order by r.created_at desc;

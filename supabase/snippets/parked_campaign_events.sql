-- What platforms reported and was not understood or not claimed yet. Linking a campaign (external_campaign_id) adopts
-- its unknown_campaign events.
select reason, channel, external_campaign_id, count(*) as events, min(received_at) as oldest, max(received_at) as newest
from private.campaign_inbox
where status = 'parked'
group by reason, channel, external_campaign_id
order by events desc;

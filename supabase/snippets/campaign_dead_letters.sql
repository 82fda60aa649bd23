-- Events that nothing but a person brings further: correct them or what they wait for, then replay.
select id, received_at, source, channel, kind, reason, external_campaign_id, external_lead_id, facts, payload, has_person
from private.dead_letters
order by received_at
limit 200;

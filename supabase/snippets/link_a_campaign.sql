-- Links a campaign to its platform's; what came for that id until now is taken over. platform_campaigns_to_link lists the ids.
update public.partner_marketing_campaigns
set external_campaign_id = '21700100001'
where id = '00000000-0000-0000-0000-000000000000' -- the campaign
returning id, channel, external_campaign_id, total_leads, total_spend;

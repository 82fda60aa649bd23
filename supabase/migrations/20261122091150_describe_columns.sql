-- What each column of the API is, for whoever meets it in Studio or in PostgREST's own description.

set local lock_timeout = '3s';
set local statement_timeout = '60s';

comment on column public.profiles.is_admin is
  'Whether the account is one of the marketplace''s own people, who approve and link. Nobody changes it by way of the API.';
comment on column public.lead_segments.trade is 'The trade, as people say it: Dakdekker.';
comment on column public.lead_segments.region is 'Where: Tilburg.';
comment on column public.partner_segments.partner_id is 'Whose link it is.';
comment on column public.partner_segments.segment_id is 'Which trade and region.';
comment on column public.partner_segments.is_active is 'False: the link has ended, and stays as history.';
comment on column public.partner_segments.target_leads_per_week is 'How many leads a week the partner wants of it. Null: as many as come.';
comment on column public.partner_landing_pages.segment_id is 'Which trade and region the page is about.';
comment on column public.partner_landing_pages.source is
  'manual, template, or ai_generated: such a page is approved by an admin who had no part in it.';
comment on column public.partner_landing_pages.status is
  'concept, review, live or archived. Steps change it: docs/architecture.md has them.';
comment on column public.partner_landing_pages.title is 'What the page is called in lists; visitors see the blocks.';
comment on column public.partner_landing_pages.subtitle is 'A line below the title, in lists.';
comment on column public.partner_landing_pages.seo_title is 'The title that search engines show, 60 characters at most.';
comment on column public.partner_landing_pages.seo_description is 'The lines that search engines show, 50 to 160 characters.';
comment on column public.partner_landing_pages.last_viewed_at is 'When somebody last saw it.';
comment on column public.partner_landing_page_versions.page_id is 'Of which page.';
comment on column public.partner_landing_page_versions.number is '1, 2, … of the page.';
comment on column public.partner_landing_page_versions.path is 'Where this version is served when it is live.';
comment on column public.partner_landing_page_versions.snapshot is 'Everything that it was rendered from.';
comment on column public.partner_landing_page_submissions.page_id is 'Of which page.';
comment on column public.partner_landing_page_submissions.version_id is 'What was handed in.';
comment on column public.partner_landing_page_submissions.submitted_as is 'partner, admin, service_role or dashboard.';
comment on column public.partner_landing_page_submissions.decided_as is 'partner, admin, service_role or dashboard; null while it waits.';
comment on column public.partner_landing_page_submissions.decided_at is 'When; null while it waits.';
comment on column public.partner_landing_page_transitions.page_id is 'Of which page.';
comment on column public.partner_landing_page_transitions.from_status is 'Where it was.';
comment on column public.partner_landing_page_transitions.to_status is 'Where it went.';
comment on column public.partner_landing_page_transitions.version_id is 'The version that the step was about.';
comment on column public.partner_landing_page_transitions.actor is 'partner, admin, service_role or dashboard.';
comment on column public.partner_landing_page_transitions.reason is 'Why, in their words or the workflow''s.';
comment on column public.partner_landing_page_stats.page_id is 'Of which page.';
comment on column public.partner_landing_page_stats.day is 'The day in Amsterdam.';
comment on column public.partner_landing_page_stats.source is 'Where the visits came from: a channel, social, referral or direct.';
comment on column public.partner_landing_page_stats.views is 'How many views counted.';
comment on column public.partner_landing_page_stats.last_viewed_at is 'When the last of them was.';
comment on column public.partner_landing_page_drops.partner_id is 'Whose page.';
comment on column public.partner_landing_page_drops.attempts is 'How many events were received and not counted.';
comment on column public.partner_leads.channel is 'How the lead came.';
comment on column public.partner_leads.external_lead_id is 'The ad platform''s id, if it came by one.';
comment on column public.partner_leads.page_id is 'The page whose form was sent, if it was.';
comment on column public.partner_lead_contacts.lead_id is 'Of which lead.';
comment on column public.partner_lead_contacts.name is 'As they wrote it.';
comment on column public.partner_lead_contacts.email is 'Where a mail reaches them.';
comment on column public.partner_lead_contacts.postcode is 'As they wrote it.';
comment on column public.partner_lead_contacts.message is 'What they asked.';
comment on column public.partner_lead_contacts.consent_version is 'Which words they agreed to.';
comment on column public.partner_lead_contacts.ads_consent_version is
  'Which words they agreed to about ad platforms; null: they did not tick that box.';
comment on column public.partner_lead_looks.lead_id is 'Whose person was read.';
comment on column public.partner_lead_looks.actor is 'admin, service_role or dashboard.';
comment on column public.partner_lead_looks.looked_at is 'When.';
comment on column public.partner_lead_steps.lead_id is 'Of which lead.';
comment on column public.partner_lead_steps.actor is 'partner, admin, service_role or dashboard.';
comment on column public.partner_lead_steps.actor_id is 'auth.users.id, null for the dashboard and service_role.';
comment on column public.partner_lead_steps.from_status is 'What it was.';
comment on column public.partner_lead_steps.to_status is 'What it became.';
comment on column public.partner_lead_steps.lost_reason is 'Why it was lost.';
comment on column public.partner_lead_conversions.lead_id is 'Of which lead.';
comment on column public.partner_lead_conversions.channel is 'Which platform is told.';
comment on column public.partner_lead_conversions.account_id is 'Whose ad account there.';
comment on column public.partner_lead_conversions.attempts is 'How often it was tried.';
comment on column public.partner_lead_conversions.due_at is 'When it is tried next.';
comment on column public.partner_lead_conversions.sent_at is 'When it was sent last.';
comment on column public.partner_lead_conversions.finished_at is 'When there was no more to be done.';
comment on column public.partner_marketing_campaigns.partner_id is 'Whose it is. Null once the partner has left.';
comment on column public.partner_marketing_campaigns.channel is 'Where it runs. It does not change.';
comment on column public.partner_marketing_campaigns.segment_id is 'Which trade and region it is about.';
comment on column public.partner_marketing_campaigns.status is 'planned, active, paused or archived: set_campaign_status() changes it.';
comment on column public.partner_marketing_campaigns.started_at is 'When it was first active.';
comment on column public.partner_marketing_campaigns.ended_at is 'When it was archived.';
comment on column public.partner_marketing_campaigns.ai_managed is 'Whether a program may adjust it.';
comment on column public.partner_marketing_campaigns.ai_last_adjusted_at is 'When a program last did.';
comment on column public.partner_marketing_campaigns.total_clicks is 'Sum of partner_campaign_metrics.clicks.';
comment on column public.partner_marketing_campaigns.total_impressions is 'Sum of partner_campaign_metrics.impressions.';
comment on column public.partner_campaign_metrics.channel is 'The platform.';
comment on column public.partner_campaign_metrics.external_campaign_id is 'The platform''s id of the campaign.';
comment on column public.partner_campaign_metrics.currency is 'What spend is in, ISO 4217.';
comment on column public.partner_campaign_metrics.clicks is 'So far that day.';
comment on column public.partner_campaign_metrics.impressions is 'So far that day.';
comment on column public.partner_campaign_writes.campaign_id is 'What is to change on its platform.';
comment on column public.partner_campaign_writes.partner_id is 'Whose campaign it is.';
comment on column public.partner_campaign_writes.attempts is 'How often it was tried.';
comment on column public.partner_campaign_writes.queued_at is 'When it was wished.';
comment on column public.partner_campaign_writes.sent_at is 'When a request went out that may have changed something.';
comment on column public.partner_campaign_writes.finished_at is 'When there was no more to be done.';
comment on column public.landing_pages_in_review.id is 'The page.';
comment on column public.landing_pages_in_review.partner_slug is 'Whose.';
comment on column public.landing_pages_in_review.path is 'Where it will be.';
comment on column public.landing_pages_in_review.title is 'What it is called.';
comment on column public.landing_pages_in_review.source is 'manual, template or ai_generated.';
comment on column public.landing_pages_in_review.is_update is 'Whether the page is live already, and this is its next version.';
comment on column public.landing_pages_in_review.version is 'The number of the version.';
comment on column public.landing_pages_in_review.submitted_version_id is
  'What live_version_id is set to, to approve it in the Table Editor.';
comment on column public.landing_pages_in_review.content_hash is 'What an approval by way of the API names.';
comment on column public.landing_pages_in_review.preview_path is 'Where the site shows exactly what is to be approved.';
comment on column public.landing_pages_in_review.submitted_at is 'Since when it waits.';
comment on column public.landing_pages_in_review.submitted_by is 'Who handed it in.';
comment on column public.landing_pages_in_review.publish_at is 'Before this it will not be shown.';
comment on column public.landing_pages_in_review.unpublish_at is 'From this on it will be gone.';
comment on column public.live_landing_pages.id is 'The page.';
comment on column public.live_landing_pages.partner_slug is 'Whose.';
comment on column public.live_landing_pages.path is 'Where it is.';
comment on column public.live_landing_pages.title is 'What it is called.';
comment on column public.live_landing_pages.published_at is 'Since when this version is shown.';
comment on column public.live_landing_pages.views_count is 'Views, ever.';
comment on column public.live_landing_pages.conversions_count is 'Leads and taps, ever.';
comment on column public.live_landing_pages.conversion_rate is 'Conversions a view, 0 to 1.';
comment on column public.live_landing_pages.last_viewed_at is 'When somebody last saw it.';
comment on column public.live_landing_pages.has_update_in_review is 'Whether a next version waits for approval.';
comment on column public.live_landing_pages.served_until is 'Until when this version is planned to be shown.';
comment on column public.live_landing_pages.template_version is 'What it was rendered with.';
comment on column public.campaign_performance.id is 'The campaign.';
comment on column public.campaign_performance.partner_slug is 'Whose.';
comment on column public.campaign_performance.channel is 'Where it runs.';
comment on column public.campaign_performance.external_campaign_id is 'The platform''s id; null: it is not linked.';
comment on column public.campaign_performance.status is 'As it is here.';
comment on column public.campaign_performance.platform_status is 'As the platform last said, in our words.';
comment on column public.campaign_performance.committed_budget is 'What it commits a month, EUR.';
comment on column public.campaign_performance.spend_this_month is
  'EUR since the first of the month in Amsterdam; null: a day has no rate yet.';
comment on column public.campaign_performance.total_spend is 'EUR, ever; null: a day has no rate yet.';
comment on column public.campaign_performance.unpriced_spend is 'What has no rate yet, by currency.';
comment on column public.campaign_performance.spend_as_of is 'How new the newest figure is.';
comment on column public.campaign_performance.total_clicks is 'Clicks, ever.';
comment on column public.campaign_performance.total_impressions is 'Impressions, ever.';
comment on column public.campaign_performance.total_leads is 'Leads, ever.';
comment on column public.campaign_performance.avg_cpl is 'EUR a lead.';
comment on column public.campaign_performance.cpl_target is 'EUR a lead, as it is to be.';
comment on column public.campaign_performance.is_over_target is 'Whether a lead costs more than that.';
comment on column public.campaign_performance.is_over_budget is 'Whether this month cost more than was committed.';
comment on column public.budget_pace.partner_id is 'Whose.';
comment on column public.budget_pace.partner_slug is 'The same, as in addresses.';
comment on column public.budget_pace.channel is 'Null: all channels.';
comment on column public.budget_pace.segment_id is 'Null: all segments, or campaigns of none.';
comment on column public.budget_pace.month is 'The month''s first day.';

do $$
declare
  meanings constant jsonb := '{
    "id": "By which it is known.",
    "created_at": "When the row was made.",
    "updated_at": "When the row last changed."
  }';
  undescribed record;
begin
  for undescribed in
    select c.relname, a.attname
    from pg_catalog.pg_class as c
    inner join pg_catalog.pg_attribute as a on a.attrelid = c.oid
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
      and meanings ? a.attname::text and pg_catalog.col_description(c.oid, a.attnum) is null
      and (c.relname like 'partner\_%' or c.relname in ('profiles', 'lead_segments'))
    order by c.relname asc, a.attname asc
  loop
    execute format('comment on column public.%I.%I is %L', undescribed.relname, undescribed.attname, meanings ->> undescribed.attname);
  end loop;
end
$$;

-- An embed goes from the many to the one, and never back.
--
-- PostgREST embeds along foreign keys in both directions, so `profiles(partner_landing_pages(profiles(…)))` goes round
-- for as long as the address allows. Each turn multiplies the rows, and the JSON that is built of them does not heed
-- statement_timeout: a partner with a few hundred pages made everybody wait. Without a way back there is no circle, and
-- an answer is never larger than its own rows and the one row that each of them points to.
--
-- A function of a row that is named like a relation takes the place of what PostgREST would find by itself ("overriding
-- relationships"), and nobody may execute these: the embed answers 42501. docs/decisions/0009-embeds.md says what to ask
-- instead; tests/access/test_embeds.py asks PostgREST for every pair of relations.

set local lock_timeout = '3s';
set local statement_timeout = '60s';

do $$
declare
  cut record;
begin
  for cut in
    select c.one, many.relation as many
    from (values
      ('profiles', array[
        'partner_segments', 'partner_landing_pages', 'partner_landing_page_versions', 'partner_landing_page_submissions',
        'partner_landing_page_transitions', 'partner_landing_page_stats', 'partner_landing_page_drops',
        'partner_marketing_campaigns', 'partner_campaign_metrics', 'partner_campaign_writes', 'partner_leads', 'partner_lead_contacts',
        'budget_pace'
      ]),
      ('lead_segments', array['partner_segments', 'partner_landing_pages', 'partner_marketing_campaigns', 'budget_pace']),
      ('partner_landing_pages', array[
        'partner_landing_page_versions', 'partner_landing_page_submissions', 'partner_landing_page_transitions',
        'partner_landing_page_stats', 'partner_landing_page_drops', 'partner_leads'
      ]),
      ('landing_pages_in_review', array[
        'partner_landing_page_versions', 'partner_landing_page_submissions', 'partner_landing_page_transitions',
        'partner_landing_page_stats', 'partner_landing_page_drops', 'partner_leads'
      ]),
      ('live_landing_pages', array[
        'partner_landing_page_versions', 'partner_landing_page_submissions', 'partner_landing_page_transitions',
        'partner_landing_page_stats', 'partner_landing_page_drops', 'partner_leads'
      ]),
      -- A version is of one page, and that page points to two of its versions: neither way is one way.
      ('partner_landing_page_versions', array[
        'partner_landing_pages', 'partner_landing_page_submissions', 'partner_landing_page_transitions'
      ]),
      ('partner_marketing_campaigns', array[
        'partner_campaign_metrics', 'partner_campaign_writes', 'partner_landing_page_stats', 'partner_leads'
      ]),
      ('campaign_performance', array[
        'partner_campaign_metrics', 'partner_campaign_writes', 'partner_landing_page_stats', 'partner_leads'
      ]),
      ('partner_leads', array['partner_lead_looks', 'partner_lead_steps', 'partner_lead_conversions']),
      -- One and one: people ask for a lead with its contact.
      ('partner_lead_contacts', array['partner_leads'])
    ) as c (one, relations)
    cross join lateral unnest(c.relations) as many (relation)
  loop
    execute format(
      'create function public.%2$I(public.%1$I) returns setof public.%2$I language sql stable set search_path = '''''
      ' as ''select m.* from public.%2$I as m where false''', cut.one, cut.many
    );
    execute format('revoke all on function public.%2$I(public.%1$I) from public, anon, authenticated, service_role', cut.one, cut.many);
    execute format(
      'comment on function public.%2$I(public.%1$I) is ''Refuses to embed %2$s in %1$s: ask %2$s for its rows instead.''',
      cut.one, cut.many
    );
  end loop;
end
$$;

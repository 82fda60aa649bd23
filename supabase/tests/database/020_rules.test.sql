begin;
select plan(9);

select tests.create_partner('tap-own');
select tests.authenticate_as('tap-own');

select throws_ok(
  $$ insert into public.partner_landing_pages (path, title) values ('/partners/tap-other/dak', 'Dak') $$,
  'PT400', 'path_not_under_slug', 'A page is under its partner''s slug'
);
select throws_ok(
  $$ insert into public.partner_landing_pages (path, title) values ('/partners/tap-own/Dak', 'Dak') $$,
  '23514', null, 'in small letters'
);
select lives_ok(
  $$ insert into public.partner_landing_pages (path, title) values ('/partners/tap-own/dak', 'Dak') $$, 'A page begins'
);
select is(
  (select p.status from public.partner_landing_pages as p), 'concept', 'as a concept'
);
select throws_ok(
  $$ select public.submit_landing_page(p.id, repeat('0', 64)) from public.partner_landing_pages as p $$,
  'PT409', null, 'and is not handed in unless it was rendered'
);
select throws_ok(
  $$ select public.archive_landing_page(p.id) from public.partner_landing_pages as p $$,
  'PT409', 'transition_not_allowed', 'nor taken down before it was live'
);

select lives_ok(
  $$ insert into public.partner_marketing_campaigns (channel, monthly_budget) values ('google_ads', 900) $$,
  'A campaign fits the budget'
);
select throws_ok(
  $$ select public.set_campaign_status(c.id, 'active') from public.partner_marketing_campaigns as c $$,
  'PT403', 'not_allowed', 'and waits for an admin to start it'
);
select throws_ok(
  $$ update public.partner_marketing_campaigns set monthly_budget = 1001 $$,
  'PT409', 'budget_exceeded', 'but never for more than there is'
);

select * from finish();
rollback;

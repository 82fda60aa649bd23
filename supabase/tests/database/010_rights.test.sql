begin;
select plan(14);

select tests.rls_enabled('public');
select tests.rls_enabled('private');

select tests.create_partner('tap-own');
select tests.create_partner('tap-other');
insert into public.partner_landing_pages (partner_id, path, title)
values
(tests.get_supabase_uid('tap-own'), '/partners/tap-own/dak', 'Eigen'),
(tests.get_supabase_uid('tap-other'), '/partners/tap-other/dak', 'Andermans');

select tests.authenticate_as('tap-own');
select results_eq(
  'select title from public.partner_landing_pages', array['Eigen'::public.plain_line], 'A partner sees their own pages alone'
);
select lives_ok(
  $$ insert into public.partner_landing_pages (path, title) values ('/partners/tap-own/goot', 'Goot') $$, 'and adds one'
);
select throws_ok(
  format(
    $$ insert into public.partner_landing_pages (partner_id, path, title) values (%L, '/partners/tap-other/x', 'X') $$,
    tests.get_supabase_uid('tap-other')
  ),
  '42501', null, 'but none for somebody else'
);
select throws_ok(
  $$ update public.partner_landing_pages set status = 'live' $$, '42501', null, 'A status is not theirs to write'
);
select throws_ok($$ update public.partner_landing_pages set views_count = 1 $$, '42501', null, 'nor a counter');
select throws_ok(
  $$ update public.profiles set is_admin = true where id = auth.uid() $$, '42501', null, 'nor whether they are an admin'
);
select throws_ok($$ delete from public.partner_landing_pages $$, '42501', null, 'Nobody deletes pages');
select throws_ok('select * from private.page_events', '42501', null, 'and nobody reads what is private');

select tests.clear_authentication();
select throws_ok('select * from public.partner_landing_pages', '42501', null, 'Who is not signed in reads no table');
select is_empty(
  $$ select * from public.live_landing_page('/partners/tap-own/dak') where html_gzip is not null $$,
  'and sees no page that is not live'
);

reset role;
select is(has_table_privilege('event_recorder', 'public.partner_leads', 'select'), false, 'A narrow role reads no table either');
select is(
  has_function_privilege('event_recorder', 'public.ingest_campaign_events(text, jsonb)', 'execute'), false,
  'and does not do another one''s work'
);

select * from finish();
rollback;

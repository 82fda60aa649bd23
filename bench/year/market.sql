-- What happens on a day, for as many partners as there are. Everything is recorded by the functions that record it in earnest; what
-- is drawn here is only who does what. Pages and partners are drawn so that some have much and most have little: a page's share falls
-- with the cube of its number.

create schema bench;

create table bench.partners (n integer primary key, id uuid not null);
create table bench.pages (n integer primary key, id uuid not null, partner integer not null);

create function bench.draw(most integer)
returns integer
language sql
volatile
as $$ select 1 + least(floor(power(random(), 3) * most)::integer, most - 1) $$;

-- A UUIDv7 of a moment of the last 23 hours.
create function bench.new_id()
returns uuid
language sql
volatile
as $$
  select (
    lpad(to_hex((extract(epoch from now() - random() * interval '23 hours') * 1000)::bigint), 12, '0') || '7' || substr(r.r, 1, 3) || '8'
    || substr(r.r, 4, 15)
  )::uuid
  from (select md5(random()::text || clock_timestamp()::text) as r) as r
$$;

create function bench.new_hash()
returns bigint
language sql
volatile
as $$ select hashtextextended(random()::text, 0) $$;

create procedure bench.make_partners(partners integer)
language plpgsql
as $$
begin
  insert into bench.partners select n, gen_random_uuid() from generate_series(1, partners) as n;
  insert into auth.users (id, email) select p.id, 'partner' || p.n || '@jaar.voorbeeld.nl' from bench.partners as p;
  insert into public.profiles (id, partner_slug, marketing_mode, monthly_marketing_budget)
  select p.id, 'jaar-' || p.n, 'full_marketing', 5000 from bench.partners as p;
  insert into auth.users (id, email) values (gen_random_uuid(), 'beheer@jaar.voorbeeld.nl');
  insert into public.profiles (id, is_admin) select u.id, true from auth.users as u where u.email = 'beheer@jaar.voorbeeld.nl';
  insert into public.lead_segments (trade, region)
  select 'vak ' || t, 'regio ' || r from generate_series(1, 20) as t, generate_series(1, 40) as r;
  -- Their pages say the same, since only how much they say matters here.
  insert into private.partner_quotas (partner_id, max_likeness) select p.id, 1 from bench.partners as p
  on conflict (partner_id) do update set max_likeness = 1;
  insert into public.partner_marketing_campaigns (partner_id, channel, external_campaign_id, status, started_at, daily_budget)
  select p.id, c.channel, c.channel || '-' || p.n, 'active', now(), 25
  from bench.partners as p
  -- One in five advertises on Google, one in ten on Meta.
  join (values ('google_ads', 5), ('meta_ads', 10)) as c (channel, one_in) on p.n % c.one_in = 0;
end
$$;

create procedure bench.make_pages(first integer, last integer, content jsonb, html bytea, csp text)
language plpgsql
as $$
declare
  partners constant integer := (select count(*) from bench.partners);
  segments constant uuid[] := array(select s.id from public.lead_segments as s where s.trade like 'vak %');
  partner bench.partners;
  page_id uuid;
  hash text;
begin
  for number in first..last loop
    select p.* into partner from bench.partners as p where p.n = 1 + number % partners;
    insert into public.partner_landing_pages (partner_id, segment_id, path, title, subtitle, seo_title, seo_description, content_json)
    values (
      partner.id, segments[1 + number % cardinality(segments)], '/partners/jaar-' || partner.n || '/pagina-' || number, content ->> 'title',
      content ->> 'subtitle', content ->> 'seo_title', content ->> 'seo_description', content -> 'content_json'
    )
    returning id into page_id;
    hash := public.landing_page_snapshot(page_id, 'year') ->> 'content_hash';
    perform public.store_landing_page_document(page_id, hash, 'year', html, csp, sha512(hash::bytea));
    perform public.submit_landing_page(page_id, hash);
    perform public.approve_landing_page(page_id, hash);
    insert into bench.pages values (number, page_id, partner.n);
    commit;
  end loop;
end
$$;

-- A batch of what landing_page_track sends at once, and how much of it counted.
create function bench.record_views(views integer, pages integer, out counted integer, out taken interval)
language plpgsql
volatile
as $$
declare
  began timestamptz;
  e record;
begin
  with drawn as materialized (
    select
      bench.new_id() as id, bench.draw(pages) as page, bench.new_hash() as visitor, bench.new_hash() as network,
      -- Two taps on a link that calls the partner in a hundred views.
      case when random() < 0.02 then 'call' else 'view' end as kind,
      (array['google_ads', 'google_ads', 'seo', 'seo', 'seo', 'direct', 'direct', 'meta_ads', 'social', 'referral'])[1 + floor(random() * 10)::integer]
        as source
    from generate_series(1, views)
  )

  select
    array_agg(d.id) as ids, array_agg(p.id) as page_ids, array_agg(d.kind) as kinds, array_agg(d.visitor) as visitors,
    array_agg(d.network) as networks, array_agg(d.source) as sources,
    array_agg(case when d.source in ('google_ads', 'meta_ads') then d.source || '-' || p.partner end) as campaigns
  into e
  from drawn as d
  join bench.pages as p on p.n = d.page;
  began := clock_timestamp();
  select count(*) filter (where o = 'counted') into counted
  from unnest(
    public.record_events(
      e.ids, e.page_ids, e.kinds, e.visitors, e.visitors, e.networks, e.sources, e.campaigns, array_fill(null::text, array[views])
    )
  ) as o;
  taken := clock_timestamp() - began;
end
$$;

create function bench.record_lead(pages integer)
returns uuid
language sql
volatile
as $$
  select (
    public.record_lead(
      jsonb_build_object(
        'id', bench.new_id(), 'page_id', p.id, 'name', 'Marieke de Wit', 'email', md5(random()::text) || '@voorbeeld.nl',
        'phone', '+316' || lpad(floor(random() * 100000000)::text, 8, '0'), 'postcode', '5038 EA',
        'message', 'Het dak lekt bij de schoorsteen, graag deze week iemand langs laten komen als dat kan.',
        'consent_version', '2026-11', 'consent_text', 'Ik ga ermee akkoord dat mijn gegevens worden gebruikt om contact met mij op te nemen.',
        'visitor', bench.new_hash(), 'address', bench.new_hash(), 'network', bench.new_hash(), 'milliseconds', 40000,
        'source', s.source, 'tags', jsonb_build_object('utm_source', s.source, 'utm_id', s.source || '-' || p.partner)
      )
    ) ->> 'lead_id'
  )::uuid
  from (select bench.draw(pages) as n) as d
  join bench.pages as p on p.n = d.n
  cross join (select (array['google_ads', 'seo', 'direct'])[1 + floor(random() * 3)::integer] as source) as s
$$;

-- Tells everybody who is to be told, as `jobs` does, and says how many.
create function bench.deliver(kind text)
returns integer
language plpgsql
volatile
as $$
declare
  taken constant jsonb := public.take_deliveries(kind, 100);
begin
  perform public.note_deliveries(
    (
      select coalesce(jsonb_agg(jsonb_build_object('id', t ->> 'id', 'attempts', t -> 'attempts', 'outcome', 'delivered')), '[]')
      from jsonb_array_elements(taken) as t
    )
  );
  return jsonb_array_length(taken);
end
$$;

-- What platforms say of yesterday and of the three days before it, of some hundred campaigns, as a window that was asked for is stored.
create procedure bench.store_days()
language plpgsql
as $$
declare
  today constant date := private.amsterdam_day(now());
  campaigns public.partner_marketing_campaigns[];
begin
  for campaigns in
    select array_agg(n.c order by n.place)
    from (
      select c, row_number() over (order by c.channel, c.external_campaign_id) as place from public.partner_marketing_campaigns as c
    ) as n
    group by n.place / 100
  loop
    perform private.hold_for_events(
      array(select c.channel::text from unnest(campaigns) as c), array(select c.external_campaign_id from unnest(campaigns) as c), false
    );
    perform private.begin_ledger_write();
    perform private.store_days(
      array(
        select
          (
            c.channel, 'jaar', c.external_campaign_id, today - d, c.id, c.partner_id, round(random()::numeric * 30, 2), 'EUR', 1, today - d,
            floor(random() * 40), floor(random() * 2000), 0, false, now(), 'sync'
          )::private.day_report
        from unnest(campaigns) as c, generate_series(1, 4) as d
      )
    );
    perform private.end_ledger_write();
    commit;
  end loop;
end
$$;

-- Partners call most of those who asked, and some become customers.
create function bench.handle(lead_id uuid)
returns void
language sql
volatile
as $$
  select public.set_lead_status(lead_id, s.status)
  from unnest(case when random() < 0.4 then array['contacted', 'won'] else array['contacted'] end) as s (status)
$$;

-- What a scheduler sets going, once a day instead of once an hour.
create function bench.keep_up()
returns void
language sql
volatile
as $$
  select from (select public.maintain_page_events(), public.maintain_people(), public.maintain_sync(), public.find_alerts()) as done
$$;

create view bench.counters as
select
  (select sum(p.views_count + p.conversions_count) from public.partner_landing_pages as p) as pages,
  (select sum(s.views + s.conversions) from public.partner_landing_page_stats as s) as days,
  (select count(*) from public.partner_leads as l where l.outcome = 'counted') as leads;

create view bench.sizes as
select
  coalesce(i.inhparent, c.oid)::regclass::text as name,
  sum(pg_total_relation_size(c.oid))::bigint as bytes,
  sum(greatest(c.reltuples, 0))::bigint as rows
from pg_class as c
left join pg_inherits as i on i.inhrelid = c.oid
where c.relkind = 'r' and c.relnamespace in ('public'::regnamespace, 'private'::regnamespace, 'auth'::regnamespace)
group by 1;

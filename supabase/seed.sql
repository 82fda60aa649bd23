-- A small platform to work with on the local stack: a dozen partners and two admins, segments, branding, budgets.
-- Every account has the password `lokaal-wachtwoord`. Never run this on a project that others can reach.

with people (id, email, is_admin, slug, mode, auto, budget, channels, color, tone) as (
  values
  (101, 'anouk.admin@voorbeeld.nl', true, null, 'leads_only', false, null, '{}', null, null),
  (102, 'bram.admin@voorbeeld.nl', true, null, 'leads_only', false, null, '{}', null, null),
  (
    1,
    'info@dakwerkenvandijk.voorbeeld.nl',
    false,
    'dakwerken-van-dijk',
    'hybrid',
    false,
    1500.00,
    '{google_ads,seo}',
    '#B3261E',
    'Nuchter en duidelijk, je en jij.'
  ),
  (
    2,
    'info@schildersbedrijfjansen.voorbeeld.nl',
    false,
    'schildersbedrijf-jansen',
    'hybrid',
    false,
    900.00,
    '{google_ads,meta_ads}',
    '#1B5E8C',
    'Vriendelijk, vakkundig.'
  ),
  (
    3,
    'contact@zonkrachtutrecht.voorbeeld.nl',
    false,
    'zonkracht-utrecht',
    'full_marketing',
    true,
    4200.00,
    '{google_ads,meta_ads,linkedin_ads}',
    '#F2A900',
    'Enthousiast, met cijfers.'
  ),
  (4, 'info@loodgieterdeboer.voorbeeld.nl', false, 'loodgieter-de-boer', 'leads_only', false, null, '{}', '#00695C', 'Kort en praktisch.'),
  (
    5,
    'hallo@kozijnenmaas.voorbeeld.nl',
    false,
    'kozijnen-maas',
    'hybrid',
    true,
    2000.00,
    '{google_ads,tiktok_ads}',
    '#3E2723',
    'Rustig en deskundig.'
  ),
  (
    6,
    'info@warmtepompgroningen.voorbeeld.nl',
    false,
    'warmtepomp-groningen',
    'full_marketing',
    true,
    5000.00,
    '{google_ads,linkedin_ads}',
    '#2E7D32',
    'Technisch maar begrijpelijk.'
  ),
  (7, 'info@tegelzetterbakker.voorbeeld.nl', false, 'tegelzetter-bakker', 'leads_only', false, null, '{}', '#455A64', null),
  (
    8,
    'team@hoveniersbedrijfgroen.voorbeeld.nl',
    false,
    'hoveniersbedrijf-groen',
    'hybrid',
    false,
    750.00,
    '{meta_ads,email}',
    '#558B2F',
    'Warm, u en uw.'
  ),
  (
    9,
    'info@elektradevries.voorbeeld.nl',
    false,
    'elektra-de-vries',
    'hybrid',
    false,
    1200.00,
    '{google_ads,microsoft_ads}',
    '#F9C80E',
    'Direct.'
  ),
  (
    10,
    'info@isolatiebrabant.voorbeeld.nl',
    false,
    'isolatie-brabant',
    'full_marketing',
    true,
    3100.00,
    '{google_ads,meta_ads}',
    '#6A1B9A',
    'Geruststellend.'
  ),
  (11, 'info@vloerenhuiszwolle.voorbeeld.nl', false, 'vloerenhuis-zwolle', 'hybrid', false, 640.00, '{meta_ads}', '#8D6E63', 'Gezellig.'),
  (12, 'info@keukenstudiovos.voorbeeld.nl', false, 'keukenstudio-vos', 'leads_only', false, 0.00, '{}', '#222222', 'Stijlvol, u en uw.')
),

users as (
  insert into auth.users (
    instance_id, id, aud, role, email, encrypted_password, email_confirmed_at, raw_app_meta_data, raw_user_meta_data,
    confirmation_token, recovery_token, email_change, email_change_token_new, created_at, updated_at
  )
  select
    '00000000-0000-0000-0000-000000000000',
    ('00000000-0000-4000-8000-' || lpad(p.id::text, 12, '0'))::uuid,
    'authenticated', 'authenticated', p.email,
    extensions.crypt('lokaal-wachtwoord', extensions.gen_salt('bf', 6)),
    now(), '{"provider": "email", "providers": ["email"]}', '{}', '', '', '', '', now(), now()
  from people as p
  returning id, email
),

identities as (
  insert into auth.identities (id, user_id, provider_id, provider, identity_data, created_at, updated_at)
  select
    gen_random_uuid(), u.id, u.id::text, 'email',
    jsonb_build_object('sub', u.id, 'email', u.email, 'email_verified', true), now(), now()
  from users as u
)

insert into public.profiles (
  id, is_admin, partner_slug, marketing_mode, auto_marketing_enabled, monthly_marketing_budget, preferred_channels,
  brand_color, tone_of_voice
)
select
  ('00000000-0000-4000-8000-' || lpad(p.id::text, 12, '0'))::uuid,
  p.is_admin, p.slug, p.mode, p.auto, p.budget, p.channels::text[], p.color, p.tone
from people as p;

insert into public.lead_segments (id, trade, region)
select ('5e900000-0000-4000-8000-' || lpad(s.id::text, 12, '0'))::uuid, s.trade, s.region
from (
  values
  (1, 'Dakdekker', 'Tilburg'), (2, 'Dakdekker', 'Breda'), (3, 'Schilder', 'Haarlem'), (4, 'Zonnepanelen', 'Utrecht'),
  (5, 'Loodgieter', 'Leeuwarden'), (6, 'Kozijnen', 'Maastricht'), (7, 'Warmtepomp', 'Groningen'), (8, 'Tegelzetter', 'Almere'),
  (9, 'Hovenier', 'Apeldoorn'), (10, 'Elektricien', 'Rotterdam'), (11, 'Isolatie', 'Eindhoven'), (12, 'Vloeren', 'Zwolle'),
  (13, 'Keukens', 'Den Bosch'), (14, 'Isolatie', 'Tilburg')
) as s (id, trade, region);

insert into public.partner_segments (partner_id, segment_id, is_primary, priority, target_leads_per_week)
select
  ('00000000-0000-4000-8000-' || lpad(l.partner::text, 12, '0'))::uuid,
  ('5e900000-0000-4000-8000-' || lpad(l.segment::text, 12, '0'))::uuid,
  l.is_primary, l.priority, l.target
from (
  values
  (1, 1, true, 10, 6), (1, 2, false, 20, 3), (2, 3, true, 10, 4), (3, 4, true, 10, 12), (4, 5, true, 10, 5), (5, 6, true, 10, 5),
  (6, 7, true, 10, 8), (7, 8, true, 10, 2), (8, 9, true, 10, 3), (9, 10, true, 10, 7), (10, 11, true, 10, 9), (10, 14, false, 20, 4),
  (11, 12, true, 10, 3), (12, 13, true, 10, 2)
) as l (partner, segment, is_primary, priority, target);

insert into public.partner_marketing_campaigns
(partner_id, segment_id, channel, status, daily_budget, monthly_budget, cpl_target, ai_managed)
select
  ('00000000-0000-4000-8000-' || lpad(c.partner::text, 12, '0'))::uuid,
  ('5e900000-0000-4000-8000-' || lpad(c.segment::text, 12, '0'))::uuid,
  c.channel, c.status, c.daily, c.monthly, c.target, c.ai
from (
  values
  (2, 3, 'meta_ads', 'active', 12.50, null, 28.00, false),
  (3, 4, 'google_ads', 'active', null, 2500.00, 35.00, true),
  (3, 4, 'linkedin_ads', 'planned', null, 1200.00, 60.00, true),
  (5, 6, 'tiktok_ads', 'paused', 20.00, null, 22.50, false),
  (6, 7, 'google_ads', 'active', null, 3500.00, 48.00, true),
  (8, 9, 'email', 'planned', null, null, null, false),
  (9, 10, 'microsoft_ads', 'active', 15.00, null, 30.00, false),
  (10, 11, 'google_ads', 'active', null, 3000.00, 40.00, true),
  (11, 12, 'meta_ads', 'planned', 10.00, null, 25.00, false)
) as c (partner, segment, channel, status, daily, monthly, target, ai);

insert into public.partner_landing_pages (partner_id, segment_id, path, source, title, subtitle, seo_title, seo_description)
select
  ('00000000-0000-4000-8000-' || lpad(p.partner::text, 12, '0'))::uuid,
  ('5e900000-0000-4000-8000-' || lpad(p.segment::text, 12, '0'))::uuid,
  p.path, p.source, p.title, p.subtitle, p.title,
  p.title || ': vraag vrijblijvend een offerte aan en ontvang binnen één werkdag antwoord.'
from (
  values
  (
    2,
    3,
    '/partners/schildersbedrijf-jansen/buitenschilderwerk-haarlem',
    'manual',
    'Buitenschilderwerk in Haarlem',
    'Kozijnen, deuren en gevels'
  ),
  (3, 4, '/partners/zonkracht-utrecht/zonnepanelen', 'ai_generated', 'Zonnepanelen in Utrecht', 'Van dakscan tot teruglevering'),
  (6, 7, '/partners/warmtepomp-groningen/hybride-warmtepomp', 'template', 'Hybride warmtepomp in Groningen', 'Subsidie inbegrepen')
) as p (partner, segment, path, source, title, subtitle);

-- The main job of `make run` publishes the same page each time.
update private.partner_quotas as q
set max_likeness = 1
from public.profiles as p
where p.id = q.partner_id and p.partner_slug = 'dakwerken-van-dijk';

-- Everybody has one address here, and the same few invented people ask over and over.
update private.lead_limits
set max_of_visitor = 1000000, max_of_address = 1000000, max_of_network = 1000000, max_of_page = 1000000, max_of_contact = 1000000;

-- This machine asks no ad platform and no bank, whatever is connected here. `make run` starts a simulator of them.
update private.platform_apis as p
set base_url = 'http://127.0.0.1:9/' || p.platform || '/' || p.api;

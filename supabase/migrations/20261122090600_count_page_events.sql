-- What happens on landing pages, views and taps to call, and the daily figures that partners read.
--
-- An event counts once because of its keys: one id, and one of a kind by a visitor of a page a half-hour of the clock. A batch holds its
-- pages' rows before it looks at those keys, so that of two batches at once the second sees what the first has counted;
-- whatever else it finds there it leaves alone. docs/decisions/0015-counting.md.

set local lock_timeout = '3s';
set local statement_timeout = '60s';

-- Visitors --------------------------------------------------------------------------------------------------------

-- Unlogged: a salt is in no write-ahead log, so in no archive of one and in no base backup. A crash empties the table,
-- and who comes back after it is a new visitor.
create unlogged table private.visitor_salts (
  day date primary key,
  salt bytea not null
);
comment on table private.visitor_salts is
  'The random salt of a day''s visitor hashes. Those of days before yesterday are gone, and with them the way back to '
  'an address.';
alter table private.visitor_salts enable row level security;
revoke all on table private.visitor_salts from public, anon, authenticated, service_role;

create function private.amsterdam_day(moment timestamptz)
returns date
language sql
immutable
set search_path = ''
as $$
  select (moment at time zone 'Europe/Amsterdam')::date
$$;
comment on function private.amsterdam_day(timestamptz) is 'The day that figures are booked on.';

create function private.forget_salts()
returns integer
language plpgsql
volatile
set search_path = ''
as $$
declare
  oldest constant date := private.amsterdam_day(now()) - 1;
  kept private.visitor_salts[];
  forgotten integer;
begin
  if not exists (select from private.visitor_salts as s where s.day < oldest) then
    return 0;
  end if;
  lock table private.visitor_salts in access exclusive mode;
  kept := array(select s from private.visitor_salts as s where s.day >= oldest);
  select count(*) into forgotten from private.visitor_salts as s where s.day < oldest;
  -- A deleted row's bytes stay in the table's file until something is written over them; a truncated file is gone.
  truncate private.visitor_salts;
  insert into private.visitor_salts (day, salt) select k.day, k.salt from unnest(kept) as k;
  return forgotten;
end
$$;
comment on function private.forget_salts() is 'Removes the salts of days before yesterday for good, and says how many.';

create function public.visitor_salt(day date)
returns text
language plpgsql
volatile
-- Definer: event_recorder reads no table. Nobody else may execute this: with the salt, a day's hashes can be guessed.
security definer
set search_path = ''
as $$
declare
  today constant date := private.amsterdam_day(now());
  found bytea;
begin
  -- Events are accepted from 24 hours ago until five minutes ahead, which touches at most these three days.
  if day is null or day not between today - 1 and today + 1 then
    raise sqlstate 'PT400' using
      message = 'salt_not_kept',
      detail = 'Salts are kept for today and yesterday only.',
      hint = 'Drop the event as late.';
  end if;
  perform private.forget_salts();
  insert into private.visitor_salts (day, salt)
  -- Two random uuids carry 244 bits from the server's strong generator.
  values (visitor_salt.day, sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())))
  on conflict do nothing;
  select s.salt into found from private.visitor_salts as s where s.day = visitor_salt.day;
  return encode(found, 'hex');
end
$$;
comment on function public.visitor_salt(date) is
  'As event_recorder: the salt of an Amsterdam day, 64 hex digits, made on first use. 400 salt_not_kept.';

-- Ledger ----------------------------------------------------------------------------------------------------------

create table private.page_events (
  -- In an order that leaves no gaps: a row is 100 bytes.
  visitor bigint not null,
  half_hour integer not null,
  day date not null,
  id uuid not null,
  page_id uuid not null,
  kind public.page_event_kind not null,
  is_first boolean not null,
  source public.visit_source not null,
  campaign_id uuid,
  constraint page_events_pkey primary key (day, id),
  -- The second of the two keys: a reload within the half-hour is no second view, a second tap no second call.
  constraint page_events_one_a_half_hour unique (day, page_id, visitor, half_hour, kind)
) partition by range (day);
comment on table private.page_events is
  'One row a counted event. No address and no browser: a visitor is a hash under a salt that is forgotten. A page whose '
  'events are here has figures, and so cannot be deleted: a foreign key would be looked up once an event.';
comment on column private.page_events.visitor is
  'A keyed hash of 64 bits: among a million visitors of a page and day, one in 37 million such days has two that are one.';
comment on column private.page_events.half_hour is 'Half-hours of the clock since 1970.';
comment on column private.page_events.day is 'The Amsterdam day of the id''s time.';
comment on column private.page_events.id is 'The browser''s UUIDv7, which says when it was.';
comment on column private.page_events.is_first is 'The view with which this visitor was counted on this day.';
comment on column private.page_events.campaign_id is 'The campaign that the page''s address named, if it is this partner''s.';
create trigger page_events_keep
  before update or delete on private.page_events
  for each row execute function private.refuse_write();
-- Once a statement: a batch is one.
create trigger page_events_keep_out
  before insert on private.page_events
  for each statement execute function private.refuse_write();
alter table private.page_events enable row level security;
revoke all on table private.page_events from public, anon, authenticated, service_role;

create function private.add_event_day(day date)
returns boolean
language plpgsql
volatile
set search_path = ''
as $$
declare
  name constant text := 'page_events_' || to_char(day, 'YYYYMMDD');
begin
  if to_regclass('private.' || name) is not null then
    return false;
  end if;
  -- Whoever waits here finds it made, in the table itself: no cache is told of it by this lock.
  perform pg_advisory_xact_lock(hashtextextended('page_events', 0));
  if exists (
    select from pg_catalog.pg_class as c where c.relnamespace = 'private'::regnamespace and c.relname = name
  ) then
    return false;
  end if;
  -- Made apart and then attached, which keeps nobody from counting.
  execute format('create table private.%I (like private.page_events including defaults including constraints)', name);
  execute format(
    'alter table private.page_events attach partition private.%I for values from (%L) to (%L)', name, day, day + 1
  );
  execute format('alter table private.%I enable row level security', name);
  execute format('revoke all on table private.%I from public, anon, authenticated, service_role', name);
  execute format(
    'create trigger page_events_keep_out before insert on private.%I for each statement execute function private.refuse_write()',
    name
  );
  return true;
end
$$;
comment on function private.add_event_day(date) is
  'Makes room for a day''s events, if there is none. maintain_page_events() does so ahead; whoever counts does so at need, '
  'since a job that does not run must cost no event.';

create table private.counting (
  is_the_row boolean primary key default true,
  keep_days integer not null default 35,
  closed_through date not null default '-infinity',
  max_events_of_address integer not null default 600,
  max_events_of_network integer not null default 6000,
  constraint counting_is_one_row check (is_the_row),
  -- Two days at least are still written to.
  constraint counting_keep_days_bounds check (keep_days between 3 and 3660),
  constraint counting_max_events_bounds check (max_events_of_address > 0 and max_events_of_network > 0)
);
comment on table private.counting is
  'How long events are kept and how many are believed, which an operator sets, and up to which day they are gone. One row.';
comment on column private.counting.max_events_of_address is
  'New events of a page an hour from one IPv4 address or IPv6 /64. Thousands of a mobile carrier''s customers share one.';
comment on column private.counting.max_events_of_network is 'The same from one IPv4 /24 or IPv6 /48.';
comment on column private.counting.closed_through is
  'The line between figures that can be derived and those that are final: up to and with this day there are no events any more, '
  'so what partner_landing_page_stats says of it is what it came to.';
alter table private.counting enable row level security;
revoke all on table private.counting from public, anon, authenticated, service_role;
insert into private.counting default values;

-- Figures ---------------------------------------------------------------------------------------------------------

create table public.partner_landing_page_stats (
  id uuid primary key default gen_random_uuid(),
  page_id uuid not null references public.partner_landing_pages (id) on delete restrict,
  day date not null,
  source public.visit_source not null,
  campaign_id uuid references public.partner_marketing_campaigns (id) on delete restrict,
  -- No foreign key: it would lock the profile after the page, and whoever leaves locks them the other way round.
  partner_id uuid,
  views bigint not null default 0,
  visitors bigint not null default 0,
  conversions bigint not null default 0,
  last_viewed_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint partner_landing_page_stats_key unique nulls not distinct (page_id, day, source, campaign_id)
)
-- Room to write a row's next version beside it: what changes is in no index.
with (fillfactor = 70);
comment on table public.partner_landing_page_stats is
  'A page''s figures by Amsterdam day, source and campaign; what a day comes to is their sum. Moves in the transaction '
  'that stores the view or the lead.';
comment on column public.partner_landing_page_stats.campaign_id is
  'The campaign that utm_id named in the page''s address, if it is this partner''s.';
comment on column public.partner_landing_page_stats.partner_id is
  'The page''s partner, repeated for row level security.';
comment on column public.partner_landing_page_stats.conversions is
  'Leads, and visitors who tapped to call or to write, once a half-hour each.';
comment on column public.partner_landing_page_stats.visitors is
  'Distinct visitors that day, each under the source of their first view. People behind one address with one browser count '
  'as one.';
create index partner_landing_page_stats_partner_id_idx on public.partner_landing_page_stats (partner_id, day);
create index partner_landing_page_stats_campaign_id_idx on public.partner_landing_page_stats (campaign_id);
-- For the day that is closed: rows lie as their days came.
create index partner_landing_page_stats_day_idx on public.partner_landing_page_stats using brin (day) with (autosummarize = on);
create trigger partner_landing_page_stats_guard_counters
  before insert or update or delete on public.partner_landing_page_stats
  for each row execute function private.guard_counters();
create trigger partner_landing_page_stats_set_updated_at
  before update on public.partner_landing_page_stats
  for each row execute function extensions.moddatetime(updated_at);
alter table public.partner_landing_page_stats enable row level security;
create policy partner_landing_page_stats_select_own on public.partner_landing_page_stats
  for select to authenticated
  using (partner_id between (select private.scope_start()) and (select private.scope_end()));
revoke all on table public.partner_landing_page_stats from public, anon, authenticated, service_role;
grant select on table public.partner_landing_page_stats to authenticated, service_role;
-- No writes: figures follow their ledger.

create table public.partner_landing_page_drops (
  id uuid primary key default gen_random_uuid(),
  page_id uuid references public.partner_landing_pages (id) on delete restrict,
  day date not null,
  reason text not null,
  -- No foreign key, as in the figures. Of no page: the first of all ids, which is in nobody's range but the admins'.
  partner_id uuid,
  attempts bigint not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint partner_landing_page_drops_key unique nulls not distinct (page_id, day, reason),
  constraint partner_landing_page_drops_reason_known check (reason in (
    'bot', 'prefetch', 'opted_out', 'foreign', 'duplicate', 'conflict', 'late', 'unknown_page', 'page_not_live', 'bad',
    'address', 'network', 'webdriver', 'no_languages', 'no_screen', 'throttled'
  )),
  constraint partner_landing_page_drops_attempts_bounds check (attempts >= 0)
)
with (fillfactor = 70);
comment on table public.partner_landing_page_drops is
  'Events that were received and not counted, by Amsterdam day and reason: with those that count, everything that was received.';
comment on column public.partner_landing_page_drops.page_id is 'Null if there is no such page; admins alone see those.';
comment on column public.partner_landing_page_drops.day is 'When it was received.';
comment on column public.partner_landing_page_drops.reason is
  'duplicate: counted before. conflict: its id is another page''s. late: not from the last 24 hours. bad: not an event. '
  'opted_out: Sec-GPC or DNT. foreign: sent by another site. Held, and counted if an admin releases them: address, network '
  '(too many an hour from one), webdriver, no_languages, no_screen (a browser without a person). throttled: far too many.';
create index partner_landing_page_drops_partner_id_idx on public.partner_landing_page_drops (partner_id, day);
create trigger partner_landing_page_drops_guard_counters
  before insert or update or delete on public.partner_landing_page_drops
  for each row execute function private.guard_counters();
create trigger partner_landing_page_drops_set_updated_at
  before update on public.partner_landing_page_drops
  for each row execute function extensions.moddatetime(updated_at);
alter table public.partner_landing_page_drops enable row level security;
create policy partner_landing_page_drops_select_own on public.partner_landing_page_drops
  for select to authenticated
  using (partner_id between (select private.scope_start()) and (select private.scope_end()));
revoke all on table public.partner_landing_page_drops from public, anon, authenticated, service_role;
grant select on table public.partner_landing_page_drops to authenticated, service_role;
-- No writes: record_events() counts what it drops.

create type private.page_figures as (
  page_id uuid,
  day date,
  source text,
  campaign_id uuid,
  views bigint,
  visitors bigint,
  conversions bigint,
  last_viewed_at timestamptz
);
comment on type private.page_figures is 'What is to be added to a row of partner_landing_page_stats, and to its page.';

create function private.add_page_figures(figures private.page_figures[])
returns void
language plpgsql
volatile
set search_path = ''
as $$
begin
  update public.partner_landing_pages as p
  set views_count = p.views_count + f.views,
    conversions_count = p.conversions_count + f.conversions,
    last_viewed_at = greatest(p.last_viewed_at, f.last_viewed_at)
  from (
    select
      x.page_id, sum(x.views) as views, sum(x.conversions) as conversions, max(x.last_viewed_at) as last_viewed_at
    from unnest(figures) as x
    group by x.page_id
  ) as f
  where p.id = f.page_id;
  insert into public.partner_landing_page_stats as s
    (page_id, day, source, campaign_id, partner_id, views, visitors, conversions, last_viewed_at)
  select
    f.page_id, f.day, f.source, f.campaign_id, p.partner_id, f.views, f.visitors, f.conversions, f.last_viewed_at
  from unnest(figures) as f
  join public.partner_landing_pages as p on p.id = f.page_id
  on conflict on constraint partner_landing_page_stats_key do update
  set views = s.views + excluded.views,
    visitors = s.visitors + excluded.visitors,
    conversions = s.conversions + excluded.conversions,
    last_viewed_at = greatest(s.last_viewed_at, excluded.last_viewed_at);
end
$$;
comment on function private.add_page_figures(private.page_figures[]) is
  'Adds what was newly stored to the counters of its pages and days, one of a kind each. Their pages'' rows are held '
  'already, so that all else follows in one order.';

create function private.add_page_drops(
  page_ids uuid[], outcomes text[], drops jsonb, busy uuid[], arrived_at timestamptz
)
returns void
language plpgsql
volatile
set search_path = ''
as $$
begin
  insert into public.partner_landing_page_drops as d (page_id, day, reason, partner_id, attempts)
  select
    p.id, private.amsterdam_day(arrived_at), x.reason,
    case when p.id is null then '00000000-0000-0000-0000-000000000000' else p.partner_id end,
    sum(x.attempts)
  from (
    select o.page_id, o.outcome as reason, 1 as attempts
    from unnest(page_ids, outcomes) as o (page_id, outcome)
    where o.outcome not in ('counted', 'busy')
    union all
    select r.page_id, r.reason, r.attempts
    from jsonb_to_recordset(drops) as r (page_id uuid, reason text, attempts bigint)
    where (r.page_id = any (busy)) is not true
  ) as x
  left join public.partner_landing_pages as p on p.id = x.page_id
  group by p.id, x.reason
  order by p.id, x.reason
  on conflict on constraint partner_landing_page_drops_key do update
  set attempts = d.attempts + excluded.attempts;
end
$$;
comment on function private.add_page_drops(uuid[], text[], jsonb, uuid[], timestamptz) is
  'Adds what was received and not counted: the outcomes of a batch, and what its sender turned away of pages that are not busy.';

-- Too many of one kind --------------------------------------------------------------------------------------------

-- Unlogged and emptied every hour, as the salts are: with the salt, an address could be tried against it.
create unlogged table private.event_rates (
  page_id uuid not null,
  hour integer not null,
  who bigint not null,
  events integer not null,
  constraint event_rates_pkey primary key (page_id, hour, who)
);
comment on table private.event_rates is
  'How many new events of a page came in within an hour of the clock from an address, and from a network.';
comment on column private.event_rates.hour is 'Hours since 1970, of arrival: what an id says of its time is its maker''s word.';
comment on column private.event_rates.who is 'A keyed hash of an address without its browser, or of a network.';
alter table private.event_rates enable row level security;
revoke all on table private.event_rates from public, anon, authenticated, service_role;

create table private.held_events (
  visitor bigint not null,
  half_hour integer not null,
  day date not null,
  id uuid not null,
  page_id uuid not null,
  kind public.page_event_kind not null,
  source public.visit_source not null,
  campaign text,
  reason text not null,
  received_on date not null,
  constraint held_events_pkey primary key (day, id),
  constraint held_events_one_a_half_hour unique (day, page_id, visitor, half_hour, kind),
  constraint held_events_campaign_length check (length(campaign) <= 255),
  constraint held_events_reason_known check (reason in ('address', 'network', 'webdriver', 'no_languages', 'no_screen'))
);
comment on table private.held_events is
  'Events that look as if nobody saw the page. Not counted; release_events() counts them after all, until their day is closed.';
comment on column private.held_events.campaign is 'The utm_id of the page''s address.';
comment on column private.held_events.received_on is 'Where partner_landing_page_drops has it.';
comment on column private.held_events.reason is
  'address, network: more than private.counting allows an hour. webdriver, no_languages, no_screen: what the browser said of itself.';
create trigger held_events_keep
  before update or delete on private.held_events
  for each row execute function private.refuse_write();
create trigger held_events_keep_out
  before insert on private.held_events
  for each statement execute function private.refuse_write();
alter table private.held_events enable row level security;
revoke all on table private.held_events from public, anon, authenticated, service_role;

-- Recording -------------------------------------------------------------------------------------------------------

create function private.uuid7_time(id uuid)
returns timestamptz
language sql
immutable
set search_path = ''
as $$
  -- RFC 9562, 5.7: the first 48 bits are milliseconds since 1970.
  select to_timestamp(('x' || left(replace(id::text, '-', ''), 12))::bit(48)::bigint / 1000.0)
$$;
comment on function private.uuid7_time(uuid) is 'When a UUIDv7 was made, to the millisecond.';

create function private.acceptable_times(arrived_at timestamptz)
returns tstzrange
language sql
stable
set search_path = ''
as $$
  -- A retry may be a day old, and the clock that made the id a little fast.
  select tstzrange(arrived_at - interval '24 hours', arrived_at + interval '5 minutes', '[]')
$$;
comment on function private.acceptable_times(timestamptz) is
  'When something that arrived then may have happened to be counted at the time that its id says.';

create table private.event_batches (
  id uuid primary key,
  arrived_on date not null
);
comment on table private.event_batches is
  'The batches that came by way of a log, which delivers at least once. A day more than a log keeps them, so that none is '
  'counted, or booked as dropped, a second time.';
alter table private.event_batches enable row level security;
revoke all on table private.event_batches from public, anon, authenticated, service_role;

create function private.hold_pages(ids uuid[])
returns uuid[]
language plpgsql
volatile
set search_path = ''
-- Whoever counts holds a page for some ten milliseconds.
set lock_timeout = '300ms'
as $$
begin
  -- In one order for everybody.
  perform from public.partner_landing_pages as p where p.id = any (ids) order by p.id for no key update;
  return '{}';
exception when lock_not_available then
  -- What was held is let go of: nobody waits for a page while holding another.
  return array(
    select p.id from public.partner_landing_pages as p where p.id = any (ids)
    except all
    select h.id from (
      select p.id from public.partner_landing_pages as p where p.id = any (ids) for no key update skip locked
    ) as h
  );
end
$$;
comment on function private.hold_pages(uuid[]) is
  'Holds pages'' rows, and answers those that somebody else has for longer than counting ever takes: their events are sent '
  'again, and nobody else''s wait.';

create function private.count_events(
  ids uuid[], page_ids uuid[], kinds text[], visitors bigint[], addresses bigint[], networks bigint[], sources text[],
  campaigns text[], signals text[], busy uuid[], arrived_at timestamptz, is_released boolean
)
returns text[]
language plpgsql
volatile
set search_path = ''
-- One plan for every batch, by index, also on a day whose table was empty when somebody last looked.
set plan_cache_mode = force_generic_plan
set enable_seqscan = off
set jit = off
as $$
declare
  this_hour constant integer := floor(extract(epoch from arrived_at) / 3600);
  earliest constant bigint := extract(epoch from lower(private.acceptable_times(arrived_at))) * 1000;
  latest constant bigint := extract(epoch from upper(private.acceptable_times(arrived_at))) * 1000;
  outcomes text[];
  figures private.page_figures[];
begin
  -- uuid7_time() and amsterdam_day() are written out: calling them would take four times as long as all the rest.
  with received as materialized (
    select e.*, ('x' || left(replace(e.id::text, '-', ''), 12))::bit(48)::bigint as milliseconds
    from unnest(
      ids, page_ids, kinds::public.page_event_kind[], visitors, addresses, networks, sources, campaigns, signals
    ) with ordinality
      as e (id, page_id, kind, visitor, address, network, source, campaign, signal, position)
  ),

  pages as materialized (
    select p.id, p.partner_id, p as page, private.served_version_id(p, arrived_at) is not null as is_served
    from public.partner_landing_pages as p
    where p.id = any (page_ids)
  ),

  judged as materialized (
    select
      r.*,
      p.partner_id,
      (to_timestamp(r.milliseconds / 1000.0) at time zone 'Europe/Amsterdam')::date as day,
      (r.milliseconds / 1800000)::integer as half_hour,
      case
        when r.id is null or r.kind is null or r.visitor is null or r.source is null then 'bad'
        when r.page_id = any (busy) then 'busy'
        when is_released then null
        when r.milliseconds not between earliest and latest then 'late'
        when p.id is null then 'unknown_page'
        -- Then or now: the visitor's clock may be minutes off, and the event hours late.
        when not p.is_served
          and private.served_version_id(p.page, to_timestamp(r.milliseconds / 1000.0)) is null then 'page_not_live'
      end as reason
    from received as r
    left join pages as p on p.id = r.page_id
  ),

  -- What the ledger has of its id, and of its visitor on this page and day.
  checked as materialized (
    select
      j.*,
      k.page_id as counted_page_id,
      coalesce(s.has_view, false) as is_known,
      k.page_id is null and s.has_half_hour is not true as is_new,
      row_number() over (partition by j.reason is null, j.id order by j.position) as of_id,
      row_number() over (
        partition by j.reason is null, j.day, j.page_id, j.visitor, j.half_hour, j.kind order by j.position
      ) as of_half_hour
    from judged as j
    left join private.page_events as k on k.day = j.day and k.id = j.id
    left join lateral (
      select
        bool_or(v.half_hour = j.half_hour and v.kind = j.kind) as has_half_hour, bool_or(v.kind = 'view') as has_view
      from private.page_events as v
      where v.day = j.day and v.page_id = j.page_id and v.visitor = j.visitor
    ) as s on true
  ),

  -- How many new ones this makes of its address and of its network in this hour.
  rated as materialized (
    select
      x.*,
      coalesce(a.events, 0) + row_number() over (partition by x.page_id, x.address order by x.position) as of_address,
      coalesce(n.events, 0) + row_number() over (partition by x.page_id, x.network order by x.position) as of_network
    from checked as x
    left join private.event_rates as a on a.page_id = x.page_id and a.hour = this_hour and a.who = x.address
    left join private.event_rates as n on n.page_id = x.page_id and n.hour = this_hour and n.who = x.network
    where x.reason is null and x.is_new and x.of_id = 1 and x.of_half_hour = 1
  ),

  sorted as materialized (
    select
      r.*,
      case
        when is_released then null
        when r.signal is not null then r.signal
        when r.of_address > c.max_events_of_address then 'address'
        when r.of_network > c.max_events_of_network then 'network'
      end as suspicion,
      -- Far beyond what anybody would release, nothing is kept.
      not is_released
      and (r.of_address > 10 * c.max_events_of_address or r.of_network > 10 * c.max_events_of_network) as is_too_much
    from rated as r
    cross join private.counting as c
  ),

  noted as (
    insert into private.event_rates as v (page_id, hour, who, events)
    select s.page_id, this_hour, w.who, count(*)
    from sorted as s
    cross join lateral (values (s.address), (s.network)) as w (who)
    where w.who is not null
    group by s.page_id, w.who
    on conflict on constraint event_rates_pkey do update
    set events = v.events + excluded.events
  ),

  held as (
    insert into private.held_events (visitor, half_hour, day, id, page_id, kind, source, campaign, reason, received_on)
    select
      s.visitor, s.half_hour, s.day, s.id, s.page_id, s.kind, s.source, s.campaign, s.suspicion,
      private.amsterdam_day(arrived_at)
    from sorted as s
    where s.suspicion is not null and not s.is_too_much
    order by s.id
    on conflict do nothing
    returning id, page_id
  ),

  inserted as (
    insert into private.page_events (visitor, half_hour, day, id, page_id, kind, is_first, source, campaign_id)
    select
      s.visitor, s.half_hour, s.day, s.id, s.page_id, s.kind,
      s.kind = 'view' and not s.is_known
      and row_number() over (partition by s.day, s.page_id, s.visitor, s.kind order by s.position) = 1,
      s.source, c.id
    from sorted as s
    left join public.partner_marketing_campaigns as c
      -- Another partner's campaign gets no view, whatever an address says.
      on c.channel = s.source and c.external_campaign_id = s.campaign and c.partner_id = s.partner_id
    where s.suspicion is null
    -- One id on two pages at once: the second batch waits, and then drops it.
    order by s.id
    on conflict do nothing
    returning id, page_id, day, kind, is_first, source, campaign_id
  ),

  told as (
    select
      x.position,
      case
        when x.reason is not null then x.reason
        when i.id is not null and x.of_id = 1 then 'counted'
        when s.is_too_much then 'throttled'
        when h.id is not null then s.suspicion
        when x.counted_page_id <> x.page_id then 'conflict'
        else 'duplicate'
      end as outcome
    from checked as x
    left join sorted as s on s.position = x.position
    left join held as h on h.id = s.id and h.page_id = s.page_id
    left join inserted as i on i.id = x.id and i.page_id = x.page_id
  )

  select
    (select array_agg(t.outcome order by t.position) from told as t),
    (
      select array_agg(g.figures)
      from (
        select
          (
            i.page_id, i.day, i.source, i.campaign_id, count(*) filter (where i.kind = 'view'),
            count(*) filter (where i.is_first), count(*) filter (where i.kind <> 'view'),
            to_timestamp(max(i.milliseconds) filter (where i.kind = 'view') / 1000.0)
          )::private.page_figures as figures
        from (
          select n.*, ('x' || left(replace(n.id::text, '-', ''), 12))::bit(48)::bigint as milliseconds from inserted as n
        ) as i
        group by i.page_id, i.day, i.source, i.campaign_id
      ) as g
    )
  into outcomes, figures;

  if figures is not null then
    perform private.add_page_figures(figures);
  end if;
  return coalesce(outcomes, '{}');
end
$$;
comment on function private.count_events(
  uuid[], uuid[], text[], bigint[], bigint[], bigint[], text[], text[], text[], uuid[], timestamptz, boolean
) is
  'Counts events of pages whose rows are held, and says what became of each; of busy pages nothing does. '
  'What an admin releases is neither too late nor too many.';

create function private.arrival_time(received_at timestamptz)
returns timestamptz
language sql
stable
set search_path = ''
as $$
  select case when received_at is null then now() else greatest(
    least(received_at, now()),
    -- A log keeps what nobody took for a week, and a day that is closed takes no event any more.
    now() - interval '7 days',
    (select (c.closed_through + 2)::timestamp at time zone 'Europe/Amsterdam' from private.counting as c)
  ) end
$$;
comment on function private.arrival_time(timestamptz) is
  'When a batch is taken to have arrived: now, or when a log received it, if that can be.';

create function public.record_events(
  ids uuid[], page_ids uuid[], kinds text[], visitors bigint[], addresses bigint[], networks bigint[], sources text[],
  campaigns text[], signals text[], drops jsonb default '[]', batch_id uuid default null, received_at timestamptz default null
)
returns text[]
language plpgsql
volatile
-- Definer: event_recorder writes events through this function alone and reads no table.
security definer
set search_path = ''
as $$
declare
  length constant integer := cardinality(ids);
  arrived_at constant timestamptz := private.arrival_time(received_at);
  dropped_page_ids uuid[];
  busy uuid[];
  outcomes text[];
begin
  if length > 1000
    or (
      cardinality(page_ids), cardinality(kinds), cardinality(visitors), cardinality(addresses), cardinality(networks),
      cardinality(sources), cardinality(campaigns), cardinality(signals)
    ) is distinct from (length, length, length, length, length, length, length, length)
    or jsonb_typeof(drops) is distinct from 'array' or jsonb_array_length(drops) > 1000
  then
    raise sqlstate 'PT400' using
      message = 'batch_refused',
      detail = 'Events come as columns of one length, at most 1,000 of them, and so do drops.',
      hint = 'Send fewer at once.';
  end if;
  if batch_id is not null then
    -- Whoever brings it at the same time waits here, and holds nothing.
    insert into private.event_batches (id, arrived_on) values (batch_id, private.amsterdam_day(arrived_at)) on conflict do nothing;
    if not found then
      return null;
    end if;
  end if;
  perform private.begin_ledger_write();
  perform private.add_event_day(d.day) from (
    select private.amsterdam_day(lower(private.acceptable_times(arrived_at))) as day
    union select private.amsterdam_day(arrived_at)
    union select private.amsterdam_day(upper(private.acceptable_times(arrived_at)))
  ) as d;
  dropped_page_ids := array(
    select (d.item ->> 'page_id')::uuid from jsonb_array_elements(drops) with ordinality as d (item, position) order by d.position
  );
  -- Before anything is looked at: what others have counted for these pages is then seen.
  busy := private.hold_pages(page_ids || dropped_page_ids);
  if batch_id is not null and busy <> '{}' then
    -- A batch of a log is brought again as a whole.
    perform private.raise_retry();
  end if;
  outcomes := private.count_events(
    ids, page_ids, kinds, visitors, addresses, networks, sources, campaigns, signals, busy, arrived_at, false
  );
  perform private.add_page_drops(page_ids, outcomes, drops, busy, arrived_at);
  perform private.end_ledger_write();
  return outcomes || array(
    select case when d.page_id = any (busy) then 'busy' else 'booked' end
    from unnest(dropped_page_ids) with ordinality as d (page_id, position)
    order by d.position
  );
end
$$;
comment on function public.record_events(
  uuid[], uuid[], text[], bigint[], bigint[], bigint[], text[], text[], text[], jsonb, uuid, timestamptz
) is
  'As event_recorder: counts events, given as columns (campaigns are the utm_id of the address, addresses and networks keyed '
  'hashes, signals what a browser says of itself that speaks against a person), and answers an outcome for each, in order: '
  'counted, or a reason of partner_landing_page_drops, or busy: somebody holds its page, send it again. drops are what the '
  'recorder itself turned away, [{"page_id", "reason", "attempts"}], each answered after the events: booked, or busy. '
  'What comes by way of a log says when it was received, at most a week ago, and which batch it is: a batch that was recorded '
  'before is answered with null and changes nothing, and one with a busy page is retry (503) as a whole. '
  '400 batch_refused.';

create function private.release_events(page_id uuid, day date, reason text)
returns integer
language plpgsql
volatile
-- Definer: held events are for nobody to read.
security definer
set search_path = ''
as $$
declare
  held private.held_events[];
  outcomes text[];
begin
  if private.actor() = 'partner' then
    raise sqlstate 'PT403' using
      message = 'not_allowed',
      detail = 'Only an admin releases events.',
      hint = 'Ask an admin to look at them.';
  end if;
  perform from public.partner_landing_pages as p where p.id = release_events.page_id for no key update;
  perform private.begin_ledger_write();
  with released as (
    delete from private.held_events as h
    where h.page_id = release_events.page_id and h.day = release_events.day
      and h.reason = coalesce(release_events.reason, h.reason)
    returning h
  )

  select array_agg(r.h order by (r.h).id) into held from released as r;
  if held is null then
    perform private.end_ledger_write();
    return 0;
  end if;
  outcomes := (
    select
      private.count_events(
        array_agg(h.id), array_agg(h.page_id), array_agg(h.kind::text), array_agg(h.visitor), array_agg(null::bigint), array_agg(null::bigint),
        array_agg(h.source), array_agg(h.campaign), array_agg(null::text), '{}', now(), true
      )
    from unnest(held) as h
  );
  -- Each has been accounted for once, and is now as what it came to.
  update public.partner_landing_page_drops as d
  set attempts = d.attempts - r.events
  from (select h.received_on, h.reason, count(*) as events from unnest(held) as h group by h.received_on, h.reason) as r
  where d.page_id = release_events.page_id and d.day = r.received_on and d.reason = r.reason;
  perform private.add_page_drops(array_fill(page_id, array[cardinality(outcomes)]), outcomes, '[]', '{}', now());
  perform private.end_ledger_write();
  return (select count(*) from unnest(outcomes) as o where o = 'counted');
end
$$;

create function public.release_events(page_id uuid, day date, reason text default null)
returns integer
language sql volatile set search_path = ''
as $$ select private.release_events(page_id, day, reason) $$;
comment on function public.release_events(uuid, date, text) is
  'As an admin: counts the events of a page and day that were held, for one reason or for all, and answers how many counted. '
  'They count on the day and under the source that they were of. 403 not_allowed.';

revoke all on all functions in schema private from public;
revoke all on function
  public.visitor_salt(date),
  public.record_events(
    uuid[], uuid[], text[], bigint[], bigint[], bigint[], text[], text[], text[], jsonb, uuid, timestamptz
  ),
  public.release_events(uuid, date, text)
from public, anon, authenticated, service_role;
grant execute on function
  public.visitor_salt(date),
  public.record_events(
    uuid[], uuid[], text[], bigint[], bigint[], bigint[], text[], text[], text[], jsonb, uuid, timestamptz
  )
to event_recorder;
grant execute on function public.release_events(uuid, date, text), private.release_events(uuid, date, text)
to authenticated, service_role;

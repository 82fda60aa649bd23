-- How much of the database one partner may fill: without a limit, 2,000 pages in one request made everybody wait.
--
-- The limits are check constraints on one row a partner, as the budget is: writers queue on that row, so they hold
-- however many connections write at once, and at any isolation level.

set local lock_timeout = '3s';
set local statement_timeout = '60s';

create table private.partner_quotas (
  partner_id uuid primary key references public.profiles (id) on delete cascade,
  pages integer not null default 0,
  campaigns integer not null default 0,
  segment_links integer not null default 0,
  images integer not null default 0,
  content_bytes bigint not null default 0,
  max_pages integer not null default 200,
  max_campaigns integer not null default 200,
  max_segment_links integer not null default 500,
  max_images integer not null default 500,
  max_content_bytes bigint not null default 4194304,
  max_submissions_a_day integer not null default 200,
  max_likeness numeric(3, 2) not null default 0.80,
  constraint partner_quotas_pages_within check (pages <= max_pages),
  constraint partner_quotas_campaigns_within check (campaigns <= max_campaigns),
  constraint partner_quotas_segment_links_within check (segment_links <= max_segment_links),
  constraint partner_quotas_images_within check (images <= max_images),
  constraint partner_quotas_content_bytes_within check (content_bytes <= max_content_bytes),
  constraint partner_quotas_max_likeness_range check (max_likeness between 0 and 1)
);
comment on table private.partner_quotas is
  'How many rows a partner has, and may have. An operator raises a limit here, in the dashboard; the snippet '
  'partner_quotas shows who is near one.';
comment on column private.partner_quotas.pages is 'Archived ones too: a page is never deleted.';
comment on column private.partner_quotas.images is 'Deleted ones too: their names stay taken.';
comment on column private.partner_quotas.content_bytes is
  'Of all pages together: one request may ask for all of it, over and over.';
comment on column private.partner_quotas.max_submissions_a_day is
  'In any 24 hours, over all pages: how often something is handed in, and how many documents are rendered for it.';
comment on column private.partner_quotas.max_likeness is
  'How much of what two pages say may be the same, 0 to 1, as private.find_most_alike() compares them. With 1 anything goes.';
alter table private.partner_quotas enable row level security;
revoke all on table private.partner_quotas from public, anon, authenticated, service_role;

create function private.add_to_quota(partner_id uuid, what text, amount bigint)
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  most bigint;
begin
  execute format('update private.partner_quotas as q set %1$I = q.%1$I + $2 where q.partner_id = $1', what)
  using partner_id, amount;
exception
  when check_violation then
    execute format('select q.%I from private.partner_quotas as q where q.partner_id = $1', 'max_' || what)
    into most using partner_id;
    raise sqlstate 'PT409' using
      message = 'quota_exceeded',
      detail = format('A partner has at most %s %s.', most, replace(what, '_', ' ')),
      hint = 'Use those you have; ask the marketplace if you need more.';
end
$$;
comment on function private.add_to_quota(uuid, text, bigint) is 'Raises quota_exceeded (409).';

create function private.follow_partner_quota()
returns trigger
language plpgsql
-- Definer: whoever may make a row may not write the quotas.
security definer
set search_path = ''
as $$
declare
  what constant text := tg_argv[0];
  change record;
begin
  if tg_op = 'DELETE' then
    -- Never made anew here: a partner who is leaving has none any more.
    execute format(
      'update private.partner_quotas as q set %1$I = q.%1$I - r.amount'
      ' from (select partner_id, %2$s as amount from old_rows group by partner_id) as r'
      ' where q.partner_id = r.partner_id', what, tg_argv[1]
    );
    return null;
  end if;
  -- In the order of partner ids, so that two such statements wait for each other instead of deadlocking.
  for change in execute format(
    'select partner_id, %s as amount from new_rows where partner_id is not null group by partner_id order by partner_id',
    tg_argv[1]
  )
  loop
    insert into private.partner_quotas (partner_id) values (change.partner_id) on conflict do nothing;
    perform private.add_to_quota(change.partner_id, what, change.amount);
  end loop;
  return null;
exception
  when deadlock_detected or serialization_failure then
    perform private.raise_retry();
    return null;
end
$$;
comment on function private.follow_partner_quota() is
  'Trigger (what, sum): counts what a statement made or removed. Raises quota_exceeded (409).';

create trigger partner_landing_pages_count_insert
  after insert on public.partner_landing_pages
  referencing new table as new_rows
  for each statement execute function private.follow_partner_quota('pages', 'count(*)');
create trigger partner_landing_pages_count_content_insert
  after insert on public.partner_landing_pages
  referencing new table as new_rows
  for each statement execute function private.follow_partner_quota('content_bytes', 'sum(content_bytes)');
create trigger partner_marketing_campaigns_count_insert
  after insert on public.partner_marketing_campaigns
  referencing new table as new_rows
  for each statement execute function private.follow_partner_quota('campaigns', 'count(*)');
create trigger partner_segments_count_insert
  after insert on public.partner_segments
  referencing new table as new_rows
  for each statement execute function private.follow_partner_quota('segment_links', 'count(*)');
create trigger image_names_count_insert
  after insert on private.image_names
  referencing new table as new_rows
  for each statement execute function private.follow_partner_quota('images', 'count(*)');
create trigger partner_landing_pages_count_delete
  after delete on public.partner_landing_pages
  referencing old table as old_rows
  for each statement execute function private.follow_partner_quota('pages', 'count(*)');
create trigger partner_landing_pages_count_content_delete
  after delete on public.partner_landing_pages
  referencing old table as old_rows
  for each statement execute function private.follow_partner_quota('content_bytes', 'sum(content_bytes)');
create trigger partner_marketing_campaigns_count_delete
  after delete on public.partner_marketing_campaigns
  referencing old table as old_rows
  for each statement execute function private.follow_partner_quota('campaigns', 'count(*)');
create trigger partner_segments_count_delete
  after delete on public.partner_segments
  referencing old table as old_rows
  for each statement execute function private.follow_partner_quota('segment_links', 'count(*)');
create trigger image_names_count_delete
  after delete on private.image_names
  referencing old table as old_rows
  for each statement execute function private.follow_partner_quota('images', 'count(*)');

create function private.follow_content_bytes()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform private.add_to_quota(new.partner_id, 'content_bytes', new.content_bytes - old.content_bytes);
  return null;
exception
  when deadlock_detected or serialization_failure then
    perform private.raise_retry();
    return null;
end
$$;
comment on function private.follow_content_bytes() is
  'Trigger: an edit takes as much more or less of the quota as the content grew. Raises quota_exceeded (409).';

-- Not once a statement: a trigger of some columns sees no transition tables, and one of all would be in each view's way.
create trigger partner_landing_pages_count_content_update
  after update of content_json on public.partner_landing_pages
  for each row
  when (new.content_bytes <> old.content_bytes and new.partner_id is not null)
  execute function private.follow_content_bytes();

create function private.check_submissions_left(partner_id uuid, documents_too boolean default false)
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  most integer;
begin
  -- Locked, so that those of several pages at once are counted one after the other.
  select q.max_submissions_a_day into most
  from private.partner_quotas as q where q.partner_id = check_submissions_left.partner_id
  for no key update;
  -- A document is stored before what it shows is handed in, and an edit in between leaves it behind.
  if greatest(
    (
      select count(*) from public.partner_landing_page_submissions as s
      join public.partner_landing_page_versions as v on v.id = s.version_id
      where s.partner_id = check_submissions_left.partner_id and s.created_at > now() - interval '24 hours'
        -- That an admin renders anew is not the partner's doing.
        and not v.is_rerendered
    ),
    case when documents_too then (
      select count(*)
      from public.partner_landing_pages as p
      join private.landing_page_documents as d on d.page_id = p.id
      where p.partner_id = check_submissions_left.partner_id and d.created_at > now() - interval '24 hours'
        and not exists (
          select from public.partner_landing_page_versions as v where v.content_hash = d.content_hash and v.is_rerendered
        )
    ) end
  ) >= most then
    raise sqlstate 'PT429' using
      message = 'too_many_submissions',
      detail = format('A partner submits at most %s times in 24 hours.', most),
      hint = 'Finish the page first, and submit it tomorrow.';
  end if;
end
$$;
comment on function private.check_submissions_left(uuid, boolean) is
  'Raises too_many_submissions (429); before something is rendered and stored, by the documents too.';

revoke all on all functions in schema private from public;

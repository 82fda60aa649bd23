-- Landing pages: the working copy that a partner edits, and the immutable versions that visitors see.
--
-- A page's `status` walks concept -> review -> live -> archived -> concept. What is served is never the row that is
-- edited but the version that `live_version_id` points to. A version exists only for a snapshot hash whose document
-- page_renderer has stored, and a document is stored only by landing_page_publish after its gates have passed: that
-- is what makes an approval in the Table Editor as good as one through the function. The next migration has the steps.

set local lock_timeout = '3s';
set local statement_timeout = '60s';

-- Pages -----------------------------------------------------------------------------------------------------------

create table public.partner_landing_pages (
  id uuid primary key default gen_random_uuid(),
  -- Null once the partner has left; the figures stay.
  partner_id uuid default auth.uid() references public.profiles (id) on delete set null,
  segment_id uuid references public.lead_segments (id) on delete set null,
  path text,
  status text not null default 'concept',
  source text not null default 'manual',
  title public.plain_line not null,
  subtitle public.plain_line,
  seo_title public.plain_line,
  seo_description public.plain_line,
  content_json public.page_content not null default '{"v": 1, "blocks": []}',
  -- Not generated: that is computed at every update of a table with triggers, and so at every view.
  content_bytes integer not null default 0,
  status_reason text,
  submitted_version_id uuid,
  live_version_id uuid,
  live_path text,
  previous_version_id uuid,
  publish_at timestamptz,
  unpublish_at timestamptz,
  created_by uuid default auth.uid(),
  editor_ids uuid[] not null default '{}',
  views_count bigint not null default 0,
  conversions_count bigint not null default 0,
  last_viewed_at timestamptz,
  published_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint partner_landing_pages_status_known check (status in ('concept', 'review', 'live', 'archived')),
  constraint partner_landing_pages_source_known check (source in ('ai_generated', 'manual', 'template')),
  constraint partner_landing_pages_path_format check (
    path ~ '^/partners/[a-z0-9]+(-[a-z0-9]+)*(/[a-z0-9]+(-[a-z0-9]+)*)+$' and length(path) <= 200
  ),
  constraint partner_landing_pages_title_length check (length(title) between 1 and 120),
  constraint partner_landing_pages_subtitle_length check (length(subtitle) <= 200),
  constraint partner_landing_pages_seo_title_length check (length(seo_title) <= 120),
  constraint partner_landing_pages_seo_description_length check (length(seo_description) <= 320),
  constraint partner_landing_pages_status_reason_length check (length(status_reason) <= 2000),
  constraint partner_landing_pages_counts_not_negative check (views_count >= 0 and conversions_count >= 0),
  -- What a status promises, for every writer and without a trigger.
  constraint partner_landing_pages_live_has_version check (
    (status = 'live') = (live_version_id is not null) and (live_version_id is null) = (live_path is null)
  ),
  constraint partner_landing_pages_review_has_version check (
    case status
      when 'review' then submitted_version_id is not null
      when 'live' then true
      else submitted_version_id is null
    end
  ),
  constraint partner_landing_pages_previous_only_while_live check (previous_version_id is null or status = 'live'),
  -- Within sane years, which neither infinity is: no client reads it as a date.
  constraint partner_landing_pages_schedule_order check (
    publish_at between '2020-01-01 00:00+00' and '2100-01-01 00:00+00'
    and unpublish_at between '2020-01-01 00:00+00' and '2100-01-01 00:00+00'
    and unpublish_at > publish_at
  ),
  constraint partner_landing_pages_owned_or_archived check (
    (partner_id is not null and path is not null) or status = 'archived'
  )
);
comment on table public.partner_landing_pages is
  'A partner''s landing page: the working copy, its place in the workflow, and its counters.';
comment on column public.partner_landing_pages.partner_id is
  'Null once the partner has left: the row then only holds figures.';
comment on column public.partner_landing_pages.path is
  'Where the working copy would be served: /partners/<partner_slug>/... Unique on the site, since the slug is.';
comment on column public.partner_landing_pages.live_path is
  'Where the live version is served; the path of its snapshot.';
comment on column public.partner_landing_pages.content_json is
  '{"v": 1, "blocks": [{"id", "type", "data"}]}: typed blocks of plain text, never HTML. docs/content.schema.json '
  'has the shape.';
comment on column public.partner_landing_pages.content_bytes is
  'How much of the partner''s quota the content takes: 64 kB a page, 4 MB in all.';
comment on column public.partner_landing_pages.status_reason is
  'Why the last step was taken, by whoever took it: what to mend after a rejection. In the Table Editor it is written '
  'in the same save as the step, or in one before.';
comment on column public.partner_landing_pages.submitted_version_id is
  'The version that waits for approval. On a live page: the next one, while the live one stays up.';
comment on column public.partner_landing_pages.live_version_id is
  'The version that was approved last: what visitors see from published_at on.';
comment on column public.partner_landing_pages.previous_version_id is
  'What visitors see until published_at, where an approved version still waits for its time.';
comment on column public.partner_landing_pages.publish_at is
  'Before this an approved version is not shown. Change it while that version waits, and published_at follows.';
comment on column public.partner_landing_pages.unpublish_at is
  'From this on the page is gone, though its status stays live: empty it, or move it, and the page is there again.';
comment on column public.partner_landing_pages.created_by is 'auth.users.id, null for the dashboard and service_role.';
comment on column public.partner_landing_pages.editor_ids is
  'Everybody who ever changed what a visitor would see. None of them approves a page that is made by AI.';
comment on column public.partner_landing_pages.views_count is 'Sum of partner_landing_page_stats.views.';
comment on column public.partner_landing_pages.conversions_count is 'Sum of partner_landing_page_stats.conversions.';
comment on column public.partner_landing_pages.published_at is
  'When the version that is or was live last went live, or is going to.';

-- Partial, so that they are no keys to PostgreSQL: a change of a key waits for every view that is being counted.
create unique index partner_landing_pages_path_key on public.partner_landing_pages (path) where path is not null;
create unique index partner_landing_pages_live_path_key
on public.partner_landing_pages (live_path)
where live_path is not null;
create index partner_landing_pages_partner_id_idx on public.partner_landing_pages (partner_id, created_at desc);
create index partner_landing_pages_segment_id_idx on public.partner_landing_pages (segment_id);
create index partner_landing_pages_status_idx on public.partner_landing_pages (status);
create index partner_landing_pages_live_idx on public.partner_landing_pages (published_at desc) where status = 'live';
create index partner_landing_pages_submitted_version_id_idx
on public.partner_landing_pages (submitted_version_id, id) where submitted_version_id is not null;
create index partner_landing_pages_live_version_id_idx
on public.partner_landing_pages (live_version_id, id) where live_version_id is not null;
create index partner_landing_pages_previous_version_id_idx
on public.partner_landing_pages (previous_version_id, id) where previous_version_id is not null;

-- Documents -------------------------------------------------------------------------------------------------------

create table private.landing_page_documents (
  content_hash text primary key,
  page_id uuid not null references public.partner_landing_pages (id) on delete restrict,
  template_version text not null,
  html_gzip bytea not null,
  csp text not null,
  signature bytea not null,
  created_at timestamptz not null default now(),
  rendered_at timestamptz not null default clock_timestamp(),
  constraint landing_page_documents_content_hash_format check (content_hash ~ '^[0-9a-f]{64}$'),
  -- What ten TCP segments carry: the page is there after the first round trip (RFC 6928).
  constraint landing_page_documents_html_gzip_size check (octet_length(html_gzip) between 1 and 14600),
  -- It becomes a header.
  constraint landing_page_documents_csp_format check (csp ~ '^[ -~]+$' and length(csp) <= 2000),
  constraint landing_page_documents_signature_size check (octet_length(signature) = 64)
);
comment on table private.landing_page_documents is
  'The rendered bytes of a snapshot hash. That a row exists proves that the snapshot passed the publishing gates.';
comment on column private.landing_page_documents.csp is 'The Content-Security-Policy that the document is served under.';
comment on column private.landing_page_documents.signature is
  'Ed25519, of the hash, the policy and the bytes: what is served is what landing_page_publish made, whoever stored it.';
comment on column private.landing_page_documents.page_id is
  'The page that the snapshot is of: what was stored for it goes when its partner leaves, submitted or not.';
comment on column private.landing_page_documents.rendered_at is
  'When it was last rendered. Only a page''s newest can be submitted: an older one is of an older template.';
alter table private.landing_page_documents enable row level security;
revoke all on table private.landing_page_documents from public, anon, authenticated, service_role;

create index landing_page_documents_page_id_idx on private.landing_page_documents (page_id, created_at);
create trigger landing_page_documents_keep
  before update or delete on private.landing_page_documents
  for each row execute function private.refuse_write();

-- Versions --------------------------------------------------------------------------------------------------------

create table public.partner_landing_page_versions (
  id uuid primary key default gen_random_uuid(),
  page_id uuid not null references public.partner_landing_pages (id) on delete restrict,
  partner_id uuid references public.profiles (id) on delete set null,
  number integer not null,
  content_hash text not null references private.landing_page_documents (content_hash) on delete restrict,
  path text not null,
  snapshot jsonb not null,
  is_rerendered boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint partner_landing_page_versions_number_key unique (page_id, number),
  constraint partner_landing_page_versions_content_hash_key unique (page_id, content_hash),
  constraint partner_landing_page_versions_page_key unique (id, page_id)
);
comment on column public.partner_landing_page_versions.partner_id is 'The page''s partner, repeated for row level security.';
comment on table public.partner_landing_page_versions is
  'Immutable snapshots of everything a page''s bytes depend on. The foreign key to the document proves that the '
  'gates passed.';
comment on column public.partner_landing_page_versions.content_hash is
  'SHA-256, hex, of the snapshot''s jsonb text. Made by private.landing_page_hash().';
comment on column public.partner_landing_page_versions.is_rerendered is
  'Made of what was live, by another template, and as approved as that was.';
comment on column public.partner_landing_page_versions.updated_at is 'Equal to created_at: versions never change.';

create index partner_landing_page_versions_partner_id_idx on public.partner_landing_page_versions (partner_id, created_at);
create index partner_landing_page_versions_content_hash_idx on public.partner_landing_page_versions (content_hash);

create trigger partner_landing_page_versions_keep
  before update or delete on public.partner_landing_page_versions
  for each row execute function private.refuse_write();

-- A page can only point to its own versions.
alter table public.partner_landing_pages
  add constraint partner_landing_pages_submitted_version_id_fkey
    foreign key (submitted_version_id, id) references public.partner_landing_page_versions (id, page_id) on delete restrict,
  add constraint partner_landing_pages_live_version_id_fkey
    foreign key (live_version_id, id) references public.partner_landing_page_versions (id, page_id) on delete restrict,
  add constraint partner_landing_pages_previous_version_id_fkey
    foreign key (previous_version_id, id) references public.partner_landing_page_versions (id, page_id) on delete restrict;

-- What is served, and when ----------------------------------------------------------------------------------------

create function private.served_version_id(page public.partner_landing_pages, moment timestamptz)
returns uuid
language sql
immutable
set search_path = ''
as $$
  select case
    when page.status <> 'live' or moment >= page.unpublish_at then null
    when moment < page.published_at then page.previous_version_id
    else page.live_version_id
  end
$$;
comment on function private.served_version_id(public.partner_landing_pages, timestamptz) is
  'Which version of a page visitors see at a moment; null if none. Whatever asks whether a page is live asks this, so that '
  'no job has to run on time for a schedule to be kept.';

create function private.served_until(page public.partner_landing_pages, moment timestamptz)
returns timestamptz
language sql
immutable
set search_path = ''
as $$
  select least(
    case when page.published_at > moment then page.published_at end,
    case when page.unpublish_at > moment then page.unpublish_at end
  )
  where page.status = 'live'
$$;
comment on function private.served_until(public.partner_landing_pages, timestamptz) is
  'When served_version_id() is going to answer something else, as far as is planned.';

-- Addresses -------------------------------------------------------------------------------------------------------

create table private.landing_page_addresses (
  path text not null,
  since timestamptz not null,
  page_id uuid not null references public.partner_landing_pages (id) on delete restrict,
  created_at timestamptz not null default now(),
  constraint landing_page_addresses_pkey primary key (path, since)
);
comment on table private.landing_page_addresses is
  'Every path at which a page was ever live or is planned to be, with the pages that it belongs to, each from a moment on. '
  'Whoever comes by an old one is led to where its page is live now, or told that it is gone.';
create index landing_page_addresses_page_id_idx on private.landing_page_addresses (page_id);
alter table private.landing_page_addresses enable row level security;
revoke all on table private.landing_page_addresses from public, anon, authenticated, service_role;

-- Submissions -----------------------------------------------------------------------------------------------------

create table public.partner_landing_page_submissions (
  id bigint generated always as identity primary key,
  page_id uuid not null references public.partner_landing_pages (id) on delete restrict,
  partner_id uuid references public.profiles (id) on delete set null,
  version_id uuid not null,
  status text not null default 'waiting',
  submitted_as text not null,
  submitted_by uuid,
  decided_as text,
  decided_by uuid,
  decided_at timestamptz,
  reason text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- A version goes when its partner leaves, and what was said of it goes along.
  constraint partner_landing_page_submissions_version_id_fkey foreign key (version_id, page_id)
    references public.partner_landing_page_versions (id, page_id) on delete cascade,
  constraint partner_landing_page_submissions_status_known
    check (status in ('waiting', 'approved', 'rejected', 'withdrawn', 'revoked')),
  constraint partner_landing_page_submissions_actors_known check (
    submitted_as in ('partner', 'admin', 'dashboard', 'service_role')
    and decided_as in ('partner', 'admin', 'dashboard', 'service_role')
  ),
  constraint partner_landing_page_submissions_decided
    check ((status = 'waiting') = (decided_at is null) and (decided_at is null) = (decided_as is null)),
  constraint partner_landing_page_submissions_rejected_has_reason check (status <> 'rejected' or reason is not null)
);
comment on column public.partner_landing_page_submissions.partner_id is 'The page''s partner, repeated for row level security.';
comment on table public.partner_landing_page_submissions is
  'What was handed in for approval, by whom, and what became of it. At most one of a page waits, also beside a live '
  'version.';
comment on column public.partner_landing_page_submissions.status is
  'revoked: it was approved, and whoever runs the marketplace took it down. It needs a new approval to come back.';
comment on column public.partner_landing_page_submissions.submitted_by is
  'auth.users.id, null for the dashboard and service_role.';
comment on column public.partner_landing_page_submissions.decided_by is
  'auth.users.id of who approved, rejected, withdrew or revoked it; null for the dashboard and service_role.';
comment on column public.partner_landing_page_submissions.reason is 'Why it was rejected or withdrawn.';

create unique index partner_landing_page_submissions_one_waiting
on public.partner_landing_page_submissions (page_id) where status = 'waiting';
create index partner_landing_page_submissions_partner_id_idx on public.partner_landing_page_submissions (partner_id, id);
create index partner_landing_page_submissions_page_id_idx on public.partner_landing_page_submissions (page_id, id);
create index partner_landing_page_submissions_version_id_idx
on public.partner_landing_page_submissions (version_id, page_id);

create trigger partner_landing_page_submissions_keep
  before update or delete on public.partner_landing_page_submissions
  for each row execute function private.refuse_write();
create trigger partner_landing_page_submissions_set_updated_at
  before update on public.partner_landing_page_submissions
  for each row execute function extensions.moddatetime(updated_at);

-- Transitions -----------------------------------------------------------------------------------------------------

create table public.partner_landing_page_transitions (
  id bigint generated always as identity primary key,
  page_id uuid not null references public.partner_landing_pages (id) on delete restrict,
  partner_id uuid references public.profiles (id) on delete set null,
  from_status text not null,
  to_status text not null,
  version_id uuid references public.partner_landing_page_versions (id) on delete set null,
  actor text not null,
  actor_id uuid,
  reason text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint partner_landing_page_transitions_actor_known
    check (actor in ('partner', 'admin', 'dashboard', 'service_role')),
  constraint partner_landing_page_transitions_reason_length check (length(reason) <= 2000)
);
comment on column public.partner_landing_page_transitions.partner_id is 'The page''s partner, repeated for row level security.';
comment on table public.partner_landing_page_transitions is
  'Who moved a page through the workflow, when and why. live -> live is another version: an approved update, or a '
  'roll-back.';
comment on column public.partner_landing_page_transitions.actor_id is
  'auth.users.id, null for the dashboard and service_role.';
comment on column public.partner_landing_page_transitions.updated_at is
  'Equal to created_at: transitions never change.';

create index partner_landing_page_transitions_partner_id_idx on public.partner_landing_page_transitions (partner_id, id);
create index partner_landing_page_transitions_page_id_idx on public.partner_landing_page_transitions (page_id, id);
create index partner_landing_page_transitions_version_id_idx on public.partner_landing_page_transitions (version_id);

create trigger partner_landing_page_transitions_keep
  before update or delete on public.partner_landing_page_transitions
  for each row execute function private.refuse_write();

-- The snapshot and its hash ---------------------------------------------------------------------------------------

create function private.landing_page_content(page public.partner_landing_pages)
returns jsonb
language sql
immutable
set search_path = ''
as $$
  select jsonb_build_object(
    'path', page.path,
    'title', page.title,
    'subtitle', page.subtitle,
    'seo_title', page.seo_title,
    'seo_description', page.seo_description,
    'content', page.content_json
  )
$$;
comment on function private.landing_page_content(public.partner_landing_pages) is
  'What a visitor sees of a page''s own columns. An edit is a change of this, and a snapshot begins with it.';

create function private.landing_page_snapshot(page public.partner_landing_pages, template_version text)
returns jsonb
language sql
stable
set search_path = ''
as $$
  select private.landing_page_content(page) || jsonb_build_object(
    'page_id', page.id,
    'template_version', template_version,
    'branding', jsonb_build_object('brand_color', p.brand_color, 'logo_url', p.logo_url)
  )
  from public.profiles as p
  where p.id = page.partner_id
$$;
comment on function private.landing_page_snapshot(public.partner_landing_pages, text) is
  'Everything that the bytes of a page depend on, and nothing else. Null for a page whose partner has left.';

create function private.landing_page_hash(snapshot jsonb)
returns text
language sql
immutable
set search_path = ''
as $$
  -- jsonb has one text form: keys ordered, duplicates gone, spacing fixed.
  select encode(sha256(convert_to(snapshot::text, 'UTF8')), 'hex')
$$;
comment on function private.landing_page_hash(jsonb) is 'SHA-256, hex, of a snapshot.';

-- Writing the working copy --------------------------------------------------------------------------------------

create function private.may_act_for(partner_id uuid)
returns boolean
language sql
stable
set search_path = ''
as $$
  select partner_id is not null
    and (coalesce(partner_id = auth.uid(), false) or private.is_admin() or private.is_trusted_role())
$$;
comment on function private.may_act_for(uuid) is 'Whether the caller is this partner, an admin or a trusted role.';

create function private.check_landing_page_path(page public.partner_landing_pages)
returns void
language plpgsql
volatile
set search_path = ''
as $$
declare
  slug text;
begin
  -- The lock makes a slug that is being changed wait for this page, or this page for the slug.
  begin
    select p.partner_slug into slug from public.profiles as p where p.id = page.partner_id for key share;
  exception
    -- The slug's change has the profile and wants the page, which this change of its path has.
    when deadlock_detected or serialization_failure then
      perform private.raise_retry();
  end;
  if slug is null then
    raise sqlstate 'PT409' using
      message = 'partner_slug_missing',
      detail = 'The partner has no partner_slug yet, and every path begins with it.',
      hint = 'Set partner_slug on the profile first.';
  end if;
  if starts_with(page.path, '/partners/' || slug || '/') is not true then
    raise sqlstate 'PT400' using
      message = 'path_not_under_slug',
      detail = format('%s is not under /partners/%s/.', coalesce(page.path, 'No path'), slug),
      hint = format('Use a path such as /partners/%s/my-page.', slug);
  end if;
end
$$;
comment on function private.check_landing_page_path(public.partner_landing_pages) is
  'Raises partner_slug_missing (409) or path_not_under_slug (400).';

create function private.prepare_landing_page_insert()
returns trigger
language plpgsql
-- Definer: partners may not read what the checks look at; the session's role still decides who is asking.
security definer
set search_path = ''
as $$
begin
  if new.status <> 'concept' then
    raise sqlstate 'PT409' using
      message = 'transition_not_allowed',
      detail = format('A page begins as a concept, not as %s.', new.status),
      hint = 'Insert it as a concept and submit it.';
  end if;
  if (new.views_count, new.conversions_count) <> (0, 0)
    or num_nonnulls(new.last_viewed_at, new.published_at, new.submitted_version_id, new.live_version_id, new.previous_version_id) > 0
  then
    raise sqlstate 'PT403' using
      message = 'counter_not_writable',
      detail = 'Counters, versions and times of publication are kept by the database.',
      hint = 'Leave these columns out.';
  end if;
  -- Row level security refuses a stranger's row afterwards, and need not tell them the slug.
  if private.may_act_for(new.partner_id) then
    perform private.check_landing_page_path(new);
  end if;
  new.editor_ids := '{}';
  return new;
end
$$;
comment on function private.prepare_landing_page_insert() is
  'Trigger: a new page is an empty-handed concept under its partner''s slug.';

create function private.keep_landing_page_identity()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if private.is_ledger_write() then
    return new; -- The partner leaves: retire_partner() cuts the tie.
  end if;
  if (new.partner_id, new.source, new.created_by, new.editor_ids)
    is distinct from (old.partner_id, old.source, old.created_by, old.editor_ids)
  then
    raise sqlstate 'PT403' using
      message = 'column_not_writable',
      detail = 'A page keeps its partner, its author, its editors and its source.',
      hint = 'Make a new page instead.';
  end if;
  return new;
end
$$;
comment on function private.keep_landing_page_identity() is
  'Trigger: by source and editors four eyes are decided, and by partner whose leads these are.';

create function private.notice_landing_page_edit()
returns trigger
language plpgsql
-- Definer: partners may not read what the checks look at; the session's role still decides who is asking.
security definer
set search_path = ''
as $$
begin
  if private.landing_page_content(new) = private.landing_page_content(old) then
    return new;
  end if;
  if new.path is distinct from old.path then
    perform private.check_landing_page_path(new);
  end if;
  if new.status <> old.status and new.status in ('review', 'live') then
    raise sqlstate 'PT409' using
      message = 'content_changed',
      detail = 'An edit and a step towards publication cannot be one change.',
      hint = 'Save the edit, submit the page, then approve it.';
  end if;
  -- Nobody's edit is washed out by somebody else's after it.
  new.editor_ids := array(select distinct e.id from unnest(old.editor_ids || auth.uid()) as e (id) where e.id is not null);
  -- An edit voids what was submitted: nobody approves what they have not seen.
  if new.submitted_version_id = old.submitted_version_id then
    new.submitted_version_id := null;
    new.status := case new.status when 'review' then 'concept' else new.status end;
  end if;
  return new;
end
$$;
comment on function private.notice_landing_page_edit() is
  'Trigger: notices a change of what visitors would see, remembers whose it is, and withdraws what was submitted.';

create function private.measure_content()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  new.content_bytes := octet_length(new.content_json::text);
  return new;
end
$$;
comment on function private.measure_content() is 'Trigger: content_bytes is what content_json takes, whoever writes either.';

create trigger partner_landing_pages_measure_content
  before insert or update of content_json, content_bytes on public.partner_landing_pages
  for each row execute function private.measure_content();
create trigger partner_landing_pages_prepare_insert
  before insert on public.partner_landing_pages
  for each row execute function private.prepare_landing_page_insert();
-- The columns of landing_page_content(), which tests compare. Counting a view does not come here.
create trigger partner_landing_pages_notice_edit
  before update of path, title, subtitle, seo_title, seo_description, content_json on public.partner_landing_pages
  for each row
  when (new.partner_id is not null)
  execute function private.notice_landing_page_edit();
create trigger partner_landing_pages_keep_identity
  before update of partner_id, source, created_by, editor_ids on public.partner_landing_pages
  for each row execute function private.keep_landing_page_identity();
create trigger partner_landing_pages_guard_counters
  before update of views_count, conversions_count, last_viewed_at on public.partner_landing_pages
  for each row
  when (
    (new.views_count, new.conversions_count, new.last_viewed_at)
    is distinct from (old.views_count, old.conversions_count, old.last_viewed_at)
  )
  execute function private.guard_counters();
create trigger partner_landing_pages_set_updated_at
  before update on public.partner_landing_pages
  for each row
  -- A view is no update of the page.
  when ((new.views_count, new.conversions_count) = (old.views_count, old.conversions_count))
  execute function extensions.moddatetime(updated_at);

create function private.follow_partner_slug()
returns trigger
language plpgsql
-- Definer: the platform's own functions may change a profile without rights on our tables.
security definer
set search_path = ''
as $$
begin
  -- The lock lets an approval that is under way finish before it is asked whether a page has an address.
  perform from public.partner_landing_pages as p where p.partner_id = new.id order by p.id for update;
  if exists (
    select from public.partner_landing_pages as p
    join private.landing_page_addresses as a on a.page_id = p.id
    where p.partner_id = new.id
  ) then
    raise sqlstate 'PT409' using
      message = 'partner_slug_in_use',
      detail = format(
        'A page under /partners/%s/ has been live, or has its time to be; visitors and search engines know the address.',
        old.partner_slug
      ),
      hint = 'Keep the slug.';
  end if;
  update public.partner_landing_pages as p
  set path = '/partners/' || new.partner_slug || substr(p.path, length('/partners/' || old.partner_slug) + 1)
  where p.partner_id = new.id;
  return null;
exception
  when deadlock_detected or serialization_failure then
    perform private.raise_retry();
    return null;
end
$$;
comment on function private.follow_partner_slug() is
  'Trigger: moves a partner''s pages along with a changed slug, or refuses once one has been live.';

create trigger profiles_follow_partner_slug
  after update of partner_slug on public.profiles
  for each row
  when (old.partner_slug is not null and new.partner_slug is distinct from old.partner_slug)
  execute function private.follow_partner_slug();

-- Who sees and writes what ----------------------------------------------------------------------------------------

alter table public.partner_landing_pages enable row level security;
create policy partner_landing_pages_select_own on public.partner_landing_pages
  for select to authenticated
  using (partner_id between (select private.scope_start()) and (select private.scope_end()));
create policy partner_landing_pages_insert_own on public.partner_landing_pages
  for insert to authenticated
  with check (partner_id between (select private.scope_start()) and (select private.scope_end()));
create policy partner_landing_pages_update_own on public.partner_landing_pages
  for update to authenticated
  using (partner_id between (select private.scope_start()) and (select private.scope_end()))
  with check (partner_id between (select private.scope_start()) and (select private.scope_end()));

alter table public.partner_landing_page_versions enable row level security;
create policy partner_landing_page_versions_select_own on public.partner_landing_page_versions
  for select to authenticated
  using (partner_id between (select private.scope_start()) and (select private.scope_end()));

alter table public.partner_landing_page_submissions enable row level security;
create policy partner_landing_page_submissions_select_own on public.partner_landing_page_submissions
  for select to authenticated
  using (partner_id between (select private.scope_start()) and (select private.scope_end()));

alter table public.partner_landing_page_transitions enable row level security;
create policy partner_landing_page_transitions_select_own on public.partner_landing_page_transitions
  for select to authenticated
  using (partner_id between (select private.scope_start()) and (select private.scope_end()));

revoke all on table
  public.partner_landing_pages, public.partner_landing_page_versions, public.partner_landing_page_submissions,
  public.partner_landing_page_transitions
from public, anon, authenticated, service_role;
revoke all on sequence
  public.partner_landing_page_submissions_id_seq, public.partner_landing_page_transitions_id_seq
from public, anon, authenticated, service_role;
grant select on table
  public.partner_landing_pages, public.partner_landing_page_versions, public.partner_landing_page_submissions,
  public.partner_landing_page_transitions
to authenticated, service_role;
grant insert (
  id, partner_id, segment_id, path, source, title, subtitle, seo_title, seo_description, content_json, publish_at, unpublish_at
)
on table public.partner_landing_pages to authenticated, service_role;
-- Not the status: steps are taken through functions, which the walk of the next migration checks.
grant update (segment_id, path, title, subtitle, seo_title, seo_description, content_json, publish_at, unpublish_at)
on table public.partner_landing_pages to authenticated, service_role;
-- No delete: a page is archived. Versions, submissions and transitions are
-- written by the workflow alone.

revoke all on all functions in schema private from public;

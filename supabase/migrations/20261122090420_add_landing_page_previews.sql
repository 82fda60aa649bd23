-- Looking at a version before it is live: a link that is good for one version, for two weeks, for whoever has it.
--
-- Each submission makes one, which an admin finds in landing_pages_in_review; a partner or an admin makes others to
-- send to somebody. Only a token's hash is kept. It is made from the row's id and a key, so that the view can show it.
-- What was rejected, withdrawn or taken down is shown by none: whoever did that need not look for links.

set local lock_timeout = '3s';
set local statement_timeout = '60s';

create table private.preview_key (
  is_only boolean primary key default true,
  key bytea not null default sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())),
  constraint preview_key_is_only_one check (is_only)
);
comment on table private.preview_key is
  'What tokens of previews are made with. Make a new one, and no link that is about is good any more: '
  'update private.preview_key set key = default; delete from private.landing_page_previews.';
insert into private.preview_key default values;
alter table private.preview_key enable row level security;
revoke all on table private.preview_key from public, anon, authenticated, service_role;

create table private.landing_page_previews (
  id uuid primary key default gen_random_uuid(),
  page_id uuid not null,
  version_id uuid not null,
  token_sha256 bytea not null,
  expires_at timestamptz not null default now() + interval '14 days',
  -- Which of two is the newer, in one transaction too.
  created_at timestamptz not null default clock_timestamp(),
  constraint landing_page_previews_token_sha256_key unique (token_sha256),
  -- A version goes when its partner leaves.
  constraint landing_page_previews_version_id_fkey foreign key (version_id, page_id)
    references public.partner_landing_page_versions (id, page_id) on delete cascade
);
comment on table private.landing_page_previews is 'Links to versions that need not be live, until they expire or are revoked.';
create index landing_page_previews_version_id_idx on private.landing_page_previews (version_id, page_id, created_at);
create index landing_page_previews_page_id_idx on private.landing_page_previews (page_id, created_at);
alter table private.landing_page_previews enable row level security;
revoke all on table private.landing_page_previews from public, anon, authenticated, service_role;

create function private.preview_token(preview_id uuid)
returns text
language sql
stable
set search_path = ''
as $$
  -- Both are of one length, so that this is as good as an HMAC.
  select encode(sha256(k.key || uuid_send(preview_id)), 'hex') from private.preview_key as k
$$;
comment on function private.preview_token(uuid) is 'What a link to a preview ends with: 64 hex digits.';

create function private.may_be_previewed(version_id uuid)
returns boolean
language sql
stable
set search_path = ''
as $$
  select coalesce(
    (
      select s.status in ('waiting', 'approved')
      from public.partner_landing_page_submissions as s
      where s.version_id = may_be_previewed.version_id
      order by s.id desc
      limit 1
    ),
    false
  )
$$;
comment on function private.may_be_previewed(uuid) is
  'Whether a version waits for approval or has it: not if it was rejected, withdrawn or revoked since.';

create function private.add_landing_page_preview(page_id uuid, version_id uuid)
returns private.landing_page_previews
language plpgsql
volatile
set search_path = ''
as $$
declare
  preview private.landing_page_previews;
  preview_id constant uuid := gen_random_uuid();
begin
  -- Twenty of a version are good at a time; the next one takes the place of the oldest. Those of other versions stay:
  -- whoever makes many must not take away the one that an admin looks at.
  delete from private.landing_page_previews as p
  where p.page_id = add_landing_page_preview.page_id
    and (
      p.expires_at <= now()
      or p.id in (
        select o.id from private.landing_page_previews as o
        where o.version_id = add_landing_page_preview.version_id
        order by o.created_at desc
        offset 19
      )
    );
  insert into private.landing_page_previews (id, page_id, version_id, token_sha256)
  values (preview_id, page_id, version_id, sha256(convert_to(private.preview_token(preview_id), 'UTF8')))
  returning * into preview;
  return preview;
end
$$;
comment on function private.add_landing_page_preview(uuid, uuid) is 'Makes a link to a version.';

create function private.preview_submission()
returns trigger
language plpgsql
-- Definer: whoever submits reads no key.
security definer
set search_path = ''
as $$
begin
  perform private.add_landing_page_preview(new.page_id, new.version_id);
  return null;
end
$$;
comment on function private.preview_submission() is 'Trigger: whoever approves a version can look at it.';

create trigger partner_landing_page_submissions_preview
  after insert on public.partner_landing_page_submissions
  for each row execute function private.preview_submission();

create function private.preview_path(page_id uuid, version_id uuid)
returns text
language sql
stable
-- Definer: whoever may see the page may see its link, and reads no key.
security definer
set search_path = ''
as $$
  select '/previews/' || private.preview_token(p.id)
  from private.landing_page_previews as p
  join public.partner_landing_pages as l on l.id = p.page_id
  where p.page_id = preview_path.page_id and p.version_id = preview_path.version_id and p.expires_at > now()
    and private.may_act_for(l.partner_id)
  order by p.created_at desc
  limit 1
$$;
comment on function private.preview_path(uuid, uuid) is
  'Where the site shows a version, while there is a link to it that is good.';

-- The API ---------------------------------------------------------------------------------------------------------

create function private.create_landing_page_preview(page_id uuid, version integer)
returns jsonb
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  page constant public.partner_landing_pages := private.find_own_landing_page(page_id);
  target public.partner_landing_page_versions;
  preview private.landing_page_previews;
begin
  select v.* into target
  from public.partner_landing_page_versions as v
  where v.page_id = page.id and v.number = coalesce(create_landing_page_preview.version, v.number)
  -- Unless one is named: what waits, else the newest.
  order by v.id = page.submitted_version_id desc nulls last, v.number desc
  limit 1;
  if target.id is null then
    raise sqlstate 'PT404' using
      message = 'version_not_found',
      detail = case
        when version is null then 'The page has no version yet.' else format('The page has no version %s.', version)
      end,
      hint = case
        when version is null then 'Submit it first: what is submitted can be looked at.'
        else 'List them with GET /rest/v1/partner_landing_page_versions?page_id=eq.' || page.id
      end;
  end if;
  if not private.may_be_previewed(target.id) then
    raise sqlstate 'PT409' using
      message = 'version_not_shown',
      detail = format('Version %s was rejected, withdrawn or taken down.', target.number),
      hint = 'Submit the page again: what waits for approval can be looked at.';
  end if;
  preview := private.add_landing_page_preview(page.id, target.id);
  return jsonb_build_object(
    'path', '/previews/' || private.preview_token(preview.id),
    'version', target.number,
    'content_hash', target.content_hash,
    'expires_at', preview.expires_at
  );
end
$$;

create function private.revoke_landing_page_previews(page_id uuid)
returns jsonb
language plpgsql
volatile
security definer
set search_path = ''
as $$
declare
  page constant public.partner_landing_pages := private.find_own_landing_page(page_id);
  revoked integer;
begin
  delete from private.landing_page_previews as p where p.page_id = page.id;
  get diagnostics revoked = row_count;
  return jsonb_build_object('revoked', revoked);
end
$$;

create function private.landing_page_preview(token text)
returns table (html_gzip bytea, csp text, signature bytea, content_hash text)
language plpgsql
stable
-- Definer: whoever has the link has no account, and may read no table.
security definer
set search_path = ''
as $$
begin
  perform private.check_query();
  return query
  select d.html_gzip, d.csp, d.signature, d.content_hash
  from private.landing_page_previews as p
  join public.partner_landing_page_versions as v on v.id = p.version_id
  join private.landing_page_documents as d on d.content_hash = v.content_hash
  where p.token_sha256 = sha256(convert_to(landing_page_preview.token, 'UTF8')) and p.expires_at > now()
    and private.may_be_previewed(p.version_id);
end
$$;

create function public.create_landing_page_preview(page_id uuid, version integer default null)
returns jsonb
language sql volatile set search_path = ''
as $$ select private.create_landing_page_preview(page_id, version) $$;
comment on function public.create_landing_page_preview(uuid, integer) is
  'Makes a link to a version of one''s own page, else to what waits for approval, else to the newest; it is good for two '
  'weeks. Answers {"path", "version", "content_hash", "expires_at"}. 404 page_not_found, version_not_found; 409 version_not_shown.';

create function public.revoke_landing_page_previews(page_id uuid)
returns jsonb
language sql volatile set search_path = ''
as $$ select private.revoke_landing_page_previews(page_id) $$;
comment on function public.revoke_landing_page_previews(uuid) is
  'Makes every link to versions of one''s own page worth nothing. Answers {"revoked"}. 404 page_not_found.';

create function public.landing_page_preview(token text)
returns table (html_gzip bytea, csp text, signature bytea, content_hash text)
language sql stable set search_path = ''
as $$ select * from private.landing_page_preview(token) $$;
comment on function public.landing_page_preview(text) is
  'The document that a link is good for, or no row. 400 query_too_long.';

revoke all on all functions in schema private from public;
revoke all on function
  public.create_landing_page_preview(uuid, integer), public.revoke_landing_page_previews(uuid),
  public.landing_page_preview(text)
from public, anon, authenticated, service_role;
grant execute on function
  public.create_landing_page_preview(uuid, integer), private.create_landing_page_preview(uuid, integer),
  public.revoke_landing_page_previews(uuid), private.revoke_landing_page_previews(uuid),
  private.preview_path(uuid, uuid)
to authenticated, service_role;
grant execute on function public.landing_page_preview(text), private.landing_page_preview(text)
to anon, authenticated, service_role;

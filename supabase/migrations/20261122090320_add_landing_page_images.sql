-- Pictures on landing pages: a public bucket in the project's own Storage, in which a partner writes under their own id.
--
-- A page is approved with its pictures, so a picture never changes: each name is written once, and stays taken when the
-- picture is deleted. docs/decisions/0012-images.md has the reasons, docs/images.md the way for partners.

set local lock_timeout = '3s';
set local statement_timeout = '60s';

-- Storage itself sees to size and type. A bucket survives `db reset`.
insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types)
values (
  'landing-page-images', 'landing-page-images', true, 2 * 1024 * 1024,
  array['image/avif', 'image/jpeg', 'image/png', 'image/webp']
)
on conflict (id) do update set
  public = excluded.public, file_size_limit = excluded.file_size_limit, allowed_mime_types = excluded.allowed_mime_types;

create table private.image_names (
  name text primary key,
  partner_id uuid references public.profiles (id) on delete cascade,
  created_at timestamptz not null default now()
);
create index image_names_partner_id_idx on private.image_names (partner_id);
comment on table private.image_names is
  'Every name in the bucket landing-page-images that was ever written. An operator frees one by deleting its row.';
comment on column private.image_names.partner_id is 'Whose folder it is in; null for what the marketplace put elsewhere.';
alter table private.image_names enable row level security;
revoke all on table private.image_names from public, anon, authenticated, service_role;

create function private.write_image_once()
returns trigger
language plpgsql
-- Definer: Storage finishes an upload as service_role, which has no rights on our tables.
security definer
set search_path = ''
as $$
declare
  folder constant text := split_part(new.name, '/', 1);
  uuid_format constant text := '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$';
  partner_id constant uuid := case when folder ~ uuid_format then folder::uuid end;
  reason text;
begin
  if tg_op = 'UPDATE' then
    raise insufficient_privilege using message = 'image_is_final: a picture is never replaced or moved; use another name';
  end if;
  if partner_id is not null and not exists (select from public.profiles as p where p.id = partner_id) then
    raise insufficient_privilege using message = 'profile_required: only partners have pictures';
  end if;
  -- A name that is taken is a unique_violation, which Storage answers with 409.
  insert into private.image_names (name, partner_id) values (new.name, partner_id);
  return new;
exception
  when sqlstate 'PT409' then
    get stacked diagnostics reason = pg_exception_detail;
    raise insufficient_privilege using message = format('%s: %s', sqlerrm, reason);
end
$$;
comment on function private.write_image_once() is
  'Trigger: takes the name, for good. Raises what Storage hands on to its caller: insufficient_privilege (403) with a '
  'sentence, or unique_violation (409).';

create trigger landing_page_images_take_name
  before insert on storage.objects
  for each row
  when (new.bucket_id = 'landing-page-images')
  execute function private.write_image_once();
create trigger landing_page_images_stay
  before update on storage.objects
  for each row
  when (
    'landing-page-images' in (old.bucket_id, new.bucket_id)
    and (old.bucket_id, old.name, old.version) is distinct from (new.bucket_id, new.name, new.version)
  )
  execute function private.write_image_once();

-- Restrictive: a platform that was there before may let everybody write into every bucket. Without a `with check`,
-- `using` holds for what is written, too.
create policy landing_page_images_are_ones_own on storage.objects
  as restrictive for all to authenticated
  using (
    bucket_id is distinct from 'landing-page-images'
    or starts_with(name, (select auth.uid())::text || '/')
    or (select private.is_admin())
  );
create policy landing_page_images_are_nobodys on storage.objects
  as restrictive for all to anon
  using (bucket_id is distinct from 'landing-page-images');

-- Whoever has the URL of a picture sees it without a policy. To list and delete one's own takes these.
create policy landing_page_images_insert on storage.objects
  for insert to authenticated
  with check (
    bucket_id = 'landing-page-images'
    and name ~* '^[0-9a-f-]{36}/[a-z0-9][a-z0-9._-]{0,99}\.(avif|jpe?g|png|webp)$'
  );
create policy landing_page_images_select on storage.objects
  for select to authenticated
  using (
    bucket_id = 'landing-page-images'
    and (starts_with(name, (select auth.uid())::text || '/') or (select private.is_admin()))
  );
create policy landing_page_images_delete on storage.objects
  for delete to authenticated
  using (
    bucket_id = 'landing-page-images'
    and (starts_with(name, (select auth.uid())::text || '/') or (select private.is_admin()))
  );

revoke all on all functions in schema private from public;

-- Which segments a partner wants leads from, now and before.

set local lock_timeout = '3s';
set local statement_timeout = '60s';

create table public.partner_segments (
  id uuid primary key default gen_random_uuid(),
  partner_id uuid not null default auth.uid() references public.profiles (id) on delete cascade,
  segment_id uuid not null references public.lead_segments (id) on delete cascade,
  is_primary boolean not null default false,
  priority integer not null default 100,
  is_active boolean not null default true,
  target_leads_per_week integer,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint partner_segments_priority_range check (priority between 0 and 1000),
  constraint partner_segments_target_leads_per_week_range check (target_leads_per_week between 0 and 10000),
  constraint partner_segments_primary_is_active check (is_active or not is_primary)
);
comment on table public.partner_segments is
  'A partner''s link to a segment. An ended link stays, inactive, as history; a new one may follow it.';
comment on column public.partner_segments.priority is 'Lower comes first.';
comment on column public.partner_segments.is_primary is
  'At most one a partner. Making a link primary demotes the other in the same statement.';

create unique index partner_segments_one_active_link on public.partner_segments (partner_id, segment_id) where is_active;
create unique index partner_segments_one_primary on public.partner_segments (partner_id) where is_primary;
create index partner_segments_partner_id_idx on public.partner_segments (partner_id, priority);
create index partner_segments_segment_id_idx on public.partner_segments (segment_id) where is_active;
-- The partial index above does not serve the foreign key's cascade.
create index partner_segments_segment_id_fkey_idx on public.partner_segments (segment_id);

create function private.prepare_partner_segment()
returns trigger
language plpgsql
set search_path = ''
as $$
begin
  if tg_op = 'UPDATE' and new.partner_id <> old.partner_id then
    raise sqlstate 'PT403' using
      message = 'partner_id_not_writable',
      detail = 'A segment link cannot move to another partner.',
      hint = 'End this link and add one for the other partner.';
  end if;
  if new.is_primary then
    update public.partner_segments as s
    set is_primary = false
    where s.partner_id = new.partner_id and s.is_primary and s.id <> new.id;
  end if;
  return new;
end
$$;
comment on function private.prepare_partner_segment() is
  'Trigger: keeps the owner and demotes the former primary link.';

create trigger partner_segments_prepare
  before insert or update of is_primary, partner_id on public.partner_segments
  for each row execute function private.prepare_partner_segment();
create trigger partner_segments_set_updated_at
  before update on public.partner_segments
  for each row execute function extensions.moddatetime(updated_at);

alter table public.partner_segments enable row level security;
create policy partner_segments_select_own on public.partner_segments
  for select to authenticated
  using (partner_id between (select private.scope_start()) and (select private.scope_end()));
create policy partner_segments_insert_own on public.partner_segments
  for insert to authenticated
  with check (partner_id between (select private.scope_start()) and (select private.scope_end()));
create policy partner_segments_update_own on public.partner_segments
  for update to authenticated
  using (partner_id between (select private.scope_start()) and (select private.scope_end()))
  with check (partner_id between (select private.scope_start()) and (select private.scope_end()));

revoke all on table public.partner_segments from public, anon, authenticated, service_role;
grant select on table public.partner_segments to authenticated, service_role;
grant insert (id, partner_id, segment_id, is_primary, priority, is_active, target_leads_per_week)
on table public.partner_segments to authenticated, service_role;
grant update (is_primary, priority, is_active, target_leads_per_week)
on table public.partner_segments to authenticated, service_role;
-- No delete: a link is ended with is_active = false.

revoke all on all functions in schema private from public;

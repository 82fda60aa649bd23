-- A lead marketplace that was there before us, made under the privileges of a project from before 2026: new tables
-- are open to anon and authenticated, and its own policies are all that keeps rows apart.

create table public.profiles (
  id uuid primary key references auth.users (id) on delete cascade,
  company_name text not null,
  kvk_number text,
  phone text,
  credits integer not null default 0,
  is_admin boolean,
  created_at timestamptz default now()
);
alter table public.profiles enable row level security;
create policy "Users can view own profile" on public.profiles for select using (auth.uid() = id);
create policy "Users can insert own profile" on public.profiles for insert with check (auth.uid() = id);
create policy "Users can update own profile" on public.profiles for update using (auth.uid() = id);

create table public.lead_segments (
  id uuid primary key default gen_random_uuid(),
  trade text not null,
  region text not null,
  price_per_lead numeric(8, 2) not null default 25
);
alter table public.lead_segments enable row level security;
create policy "Segments are public" on public.lead_segments for select using (true);

-- Its own table of leads, a function that its back office calls, and a public view of who takes part.
create table public.leads (
  id bigint generated always as identity primary key,
  profile_id uuid references public.profiles (id) on delete set null,
  segment_id uuid references public.lead_segments (id)
);
alter table public.leads enable row level security;

create function public.promote_employee(employee uuid) returns void
language sql security definer set search_path = ''
as $$ update public.profiles as p set is_admin = true where p.id = employee $$;

create function public.register_partner(partner uuid, company text) returns void
language sql security definer set search_path = ''
as $$ insert into public.profiles (id, company_name, is_admin) values (partner, company, false) $$;

create view public.partner_directory as select p.id, p.company_name from public.profiles as p;

insert into auth.users (id, aud, role, email)
select ('00000000-0000-4000-9000-' || lpad(n::text, 12, '0'))::uuid, 'authenticated', 'authenticated', n || '@oud.example'
from generate_series(1, 8) as n;

-- is_admin is null for those who came before the column did. The last account has no profile yet.
insert into public.profiles (id, company_name, kvk_number, phone, credits, is_admin, created_at)
select
  ('00000000-0000-4000-9000-' || lpad(n::text, 12, '0'))::uuid, 'Firma ' || n, '1234567' || n, '06-1234567' || n, n * 10,
  case when n = 1 then true when n <= 4 then false end,
  case when n < 7 then timestamptz '2024-03-01 09:00+00' end
from generate_series(1, 7) as n;

insert into public.lead_segments (trade, region) values ('Schilder', 'Haarlem'), ('Dakdekker', 'Breda');
insert into public.leads (profile_id, segment_id)
select p.id, s.id from public.profiles as p cross join public.lead_segments as s;

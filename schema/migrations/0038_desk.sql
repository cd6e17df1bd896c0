-- The helper's desk: people without internet, who entered what for them, codes of the weekly sheet.

create table helpers (
  account_id uuid primary key references accounts (actor_id) on delete cascade,
  appointed_by uuid references actors (id),
  created timestamptz not null default now()
);

create table wards (
  account_id uuid primary key references accounts (actor_id) on delete cascade,
  helper_id uuid not null references actors (id),   -- who recorded the consent
  consent text not null check (consent in ('spoken', 'written')),
  consented timestamptz not null,
  contact text not null default ''                  -- telephone or where to find them; helpers only
);

create table desk_entries (
  proposal_id uuid primary key references proposals (id) on delete cascade,
  helper_id uuid not null references actors (id),
  created timestamptz not null default now()
);

create table sheet_codes (
  week date not null,                               -- its Monday
  code text not null,
  proposal_id uuid not null references proposals (id) on delete cascade,
  primary key (week, code),
  unique (week, proposal_id)
);

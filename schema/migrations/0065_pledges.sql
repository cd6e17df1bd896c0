-- Pledges of support: a city or community promises a project help in kind, gives it, is thanked.

create table pledges (
  id uuid primary key,
  uri text not null unique check (octet_length(uri) <= 2000),
  giver_id uuid not null references actors (id),     -- a community or a city, here or elsewhere
  project_id uuid not null references projects (community_id) on delete cascade,
  need_uri text not null default '',                 -- the line of the project's needs it is for
  kind text not null check (kind in ('material', 'hours', 'knowledge')),
  title text not null check (length(title) between 1 and 200),
  note text not null default '',                     -- plain text
  quantity numeric not null check (quantity > 0),
  unit text not null,
  due date,
  edition integer not null default 1,                -- counts what the giver changed
  answer text not null default '' check (answer in ('', 'accepted', 'declined')),
  answered_edition integer not null default 0,       -- what the project has answered to
  reason text not null default '',                   -- of who declined or took it back
  withdrawn_at timestamptz,
  delivered numeric not null default 0,              -- as the giver says, and nobody denies
  confirmed numeric not null default 0,              -- as the project says
  created timestamptz not null default now(),
  updated timestamptz not null default now(),
  check (confirmed <= delivered and delivered <= quantity)
);
create index pledges_giver on pledges (giver_id);
create index pledges_project on pledges (project_id);
create index pledges_need on pledges (need_uri) where need_uri <> '';

create table pledge_deliveries (
  id uuid primary key,
  uri text not null unique check (octet_length(uri) <= 2000),
  pledge_id uuid not null references pledges (id) on delete cascade,
  amount numeric not null check (amount > 0),
  note text not null default '',
  answer text not null default '' check (answer in ('', 'confirmed', 'missing')),
  reason text not null default '',
  said_at timestamptz not null,
  answered_at timestamptz
);
create index pledge_deliveries_pledge on pledge_deliveries (pledge_id, said_at);

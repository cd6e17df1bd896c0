-- Cities that our neighbours name, and what our city has passed on as a hub.

create table vouched (
  peer text not null references peers (origin) on delete cascade, -- who names it
  host text not null check (octet_length(host) <= 260),
  uri text not null check (octet_length(uri) <= 2000),            -- its city
  title text not null default '',
  primary key (peer, host)
);

create table directories (
  peer text primary key references peers (origin) on delete cascade,
  asked_at timestamptz not null default now()
);

create table passed_on (
  uri text primary key check (octet_length(uri) <= 2000),         -- of the activity inside
  created timestamptz not null default now()
);

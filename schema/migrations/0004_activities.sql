-- The spine: every activity in or out, and what has still to reach whom.

create table activities (
  id uuid primary key,
  uri text not null unique check (octet_length(uri) <= 2000),
  direction text not null check (direction in ('in', 'out')),
  actor_id uuid not null references actors (id),
  type text not null,
  object_uri text not null default '',
  document text not null,                     -- JSON, byte for byte as it was signed
  public boolean not null default false,
  state text not null check (state in ('received', 'waiting', 'done', 'refused', 'malformed', 'ignored')),
  verdict text not null default '',
  attempts integer not null default 0,
  next_at timestamptz not null default now(),
  lease_until timestamptz not null default 'epoch',
  created timestamptz not null default now()
);
create index activities_due on activities (next_at, id) where state in ('received', 'waiting');
create index activities_actor on activities (actor_id, id) where direction = 'out' and public;
create index activities_object on activities (object_uri) where object_uri <> '';

create table deliveries (
  id uuid primary key,                        -- UUIDv7: the order in which they were made
  peer text not null references peers (origin),
  inbox text not null,
  activity_id uuid not null references activities (id),
  sender_id uuid not null references actors (id),
  object_key text not null default '',        -- what must stay in order
  state text not null default 'due' check (state in ('due', 'done', 'refused', 'expired')),
  status integer,                             -- last HTTP status
  error text not null default '',
  attempts integer not null default 0,
  next_at timestamptz not null default now(),
  created timestamptz not null default now(),
  done_at timestamptz,
  unique (activity_id, inbox)
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.01);
create index deliveries_due on deliveries (peer, id) where state = 'due';

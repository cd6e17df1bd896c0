-- Polls of other servers and what residents chose; who is muted; who lives where else or has moved.

create table polls (
  post_id uuid primary key references posts (id) on delete cascade,
  options jsonb not null,                     -- [[words, votes], …]
  multiple boolean not null default false,
  voters integer not null default 0,
  ends timestamptz,
  closed boolean not null default false
);

create table poll_votes (
  post_id uuid not null references polls (post_id) on delete cascade,
  actor_id uuid not null references actors (id) on delete cascade,
  choice smallint not null,                   -- which option, from 0
  primary key (post_id, actor_id, choice)
);
create index poll_votes_actor on poll_votes (actor_id);

alter table blocks add column kind text not null default 'block'
  check (kind in ('block', 'mute'));          -- who is muted is not seen, but may follow

create table aliases (
  actor_id uuid not null references actors (id) on delete cascade,
  uri text not null check (octet_length(uri) <= 2000),
  created timestamptz not null default now(),
  primary key (actor_id, uri)
);

create table moves (
  actor_id uuid primary key references actors (id) on delete cascade,
  target_id uuid not null references actors (id),
  at timestamptz not null default now()
);

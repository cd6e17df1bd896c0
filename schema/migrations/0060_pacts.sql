-- Knowledge bridges: two places teach each other; what they meet for, are asked, answered and built.

create table pacts (
  id uuid primary key,
  uri text not null unique check (octet_length(uri) <= 2000),
  asker_id uuid not null references actors (id),     -- a community or a city, here or elsewhere
  other_id uuid not null references actors (id),
  asker_host_id uuid references actors (id),         -- who is spoken to at each end
  other_host_id uuid references actors (id),
  title text not null,
  topics text[] not null default '{}',
  aim text not null default '',                      -- Markdown here, clean HTML from elsewhere
  state text not null check (state in ('asked', 'agreed', 'declined', 'ended')),
  reason text not null default '',
  ended_by uuid references actors (id),
  created timestamptz not null default now(),
  agreed_at timestamptz,
  ended_at timestamptz,
  check (asker_id <> other_id)
);
create index pacts_asker on pacts (asker_id);
create index pacts_other on pacts (other_id);

create table meetings (
  id uuid primary key,
  uri text not null unique check (octet_length(uri) <= 2000),
  pact_id uuid not null references pacts (id),
  home_id uuid not null references actors (id),      -- the side that holds the date
  title text not null,
  topic text not null default '',                    -- plain text
  starts timestamptz not null,
  ends timestamptz not null,
  asker_room text not null default '',
  other_room text not null default '',
  link text not null default '',                     -- of the video
  host_id uuid references actors (id),
  cancelled boolean not null default false,
  edition integer not null default 0,                -- SEQUENCE of RFC 5545
  created timestamptz not null default now(),
  updated timestamptz not null default now(),
  check (ends > starts)
);
create index meetings_pact on meetings (pact_id, starts);

create table questions (
  id uuid primary key,
  uri text not null unique check (octet_length(uri) <= 2000),
  meeting_id uuid not null references meetings (id),
  author_id uuid not null references actors (id),
  text text not null,                                -- plain
  deleted_at timestamptz,
  created timestamptz not null default now()
);
create index questions_meeting on questions (meeting_id, created);
create index questions_author on questions (author_id);

-- Both cities hold every vote, so they count the same.
create table question_votes (
  question_id uuid not null references questions (id) on delete cascade,
  actor_id uuid not null references actors (id),
  uri text not null,                                 -- of the Like
  created timestamptz not null default now(),
  primary key (question_id, actor_id)
);
create index question_votes_actor on question_votes (actor_id);

create table lessons (
  id uuid primary key,
  uri text not null unique check (octet_length(uri) <= 2000),
  meeting_id uuid not null references meetings (id),
  question_uri text not null default '',
  home_id uuid not null references actors (id),      -- the side that wrote it
  writer_id uuid references actors (id),             -- who did, where it was here
  title text not null,
  source text not null default '',
  html text not null,
  created timestamptz not null default now(),
  updated timestamptz not null default now()
);
create index lessons_meeting on lessons (meeting_id, created);

create table outcomes (
  pact_id uuid not null references pacts (id),
  uri text not null check (octet_length(uri) <= 2000),
  home_id uuid not null references actors (id),
  title text not null,
  created timestamptz not null default now(),
  primary key (pact_id, uri)
);

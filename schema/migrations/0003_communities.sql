-- Communities, who belongs to them, what is offered and needed, what is said.

create table communities (
  actor_id uuid primary key references actors (id),
  join_rule text not null check (join_rule in ('open', 'approval', 'hidden')),
  purpose text not null default '',
  created_by uuid references actors (id),
  closed_at timestamptz,
  members integer not null default 0,         -- kept by memberships.py; a foreign one's own count
  last_post timestamptz,
  created timestamptz not null default now()
);

create table memberships (
  community_id uuid not null references communities (actor_id) on delete cascade,
  person_id uuid not null references actors (id) on delete cascade,
  role text not null default 'member' check (role in ('member', 'moderator', 'steward')),
  state text not null check (state in ('asked', 'member', 'invited', 'refused', 'left', 'banned')),
  uri text not null default '',               -- the Join or Follow that asked
  message text not null default '',
  reason text not null default '',
  banned_until timestamptz,
  decided_by uuid references actors (id),
  created timestamptz not null default now(),
  changed timestamptz not null default now(),
  primary key (community_id, person_id)
);
create index memberships_person on memberships (person_id, state);

create table proposals (
  id uuid primary key,
  uri text not null unique check (octet_length(uri) <= 2000),
  purpose text not null check (purpose in ('offer', 'request')),
  author_id uuid not null references actors (id),
  community_id uuid references communities (actor_id),
  scope text not null check (scope in ('community', 'city', 'neighbours', 'everyone')),
  title text not null check (length(title) between 1 and 200),
  source text not null default '',            -- Markdown
  html text not null default '',
  language text not null default 'de',
  category text not null default 'other',
  quantity numeric check (quantity > 0),      -- null: any amount
  available numeric check (available >= 0),
  unit text not null default 'piece',
  until timestamptz,                          -- null: standing
  return_kind text not null default 'open'
    check (return_kind in ('nothing', 'lend', 'swap', 'hours', 'open')),
  return_note text not null default '',
  place_name text not null default '',
  latitude double precision,                  -- rough, WGS 84
  longitude double precision,
  cell integer,                               -- places.cell
  state text not null default 'open' check (state in ('open', 'closed', 'withdrawn', 'removed')),
  removed_reason text not null default '',
  replies integer not null default 0,
  document text not null default '',          -- the foreign original
  created timestamptz not null default now(),
  updated timestamptz not null default now(),
  search tsvector generated always as (
    setweight(to_tsvector('german', title), 'A') || setweight(to_tsvector('english', title), 'A')
    || setweight(to_tsvector('german', source), 'B') || setweight(to_tsvector('english', source), 'B')
  ) stored,
  check (community_id is not null or scope <> 'community')
);
create index proposals_new on proposals (purpose, created desc, id desc) where state = 'open';
create index proposals_category on proposals (purpose, category, created desc) where state = 'open';
create index proposals_cell on proposals (cell, category, created desc) where state = 'open';
create index proposals_author on proposals (author_id, created desc);
create index proposals_community on proposals (community_id, created desc) where community_id is not null;
create index proposals_search on proposals using gin (search);
create index proposals_until on proposals (until) where state = 'open';

create table posts (
  id uuid primary key,
  uri text not null unique check (octet_length(uri) <= 2000),
  author_id uuid not null references actors (id),
  community_id uuid references communities (actor_id),
  proposal_id uuid references proposals (id),  -- an answer below a need or offer
  root_id uuid references posts (id),          -- null: the first of its thread, or below a proposal
  parent_id uuid references posts (id),
  in_reply_to text not null default '',        -- as the author's server wrote it
  scope text not null check (scope in ('community', 'city', 'neighbours', 'everyone')),
  title text not null default '',
  source text not null default '',
  html text not null default '',
  language text not null default '',           -- BCP 47; '' where its server does not say
  tags text[] not null default '{}',           -- hashtags, lower case, without #
  page_url text not null default '',           -- a foreign one's page there
  context text not null default '',            -- the thread's own address (FEP-7888)
  replies integer not null default 0,          -- all below it, of a first one or an answer
  last_reply timestamptz not null default now(),
  pinned_at timestamptz,
  locked_at timestamptz,
  removed_at timestamptz,                      -- by a moderator
  removed_by uuid references actors (id),
  removed_reason text not null default '',
  deleted_at timestamptz,                      -- by the author
  created timestamptz not null default now(),
  updated timestamptz not null default now()
);
create index posts_community on posts (community_id, last_reply desc) where parent_id is null and proposal_id is null;
create index posts_root on posts (root_id, created) where root_id is not null;
create index posts_proposal on posts (proposal_id, created) where proposal_id is not null;
create index posts_tags on posts using gin (tags);
create index posts_author on posts (author_id, created desc);
create index posts_waiting_parent on posts (in_reply_to) where parent_id is null and in_reply_to <> '';

create table attachments (
  media_id uuid not null references media (id),
  proposal_id uuid references proposals (id) on delete cascade,
  post_id uuid references posts (id) on delete cascade,
  position smallint not null default 0,
  check (num_nonnulls(proposal_id, post_id) = 1)
);
create index attachments_proposal on attachments (proposal_id, position) where proposal_id is not null;
create index attachments_post on attachments (post_id, position) where post_id is not null;

-- What a guest wrote before having an account; found again by the secret in a cookie.
create table drafts (
  token_hash bytea primary key,
  fields jsonb not null,
  expires_at timestamptz not null
);

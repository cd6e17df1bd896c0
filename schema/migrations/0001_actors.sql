-- Who can act: people and communities, here and elsewhere; other servers; pictures.

create table peers (
  origin text primary key check (octet_length(origin) <= 300), -- scheme://host[:port]
  host text not null unique,                                   -- host[:port], as in name@host
  title text not null default '',
  software text not null default '',
  link text not null default 'known'
    check (link in ('known', 'asked', 'asking', 'linked', 'refused')),
  blocked_at timestamptz,
  paused_at timestamptz,
  publishes boolean not null default true,  -- we send our public things to them
  receives boolean not null default true,   -- we show what they send
  reason text not null default '',
  scheme text not null default 'cavage' check (scheme in ('cavage', 'rfc9421')),
  last_heard timestamptz,
  last_sent timestamptz,
  failing_since timestamptz,
  failures integer not null default 0,
  last_error text not null default '',
  next_at timestamptz not null default now(),
  lease_until timestamptz not null default 'epoch',
  created timestamptz not null default now()
);

create table media (
  id uuid primary key,
  mime text not null check (mime in ('image/webp', 'image/jpeg', 'image/png')),
  full_bytes bytea,          -- null until a foreign picture has been fetched
  small_bytes bytea,
  width integer not null default 0,
  height integer not null default 0,
  alt text not null default '',
  remote_url text check (octet_length(remote_url) <= 2000),
  created timestamptz not null default now()
);

create table actors (
  id uuid primary key,
  kind text not null check (kind in ('person', 'group', 'city', 'instance', 'other')),
  uri text not null unique check (octet_length(uri) <= 2000),
  peer text references peers (origin),      -- null: lives here
  name text not null check (octet_length(name) between 1 and 200),
  host text not null default '',            -- '' here, else host[:port]
  title text not null default '',
  about text not null default '',           -- Markdown of ours
  about_html text not null default '',
  can text not null default '',             -- what a person can give
  wants text not null default '',           -- what a person needs
  languages text[] not null default '{}',
  page_url text not null default '',
  inbox text not null,
  shared_inbox text,
  followers_uri text,
  members_uri text,
  moderators_uri text,
  avatar_id uuid references media (id),
  place_name text not null default '',
  latitude double precision,                -- rough, WGS 84
  longitude double precision,
  approves boolean not null default false,
  discoverable boolean not null default true,
  key_id text,
  public_key text not null default '',
  ed25519_key text not null default '',     -- multibase
  created timestamptz not null default now(),
  updated timestamptz not null default now(),
  fetched timestamptz not null default now(),
  deleted_at timestamptz,
  suspended_until timestamptz,
  suspended_reason text not null default '',
  check ((peer is null) = (host = ''))
);
create unique index actors_name_here on actors (lower(name)) where host = '';
create index actors_handle on actors (lower(name), host);
create index actors_key on actors (key_id) where key_id is not null;
create index actors_peer on actors (peer, kind) where peer is not null;

create table actor_keys (
  actor_id uuid primary key references actors (id) on delete cascade,
  rsa_private text not null,
  ed25519_private bytea not null,
  created timestamptz not null default now()
);

create table follows (
  follower_id uuid not null references actors (id) on delete cascade,
  followed_id uuid not null references actors (id) on delete cascade,
  state text not null check (state in ('asked', 'accepted')),
  uri text not null default '',
  created timestamptz not null default now(),
  primary key (follower_id, followed_id)
);
create index follows_followed on follows (followed_id, state);

create table blocks (
  blocker_id uuid not null references actors (id) on delete cascade,
  blocked_id uuid not null references actors (id) on delete cascade,
  created timestamptz not null default now(),
  primary key (blocker_id, blocked_id)
);

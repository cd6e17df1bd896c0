-- What a person should be told, what somebody complained about, what admins did.

create table notices (
  id uuid primary key,
  account_id uuid not null references accounts (actor_id) on delete cascade,
  kind text not null,
  by_id uuid references actors (id),
  proposal_id uuid references proposals (id) on delete cascade,
  post_id uuid references posts (id) on delete cascade,
  community_id uuid references communities (actor_id) on delete cascade,
  text text not null default '',
  seen_at timestamptz,
  created timestamptz not null default now()
);
create index notices_account on notices (account_id, id desc);
create index notices_unseen on notices (account_id) where seen_at is null;

create table reports (
  id uuid primary key,
  uri text not null unique,
  reporter_id uuid not null references actors (id),
  actor_id uuid references actors (id),
  proposal_id uuid references proposals (id),
  post_id uuid references posts (id),
  community_id uuid references communities (actor_id),
  harm text not null default 'other'
    check (harm in ('danger', 'hate', 'fraud', 'private', 'rules', 'other')),
  text text not null,
  state text not null default 'open' check (state in ('open', 'done')),
  outcome text not null default '',
  handled_by uuid references actors (id),
  handled_at timestamptz,
  created timestamptz not null default now(),
  check (num_nonnulls(actor_id, proposal_id, post_id) >= 1)
);
create index reports_open on reports (created) where state = 'open';

create table admin_log (
  id uuid primary key,
  by_id uuid references actors (id),          -- null: from the command line
  act text not null,
  subject text not null default '',
  reason text not null default '',
  created timestamptz not null default now()
);

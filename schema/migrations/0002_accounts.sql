-- Who can log in here, how they came in, and what the place has decided about itself.

create table invitations (
  code text primary key check (length(code) between 6 and 40),
  made_by uuid references actors (id),
  note text not null default '',
  uses integer not null default 1 check (uses between 1 and 10000),
  used integer not null default 0,
  expires_at timestamptz not null,
  revoked_at timestamptz,
  created timestamptz not null default now(),
  check (used <= uses)
);

create table accounts (
  actor_id uuid primary key references actors (id),
  email text,
  email_confirmed_at timestamptz,
  password_hash text,
  role text not null default 'resident' check (role in ('resident', 'moderator', 'admin')),
  state text not null default 'active' check (state in ('waiting', 'active', 'refused', 'closed')),
  answers jsonb not null default '{}',
  locale text not null default 'de',
  theme text not null default 'auto' check (theme in ('auto', 'light', 'dark')),
  invitation text references invitations (code),
  welcome_step smallint not null default 1,   -- 0: finished
  interests text[] not null default '{}',     -- category ids
  terms_version integer not null default 0,
  last_seen timestamptz not null default now(),
  created timestamptz not null default now()
);
-- Only who proved to read an address has it for themselves; claiming one keeps nobody else out.
create unique index accounts_email on accounts (lower(email))
  where state <> 'closed' and email_confirmed_at is not null;
create index accounts_email_claimed on accounts (lower(email)) where email is not null;
create index accounts_state on accounts (state, created);

create table sessions (
  token_hash bytea primary key,               -- sha256 of what the cookie holds
  id uuid not null unique,                    -- to name it on a page
  account_id uuid not null references accounts (actor_id) on delete cascade,
  user_agent text not null default '',
  created timestamptz not null default now(),
  seen_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index sessions_account on sessions (account_id);

create table login_tokens (
  token_hash bytea primary key,
  purpose text not null check (purpose in ('login', 'first_admin', 'confirm')),
  account_id uuid references accounts (actor_id) on delete cascade,
  email text not null default '',
  expires_at timestamptz not null,
  used_at timestamptz,
  created timestamptz not null default now()
);

create table limits (                         -- token buckets
  key text primary key,
  tokens double precision not null,
  at timestamptz not null default now()
);

create table settings (
  key text primary key,
  value jsonb not null,
  changed timestamptz not null default now()
);

create table terms (
  version integer primary key,
  text_de text not null,
  text_en text not null,
  created timestamptz not null default now()
);

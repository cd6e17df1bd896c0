-- Disputes: what two people say about an agreement, for the moderators who decide, here or elsewhere.

create table disputes (
  id uuid primary key,
  key text not null unique check (octet_length(key) <= 2000),   -- the agreement's
  court_id uuid not null references actors (id),  -- a community, or the city of the listing
  proposal_uri text not null,
  title text not null,
  author_id uuid not null references actors (id),
  responder_id uuid not null references actors (id),
  author_side jsonb,                              -- as the city of each of the two tells it
  responder_side jsonb,
  state text not null default 'open' check (state in ('open', 'sent', 'done')),
  done boolean,                                   -- whether it counts as handed over
  outcome text not null default '',
  decided_by uuid references actors (id),
  decided_at timestamptz,
  created timestamptz not null default now()
);
create index disputes_court on disputes (court_id, state, created);

-- What two people agree on, from asking to thanks; every step of it; how a giver hands out.

create table agreements (
  id uuid primary key,
  key text not null unique check (octet_length(key) <= 2000),  -- its name from the first step on
  uri text unique check (octet_length(uri) <= 2000),           -- once agreed (FEP-0837)
  proposal_id uuid not null references proposals (id),
  author_id uuid not null references actors (id),              -- of the need or offer: decides
  responder_id uuid not null references actors (id),           -- who asked, or would help
  state text not null check (state in ('asked', 'agreed', 'handed', 'done', 'declined',
    'withdrawn', 'cancelled', 'missed', 'disputed')),
  turn text not null check (turn in ('author', 'responder')),  -- whose answer is waited for
  by_notes boolean not null default false,                     -- the other server knows letters only
  amount numeric check (amount > 0),                           -- null: whatever there is
  unit text not null,
  return_kind text not null check (return_kind in ('nothing', 'lend', 'swap', 'hours', 'open')),
  return_note text not null default '',
  hand_over text not null default 'open'
    check (hand_over in ('open', 'giver', 'taker', 'public', 'courier')),
  place text not null default '',                              -- a public one
  at timestamptz,                                              -- of the hand-over
  at_other timestamptz,                                        -- a second time, to choose from
  back_by timestamptz,                                         -- of a loan
  head text not null default '',                               -- hash of the newest version
  agreed_hash text not null default '',
  offer_uri text not null default '',                          -- the Offer that waits, or was accepted
  accept_uri text not null default '',
  holds boolean not null default false,                        -- its amount is out of what is left
  author_confirmed timestamptz,
  responder_confirmed timestamptz,
  author_contact text not null default '',                     -- told to the other after agreeing
  responder_contact text not null default '',
  author_seen timestamptz not null default 'epoch',
  responder_seen timestamptz not null default 'epoch',
  reason text not null default '',                             -- why it ended, or is disputed
  ended_by uuid references actors (id),
  outcome text not null default '',                            -- what the moderators said
  reminded timestamptz,
  agreed_at timestamptz,
  done_at timestamptz,
  last_step timestamptz not null default now(),
  created timestamptz not null default now(),
  updated timestamptz not null default now(),
  check (author_id <> responder_id)
);
create index agreements_proposal on agreements (proposal_id, state);
create index agreements_author on agreements (author_id, state, updated desc);
create index agreements_responder on agreements (responder_id, state, updated desc);
create index agreements_offer on agreements (offer_uri) where offer_uri <> '';
create index agreements_open on agreements (at) where state in ('agreed', 'handed');

-- What was said and decided, each step as its author's city sealed it; both cities hold the same.
create table agreement_steps (
  id uuid primary key,
  agreement_id uuid not null references agreements (id) on delete cascade,
  act text not null,
  actor_id uuid not null references actors (id),
  uri text not null default '' check (octet_length(uri) <= 2000),   -- of the letter that brought it
  text text not null default '',
  body text not null,                       -- canonical JSON (RFC 8785), as it was hashed
  hash text not null,                       -- SHA-256 of body, hexadecimal
  previous text not null,
  proof jsonb,                              -- eddsa-jcs-2022; null where the server gives none
  counted boolean not null default true,    -- false: came too late to change anything
  created timestamptz not null default now(),
  unique (agreement_id, hash)
);
create index agreement_steps_order on agreement_steps (agreement_id, created, id);
create index agreement_steps_uri on agreement_steps (uri) where uri <> '';

create table thanks (
  agreement_id uuid not null references agreements (id) on delete cascade,
  by_id uuid not null references actors (id),
  to_id uuid not null references actors (id),
  text text not null default '',
  created timestamptz not null default now(),
  primary key (agreement_id, by_id)
);
create index thanks_to on thanks (to_id, created desc);

create table hand_outs (
  proposal_id uuid primary key references proposals (id) on delete cascade,
  rule text not null check (rule in ('first', 'draw', 'least', 'coordinator')),
  at timestamptz,                           -- of the draw
  seed text not null default '',            -- ours alone until it is drawn; hexadecimal
  seed_hash text not null default '',       -- SHA-256 of the seed, published before
  done_at timestamptz,
  check (rule in ('first', 'coordinator') or at is not null)
);
create index hand_outs_due on hand_outs (at) where done_at is null and at is not null;

alter table notices add column agreement_id uuid references agreements (id) on delete cascade;

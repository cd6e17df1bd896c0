-- Exchange circles: each gives something to the next, the last to the first; all or none.

create table circles (
  id uuid primary key,
  uri text not null unique check (octet_length(uri) <= 2000),
  city_id uuid not null references actors (id),     -- that found it, and decides
  community_id uuid references actors (id),         -- whose coordinator had it searched for
  state text not null check (state in ('open', 'committed', 'dissolved')),
  ends timestamptz not null,                        -- until when all have to say yes
  reason text not null default '' check (reason in ('', 'declined', 'late', 'gone', 'parted')),
  weight double precision not null default 0,
  asked_at timestamptz,                             -- when the deciding city was last asked
  decided_at timestamptz,
  created timestamptz not null default now()
);
create index circles_open on circles (ends) where state = 'open';

-- One hand-over each: the party gives, the party of the next position takes.
create table circle_parts (
  circle_id uuid not null references circles (id) on delete cascade,
  position smallint not null check (position between 0 and 3),
  party_uri text not null,
  party_name text not null,
  party_id uuid references actors (id),             -- null: of a city we need not know
  origin text not null,                             -- of the party's city
  title text not null,
  amount numeric check (amount > 0),                -- in the offer's unit; null: whatever there is
  unit text not null,
  need_amount numeric check (need_amount > 0),      -- in the unit of the taker's need
  need_unit text not null,
  offer_uri text not null,
  need_uri text not null,
  offer_id uuid references proposals (id),
  need_id uuid references proposals (id),
  offer_key text not null default '',               -- as the search knew them
  need_key text not null default '',
  answer text not null default '' check (answer in ('', 'yes', 'no')),
  answered_at timestamptz,
  offer_held numeric,                               -- out of what is left, until it is decided
  need_held numeric,
  agreement_id uuid references agreements (id),
  primary key (circle_id, position),
  unique (circle_id, party_uri)
);
create index circle_parts_party on circle_parts (party_id, circle_id);
create index circle_parts_offer on circle_parts (offer_id);
create index circle_parts_need on circle_parts (need_id);
create index circle_parts_agreement on circle_parts (agreement_id) where agreement_id is not null;

-- Who could give whom something, as the last search saw it: for what is missing.
create table circle_edges (
  giver_id uuid not null references actors (id) on delete cascade,
  taker_id uuid not null references actors (id) on delete cascade,
  primary key (giver_id, taker_id)
);

alter table notices add column circle_id uuid references circles (id) on delete cascade;

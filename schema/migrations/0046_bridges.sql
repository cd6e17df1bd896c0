-- Hours between two cities: the limit of each bridge, and what crossed it or is on its way.

-- The city keeps a ledger too: one account for each of its communities and each neighbour city.
alter table hour_accounts drop constraint hour_accounts_community_id_fkey;
alter table hour_accounts add constraint hour_accounts_community_id_fkey
  foreign key (community_id) references actors (id);
alter table hour_bookings drop constraint hour_bookings_community_id_fkey;
alter table hour_bookings add constraint hour_bookings_community_id_fkey
  foreign key (community_id) references actors (id);
alter table hour_bookings drop constraint hour_bookings_kind_check;
alter table hour_bookings add constraint hour_bookings_kind_check
  check (kind in ('agreement', 'gift', 'correction', 'leaving', 'bridge', 'set-off'));

create table hour_bridges (
  peer text primary key references peers (origin),
  ours numeric not null default 0 check (ours between 0 and 10000),    -- the limit we have set
  theirs numeric not null default 0 check (theirs between 0 and 10000), -- the one they told us
  told timestamptz not null default 'epoch',  -- when they wrote it
  created timestamptz not null default now()
);

create table hour_transfers (
  id uuid primary key,
  key text not null unique check (octet_length(key) <= 2000),
  peer text not null references hour_bridges (peer),
  outgoing boolean not null,                  -- ours gives the hours
  community_id uuid not null references communities (actor_id),
  person_id uuid not null references actors (id),
  other_id uuid not null references actors (id),
  agreement_id uuid,
  amount numeric not null check (amount > 0 and amount = round(amount, 2)),
  text text not null default '',
  state text not null check (state in ('reserved', 'booked', 'refused')),
  reason text not null default '',
  offer_uri text not null default '',
  offer text not null default '',             -- both signed receipts, as they were sent
  receipt text not null default '',
  created timestamptz not null default now(),
  updated timestamptz not null default now()
);
create index hour_transfers_open on hour_transfers (peer, community_id, person_id)
  where state = 'reserved';
create index hour_transfers_agreement on hour_transfers (agreement_id)
  where agreement_id is not null;

-- Loops of cities that owe each other hours, set off: asked for around the loop, then booked or not.

alter table hour_bridges add column probed timestamptz not null default 'epoch';

create table hour_set_offs (
  id uuid primary key,
  uri text not null unique check (octet_length(uri) <= 2000),
  loop text[] not null check (cardinality(loop) between 3 and 6),  -- each owes the next
  amount numeric not null check (amount > 0 and amount = round(amount, 2)),
  before_id uuid not null references actors (id),   -- owes us
  after_id uuid not null references actors (id),    -- whom we owe
  state text not null check (state in ('reserved', 'booked', 'dissolved')),
  decision text not null default '',          -- of the city that began, with its seal
  created timestamptz not null default now(),
  updated timestamptz not null default now(),
  check (before_id <> after_id)
);
create index hour_set_offs_reserved on hour_set_offs (created) where state = 'reserved';

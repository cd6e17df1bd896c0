-- Several who need the same: who says "me too", and the one order or workshop that comes of it.

create table me_toos (
  proposal_id uuid not null references proposals (id) on delete cascade,
  person_id uuid not null references actors (id) on delete cascade,
  quantity numeric check (quantity > 0),      -- in the need's unit; null: not said
  created timestamptz not null default now(),
  primary key (proposal_id, person_id)
);

create table pools (
  proposal_id uuid primary key references proposals (id) on delete cascade,
  organizer_id uuid not null references actors (id),
  kind text not null check (kind in ('order', 'workshop')),
  measure text not null check (measure in ('people', 'quantity')),
  threshold numeric not null check (threshold > 0),
  ends timestamptz not null,
  note text not null default '',
  state text not null default 'gathering' check (state in ('gathering', 'reached', 'missed')),
  created timestamptz not null default now()
);
create index pools_ending on pools (ends) where state = 'gathering';

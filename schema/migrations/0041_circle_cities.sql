-- Exchange circles between cities: who joined, and opaque names for what takes part.

alter table peers add column circles boolean not null default false;

create table circle_marks (
  id uuid primary key,                       -- the name that other cities know; tells nothing
  proposal_id uuid unique references proposals (id) on delete cascade,
  party_id uuid unique references actors (id) on delete cascade,
  check (num_nonnulls(proposal_id, party_id) = 1)
);

-- What came to nothing, counted for each server: known already, badly signed, places that we do not
-- call; and (what = 'skew') by how many seconds its clock differs from ours.

create table counts (
  peer text not null,                         -- origin; '' for servers that we never met
  what text not null check (what in ('known', 'signature', 'egress', 'skew')),
  reason text not null default '' check (length(reason) <= 100),
  number bigint not null,
  last timestamptz not null default now(),
  primary key (peer, what, reason)
);

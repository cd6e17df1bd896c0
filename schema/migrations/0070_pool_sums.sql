-- "Me too" across cities: who left (an older word changes nothing), and what the need's city counts.

alter table me_toos
  add column gone boolean not null default false,
  add column edition bigint not null default 0,     -- that person's city counts what they say
  add column uri text not null default '' check (octet_length(uri) <= 2000);  -- the Join or Leave
create index me_toos_uri on me_toos (uri) where uri <> '';

create table me_too_sums (
  proposal_id uuid primary key references proposals (id) on delete cascade,  -- of another city
  people integer not null check (people > 0),
  quantity numeric check (quantity >= 0)
);

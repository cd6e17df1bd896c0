-- What fits together: where and of which kind a listing is stands among its words, so that one index
-- answers "these words, this kind, around here"; words as they are written, for typing errors; who
-- was told of what; searches that somebody keeps.

create extension if not exists pg_trgm;

drop index proposals_search;
alter table proposals drop column search;
alter table proposals add column search tsvector generated always as (
  setweight(to_tsvector('german', title), 'A') || setweight(to_tsvector('english', title), 'A')
  || setweight(to_tsvector('german', source), 'B') || setweight(to_tsvector('english', source), 'B')
  || array_to_tsvector(array['@' || purpose || '/' || category,
    '@' || purpose || '/' || split_part(category, '.', 1),
    '@' || purpose || '/' || coalesce(cell::text, 'nowhere')])
) stored;
create index proposals_search on proposals using gin (search) where state = 'open';

create table title_words (                    -- every word of a title, lower case
  word text primary key check (octet_length(word) <= 200)
);
create index title_words_like on title_words using gin (word gin_trgm_ops);

create table matches (                        -- the author of `own_id` was told of `other_id`
  own_id uuid not null references proposals (id) on delete cascade,
  other_id uuid not null references proposals (id) on delete cascade,
  created timestamptz not null default now(),
  primary key (own_id, other_id)
);
create index matches_other on matches (other_id);

create table searches (
  id uuid primary key,
  account_id uuid not null references accounts (actor_id) on delete cascade,
  purpose text not null check (purpose in ('offer', 'request')),
  category text not null default '',          -- '': every one
  words text not null default '',
  query tsquery,                              -- of the words; null: any
  km integer check (km > 0),                  -- null: everywhere
  latitude double precision,
  longitude double precision,
  place text not null default 'all' check (place in ('all', 'here', 'network')),
  alerts boolean not null default true,
  created timestamptz not null default now()
);
create index searches_account on searches (account_id, id);
create index searches_alerts on searches (purpose, category) where alerts;

-- Conversations that are also a date: a day of work, a meeting, a feast of a community or project.
create table occasions (
  post_id uuid primary key references posts on delete cascade,
  starts timestamptz not null,
  ends timestamptz check (ends >= starts),
  place text not null default '' check (length(place) <= 200)
);
create index occasions_starts on occasions (starts);

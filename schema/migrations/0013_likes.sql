-- Who finds a post helpful: shown as a count, told to nobody.

create table likes (
  post_id uuid not null references posts (id) on delete cascade,
  actor_id uuid not null references actors (id) on delete cascade,
  uri text not null default '',               -- the Like, to undo it
  created timestamptz not null default now(),
  primary key (post_id, actor_id)
);
create index likes_actor on likes (actor_id);

-- Public keys beside an actor's first one: all that others list, and those of ours that were replaced.

create table public_keys (
  id text not null check (octet_length(id) <= 2000),
  actor_id uuid not null references actors (id) on delete cascade,
  public_key text not null,               -- PEM or multibase
  until timestamptz,                      -- of ours: published until then
  primary key (id, actor_id)
);
create index public_keys_actor on public_keys (actor_id);

-- Private letters: a chat is what the same few people write to each other, and nobody else reads.

create table chats (
  id uuid primary key,
  people_key text not null unique,            -- who takes part: the same people, the same chat
  last_at timestamptz not null,
  created timestamptz not null default now()
);

create table chat_people (
  chat_id uuid not null references chats (id) on delete cascade,
  actor_id uuid not null references actors (id) on delete cascade,
  seen_at timestamptz not null default 'epoch',
  primary key (chat_id, actor_id)
);
create index chat_people_actor on chat_people (actor_id);

create table chat_messages (
  id uuid primary key,
  uri text not null unique check (octet_length(uri) <= 2000),
  chat_id uuid not null references chats (id) on delete cascade,
  author_id uuid not null references actors (id),
  source text not null default '',
  html text not null default '',
  language text not null default '',
  deleted_at timestamptz,
  created timestamptz not null default now(),
  updated timestamptz not null default now()
);
create index chat_messages_chat on chat_messages (chat_id, id desc);
create index chat_messages_author on chat_messages (author_id);

-- Projects: a community that builds something, its plan of milestones and tasks, and what it needs.

create table projects (
  community_id uuid primary key references communities (actor_id) on delete cascade,
  plan_uri text not null unique check (octet_length(plan_uri) <= 2000),
  aim text not null default '',               -- Markdown
  html text not null default '',
  state text not null default 'planned' check (state in ('planned', 'running', 'built', 'stopped')),
  version_uri text not null default '',       -- the version of a blueprint it follows
  version_title text not null default '',
  scale numeric check (scale > 0),
  output text not null default '',            -- what one unit of scale is called
  place_name text not null default '',
  latitude double precision,                  -- rough, WGS 84
  longitude double precision,
  starts date,
  ends date,
  edition integer not null default 1,         -- of the plan; an older one changes nothing
  created timestamptz not null default now(),
  updated timestamptz not null default now()
);
create index projects_updated on projects (updated desc, community_id);
create index projects_version on projects (version_uri) where version_uri <> '';

create table processes (
  id uuid primary key,
  uri text not null unique check (octet_length(uri) <= 2000),
  project_id uuid not null references projects (community_id) on delete cascade,
  step_key text not null default '',          -- of the blueprint
  position integer not null default 0,
  name text not null check (length(name) between 1 and 200),
  starts date,
  ends date,
  finished boolean not null default false
);
create index processes_project on processes (project_id, position);

create table tasks (
  id uuid primary key,
  uri text not null unique check (octet_length(uri) <= 2000),
  project_id uuid not null references projects (community_id) on delete cascade,
  process_id uuid not null references processes (id) on delete cascade,
  step_key text not null default '',
  position integer not null default 0,
  name text not null check (length(name) between 1 and 200),
  note text not null default '',
  role text not null default '',
  owner_id uuid references actors (id),
  due date,
  hours numeric check (hours > 0),
  state text not null default 'open' check (state in ('open', 'taken', 'done')),
  changed timestamptz not null default now(),
  check ((state = 'open') = (owner_id is null))
);
create index tasks_project on tasks (project_id, position);
create index tasks_owner on tasks (owner_id, state) where owner_id is not null;

create table takings (                        -- what somebody wants with a task of another place
  uri text primary key check (octet_length(uri) <= 2000),  -- the Offer, or the report of work done
  task_uri text not null,
  person_id uuid not null references actors (id),
  kind text not null check (kind in ('take', 'done')),
  state text not null default 'asked' check (state in ('asked', 'accepted', 'refused', 'undone')),
  reason text not null default '',
  created timestamptz not null default now()
);
create index takings_task on takings (task_uri, person_id, created desc);

create table project_needs (
  id uuid primary key,
  uri text not null unique check (octet_length(uri) <= 2000),
  project_id uuid not null references projects (community_id) on delete cascade,
  process_id uuid references processes (id) on delete cascade,
  line_key text not null default '',          -- of the blueprint's bill of materials
  choice text not null default '',            -- one of those that share it is enough
  kind text not null default 'material' check (kind in ('material', 'tool')),
  position integer not null default 0,
  name text not null check (length(name) between 1 and 200),
  quantity numeric check (quantity > 0),
  unit text not null default 'piece',
  category text not null default 'other',
  note text not null default '',
  proposal_uri text not null default '',      -- the listing that asks for it
  promised numeric not null default 0,
  met numeric not null default 0,             -- in the need's unit; without a quantity 1 is all
  dropped boolean not null default false,     -- a newer version of the blueprint does without it
  changed timestamptz not null default now()
);
create index project_needs_project on project_needs (project_id, position);
create index project_needs_proposal on project_needs (proposal_uri) where proposal_uri <> '';

create table gifts (                          -- what was given for a need, as the project says
  uri text primary key check (octet_length(uri) <= 2000),
  need_id uuid not null references project_needs (id) on delete cascade,
  giver_id uuid references actors (id),
  giver_name text not null default '',
  amount numeric,
  at timestamptz not null
);
create index gifts_need on gifts (need_id);

create table project_log (
  id uuid primary key,
  project_id uuid not null references projects (community_id) on delete cascade,
  actor_id uuid references actors (id),
  act text not null,
  subject text not null default '',
  created timestamptz not null default now()
);
create index project_log_project on project_log (project_id, id desc);

-- What other servers say they can do (FEP-844e), and whether somebody wants to be found by words
-- (FEP-5feb).

alter table peers add column implements text[] not null default '{}';
alter table actors add column indexable boolean not null default true;
update actors set indexable = discoverable;

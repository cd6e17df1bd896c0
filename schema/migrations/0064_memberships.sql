-- Memberships across cities, whatever order the letters come in.

-- Counted by the person's own city with every Join and Leave; what has a lower one is old news.
alter table memberships add column edition bigint not null default 0;

-- When the sender signed it: the same id may come again with something new (some servers re-use
-- ids of Follow and Accept), but a letter that somebody recorded may not.
alter table activities add column said timestamptz;

-- What came in and waits for a server that did not answer is looked at as soon as that one does.
alter table activities add column waits_for text;
create index activities_waits on activities (waits_for) where state = 'waiting';

-- Who owns a task in another city's project may be somebody nobody here has heard of.
alter table tasks drop constraint tasks_check;
alter table tasks add constraint tasks_open check (state <> 'open' or owner_id is null);

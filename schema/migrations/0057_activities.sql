-- What came in is looked up by its object only where that was deleted or undone: what is created
-- needs no entry, in an index that is written three times for each.
drop index activities_object;
create index activities_object on activities (object_uri)
  where object_uri <> '' and (direction = 'out' or type in ('Delete', 'Undo'));

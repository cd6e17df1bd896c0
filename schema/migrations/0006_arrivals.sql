-- Whose activities a worker has in hand: nobody else takes another of the same actor meanwhile.

create index activities_leased on activities (lease_until) where state in ('received', 'waiting');

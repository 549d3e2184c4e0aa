-- When the agency last landed a month, in seconds since 1970.
select coalesce(agency, '') as agency, max(epoch(finished_at)) as value
from runs
where status = 'landed'
group by agency
order by agency;

-- How often each code occurs: fields of the triage among the episodes triaged in the month, fields of the exit among
-- those that exited in it.  The table coded_values counts the records that have a code; a blank is ''.
select 'code' as measure, field, code as subject, records as value
from coded_values
union all
select 'coded', field, '', sum(records) from coded_values group by all
union all
-- Of these codes, those that mean that there is no answer.
select 'no answer', field, code, sum(records)
from coded_values
join concepts using (field, code)
where concepts.concept in ('declined', 'unknown', 'not_asked')
group by all;

-- The worklist for the portal: the value sent last time, the value to send now, and the choice to make.
create or replace view mismatches as
select
    *,
    case split_part(rule, '.', 2)
        when 'mismatch' then
            'Replace what the portal holds, or delete it there; or put the old value back at the source.'
        when 'dropped' then
            'Bring the record back into the export; or delete it at the portal if it was sent by mistake.'
        when 'reopened' then
            'Put the dates back at the source; or send what was begun since as an episode of its own.'
        when 'unended' then 'Put the end back at the source; or send what was begun since as an intervention of its own.'
        when 'unstarted' then 'Put the start back at the source; or delete the intervention at the portal.'
        when 'withdrawn' then 'Put the yes back at the source; or let the new value stand if the yes was a mistake.'
        else 'Put the old value back at the source; or let the new value stand if the old one was a mistake.'
    end as choice
from findings
where against_last;

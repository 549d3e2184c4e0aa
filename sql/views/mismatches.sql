-- The worklist for the portal: the value in the previous submission, the value to send now, and the choice to make.
create or replace view mismatches as
select
    *,
    case split_part(rule, '.', 2)
        when 'mismatch' then
            'Replace or delete the record at the portal; or restore the old value in the source.'
        when 'dropped' then
            'Restore the record in the export; or delete it at the portal if it was sent by mistake.'
        when 'reopened' then
            'Restore the dates in the source; or send what has begun since then as a separate episode.'
        when 'unended' then 'Restore the end in the source; or send what has begun since then as a new intervention.'
        when 'unstarted' then 'Restore the start in the source; or delete the intervention at the portal.'
        when 'withdrawn' then 'Restore the yes in the source; or keep the new value if the yes was a mistake.'
        else 'Restore the old value in the source; or keep the new value if the old one was a mistake.'
    end as choice
from findings
where against_last;

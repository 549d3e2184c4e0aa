-- The runs of which the audit does not have the rows that were sent. A run that was forgotten as a whole has none, and
-- one of which a client was forgotten has fewer.
with stored as (
    select run_id, count(*) as rows
    from sent_rows
    group by run_id
),
forgotten_run as (
    select run_id, bool_or(is_whole) as is_whole
    from internal.forgotten_runs
    group by run_id
)
select run_id
from runs
left join stored using (run_id)
left join forgotten_run using (run_id)
where
    case
        when is_whole is null then coalesce(rows, 0) <> rows_sent
        when is_whole then coalesce(rows, 0) <> 0
        else coalesce(rows, 0) > rows_sent
    end
order by run_number

-- The last episode of each stay: per client and reception (RECPDT) the one triaged last, so that a client who leaves
-- counts once, however many episodes the stay had.
create or replace temp view last_episodes as
select *
from listed_episodes
qualify row_number() over (
    partition by run_id, client_row, reception order by triage desc nulls last, episode_id desc, episode_row desc
) = 1;

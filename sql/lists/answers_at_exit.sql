-- What was answered on health at exit: one row per stay with an exit and field, with the meaning of the answer.
create or replace temp view answers_at_exit as
with answers as (
    unpivot (
        select
            run_id,
            episode_row,
            exit_day,
            exit_means,
            coalesce(MHTXEXIT, '') as MHTXEXIT,
            coalesce(LIVSCRN, '') as LIVSCRN,
            coalesce(REFHEPCTX, '') as REFHEPCTX,
            coalesce(THNALOX, '') as THNALOX,
            coalesce(RECONNECT, '') as RECONNECT
        from last_episodes
        where exit_day is not null
    )
    on MHTXEXIT, LIVSCRN, REFHEPCTX, THNALOX, RECONNECT
    into name field value answer
)
select
    answers.run_id,
    answers.field,
    answers.exit_day,
    answers.exit_means,
    case
        when answers.answer = '' then 'blank'
        when meanings.concept in ('yes', 'no') then meanings.concept
        else 'not in the list'
    end as answer
from answers
join landed_runs using (run_id)
left join meanings
    on meanings.list = answers.field and meanings.code = answers.answer
    and landed_runs.last_day between meanings.valid_from and meanings.valid_to;

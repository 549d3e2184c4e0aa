"""The options of a backfill, as text from the command line or a schedule."""

from dataclasses import dataclass

from flows.sources.months import SourceMonths, find_months
from flows.sources.request import SubmissionOptions, SubmissionRequest, build_request
from flows.support.errors import InputRefused
from schemas.period import Period


@dataclass(frozen=True)
class BackfillOptions:
    """The options of a backfill, as text that is not checked yet.

    The fields have the names and the order of the parameters of the flow `backfill`, which describes them.
    """

    source: str
    first: str
    last: str
    agencies: tuple[str, ...] = ()
    extracted_on: str | None = None
    home: str | None = None
    input_folder: str | None = None
    as_of: str | None = None
    accept_same_input: str | None = None
    workers: int | None = None
    store: str | None = None
    distributed: bool = False
    scheduler: str | None = None

    @property
    def is_distributed(self) -> bool:
        """Returns whether Dask workers assess the months."""
        return self.distributed or self.scheduler is not None

    def list_periods(self) -> tuple[Period, ...]:
        """Returns the requested months, whether or not the source has them.

        Raises:
            InputRefused: an option is not a month, or the last month is before the first.
        """
        first, last = _parse_month(self.first), _parse_month(self.last)
        if last < first:
            raise InputRefused(f"--from is {first} and --to is {last}; --from must not be after --to")
        return first.until(last)

    def find_months(self) -> SourceMonths:
        """Returns the requested months that the source has.

        Raises:
            InputRefused: an option is wrong, or the source has none of the months or one export for several.
        """
        periods = self.list_periods()
        # One search of the folders finds the months of all agencies.
        return find_months(self.source, self.input_folder, periods[0], periods[-1], self.agencies)

    def build_request(self, found: SourceMonths, period: Period, agency: str | None) -> SubmissionRequest:
        """Returns the submission of one month that was found.

        Raises:
            InputRefused: an option is wrong, or the month has no export.
        """
        return build_request(
            SubmissionOptions(
                # The options stay text, so that `build_request` is the only function that checks them.
                found.source,
                str(period),
                agency,
                extracted_on=self.extracted_on,
                home=self.home,
                input_folder=found.input_folder,
                as_of=self.as_of,
                accept_same_input=self.accept_same_input,
            )
        )


def _parse_month(text: str) -> Period:
    try:
        return Period.parse(text)
    except ValueError as error:
        raise InputRefused(str(error)) from None

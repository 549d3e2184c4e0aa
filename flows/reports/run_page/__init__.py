"""The report of a run as one HTML page: what each part shows, and how it is drawn."""

"""The report to share: what somebody can find out who has the page and knows how it is made."""

// Push messages through Firebase are not set up, so the client offers no desktop alerts.

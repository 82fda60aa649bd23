"""One JSON object a line on stderr: a constant event name and fields."""

import logging
import sys

import structlog

from shared.http.request_id import add_request_id


def configure_logging() -> None:
    """Set structlog up for the process. Calling it again changes nothing."""
    structlog.configure(
        processors=[
            add_request_id,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            # Without the locals: they hold bodies, tokens and addresses.
            structlog.processors.ExceptionRenderer(
                structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
            ),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )

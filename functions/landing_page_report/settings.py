"""What landing_page_report is told from outside."""

from shared.http.settings import DashboardSettings


class ReportSettings(DashboardSettings):
    """Settings of landing_page_report: where the database is. Who asks brings their own right to it."""

"""What a person sees of the main job."""

from rich.console import Console
from rich.table import Table

from demo.story import PARTNER, Result
from stack.project import Project


def show_result(console: Console, result: Result) -> None:
    """Print what was sent beside what was found."""
    table = Table("", "what", "sent", "found", title="The figures in the database", title_justify="left")
    for check in result.checks:
        mark = "[green]✓[/]" if check.holds else "[red]✗[/]"
        table.add_row(mark, check.what, str(check.expected), str(check.found))
    console.print()
    console.print(table)
    verdict = (
        "[green]Everything that was sent is there, once.[/]"
        if result.holds
        else "[red]Some figures differ.[/]"
    )
    console.print()
    console.print(verdict)


def show_links(console: Console, project: Project, result: Result) -> None:
    """Print where to look, while somebody answers there."""
    console.print()
    links = {
        "the live page": result.page_url,
        "the API": f"{project.supabase_url}/rest/v1/",
        "the functions": project.functions_url,
        "the leads": f"{project.functions_url}/partner-leads",
        **({"the mailbox": f"{project.maildir}/new"} if project.maildir else {}),
    }
    for title, url in links.items():
        console.print(f"  {title:<14} {url}", highlight=False, soft_wrap=True)
    for number, url in enumerate(result.showcase):
        console.print(f"  {'' if number else 'more pages':<14} {url}", highlight=False, soft_wrap=True)
    console.print(f"  {'a token':<14} make token WHO={PARTNER}", highlight=False, soft_wrap=True)

"""The command that registers the deployments of a site."""

from flows.cli.options import DeployDryRun, Form, Out, Prune
from flows.cli.terminal import note, show_activity
from flows.reports.tables import show
from flows.sources.deployments import find_deployment_file, read_deployments


def deploy(prune: Prune = False, dry_run: DeployDryRun = False, form: Form = None, out: Out = None) -> None:
    """Register the deployments of the site, NDTMS_SITE/deployments.toml, with the Prefect server."""
    path = find_deployment_file()
    file = read_deployments(path)
    with show_activity("registering the deployments"):
        # Prefect takes a second to load, which the other commands need not wait for.
        from flows import deploy as registration  # noqa: PLC0415

        rows = registration.preview(file) if dry_run else registration.deploy(file, prunes=prune)
    show(rows, form, out)
    if "not in the file" in rows["state"].to_list():
        note(f"what is not in {path} still runs on its schedule; --prune removes it")

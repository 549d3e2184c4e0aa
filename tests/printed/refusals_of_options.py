"""Refusals of options, mappings and rules."""

from tests.printed.refusal import MONTH, RUN, Place, refused

Words = tuple[object, ...]


@refused
def no_source(at: Place) -> Words:
    return at.check("")


@refused
def unknown_source(at: Place) -> Words:
    return at.check("no-such-source")


@refused
def period_that_is_not_a_month(at: Place) -> Words:
    return ("check", "--source", at.write_export(), "--period", "2023-4", "--home", at.home)


@refused
def agency_that_is_not_a_code(at: Place) -> Words:
    return ("check", "--source", at.write_export(), "--period", "2023-04", "--agency", "l1", "--home", at.home)


@refused
def extract_on_what_is_not_a_day(at: Place) -> Words:
    return ("check", "--source", at.write_export(), *MONTH[:4], "--extracted-on", "3 May", "--home", at.home)


@refused
def as_of_what_is_not_a_day(at: Place) -> Words:
    return at.check(at.write_export(), "--as-of", "yesterday")


@refused
def input_that_is_missing(at: Place) -> Words:
    return at.check("orchard", "--input", at.folder / "nowhere")


@refused
def reason_that_is_blank(at: Place) -> Words:
    return at.check(at.write_export(), "--accept-shrunk", " ")


@refused
def home_with_a_question_mark(at: Place) -> Words:
    return ("runs", "--home", at.folder / "what?")


@refused
def lists_that_are_not_published(at: Place) -> Words:
    return at.check(at.write_export(), "--require-published")


@refused
def months_in_reverse(at: Place) -> Words:
    return ("backfill", "--source", at.write_export(), "--from", "2023-05", "--to", "2023-04", "--home", at.home)


@refused
def month_of_a_backfill_that_is_not_one(at: Place) -> Words:
    return ("backfill", "--source", at.write_export(), "--from", "2023", "--to", "2023-04", "--home", at.home)


@refused
def months_without_an_export(at: Place) -> Words:
    source = at.folder / "{agency}" / "{period}"
    return ("backfill", "--source", source, "--from", "2023-04", "--to", "2023-05", "--home", at.home)


@refused
def months_of_one_export(at: Place) -> Words:
    return ("backfill", "--source", at.write_export(), "--from", "2023-04", "--to", "2023-05", "--home", at.home)


@refused
def rule_of_a_known_field(at: Place) -> Words:
    return ("explain", "SEX.nothing", "--home", at.home)


@refused
def rule_of_no_field(at: Place) -> Words:
    return ("explain", "nothing", "--home", at.home)


@refused
def record_without_its_line(at: Place) -> Words:
    return ("explain", "DOB.date", "--entity", "client", "--home", at.home)


@refused
def record_of_another_entity(at: Place) -> Words:
    return ("explain", "DOB.date", "--run", RUN, "--entity", "episode", "--line", 2, "--home", at.home)


@refused
def record_that_was_dropped(at: Place) -> Words:
    return ("explain", "EPISODID.dropped", "--run", RUN, "--entity", "episode", "--line", 2, "--home", at.home)


@refused
def record_on_no_line(at: Place) -> Words:
    return ("explain", "DOB.date", "--run", RUN, "--entity", "client", "--line", 99, "--home", at.land())


@refused
def record_of_an_export_that_changed(at: Place) -> Words:
    at.land()
    at.change("clients.csv", "L0001", "L0002")
    return ("explain", "DOB.date", "--run", RUN, "--entity", "client", "--line", 2, "--home", at.home)


@refused
def code_list_that_is_unknown(at: Place) -> Words:
    return ("codes", "CASTLE", "--home", at.home)


@refused
def mapping_that_is_missing(at: Place) -> Words:
    return at.check(at.folder / "missing.toml")


@refused
def mapping_that_cannot_be_read(at: Place) -> Words:
    path = at.folder / "loop.toml"
    path.symlink_to(path)
    return at.check(path)


@refused
def mapping_that_is_not_toml(at: Place) -> Words:
    return at.check(at.write("broken.toml", "name = "))


@refused
def mapping_with_an_unknown_key(at: Place) -> Words:
    return at.map_file("clients.csv", "CLIENTID\n", 'colums = "x"')


@refused
def mapping_with_an_unknown_field(at: Place) -> Words:
    return at.map_clients('file = "clients.csv"\ncolumns = { CLIENTID = "id", COLOUR = "colour" }')


@refused
def mapping_with_an_unknown_encoding(at: Place) -> Words:
    return at.map_file("clients.csv", "CLIENTID\n", 'encoding = "utf-7"')


@refused
def mapping_with_a_query_and_no_database(at: Place) -> Words:
    return at.map_clients('by_header = true\nquery = "select 1"')


@refused
def mapping_with_an_unknown_placeholder(at: Place) -> Words:
    return at.map_clients('by_header = true\nfile = "clients.csv"', 'location = "exports/{month}"')


@refused
def mapping_that_extends_itself(at: Place) -> Words:
    return at.check(at.write("again.toml", 'extends = "again.toml"'))


@refused
def mapping_that_extends_a_number(at: Place) -> Words:
    return at.check(at.write("number.toml", "extends = 1"))


@refused
def settings_that_are_a_directory(at: Place) -> Words:
    (at.home / "settings.toml").mkdir(parents=True)
    return at.check(at.write_export())


@refused
def site_that_is_not_absolute(at: Place) -> Words:
    at.monkeypatch.setenv("NDTMS_SITE", "site")
    return at.check(at.write_export())


@refused
def site_that_is_missing(at: Place) -> Words:
    at.monkeypatch.setenv("NDTMS_SITE", str(at.folder / "nowhere"))
    return at.check(at.write_export())


@refused
def settings_that_cannot_be_read(at: Place) -> Words:
    at.home.mkdir()
    (at.home / "settings.toml").symlink_to("settings.toml")
    return at.check(at.write_export())


@refused
def settings_that_are_not_toml(at: Place) -> Words:
    at.settings("held_back")
    return at.check(at.write_export())


@refused
def settings_with_an_unknown_key(at: Place) -> Words:
    at.settings("held_bak = []")
    return at.check(at.write_export())


@refused
def settings_with_an_unknown_rule(at: Place) -> Words:
    at.settings('[severities]\n"SEX.nothing" = "warning"')
    return at.check(at.write_export())


@refused
def settings_with_a_severity_that_a_rule_cannot_have(at: Place) -> Words:
    at.settings('[severities]\n"SEX.required" = "file"')
    return at.check(at.write_export())


@refused
def settings_with_a_size_that_is_not_one(at: Place) -> Words:
    at.settings('[limits]\nquery_memory = "much"')
    return at.check(at.write_export())


@refused
def day_of_a_list_that_is_not_one(at: Place) -> Words:
    return ("due", "--as-of", "soon", "--home", at.home)


@refused
def day_of_a_list_before_its_month(at: Place) -> Words:
    return ("due", "--period", "2023-04", "--as-of", "2023-03-31", "--home", at.home)


@refused
def log_that_is_not_an_absolute_path(at: Place) -> Words:
    at.monkeypatch.setenv("NDTMS_LOG", "text")
    return at.submit(at.write_export())


@refused
def log_in_a_folder_that_is_missing(at: Place) -> Words:
    at.monkeypatch.setenv("NDTMS_LOG", str(at.folder / "nowhere" / "ndtms.log"))
    return at.check(at.write_export())


def deploy(at: Place, text: str) -> Words:
    """Writes the deployments of a site, and returns the command that registers them."""
    at.write("site/deployments.toml", text)
    at.monkeypatch.setenv("NDTMS_SITE", str(at.folder / "site"))
    return ("deploy", "--dry-run")


def deploy_watch(at: Place, text: str) -> Words:
    """Writes a deployment of the flow `watch`."""
    return deploy(at, f'[[deployment]]\nname = "ours"\nflow = "watch"\n{text}\n')


@refused
def deployments_that_are_missing(at: Place) -> Words:
    at.write("site/settings.toml", "")
    at.monkeypatch.setenv("NDTMS_SITE", str(at.folder / "site"))
    return ("deploy",)


@refused
def deployments_that_are_a_directory(at: Place) -> Words:
    at.write("site/deployments.toml/file", "")
    at.monkeypatch.setenv("NDTMS_SITE", str(at.folder / "site"))
    return ("deploy",)


@refused
def deployments_that_are_not_toml(at: Place) -> Words:
    return deploy(at, "pool = ")


@refused
def deployments_with_an_unknown_key(at: Place) -> Words:
    return deploy_watch(at, 'crn = "0 6 3 * *"')


@refused
def deployments_without_one(at: Place) -> Words:
    return deploy(at, 'pool = "ours"')


@refused
def deployments_of_the_same_name(at: Place) -> Words:
    return deploy_watch(at, '[[deployment]]\nname = "ours"\nflow = "reminder"')


@refused
def deployment_with_a_path_that_is_not_absolute(at: Place) -> Words:
    return deploy(at, '[[deployment]]\nname = "ours"\nflow = "reminder"\nparameters = { home = "north" }')


@refused
def deployment_with_a_password(at: Place) -> Words:
    folder = "s3://user:password@bucket/export"
    return deploy(at, f'[[deployment]]\nname = "ours"\nflow = "monthly"\nparameters = {{ input_folder = "{folder}" }}')


@refused
def deployment_with_a_parameter_that_its_flow_does_not_have(at: Place) -> Words:
    return deploy_watch(at, "parameters = { days = 3 }")


@refused
def deployment_with_a_schedule_that_is_not_one(at: Place) -> Words:
    return deploy_watch(at, 'cron = "daily"')


@refused
def deployments_without_a_server(at: Place) -> Words:
    at.monkeypatch.setenv("PREFECT_HOME", str(at.folder / "prefect"))
    return ("deploy",)


@refused
def deployments_for_a_server_that_does_not_answer(at: Place) -> Words:
    at.monkeypatch.setenv("PREFECT_API_URL", "http://ward:password@127.0.0.1:9/api")
    return ("deploy",)


@refused
def alarms_without_a_server(at: Place) -> Words:
    at.monkeypatch.setenv("PREFECT_HOME", str(at.folder / "prefect"))
    return ("alarms", "--notify", "custom-webhook/ward")


@refused
def submission_on_a_server_that_does_not_answer(at: Place) -> Words:
    at.monkeypatch.setenv("PREFECT_API_URL", "http://ward:password@127.0.0.1:9/api")
    return ("submit", "--source", at.write_export(), *MONTH)


@refused
def run_of_a_deployment_without_a_home(at: Place) -> Words:
    at.monkeypatch.setenv("NDTMS_NEEDS_HOME", "1")
    return ("submit", "--source", at.write_export(), *MONTH)

"""Lists the fuzz targets by name."""

from tests.fuzz import audit_sql, mapping, mapping_sql, reader, reference

TARGETS = {module.TARGET.name: module.TARGET for module in (reader, mapping, reference, mapping_sql, audit_sql)}

"""Customer relationship systems and any other REST service: declared as data, fetched by dlt, received as raw rows."""

from interactions.sources.crm.collect import TYPES as TYPES
from interactions.sources.crm.collect import collect_crm as collect_crm

"""Customer relationship systems and any other REST service: declared as data, fetched by dlt, received as raw rows."""

from interactions.sources.crm.collect import collect_crm as collect_crm
from interactions.sources.crm.collect import preview_crm as preview_crm
from interactions.sources.crm.service import TYPES as TYPES

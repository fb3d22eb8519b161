"""The roles that a key can have."""

from typing import Literal, get_args

Role = Literal["marketing", "sales", "analyst", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)

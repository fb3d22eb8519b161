"""The workspace's secret, by the name that serving knows it under."""

from workspace.secret import secret as secret

"""What every start of the demo's service has in common."""

from __future__ import annotations

bind = "127.0.0.1:0"
threads = 4
# Newer gunicorns would leave a socket in the home folder; older ones do not know the setting, and pass it over.
control_socket_disable = True

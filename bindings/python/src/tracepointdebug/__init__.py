"""Tracepoints and logpoints in running programs: `tracepointdebug.start()`, once, early in the program.

Nothing here raises into the program, holds it up, or runs its code. Without a host the program goes on as if nothing were there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Dict, Optional, Sequence, Union

from .version import VERSION

if TYPE_CHECKING:
    import os

    from .agent import Agent
    from .errors import Cause

__version__ = VERSION

__all__ = ["__version__", "start", "status", "stop"]

# Gets a dict with copies of what is about to be sent, and changes it in place.
Callback = Callable[[Dict[str, Any]], Any]

_agent: Optional[Agent] = None
_idle: Dict[str, Any] = {"state": "off", "probes": [], "dropped": 0}
_exit_is_registered = False


def start(
    tracepoint_data_redaction_callback: Optional[Callback] = None,
    log_data_redaction_callback: Optional[Callback] = None,
    *,
    broker: Optional[str] = None,
    token: Optional[str] = None,
    app: Optional[str] = None,
    tags: Union[str, Sequence[str], None] = None,
    engine: Optional[str] = None,
    redact: Union[str, Sequence[str], None] = None,
    trace: Optional[Callable[[], Any]] = None,
    log: Optional[str] = None,
    host: Optional[str] = None,
    host_token: Optional[str] = None,
    start_host: Optional[bool] = None,
    node: Optional[str] = None,
    env_file: Union[str, os.PathLike[str], None] = None,
    **others: object,
) -> Dict[str, Any]:
    """Starts the agent of this process and answers its status at once; it connects by itself, and as often as it takes.

    Options, each also as a variable `TRACEPOINTDEBUG_<NAME>` of the environment or of an `.env` file in the current folder:

    broker, token       the broker, and an agent's token for it. Default: the one that runs on this machine
    app                 the name of the program for people
    tags                list, or text with commas: probes with tags go only to agents that have one of them
    engine              auto, native, monitoring, bytecode or pytrace
    redact              list, or text with commas: names whose values are never read, beside the usual ones such as `password`
    host, host_token    where the host process listens: the path of a socket, or tcp://127.0.0.1:PORT
    start_host          False: a host is not started where none runs
    node                the node that runs it
    log                 debug, warn or off: level of the logger `tracepointdebug`
    env_file            the path of the `.env` file

    Options only:

    trace               function that answers the ids of the current trace, as {"trace_id": ..., "span_id": ...} or a pair
    tracepoint_data_redaction_callback, log_data_redaction_callback
                        functions that get a dict with copies of what is about to be sent and change it in place; they run on the
                        agent's thread, and where one fails the values are withheld

    Started already: changes nothing. Wrong options: the status says so under `problems`; with a wrong broker, token, host or
    callback the agent stays `disabled`. Never raises.
    """
    global _agent, _idle
    if _agent is not None:
        return status()
    options = {
        "tracepoint_data_redaction_callback": tracepoint_data_redaction_callback,
        "log_data_redaction_callback": log_data_redaction_callback,
        "broker": broker,
        "token": token,
        "app": app,
        "tags": tags,
        "engine": engine,
        "redact": redact,
        "trace": trace,
        "log": log,
        "host": host,
        "host_token": host_token,
        "start_host": start_host,
        "node": node,
        "env_file": env_file,
    }
    try:
        from . import log as logs
        from .settings import read_settings

        settings = read_settings({**options, **others})
        logs.set_level(settings.log)
        for problem in settings.problems:
            logs.warn(f"{problem.message} {problem.remedy}")
        cause = settings.fatal or _obstacle()
        if cause is not None:
            if cause is not settings.fatal:
                logs.warn(f"{cause.message} {cause.remedy}")
            _idle = _disabled(cause, settings.problems)
        else:
            from .agent import Agent

            agent = Agent(settings)
            agent.start()
            _agent = agent
            _follow_the_process()
        logs.flush()
    except Exception as error:
        _idle = _failed(error)
    return status()


def stop() -> None:
    """Takes every probe out of the program, sends what waits and ends the connection, within a second. `start` may be called again."""
    global _agent, _idle
    agent, _agent = _agent, None
    _idle = {"state": "off", "probes": [], "dropped": 0}
    if agent is not None:
        try:
            agent.stop()
        except Exception as error:
            _idle = _failed(error)


def status() -> Dict[str, Any]:
    """What the agent is doing: `state` is `off`, `disabled` (and `cause` says why) or `running`.

    Then also `agent` (as whom it is known), `host` (`state`: connecting, connected or refused; `address`; `cause`), `probes` (each
    with its state and counts), `waiting` and `dropped` (events), `problems` (settings that were left out), `placement` (what
    placing has cost). Plain dicts, lists, text and numbers. Never raises.
    """
    try:
        return dict(_idle) if _agent is None else _agent.status()
    except Exception as error:
        return _failed(error)


def _current() -> Optional[Agent]:
    return _agent


def _at_exit() -> None:
    agent = _agent
    if agent is not None:
        try:
            agent.end()
        except Exception:
            return  # the process ends: there is nobody left to tell


def _follow_the_process() -> None:
    """Its forks, and its end."""
    global _exit_is_registered
    from .forking import follow_forks

    follow_forks(_current, _at_exit)
    if not _exit_is_registered:
        _exit_is_registered = True
        import atexit

        atexit.register(_at_exit)


def _obstacle() -> Optional[Cause]:
    """Why no agent can run in this process."""
    import sys

    from .errors import Cause

    if sys.implementation.name != "cpython" or sys.platform == "win32":
        return Cause(
            "unsupported",
            f"The agent does not run in {sys.implementation.name} on {sys.platform}.",
            "Use CPython on Linux or macOS.",
        )
    return None


def _disabled(cause: Cause, problems: Any = ()) -> Dict[str, Any]:
    status: Dict[str, Any] = {"state": "disabled", "cause": cause.to_wire(), "probes": [], "dropped": 0}
    if problems:
        status["problems"] = [problem.to_wire() for problem in problems]
    return status


def _failed(error: Exception) -> Dict[str, Any]:
    from .errors import Cause

    what = f"Unexpected failure: {type(error).__name__}: {error}"
    return _disabled(Cause("internal", what[:2000], "This is our fault: report it."))

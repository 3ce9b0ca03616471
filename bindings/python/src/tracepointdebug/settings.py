"""What a person may set: options of `start()`, then the environment, then an `.env` file, then a default.

A value that cannot be used is reported and left out; nothing here raises, because a wrong setting must not stop a program.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Mapping, Optional, Tuple, TypeVar

from .dotenv import read_dotenv
from .errors import Cause

if TYPE_CHECKING:
    from .specials import Trace

T = TypeVar("T")
Callback = Callable[[Dict[str, Any]], Any]

MAX_TEXT = 256
MAX_ADDRESS = 2048
MAX_TOKEN = 1024
MAX_TAGS = 32
MAX_TAG = 128
MAX_REDACTED = 1000

ENGINES = ("auto", "native", "monitoring", "bytecode", "pytrace")
# Engines of the other runtimes: a machine may set one variable for all programs.
_FOREIGN_ENGINES = ("inject", "inspector")
_LEVELS = ("debug", "warn", "off")
_SCHEMES = ("ws", "wss", "http", "https")

_OPTIONS = (
    "broker",
    "token",
    "app",
    "tags",
    "engine",
    "redact",
    "trace",
    "log",
    "host",
    "host_token",
    "start_host",
    "node",
    "env_file",
    "tracepoint_data_redaction_callback",
    "log_data_redaction_callback",
)


class Settings:
    """Settings that can be used as they are. `problems`: values that were left out, and why. `fatal`: a wrong value without which
    it would be wrong to go on, such as another broker than was meant.
    """

    broker: Optional[str] = None
    token: Optional[str] = None
    app: str = "python"
    tags: Tuple[str, ...] = ()
    engine: str = "auto"
    redact: Tuple[str, ...] = ()
    trace: Optional[Trace] = None
    log: str = ""
    # Where the host process listens: a socket's path or tcp://127.0.0.1:PORT. None: in the state folder of the user.
    host: Optional[str] = None
    host_token: Optional[str] = None
    start_host: bool = True
    node: Optional[str] = None
    tracepoint_callback: Optional[Callback] = None
    log_callback: Optional[Callback] = None

    def __init__(self) -> None:
        self.problems: List[Cause] = []
        self.fatal: Optional[Cause] = None


def read_settings(options: Mapping[str, Any], env: Optional[Mapping[str, str]] = None) -> Settings:
    """Reads the settings. `options` as a program gave them to `start`, so of any type."""
    made = Settings()
    source = _Source(options, os.environ if env is None else env, made)
    made.broker = source.pick(
        "broker", _address, "an address such as 127.0.0.1:4717 or wss://broker.example", fatal=True
    )
    made.token = source.pick("token", _text(MAX_TOKEN), "a token, as text", fatal=True)
    made.app = source.pick("app", _text(MAX_TEXT), f"text of up to {MAX_TEXT} characters") or _app_name()
    tags = source.pick("tags", _names(MAX_TAGS), f"up to {MAX_TAGS} tags of up to {MAX_TAG} characters")
    made.tags = source.sidekick_tags() if tags is None else tags
    made.engine = source.pick("engine", _engine, ", ".join(ENGINES[:-1]) + f" or {ENGINES[-1]}") or "auto"
    made.redact = (
        source.pick("redact", _names(MAX_REDACTED), f"up to {MAX_REDACTED} names of up to {MAX_TAG} characters") or ()
    )
    made.log = source.pick("log", _one_of(_LEVELS), "debug, warn or off") or ""
    made.host = source.pick("host", _host, "the path of a socket or tcp://127.0.0.1:PORT", fatal=True)
    made.host_token = source.pick("host_token", _text(MAX_TOKEN), "a token, as text", fatal=True)
    start = source.pick("start_host", _flag, "1 or 0")
    made.start_host = True if start is None else start
    made.node = source.pick("node", _text(MAX_ADDRESS), "the path of a node executable")
    made.trace = source.function("trace")
    # A callback that is no function must not mean that everything leaves unredacted.
    made.tracepoint_callback = source.function("tracepoint_data_redaction_callback", fatal=True)
    made.log_callback = source.function("log_data_redaction_callback", fatal=True)
    return made


class _Source:
    """Where a value comes from, and what to say of a wrong one."""

    def __init__(self, options: Mapping[str, Any], env: Mapping[str, str], made: Settings) -> None:
        self._options = options
        self._env = env
        self._made = made
        file = options.get("env_file") or env.get("TRACEPOINTDEBUG_ENV_FILE")
        self._dotenv, problem = read_dotenv(file if isinstance(file, (str, os.PathLike)) else None)
        if problem is not None:
            made.problems.append(problem)
        if file is not None and not isinstance(file, (str, os.PathLike)):
            self._wrong("env_file", "the path of a file")
        for name in options:
            if name not in _OPTIONS:
                self._unknown(name)

    def pick(self, option: str, fits: Callable[[Any], Optional[T]], must: str, fatal: bool = False) -> Optional[T]:
        """The first value that there is and that fits. A wrong one is told, and counts as absent."""
        for name, value in self._candidates(option):
            if value is None:
                continue
            try:
                fit = fits(value)
            except Exception:
                fit = None
            if fit is not None:
                return fit
            self._wrong(name, must, fatal)
        return None

    def function(self, option: str, fatal: bool = False) -> Optional[Callable[..., Any]]:
        """A function among the options; there is no other way to give one."""
        given = self._options.get(option)
        if given is None or callable(given):
            return given
        self._wrong(option, "a function", fatal)
        return None

    def sidekick_tags(self) -> Tuple[str, ...]:
        """`SIDEKICK_APPLICATION_TAG_<NAME>=value`, also with the prefix that its agents really read, as `name:value`."""
        found: Dict[str, None] = {}
        for variables in (self._dotenv, self._env):
            for name in variables:
                for prefix in ("SIDEKICK_APPLICATION_TAG_PREFIX", "SIDEKICK_APPLICATION_TAG_"):
                    if name.startswith(prefix) and len(name) > len(prefix):
                        found[f"{name[len(prefix) :].lower()}:{variables[name]}"[:MAX_TAG]] = None
                        break
        return tuple(list(found)[:MAX_TAGS])

    def _candidates(self, option: str) -> List[Tuple[str, Any]]:
        variable = f"TRACEPOINTDEBUG_{option.upper()}"
        both = (self._env, self._dotenv)
        return [
            (option, self._options.get(option)),
            *((variable, variables.get(variable) or None) for variables in both),
            *(_of_sidekick(option, variables) for variables in both),
        ]

    def _wrong(self, name: str, must: str, fatal: bool = False) -> None:
        wrong = Cause("bad_setting", f"The setting {name} must be {must}.", f"Correct {name}, or leave it out.")
        self._made.problems.append(wrong)
        if fatal and self._made.fatal is None:
            self._made.fatal = wrong

    def _unknown(self, name: object) -> None:
        known = ", ".join(_OPTIONS)
        self._made.problems.append(
            Cause(
                "bad_setting",
                f"There is no setting {str(name)[:MAX_TAG]}.",
                f"Leave it out; the settings are: {known}.",
            )
        )


def _of_sidekick(option: str, variables: Mapping[str, str]) -> Tuple[str, Optional[str]]:
    """A setting under the name that the predecessor gave it."""
    if option == "broker":
        host, port = variables.get("SIDEKICK_BROKER_HOST"), variables.get("SIDEKICK_BROKER_PORT")
        return "SIDEKICK_BROKER_HOST", f"{host}:{port}" if host and port else host or None
    if option == "log":
        told = variables.get("SIDEKICK_DEBUG_ENABLE", "").lower() in ("yes", "true", "t", "1")
        return "SIDEKICK_DEBUG_ENABLE", "debug" if told else None
    name = {"token": "SIDEKICK_APIKEY", "app": "SIDEKICK_APPLICATION_NAME"}.get(option, "")
    return name, variables.get(name) or None


def _text(most: int) -> Callable[[Any], Optional[str]]:
    def fits(value: Any) -> Optional[str]:
        if not isinstance(value, str):
            return None
        trimmed = value.strip()
        return trimmed if trimmed != "" and len(trimmed) <= most and "\0" not in trimmed else None

    return fits


def _address(value: Any) -> Optional[str]:
    text = _text(MAX_ADDRESS)(value)
    if text is None:
        return None
    scheme, separator, rest = text.partition("://")
    if not separator:
        scheme, rest = "ws", text
    place = rest.split("/", 1)[0]
    host, colon, port = ("", "", "") if place.endswith("]") else place.rpartition(":")
    if not colon:
        host, port = place, "80"
    is_plain = host != "" and not any(character.isspace() for character in text)
    return text if scheme.lower() in _SCHEMES and is_plain and _is_port(port) else None


def _host(value: Any) -> Optional[str]:
    text = _text(MAX_ADDRESS)(value)
    if text is None or text.startswith("/"):
        return text
    if not text.startswith("tcp://"):
        return None
    place, _, port = text[len("tcp://") :].rpartition(":")
    return text if place in ("127.0.0.1", "localhost", "[::1]") and _is_port(port) else None


def _is_port(text: str) -> bool:
    return text.isdigit() and text.isascii() and len(text) <= 5 and 0 < int(text) < 65_536


def _names(most: int) -> Callable[[Any], Optional[Tuple[str, ...]]]:
    def fits(value: Any) -> Optional[Tuple[str, ...]]:
        listed = value.split(",") if isinstance(value, str) else value
        if not isinstance(listed, (list, tuple, set, frozenset)) or len(listed) > most:
            return None
        if any(not isinstance(name, str) or len(name) > MAX_TAG for name in listed):
            return None
        return tuple(dict.fromkeys(name.strip() for name in listed if name.strip() != ""))

    return fits


def _engine(value: Any) -> Optional[str]:
    return "auto" if value in _FOREIGN_ENGINES else _one_of(ENGINES)(value)


def _one_of(words: Tuple[str, ...]) -> Callable[[Any], Optional[str]]:
    return lambda value: value if isinstance(value, str) and value in words else None


def _flag(value: Any) -> Optional[bool]:
    if value is True or value in ("1", "true"):
        return True
    return False if value is False or value in ("0", "false") else None


def _app_name() -> str:
    """The script's name, or that of the package that was started by `-m`."""
    argv = getattr(sys, "argv", None) or [""]
    started: List[str] = getattr(sys, "orig_argv", None) or _command_line()
    if argv[0] == "-m" and "-m" in started[:-1]:
        return str(started[started.index("-m") + 1])[:MAX_TEXT]
    name, extension = os.path.splitext(os.path.basename(argv[0]))
    if name == "__main__":
        name = os.path.basename(os.path.dirname(os.path.abspath(argv[0])))
    is_named = name not in ("", "-c", "-m", "-")
    return (name + ("" if extension in (".py", ".pyw", "") else extension))[:MAX_TEXT] if is_named else "python"


def _command_line() -> List[str]:
    """What Python 3.8 and 3.9 do not tell, from the system, where it does."""
    try:
        with open("/proc/self/cmdline", "rb") as file:
            return os.fsdecode(file.read()).split("\0")
    except OSError:
        return []

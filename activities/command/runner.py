"""Runs Python of a project for Suiro's py> operator.

Usage: runner.py COMMAND INPUT OUTPUT
       runner.py --script FILE INPUT OUTPUT

COMMAND names a function, FILE is a program of its own. INPUT is a JSON file with the parameters. OUTPUT is
a JSON file that is written here: what was stored, exported and asked for as subtasks, or the error.
"""

import os
import sys

# Where the project's modules are; code that runs may change its folder.
project = os.getcwd()

# What this file needs is Python's own, also where PYTHONPATH puts the project's files first.
given_path = sys.path[:]
sys.path = [entry for entry in sys.path if os.path.abspath(entry or ".") != project]

import importlib
import inspect
import json
import re
import runpy
import traceback
import types

sys.path = given_path


RENAME = "give the project's file another name"


class Env:
    """The object behind ``digdag.env``."""

    def __init__(self, params):
        self.params = params
        self.store_params = {}
        self.export_params = {}
        self.state_params = {}
        self.subtask_config = {}

    def store(self, params=None, **more):
        """Parameters for the tasks after this one."""
        self.store_params.update(serializable(dict(params or {}, **more)))

    def export(self, params=None, **more):
        """Parameters for this task's own subtasks."""
        self.export_params.update(serializable(dict(params or {}, **more)))

    def set_state(self, params=None, **more):
        """Kept for compatibility; nothing reads it."""
        self.state_params.update(serializable(dict(params or {}, **more)))

    def add_subtask(self, function=None, **params):
        """Adds a task below this one: a function with its parameters, or a task as a mapping."""
        if isinstance(function, dict):
            config = dict(function, **params)
        elif function is None:
            config = dict(params)
        else:
            config = dict(params)
            config["py>"] = command_of(function)
        name = "+subtask{}".format(len(self.subtask_config))
        self.subtask_config[name] = serializable(config)

    def result(self):
        return {
            "subtask_config": self.subtask_config,
            "export_params": self.export_params,
            "store_params": self.store_params,
        }


def serializable(params):
    """Fails in the line that stores, not later in one that nobody wrote."""
    try:
        # NaN and infinity are no JSON, whatever Python's module writes for them.
        json.dumps(params, allow_nan=False)
    except Exception as error:
        raise TypeError("Parameters must be serializable using JSON: {}".format(error))
    return params


def command_of(function):
    name = getattr(function, "__qualname__", None) or getattr(function, "__name__", "")
    module = getattr(function, "__module__", None)
    if module in (None, "__main__") or not name or "<" in name:
        raise TypeError("add_subtask needs a function of a module, not {!r}".format(function))
    return "{}.{}".format(module, name)


class Secrets(dict):
    """The object behind ``digdag.secrets``: what the task's ``_secrets`` names."""

    def __missing__(self, key):
        raise KeyError("Secret '{}' is not there: set it, and name it in the task's _secrets".format(key))


def install_digdag_module(env, secrets):
    module = types.ModuleType("digdag")
    module.env = env
    module.secrets = Secrets(secrets)
    sys.modules["digdag"] = module
    # An older name of the same, which old projects import.
    older = types.ModuleType("digdag_env")
    older.__dict__.update(vars(env))
    sys.modules["digdag_env"] = older


def resolve(command):
    """What COMMAND names: a function and None, or a class and the name of its method."""
    *path, last = command.split(".")
    if not path:
        raise AttributeError("'{}' names no module: write it as MODULE.{}".format(command, last))
    try:
        holder = importlib.import_module(".".join(path))
    except ImportError as error:
        # The last but one word may be a class instead of a module.
        if len(path) < 2 or error.name is None or not is_part(error.name, ".".join(path)):
            raise
        module = importlib.import_module(".".join(path[:-1]))
        found = find(module, path[-1])
        refuse_other(module)
        return found, last
    found = find(holder, last)
    refuse_other(holder)
    return (found, "run") if inspect.isclass(found) else (found, None)


def refuse_other(module):
    """Fails when the project has a module of this name, and it is another one that would run."""
    base = os.path.join(project, *module.__name__.split("."))
    own = [file for file in (base + ".py", os.path.join(base, "__init__.py")) if os.path.isfile(file)]
    found = getattr(module, "__file__", None)
    if not own or (found is not None and is_inside(found, project)):
        return
    raise ImportError(
        "Module '{}' is {}, which comes before the project's {}: {}".format(
            module.__name__,
            "built into Python" if found is None else found,
            os.path.relpath(own[0], project),
            RENAME,
        )
    )


def is_inside(file, folder):
    return os.path.realpath(file).startswith(os.path.join(os.path.realpath(folder), ""))


def is_part(name, path):
    return path == name or path.startswith(name + ".")


def find(module, name):
    try:
        return getattr(module, name)
    except AttributeError:
        raise AttributeError("Module '{}' has no attribute '{}'".format(module.__name__, name)) from None


def arguments(function, params):
    """Binds parameters by name; what is asked for and missing is an error."""
    try:
        asked = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return {}
    bound = {}
    for parameter in asked:
        if parameter.kind is parameter.VAR_KEYWORD:
            bound = dict(params, **bound)
        elif parameter.kind is parameter.VAR_POSITIONAL:
            continue
        elif parameter.name in params:
            bound[parameter.name] = params[parameter.name]
        elif parameter.default is parameter.empty:
            raise TypeError(
                "Method '{}' requires parameter '{}' but not set".format(
                    getattr(function, "__qualname__", function), parameter.name
                )
            )
    return bound


def call(command, params):
    target, method_name = resolve(command)
    if method_name is None:
        target(**arguments(target, params))
        return
    instance = target(**arguments(target, params))
    method = getattr(instance, method_name)
    method(**arguments(method, params))


def run_script(script, input_file, output_file):
    sys.argv = [script, input_file, output_file]
    try:
        runpy.run_path(script, run_name="__main__")
    except SystemExit as error:
        if error.code not in (None, 0):
            raise


def describe(error):
    """The error for OUTPUT; the frames of this file and of the import machinery tell nothing."""
    trace = error.__traceback__
    while trace is not None and is_ours(trace.tb_frame.f_code.co_filename):
        trace = trace.tb_next
    message = str(error)
    if isinstance(error, SystemExit):
        message = (
            "Failed to call python command with code:{}. Possible cause: the code ended Python itself, "
            "or a module of the project has the name of one of Python's own".format(error.code)
        )
    return {
        "class": type(error).__name__,
        "message": message,
        "advice": "" if RENAME in message else advice_on(error),
        # Files of the project by their names there: the folder is one that ends with the task.
        "backtrace": [
            entry.replace('File "' + os.path.join(project, ""), 'File "')
            for entry in traceback.format_exception(type(error), error, trace)
        ],
    }


def advice_on(error):
    try:
        return "\n".join(loaded_instead(error))
    except Exception:
        # Modules may be anything: what is odd about one must not hide the error itself.
        return ""


def loaded_instead(error):
    """Says of each module that an error is about which file it is from, where its name makes think of another one."""
    told = []
    for name, file in sorted(modules_of(error).items()):
        own = own_file(name)
        if file is not None and is_inside(file, project):
            if is_pythons(name):
                told.append(
                    "Module {} was loaded from {} of the project, which hides Python's own: {}".format(
                        name, shown(file), RENAME
                    )
                )
        elif own is not None:
            where = "is built into Python" if file is None else "was loaded from " + file
            told.append("Module {} {}, not from {} of the project: {}".format(name, where, shown(own), RENAME))
    return told


def modules_of(error):
    """The modules that an error, or one behind it, is about, and their files; of what is in a package, the package."""
    files = {}
    seen = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if isinstance(error, (ImportError, AttributeError)):
            about = re.findall(r"(?i)\b(?:module|from) '([\w.]+)'", str(error))
            if isinstance(error, ImportError):
                about.append(error.name or "")
            loaded = [name.split(".")[0] for name in about if name.split(".")[0] in sys.modules]
            files.update((name, file_of(name)) for name in loaded)
        # Also whatever fails in a file of the project that stands in for one of Python's.
        for frame, _ in traceback.walk_tb(error.__traceback__):
            file = frame.f_code.co_filename
            if not file.startswith("<") and is_inside(file, project):
                files[str(frame.f_globals.get("__name__")).split(".")[0]] = file
        error = error.__cause__ or error.__context__
    return files


def is_pythons(name):
    """Whether Python has a module of this name itself."""
    known = getattr(sys, "stdlib_module_names", None)
    if known is not None:
        return name in known
    library = os.path.join(os.path.dirname(os.__file__), name)
    return name in sys.builtin_module_names or os.path.exists(library) or os.path.exists(library + ".py")


def file_of(name):
    module = sys.modules.get(name)
    return getattr(module, "__file__", None) or next(iter(getattr(module, "__path__", ())), None)


def own_file(name):
    """The project's file of a module, where it has one."""
    base = os.path.join(project, name)
    return next((file for file in (base + ".py", os.path.join(base, "__init__.py")) if os.path.isfile(file)), None)


def shown(file):
    return os.path.relpath(os.path.realpath(file), os.path.realpath(project))


def is_ours(file):
    machinery = (importlib.__file__, runpy.__file__)
    return file == __file__ or file in machinery or file.startswith(("<frozen importlib", "<frozen runpy"))


def main():
    *what, input_file, output_file = sys.argv[1:]
    input_file, output_file = os.path.abspath(input_file), os.path.abspath(output_file)
    with open(input_file, encoding="utf-8") as file:
        given = json.load(file)
    params = given["params"]
    env = Env(params)
    install_digdag_module(env, given.get("secrets", {}))
    # This file's folder is none of the project's modules. The project's own comes last, as in Digdag.
    if sys.path and os.path.abspath(sys.path[0]) == os.path.dirname(os.path.abspath(__file__)):
        del sys.path[0]
    sys.path.append(project)
    status = 0
    try:
        if what[0] == "--script":
            run_script(what[1], input_file, output_file)
        else:
            sys.argv = sys.argv[:1]
            call(what[0], params)
        result = env.result()
        text = json.dumps(result, allow_nan=False)
    except BaseException as error:
        exits = isinstance(error, SystemExit) and isinstance(error.code, int) and error.code > 0
        status = error.code & 255 or 1 if exits else 1
        result = {"error": describe(error)}
        advice = result["error"]["advice"]
        sys.stderr.write("".join(result["error"]["backtrace"]) + (advice and advice + "\n"))
        text = json.dumps(result)
    sys.stdout.flush()
    # A script may have written its result itself, as Digdag asks it to.
    if status != 0 or not os.path.exists(output_file):
        with open(output_file, "w", encoding="utf-8") as file:
            file.write(text)
    sys.exit(status)


if __name__ == "__main__":
    main()

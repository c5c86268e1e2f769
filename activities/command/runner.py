"""Runs one Python function for Suiro's py> operator.

Usage: runner.py COMMAND INPUT OUTPUT. INPUT is a JSON file with the parameters, OUTPUT a JSON file that
this program writes: what the function stored, exported and asked for as subtasks, or its error.
"""

import collections
import importlib
import inspect
import json
import os
import sys
import traceback
import types


class Env:
    """The object behind ``digdag.env``."""

    def __init__(self, params):
        self.params = params
        self.store_params = {}
        self.export_params = {}
        self.state_params = {}
        self.subtask_config = collections.OrderedDict()

    def store(self, params=None, **more):
        """Parameters for the tasks after this one."""
        self.store_params.update(params or {}, **more)

    def export(self, params=None, **more):
        """Parameters for this task's own subtasks."""
        self.export_params.update(params or {}, **more)

    def set_state(self, params=None, **more):
        """Kept for compatibility; nothing reads it."""
        self.state_params.update(params or {}, **more)

    def add_subtask(self, function=None, **params):
        """Adds a task below this one: a function with its parameters, or a task as a mapping."""
        if isinstance(function, dict):
            config = dict(function)
            if params:
                raise TypeError("add_subtask with a mapping takes no further parameters")
        elif function is None:
            config = dict(params)
        else:
            name = getattr(function, "__qualname__", None)
            if name is None or "<" in name:
                raise TypeError("add_subtask needs a function or method that can be named")
            config = dict(params)
            config["py>"] = "{}.{}".format(function.__module__, name)
        try:
            json.dumps(config)
        except Exception as error:
            raise TypeError("Parameters must be serializable using JSON: {}".format(error))
        self.subtask_config["+subtask{}".format(len(self.subtask_config))] = config


def install_digdag_module(env):
    module = types.ModuleType("digdag")
    module.env = env
    module.task = types.SimpleNamespace(set_state=env.set_state)
    module.Env = Env
    sys.modules["digdag"] = module


def resolve(command):
    """The function that COMMAND names, and the class to make first when it is a method."""
    *path, last = command.split(".")
    if not path:
        return None, find(sys.modules["__main__"], last, command)
    try:
        return None, find(importlib.import_module(".".join(path)), last, command)
    except ImportError as error:
        # The last but one word may be a class instead of a module.
        if len(path) < 2 or not missing(error, ".".join(path)):
            raise
    module = importlib.import_module(".".join(path[:-1]))
    owner = find(module, path[-1], command)
    return owner, find(owner, last, command)


def missing(error, name):
    return getattr(error, "name", None) is not None and name.startswith(error.name)


def find(holder, name, command):
    if not hasattr(holder, name):
        where = getattr(holder, "__file__", None) or holder
        raise AttributeError(
            "'{}' of py>: {} is not in {}".format(name, command, where)
        )
    return getattr(holder, name)


def arguments(function, params, name):
    """Binds parameters by name: what is asked for and missing is an error."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return {}
    bound = {}
    everything = False
    for parameter in signature.parameters.values():
        if parameter.kind is parameter.VAR_KEYWORD:
            everything = True
        elif parameter.kind is parameter.VAR_POSITIONAL or parameter.name == "self":
            continue
        elif parameter.name in params:
            bound[parameter.name] = params[parameter.name]
        elif parameter.default is parameter.empty:
            raise TypeError(
                "Method '{}' requires parameter '{}' but not set".format(name, parameter.name)
            )
    return dict(params, **bound) if everything else bound


def call(command, params):
    owner, target = resolve(command)
    if inspect.isclass(target):
        owner, target = target, target.run
    if owner is None or not inspect.isclass(owner):
        return target(**arguments(target, params, command))
    instance = owner(**arguments(owner, params, owner.__name__))
    method = getattr(instance, target.__name__)
    return method(**arguments(method, params, command))


def main():
    command, input_file, output_file = sys.argv[1:4]
    with open(input_file, encoding="utf-8") as file:
        params = json.load(file)["params"]
    env = Env(params)
    install_digdag_module(env)
    # The project comes last, so a module of its own never hides one of Python's.
    sys.path.append(os.getcwd())
    sys.argv = sys.argv[:1]
    status = 0
    result = {}
    try:
        call(command, params)
        result = {
            "subtask_config": env.subtask_config,
            "export_params": env.export_params,
            "store_params": env.store_params,
        }
        text = json.dumps(result)
    except SystemExit as error:
        status = error.code if isinstance(error.code, int) else 1
        if status == 0:
            text = json.dumps({"store_params": env.store_params, "export_params": env.export_params,
                               "subtask_config": env.subtask_config})
        else:
            text = json.dumps({"error": {
                "class": "SystemExit",
                "message": "The script ended Python itself. Does a module of the project have the name "
                           "of one of Python's own?",
                "backtrace": traceback.format_exception(*sys.exc_info()),
            }})
    except BaseException as error:
        status = 1
        backtrace = traceback.format_exception(*sys.exc_info())
        sys.stderr.write("".join(backtrace))
        text = json.dumps({"error": {
            "class": type(error).__name__,
            "message": str(error),
            "backtrace": backtrace,
        }})
    sys.stdout.flush()
    with open(output_file, "w", encoding="utf-8") as file:
        file.write(text)
    sys.exit(status)


if __name__ == "__main__":
    main()

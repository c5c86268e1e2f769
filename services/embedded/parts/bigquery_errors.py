"""The engine's errors in BigQuery's words, with the place `[line:column]` in the query as it was sent.

The engine says much of it as BigQuery does, some in the words of the database that it runs on, and places within one
statement of a script. What is not known here stays as the engine has said it.
"""

import re

import sqlglot
from sqlglot import exp
from sqlglot.tokens import TokenType

from local_bigquery.errors import BigQueryError, from_exception
from local_bigquery.jobs import query
from local_bigquery.sql import script, translate
from local_bigquery.sql.dialect import BigQueryDialect

TAB_WIDTH = 8
PLACE = re.compile(r" at \[(\d+):(\d+)\]$")
WORDS = re.compile(r"\w+$")
OPERATORS = {
    **{"+": (exp.Add,), "-": (exp.Sub,), "*": (exp.Mul,), "/": (exp.Div,), "=": (exp.EQ,), "!=": (exp.NEQ,)},
    **{"<>": (exp.NEQ,), "<": (exp.LT,), "<=": (exp.LTE,), ">": (exp.GT,), ">=": (exp.GTE,), "||": (exp.DPipe,)},
}
TYPES = {"INT32": "int64", "INT64": "int64", "DOUBLE": "double", "FLOAT": "double", "BOOL": "bool"}


class Statement:
    """A statement of the query, and how to find things in it."""

    def __init__(self, sql, start=0, text=None):
        self.sql, self.start = sql, start
        # Of what is rewritten before it is run, places that the engine names are places of another text.
        self.is_run_as_written = text is not None and sql.startswith(text, start)
        self.text = text if self.is_run_as_written else sql[start:]
        try:
            self.tokens = script.Tokenizer().tokenize(self.text)
        except sqlglot.errors.SqlglotError:
            self.tokens = []

    def place(self, offset):
        """BigQuery counts characters, and a tab up to the next multiple of eight."""
        before = self.sql[: self.start + offset].split("\n")
        column = 0
        for character in before[-1]:
            column += TAB_WIDTH - column % TAB_WIDTH if character == "\t" else 1
        return f"[{len(before)}:{column + 1}]"

    def offset(self, line, column):
        lines = self.text.split("\n")
        return sum(len(text) + 1 for text in lines[: line - 1]) + column - 1

    def name(self, name, inside=None):
        """Where a name is used: not where it is given to something, and behind `inside.` where that is said."""
        for index, token in enumerate(self.tokens):
            if token.text.casefold() != name.casefold() or token.token_type == TokenType.STRING:
                continue
            before = [previous.text.casefold() for previous in self.tokens[max(0, index - 2) : index]]
            if inside is not None and before != [inside.casefold(), "."]:
                continue
            if inside is None and before[-1:] in (["."], ["as"]):
                continue
            return token.start
        return None

    def call(self, name):
        """Where a function is called, if it is once."""
        found = [
            token.start
            for token, following in zip(self.tokens, self.tokens[1:])
            if token.text.upper() == name.upper() and following.text == "("
        ]
        return found[0] if len(found) == 1 else None

    def operation(self, operator):
        """Where the operation begins, if there is one of its kind."""
        try:
            tree = sqlglot.parse_one(self.text, dialect=BigQueryDialect)
        except Exception:
            return None
        found = list(tree.find_all(*OPERATORS.get(operator, (exp.Null,)))) if operator in OPERATORS else []
        starts = [node.meta["start"] for node in found[0].walk() if "start" in node.meta] if len(found) == 1 else []
        return min(starts, default=None)


def rewritten(pattern, template, find=lambda statement, match: None):
    return re.compile(pattern, re.S), template, find


# What the engine says, what BigQuery says, and where it would point.
FORMS = [
    rewritten(r"^Unrecognized name: (?P<name>[^;\s]+)$", "Unrecognized name: {name}", lambda s, m: s.name(m["name"])),
    rewritten(
        r'^Table "(?P<table>[^"]+)" does not have a column named "(?P<name>[^"]+)"',
        "Name {name} not found inside {table}",
        lambda s, m: s.name(m["name"], m["table"]),
    ),
    rewritten(
        r'^Referenced table "(?P<name>[^"]+)" not found',
        "Unrecognized name: {name}",
        lambda s, m: s.name(m["name"]),
    ),
    rewritten(
        r"^Referenced update column (?P<name>\S+) not found in table",
        "Unrecognized name: {name}",
        lambda s, m: s.name(m["name"]),
    ),
    rewritten(
        r'^Table "(?P<table>[^"]+)" does not have a column with name "(?P<name>[^"]+)"',
        "Column {name} is not present in table {table}",
        lambda s, m: s.name(m["name"]),
    ),
    rewritten(
        r'^Ambiguous reference to column name "(?P<name>[^"]+)"',
        "Column name {name} is ambiguous",
        lambda s, m: s.name(m["name"]),
    ),
    rewritten(
        r'^column "?(?P<name>[^"\s]+)"? must appear in the GROUP BY clause',
        "SELECT list expression references column {name} which is neither grouped nor aggregated",
        lambda s, m: s.name(m["name"]),
    ),
    rewritten(
        r"^table (?P<table>\S+) has (?P<wanted>\d+) columns? but (?P<given>\d+) values were supplied",
        "Inserted row has wrong column count; Has {given}, expected {wanted}",
        lambda s, m: s.name("VALUES"),
    ),
    rewritten(
        r'^Schema "?(?P<name>[^"\s]+)"? not found in \w+ "(?P<project>[^"]+)"',
        "Not found: Dataset {project}:{name} was not found in location US",
    ),
    rewritten(
        r"^(?P<all>No matching signature for operator (?P<name>\S+) for argument types: .*)$",
        "{all}",
        lambda s, m: s.operation(m["name"]),
    ),
    rewritten(
        r"^(?P<all>No matching signature for function (?P<name>\S+) for argument types: .*)$",
        "{all}",
        lambda s, m: s.call(m["name"]),
    ),
    rewritten(
        r"^(?P<all>(?:UPDATE|DELETE) must have a WHERE clause)$",
        "{all}",
        lambda s, m: 0,
    ),
    rewritten(
        r"^(?P<all>Query parameter '(?P<name>\w+)' not found)$",
        "{all}",
        lambda s, m: s.text.find(f"@{m['name']}") if f"@{m['name']}" in s.text else None,
    ),
    rewritten(r"^division by zero: (?P<left>.+) (?P<name>MOD|DIV) (?P<right>.+)$", "division by zero: {name}({left}, {right})"),
    rewritten(r"^Could not convert string '(?P<value>.*)' to (?P<type>INT32|INT64|DOUBLE|FLOAT|BOOL)\b", "Bad {kind} value: {value}"),
    rewritten(r'^date field value out of range: "(?P<value>[^"]*)"', "Invalid date: '{value}'"),
    rewritten(r'^invalid timestamp field format: "(?P<value>[^"]*)"', "Invalid timestamp: '{value}'"),
    rewritten(r'^timestamp field value out of range: "(?P<value>[^"]*)"', "Invalid timestamp: '{value}'"),
]


def in_bigquerys_words(error, sql, statement):
    """The error as BigQuery would have said it of this query, in the place where it stands."""
    known = from_exception(error)
    message, at = known.message, None
    if found := PLACE.search(message):
        message = message[: found.start()]
        if statement.is_run_as_written:
            at = statement.offset(int(found[1]), int(found[2]))
    for pattern, template, find in FORMS:
        if match := pattern.search(message):
            words = match.groupdict()
            message = template.format(**words, kind=TYPES.get(words.get("type"), ""))
            at = find(statement, match) if at is None else at
            break
    reason = "notFound" if message.startswith("Not found: Dataset ") else known.reason
    if is_script(sql):
        if reason == "invalidQuery" and not message.startswith("Syntax error: "):
            message = f"Query error: {message}"
        at = 0 if at is None else at
    if at is not None:
        message += f" at {statement.place(at)}"
    return BigQueryError(reason, message, known.location if reason == known.reason else None)


def is_script(sql):
    try:
        statements = script.parse_script(sql)
    except Exception:
        return False
    return script.is_script([statement for statement in statements if statement.kind != "TEMP_FUNCTION"])


def syntax_error(error, sql):
    """What the parser did not like, named as BigQuery names it."""
    if not isinstance(error, sqlglot.errors.ParseError) or not error.errors:
        return engines_syntax_error(error, sql)
    detail = error.errors[0]
    description = detail.get("description") or ""
    tokens = script.Tokenizer().tokenize(sql)
    index = next((i for i, t in enumerate(tokens) if (t.line, t.col) == (detail["line"], detail["col"])), None)
    # A statement begins with a keyword: what is none is the mistake, whatever was made of the rest.
    if tokens and tokens[0].token_type == TokenType.VAR:
        index, description = 0, ""
    missing = re.match(r"Expecting (\S+)", description)
    expects = missing is not None or description.startswith(("Expected", "Required keyword"))
    if index is None or (expects and index == len(tokens) - 1):
        got, offset = "end of script", len(sql.rstrip())
    else:
        # `* FRM t`: what looks like an alias is the mistake, since a star has none.
        kinds = [token.token_type for token in tokens[max(0, index - 2) : index]]
        if kinds == [TokenType.STAR, TokenType.VAR]:
            index -= 1
        got, offset = kind_of(tokens[index]), tokens[index].start
    if missing:
        words = f'Expected "{missing[1]}" but got {got}'
    elif description.startswith("Invalid expression"):
        words = f"Expected end of input but got {got}"
    else:
        words = f"Unexpected {got}"
    line = sql.count("\n", 0, offset) + 1
    column = offset - sql.rfind("\n", 0, offset)
    return BigQueryError("invalidQuery", f"Syntax error: {words} at [{line}:{column}]")


def kind_of(token):
    if token.token_type == TokenType.STRING:
        return f'string literal "{token.text}"'
    if token.token_type == TokenType.NUMBER:
        return f'{"floating point" if "." in token.text else "integer"} literal "{token.text}"'
    if token.token_type in (TokenType.VAR, TokenType.IDENTIFIER):
        return f'identifier "{token.text}"'
    return f"keyword {token.text.upper()}" if WORDS.match(token.text) else f'"{token.text}"'


def install():
    """Has the engine answer with these errors."""
    remember_statements()
    translate.syntax_error = script.syntax_error = syntax_error
    execute = query.execute

    def executed(cur, project_id, job_id, config, *more, **named):
        try:
            return execute(cur, project_id, job_id, config, *more, **named)
        except Exception as error:
            sql = config.query or ""
            statement = Statement(sql, *getattr(error, "in_statement", (0, sql)))
            raise in_bigquerys_words(error, sql, statement) from error

    query.execute = executed


def remember_statements():
    """An error says which statement of the query it is from."""
    parse, make = script.Parser.statement, script.Interpreter.__init__

    def statement(parser):
        begin = parser.i
        found = parse(parser)
        # One with a label is made of another one, which knows better where it is.
        if begin < len(parser.tokens) and not hasattr(found, "place"):
            found.place = (parser.tokens[begin].start, found.text)
        return found

    def made(interpreter, *arguments, **named):
        make(interpreter, *arguments, **named)
        interpreter.handlers = {kind: telling(handler) for kind, handler in interpreter.handlers.items()}

    script.Parser.statement = statement
    script.Interpreter.__init__ = made


def telling(handler):
    def handle(statement):
        try:
            return handler(statement)
        except script.Control:
            raise
        except Exception as error:
            if not hasattr(error, "in_statement") and hasattr(statement, "place"):
                error.in_statement = statement.place
            raise

    return handle


engines_syntax_error = translate.syntax_error

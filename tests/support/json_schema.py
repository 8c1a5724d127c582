"""A validator for the part of JSON Schema 2020-12 that taskrun's schemas use.

`errors(value, schema)` lists what is wrong, each as "path: what". A keyword that it does not know is an error of the
schema, never ignored: otherwise a schema that grows would check less and less without anybody noticing.
"""

import re
from datetime import datetime

ANNOTATIONS = {"$schema", "$id", "$comment", "$defs", "title", "description", "default", "examples", "deprecated",
               "format"}

TYPES = {
    "object": lambda v: isinstance(v, dict),
    "array": lambda v: isinstance(v, list),
    "string": lambda v: isinstance(v, str),
    "boolean": lambda v: isinstance(v, bool),
    "null": lambda v: v is None,
    "integer": lambda v: isinstance(v, int) and not isinstance(v, bool) or isinstance(v, float) and v.is_integer(),
    "number": lambda v: isinstance(v, (int, float)) and not isinstance(v, bool),
}


class UnknownKeyword(Exception):
    """The schema uses a keyword that this validator does not know."""


def same(left, right):
    """JSON equality: Python takes True for 1."""
    return type(left) is type(right) and left == right or (
        TYPES["number"](left) and TYPES["number"](right) and left == right)


class Validator:
    def __init__(self, root):
        self.root = root

    def resolve(self, reference):
        if not reference.startswith("#"):
            raise UnknownKeyword(f"$ref to elsewhere: {reference}")
        node = self.root
        for part in reference.lstrip("#").strip("/").split("/"):
            if part:
                node = node[part.replace("~1", "/").replace("~0", "~")]
        return node

    def check(self, value, schema, path):
        """Yields every violation of `schema` by `value`."""
        if schema is True:
            return
        if schema is False:
            yield f"{path}: not allowed"
            return
        for keyword, argument in schema.items():
            if keyword in ANNOTATIONS or keyword in ("then", "else"):
                continue
            rule = getattr(self, "rule_" + keyword.replace("$", ""), None)
            if rule is None:
                raise UnknownKeyword(keyword)
            yield from rule(value, argument, schema, path)

    def holds(self, value, schema):
        return not any(True for _ in self.check(value, schema, ""))

    # Any value.

    def rule_ref(self, value, argument, schema, path):
        yield from self.check(value, self.resolve(argument), path)

    def rule_type(self, value, argument, schema, path):
        allowed = argument if isinstance(argument, list) else [argument]
        if not any(TYPES[name](value) for name in allowed):
            yield f"{path}: {value!r} is no {' or '.join(allowed)}"

    def rule_enum(self, value, argument, schema, path):
        if not any(same(value, choice) for choice in argument):
            yield f"{path}: {value!r} is none of {argument}"

    def rule_const(self, value, argument, schema, path):
        if not same(value, argument):
            yield f"{path}: {value!r} is not {argument!r}"

    def rule_allOf(self, value, argument, schema, path):
        for part in argument:
            yield from self.check(value, part, path)

    def rule_anyOf(self, value, argument, schema, path):
        if not any(self.holds(value, part) for part in argument):
            found = [next(iter(self.check(value, part, path))) for part in argument]
            yield f"{path}: fits none of {len(argument)} forms: {found}"

    def rule_oneOf(self, value, argument, schema, path):
        count = sum(self.holds(value, part) for part in argument)
        if count == 0:
            found = [next(iter(self.check(value, part, path))) for part in argument]
            yield f"{path}: fits none of {len(argument)} forms: {found}"
        elif count > 1:
            yield f"{path}: fits {count} forms where exactly one is asked"

    def rule_not(self, value, argument, schema, path):
        if self.holds(value, argument):
            yield f"{path}: has a form that is excluded"

    def rule_if(self, value, argument, schema, path):
        branch = "then" if self.holds(value, argument) else "else"
        if branch in schema:
            yield from self.check(value, schema[branch], path)

    # Objects.

    def rule_properties(self, value, argument, schema, path):
        if isinstance(value, dict):
            for name, part in argument.items():
                if name in value:
                    yield from self.check(value[name], part, f"{path}.{name}")

    def rule_patternProperties(self, value, argument, schema, path):
        if isinstance(value, dict):
            for pattern, part in argument.items():
                for name in value:
                    if re.search(pattern, name):
                        yield from self.check(value[name], part, f"{path}.{name}")

    def rule_additionalProperties(self, value, argument, schema, path):
        if isinstance(value, dict):
            known = set(schema.get("properties", {}))
            patterns = list(schema.get("patternProperties", {}))
            for name in value:
                if name not in known and not any(re.search(pattern, name) for pattern in patterns):
                    yield from self.check(value[name], argument, f"{path}.{name}")

    def rule_propertyNames(self, value, argument, schema, path):
        if isinstance(value, dict):
            for name in value:
                yield from self.check(name, argument, f"{path}: name {name!r}")

    def rule_required(self, value, argument, schema, path):
        if isinstance(value, dict):
            for name in argument:
                if name not in value:
                    yield f"{path}: '{name}' is missing"

    def rule_dependentRequired(self, value, argument, schema, path):
        if isinstance(value, dict):
            for name, others in argument.items():
                for other in others if name in value else []:
                    if other not in value:
                        yield f"{path}: '{name}' asks for '{other}'"

    def rule_minProperties(self, value, argument, schema, path):
        if isinstance(value, dict) and len(value) < argument:
            yield f"{path}: fewer than {argument} keys"

    def rule_maxProperties(self, value, argument, schema, path):
        if isinstance(value, dict) and len(value) > argument:
            yield f"{path}: more than {argument} keys"

    # Arrays.

    def rule_items(self, value, argument, schema, path):
        if isinstance(value, list):
            for index, item in enumerate(value[len(schema.get("prefixItems", [])):]):
                yield from self.check(item, argument, f"{path}[{index}]")

    def rule_prefixItems(self, value, argument, schema, path):
        if isinstance(value, list):
            for index, (item, part) in enumerate(zip(value, argument)):
                yield from self.check(item, part, f"{path}[{index}]")

    def rule_minItems(self, value, argument, schema, path):
        if isinstance(value, list) and len(value) < argument:
            yield f"{path}: fewer than {argument} items"

    def rule_maxItems(self, value, argument, schema, path):
        if isinstance(value, list) and len(value) > argument:
            yield f"{path}: more than {argument} items"

    def rule_uniqueItems(self, value, argument, schema, path):
        if argument and isinstance(value, list):
            if any(same(a, b) for i, a in enumerate(value) for b in value[:i]):
                yield f"{path}: an item stands twice"

    # Strings and numbers.

    def rule_pattern(self, value, argument, schema, path):
        if isinstance(value, str) and not re.search(argument, value):
            yield f"{path}: {value!r} does not match {argument}"

    def rule_minLength(self, value, argument, schema, path):
        if isinstance(value, str) and len(value) < argument:
            yield f"{path}: shorter than {argument}"

    def rule_maxLength(self, value, argument, schema, path):
        if isinstance(value, str) and len(value) > argument:
            yield f"{path}: longer than {argument}"

    def rule_minimum(self, value, argument, schema, path):
        if TYPES["number"](value) and value < argument:
            yield f"{path}: {value} is below {argument}"

    def rule_maximum(self, value, argument, schema, path):
        if TYPES["number"](value) and value > argument:
            yield f"{path}: {value} is above {argument}"

    def rule_exclusiveMinimum(self, value, argument, schema, path):
        if TYPES["number"](value) and value <= argument:
            yield f"{path}: {value} is not above {argument}"

    def rule_exclusiveMaximum(self, value, argument, schema, path):
        if TYPES["number"](value) and value >= argument:
            yield f"{path}: {value} is not below {argument}"

    def rule_multipleOf(self, value, argument, schema, path):
        if TYPES["number"](value) and value % argument:
            yield f"{path}: {value} is no multiple of {argument}"


def errors(value, schema):
    return list(Validator(schema).check(value, schema, "$"))


def is_utc_time(text):
    """The form of every time in the event lines: RFC 3339, UTC, six decimals, Z."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", text):
        return False
    try:
        datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ")
    except ValueError:
        return False
    return True

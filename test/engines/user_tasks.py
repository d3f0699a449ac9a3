"""Tasks of a user, beside the configuration."""


def double(values):
    return values * 2


def explode(message):
    try:
        raise ValueError("the cause")
    except ValueError as cause:
        raise LookupError(message) from cause

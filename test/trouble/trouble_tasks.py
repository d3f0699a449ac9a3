"""Tasks that are too much, for the tests of trouble; `tasks.ts` has the same in TypeScript."""

GIBIBYTE = 2**30


def return_gibibyte(_input: None) -> bytes:
    """Never written to, so that the machine does not pay for it unless somebody copies it."""
    return bytes(GIBIBYTE)

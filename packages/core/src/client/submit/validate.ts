/** Values against the schemas of a definition. */
import { renderPath } from '../../codec/trace.js';
import type { StandardIssue, StandardSchema } from '../../define/index.js';
import { AnantError } from '../../error/index.js';

/** Issues named in a message; the rest is counted. */
const ISSUES_SHOWN_MAX = 3;

export type Validated = unknown;

/**
 * What the schema makes of a value; a promise when the schema is asynchronous.
 * @throws AnantError `E_INPUT_INVALID` or `E_OUTPUT_INVALID`, with the path of each issue.
 */
export function validate(
  schema: StandardSchema,
  value: unknown,
  what: 'input' | 'result',
  task: string,
): Validated | Promise<Validated> {
  const result = schema['~standard'].validate(value);
  return result instanceof Promise
    ? result.then((settled) => accept(settled, what, task))
    : accept(result, what, task);
}

function accept(
  result: { readonly value?: unknown; readonly issues?: readonly StandardIssue[] | undefined },
  what: 'input' | 'result',
  task: string,
): Validated {
  if (result.issues === undefined) return result.value;
  const issues = result.issues.map((issue) => ({ path: pathOf(issue, what), message: issue.message }));
  const shown = issues.slice(0, ISSUES_SHOWN_MAX).map(({ path, message }) => `${path}: ${message}`);
  const rest = issues.length - shown.length;
  throw new AnantError(
    what === 'input' ? 'E_INPUT_INVALID' : 'E_OUTPUT_INVALID',
    `Task "${task}": ${shown.join('; ')}${rest > 0 ? `; and ${rest} more` : ''}`,
    {
      advice:
        what === 'input' ? 'Correct the input.' : 'Correct the task, or the output schema of its definition.',
      details: { path: issues[0]?.path ?? what, issues },
    },
  );
}

function pathOf(issue: StandardIssue, root: string): string {
  const steps = (issue.path ?? []).map((step) => (typeof step === 'object' ? step.key : step));
  return renderPath(
    root,
    steps.map((step) => (typeof step === 'number' ? step : String(step))),
  );
}

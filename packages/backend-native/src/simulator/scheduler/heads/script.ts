/** Scripts that ask and wait, without promises: the world's time stands still between an answer and the next question. */
export type Ask<Answer> = (settle: (answer: Answer) => void) => void;
export type Script<Result> = Generator<Ask<unknown>, Result, unknown>;

/** Inside a script: asks, and goes on with the answer. */
export function* ask<Answer>(question: Ask<Answer>): Script<Answer> {
  return (yield question as Ask<unknown>) as Answer;
}

/** Runs a script as its answers come. */
export function run<Result>(script: Script<Result>, done: (result: Result) => void = () => {}): void {
  const go = (answer: unknown): void => {
    const step = script.next(answer);
    if (step.done === true) done(step.value);
    else step.value(go);
  };
  go(undefined);
}

/** How a task that killed too many workers is refused. */
export const quarantine = (deaths: number) => ({
  code: 'E_TASK_POISON',
  reason: `${deaths} processes died while they ran it.`,
  advice: 'Mend what ends its process (memory, native code, process.exit), and submit it under a new id.',
});

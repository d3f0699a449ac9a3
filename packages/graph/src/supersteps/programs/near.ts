/** Whether an iteration may have ended, from changes that the parts added up: the kernel adds them up in another order. */

/** The two orders are this much apart, at most, relative. */
export const ORDER_MARGIN = 1e-6;

export const isNear = (change: number, tolerance: number): boolean => change < tolerance * (1 + ORDER_MARGIN);

/** The sum of what each part reports at a place. */
export const reported = (reports: readonly Float64Array[], place: number): number =>
  reports.reduce((sum, report) => sum + (report[place] ?? 0), 0);

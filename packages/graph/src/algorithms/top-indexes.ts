/** The indexes of the `count` largest values, largest first; of equal values the smaller index comes first. */
export function topIndexes(values: ArrayLike<number>, count: number): number[] {
  const top: number[] = [];
  for (let index = 0; index < values.length; index++) {
    const value = values[index]!;
    if (top.length >= count && !(value > values[top[top.length - 1]!]!)) continue;
    let at = top.length;
    while (at > 0 && value > values[top[at - 1]!]!) at -= 1;
    top.splice(at, 0, index);
    if (top.length > count) top.pop();
  }
  return count > 0 ? top : [];
}

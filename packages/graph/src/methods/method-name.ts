/** Names of methods: `s-components` is called as `sComponents`. */
export type MethodName<Name extends string> = Name extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<MethodName<Tail>>}`
  : Name;

export function methodName<Name extends string>(name: Name): MethodName<Name> {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase()) as MethodName<Name>;
}

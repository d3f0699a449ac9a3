/** `defineKernelTask`: one exported function of a WebAssembly module; the same bytes run on every backend. */
import type {
  KernelArrayType,
  KernelParameter,
  KernelReference,
  KernelScalarType,
  Resources,
} from '../contract/index.js';
import { checkModule, hashFile } from './define-task.js';
import type { TaskDefinition, Workload } from './task-definition.js';

export interface KernelTaskOptions<
  Parameters extends readonly KernelParameter[],
  Returns extends KernelScalarType | undefined,
> {
  /** File URL of the `.wasm` module. */
  readonly module: string;
  readonly export: string;
  readonly name?: string;
  readonly parameters: Parameters;
  readonly returns?: Returns;
  readonly workload?: Workload;
  readonly resources?: Resources;
}

interface ArrayOf {
  'u8[]': Uint8Array;
  'u16[]': Uint16Array;
  'i32[]': Int32Array;
  'u32[]': Uint32Array;
  'f32[]': Float32Array;
  'f64[]': Float64Array;
}
type ValueOf<Type> = Type extends KernelArrayType ? ArrayOf[Type] : number;
type InOf<P> = P extends { role: 'in' | 'shared'; name: infer Name extends string; type: infer Type }
  ? { [K in Name]: ValueOf<Type> }
  : never;
type OutOf<P> = P extends { role: 'out'; name: infer Name extends string; type: infer Type }
  ? { [K in Name]: ValueOf<Type> }
  : never;
type Intersect<Union> = (Union extends unknown ? (value: Union) => void : never) extends (
  value: infer I,
) => void
  ? I
  : never;
type Flat<T> = { [K in keyof T]: T[K] };
type KernelInput<P extends readonly KernelParameter[]> = Flat<Intersect<InOf<P[number]>>>;
type KernelOutput<P extends readonly KernelParameter[], R> = Flat<
  Intersect<OutOf<P[number]>> & (R extends KernelScalarType ? { result: number } : unknown)
>;

/**
 * Declares a kernel task; input and output types come from the parameter list.
 * @throws TypeError when `module` is not a file URL.
 */
export function defineKernelTask<
  const Parameters extends readonly KernelParameter[],
  const Returns extends KernelScalarType | undefined = undefined,
>(
  options: KernelTaskOptions<Parameters, Returns>,
): TaskDefinition<KernelInput<Parameters>, KernelOutput<Parameters, Returns>, 'value'> {
  checkModule('defineKernelTask', options.module, 'new URL(…, import.meta.url).href');
  const name = options.name ?? options.export;
  let reference: KernelReference | undefined;
  return {
    name,
    output: 'value',
    workload: options.workload ?? 'graph-analytics',
    ...(options.resources && { resources: options.resources }),
    reference() {
      reference ??= {
        kind: 'kernel',
        name,
        module: options.module,
        export: options.export,
        version: hashFile(options.module),
        signature: {
          parameters: options.parameters,
          ...(options.returns && { returns: options.returns }),
        },
      };
      return reference;
    },
  } as unknown as TaskDefinition<KernelInput<Parameters>, KernelOutput<Parameters, Returns>, 'value'>;
}

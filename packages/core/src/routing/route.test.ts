import { describe, expect, it } from 'vitest';
import {
  absent,
  type CapabilityManifest,
  defineManifest,
  emulated,
  FEATURES,
  type Feature,
  type FeatureSupport,
  native,
} from '../contract/index.js';
import { compileRoutes } from './compile-routes.js';
import { explainRoute, noRouteError } from './explain-route.js';
import { route } from './route.js';
import { BUILT_IN_BACKENDS, BUILT_IN_RATINGS, DEFAULT_WORKLOADS, matrixScore } from './tables.js';
import type { Candidate, RouteDecision } from './types.js';

type BuiltIn = (typeof BUILT_IN_BACKENDS)[number];

function manifestOf(
  backend: BuiltIn,
  features: Partial<Record<Feature, FeatureSupport>> = {},
): CapabilityManifest {
  const all = Object.fromEntries(FEATURES.map((feature) => [feature, native()])) as Record<
    Feature,
    FeatureSupport
  >;
  return defineManifest({
    features: { ...all, ...features },
    ratings: BUILT_IN_RATINGS[backend],
    payloadBytesMax: 1000,
  });
}

const candidate = (backend: BuiltIn, more: Partial<Candidate> = {}): Candidate => ({
  backend,
  manifest: manifestOf(backend),
  ...more,
});
const ALL = BUILT_IN_BACKENDS.map((backend) => candidate(backend));
const codes = (decision: RouteDecision) =>
  Object.fromEntries(decision.rejected.map(({ backend, code }) => [backend, code]));

describe('the tables', () => {
  it('give the scores of the matrix: 3 × high + 2 × medium', () => {
    const scores = BUILT_IN_BACKENDS.map((backend) => matrixScore(BUILT_IN_RATINGS[backend]));
    expect(scores).toEqual([79, 62, 72, 53]);
  });

  it('say of the chosen backend whose memory its kernels run on', () => {
    const shares = {
      ...candidate('native'),
      manifest: { ...manifestOf('native'), kernelMemory: 'caller' } as const,
    };
    expect(route('interactive', {}, [shares]).kernelMemory).toBe('caller');
    expect(route('interactive', {}, ALL).kernelMemory).toBeUndefined();
  });

  it.each([
    ['graph-analytics', 'native'],
    ['ml-training', 'ray'],
    ['ml-inference', 'native'],
    ['data-processing', 'dask'],
    ['batch', 'dask'],
    ['interactive', 'native'],
    ['streaming', 'native'],
  ])('send %s to %s when every backend is there', (workload, backend) => {
    const decision = route(workload, {}, ALL);
    expect(decision).toMatchObject({ workload, backend, tier: 'primary' });
    expect(decision.rejected).toHaveLength(3);
  });
});

describe('route', () => {
  it('says why each other backend was rejected', () => {
    const decision = route('graph-analytics', {}, ALL);
    expect(decision.reason).toBe('primary for graph-analytics, score 79');
    expect(decision.rejected).toEqual([
      { backend: 'dask', code: 'ranked-lower', reason: "score 62 against native's 79" },
      { backend: 'ray', code: 'not-needed', reason: 'secondary, and a primary takes the task' },
      { backend: 'celery', code: 'not-listed', reason: 'not listed for graph-analytics' },
    ]);
    expect(decision.scores).toEqual({ native: 79, dask: 62, ray: 72, celery: 53 });
  });

  it('rejects a backend without a required feature, with the reason of its manifest', () => {
    const celery = candidate('celery', {
      manifest: manifestOf('celery', {
        streams: absent('results are single values'),
        eta: emulated('by core'),
      }),
    });
    const decision = route('batch', { features: ['streams', 'eta'] }, [celery, candidate('dask')]);
    expect(decision.backend).toBe('dask');
    expect(decision.rejected[0]).toEqual({
      backend: 'celery',
      code: 'missing-capability',
      reason: 'it has no "streams": results are single values',
      features: ['streams'],
    });
    const strict = route('batch', { features: ['streams'], nativeFeatures: ['eta', 'streams'] }, [celery]);
    expect(strict.backend).toBeUndefined();
    expect(strict.rejected.find(({ backend }) => backend === 'celery')).toMatchObject({
      features: ['streams', 'eta'],
      reason: 'it has no "streams": results are single values; it only emulates "eta": by core',
    });
  });

  it('rejects what is down, not installed, not configured or too small', () => {
    const decision = route('graph-analytics', { payloadBytes: 5000 }, [
      candidate('native', { health: 'down', reason: 'breaker open after 3 failures' }),
      { backend: 'dask' },
      candidate('celery'),
    ]);
    expect(decision.backend).toBeUndefined();
    expect(codes(decision)).toEqual({
      native: 'unhealthy',
      dask: 'not-installed',
      ray: 'not-configured',
      celery: 'not-listed',
    });
    const large = route('interactive', { payloadBytes: 1001 }, [candidate('native')]);
    expect(codes(large)).toEqual({ native: 'payload-too-large', ray: 'not-configured' });
    expect(route('interactive', { payloadBytes: 1000 }, [candidate('native')]).backend).toBe('native');
  });

  it('falls back to a secondary, unless that is forbidden', () => {
    const candidates = [candidate('ray', { health: 'down', reason: 'no head' }), candidate('native')];
    expect(route('ml-training', {}, candidates)).toMatchObject({ backend: 'native', tier: 'secondary' });
    const decision = route('ml-training', {}, candidates, { call: { fallback: 'forbid' } });
    expect(decision.backend).toBeUndefined();
    expect(codes(decision)).toEqual({ ray: 'unhealthy', native: 'fallback-forbidden' });
  });

  it('lets the embedded backend take what nobody else is configured for', () => {
    const decision = route('batch', {}, [candidate('native')]);
    expect(decision).toMatchObject({ backend: 'native', tier: 'default' });
    expect(codes(decision)).toEqual({ celery: 'not-configured', dask: 'not-configured' });
    const configured = [candidate('native'), candidate('celery', { health: 'down' })];
    expect(route('batch', {}, configured).backend).toBeUndefined();
    expect(
      route('batch', {}, [candidate('native')], { task: { fallback: 'forbid' } }).backend,
    ).toBeUndefined();
  });

  it('gives an unknown workload no backend, but a pinned one', () => {
    expect(route('nonsense', {}, ALL)).toMatchObject({
      backend: undefined,
      reason: 'the workload is unknown',
    });
    expect(route('nonsense', {}, ALL, { call: { pin: 'ray' } })).toMatchObject({
      backend: 'ray',
      tier: 'pinned',
    });
    expect(route('nonsense', {}, ALL, { task: { primary: ['dask'] } }).backend).toBe('dask');
  });
});

describe('wishes', () => {
  it('pin a backend, and reject it for its own reasons', () => {
    const decision = route('interactive', {}, ALL, { call: { pin: 'celery' } });
    expect(decision).toMatchObject({ backend: 'celery', tier: 'pinned', reason: 'the user pinned it' });
    expect(codes(decision)).toEqual({ native: 'not-pinned', dask: 'not-pinned', ray: 'not-pinned' });
    const down = route('interactive', {}, [candidate('ray', { health: 'down' }), candidate('native')], {
      task: { pin: 'ray' },
    });
    expect(down.backend).toBeUndefined();
    expect(codes(down)).toEqual({ ray: 'unhealthy', native: 'not-pinned' });
  });

  it('go from call over task and workload: the narrowest pin wins, every forbid counts', () => {
    const config = {
      workloads: { ...DEFAULT_WORKLOADS, batch: { ...DEFAULT_WORKLOADS.batch, pin: 'celery' } },
      forbid: ['dask'],
    };
    expect(route('batch', {}, ALL, { config }).backend).toBe('celery');
    expect(route('batch', {}, ALL, { config, task: { pin: 'native' } }).backend).toBe('native');
    expect(route('batch', {}, ALL, { config, task: { pin: 'native' }, call: { pin: 'ray' } }).backend).toBe(
      'ray',
    );
    const forbidden = route('batch', {}, ALL, { config, call: { pin: 'dask' } });
    expect(forbidden.backend).toBeUndefined();
    expect(forbidden.rejected[0]).toMatchObject({
      backend: 'dask',
      reason: 'forbidden by the configuration',
    });
  });

  it('forbid by task and by call', () => {
    const byTask = route('graph-analytics', {}, ALL, { task: { forbid: ['native'] } });
    expect(byTask.backend).toBe('dask');
    const both = route('graph-analytics', {}, ALL, {
      task: { forbid: ['native'] },
      call: { forbid: ['dask'] },
    });
    expect(both).toMatchObject({ backend: 'ray', tier: 'secondary' });
    expect(both.rejected.map(({ reason }) => reason).slice(0, 2)).toEqual([
      'forbidden by the task',
      'forbidden by this call',
    ]);
  });

  it('replace the primaries, named twice or not', () => {
    const decision = route('graph-analytics', {}, ALL, { call: { primary: ['celery', 'dask', 'celery'] } });
    expect(decision).toMatchObject({ backend: 'dask', tier: 'primary' });
    expect(codes(decision)).toEqual({ celery: 'ranked-lower', ray: 'not-needed', native: 'not-listed' });
  });
});

describe('between several', () => {
  const twins = (first: Partial<Candidate>, second: Partial<Candidate>) => {
    const manifest = manifestOf('dask');
    const config = {
      workloads: { both: { primary: ['one', 'two'], secondary: [], fallback: 'allow' as const } },
    };
    const candidates = [
      { backend: 'one', manifest, ...first },
      { backend: 'two', manifest, ...second },
    ];
    return route('both', { storedBytes: { two: 10 } }, candidates, { config });
  };

  it('prefers what is not degraded, whatever the score', () => {
    const decision = route('graph-analytics', {}, [
      candidate('native', { health: 'degraded', reason: 'half its threads restart' }),
      candidate('dask'),
    ]);
    expect(decision.backend).toBe('dask');
    expect(decision.rejected[0]?.reason).toBe('degraded: half its threads restart');
  });

  it('then the lower latency, in steps of a factor of two', () => {
    expect(twins({ latencyMs: 5 }, { latencyMs: 3 }).backend).toBe('two');
    const decision = twins({ latencyMs: 3 }, { latencyMs: 5 });
    expect(decision.backend).toBe('one');
    expect(decision.rejected[0]?.reason).toBe("same score, latency 5 ms against one's 3 ms");
    expect(twins({ latencyMs: 900 }, {}).backend).toBe('one');
  });

  it('then where the data is, then the order of names', () => {
    const decision = twins({ latencyMs: 3 }, { latencyMs: 4 });
    expect(decision.backend).toBe('two');
    expect(decision.rejected[0]?.reason).toContain("0 bytes of the input already there against two's 10");
    const manifest = manifestOf('dask');
    const workloads = { both: { primary: ['b', 'a'], secondary: [], fallback: 'allow' as const } };
    const equal = route(
      'both',
      {},
      [
        { backend: 'a', manifest },
        { backend: 'b', manifest },
      ],
      { config: { workloads } },
    );
    expect(equal.backend).toBe('b');
    expect(equal.rejected[0]?.reason).toBe('equal to b in everything, but named after it');
  });
});

describe('compileRoutes', () => {
  it('decides as route does, with live states, and changes nothing', () => {
    const manifests = { native: manifestOf('native'), dask: manifestOf('dask') };
    const router = compileRoutes({ workloads: DEFAULT_WORKLOADS }, manifests);
    const request = { workload: 'graph-analytics' };
    expect(router.backends).toEqual(['native', 'dask']);
    expect(router.route(request).backend).toBe('native');
    expect(router.route({ ...request, states: { native: { health: 'down' } } }).backend).toBe('dask');
    expect(router.route(request)).toEqual(
      route('graph-analytics', {}, [candidate('native'), candidate('dask')]),
    );
  });
});

describe('explainRoute', () => {
  it('is a text of one line per backend', () => {
    expect(explainRoute(route('graph-analytics', {}, ALL.slice(0, 3)))).toEqual([
      'graph-analytics → native: primary for graph-analytics, score 79',
      "  not dask  ranked-lower: score 62 against native's 79",
      '  not ray   not-needed: secondary, and a primary takes the task (score 72)',
    ]);
    expect(explainRoute(route('nonsense', {}, []))).toEqual([
      'nonsense → no backend: the workload is unknown',
    ]);
  });
});

describe('noRouteError', () => {
  const errorOf = (...args: Parameters<typeof route>) => noRouteError(route(...args));

  it('names every rejection and says what to do', () => {
    const error = errorOf('graph-analytics', {}, [
      candidate('native', { health: 'down', reason: 'stopped' }),
    ]);
    expect(error.code).toBe('E_NO_ROUTE');
    expect(error.message).toContain('native: stopped; dask: the configuration has no such backend');
    expect(error).toMatchObject({ retryable: true, advice: expect.stringContaining('native') });
  });

  it('has the code of the only reason where there is one', () => {
    const pin = (backend: string) => ({ call: { pin: backend } });
    const lame = candidate('ray', { manifest: manifestOf('ray', { streams: absent('no') }) });
    expect(errorOf('batch', { features: ['streams'] }, [lame], pin('ray')).code).toBe('E_CAPABILITY_MISSING');
    expect(errorOf('batch', {}, [{ backend: 'ray' }], pin('ray')).code).toBe('E_BACKEND_NOT_INSTALLED');
    expect(errorOf('batch', {}, [{ ...lame, health: 'down' }], pin('ray')).code).toBe(
      'E_BACKEND_UNAVAILABLE',
    );
    expect(errorOf('batch', { payloadBytes: 1e9 }, [lame], pin('ray')).code).toBe('E_PAYLOAD_TOO_LARGE');
    expect(errorOf('batch', {}, ALL, pin('rya')).code).toBe('E_BACKEND_UNKNOWN');
    expect(errorOf('nonsense', {}, ALL)).toMatchObject({
      code: 'E_NO_ROUTE',
      advice: 'Add a line for "nonsense" under "workloads" in anant.config.ts.',
    });
  });
});

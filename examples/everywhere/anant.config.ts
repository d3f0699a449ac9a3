import { defineConfig } from '@anant/core';

export default defineConfig({
  backends: { dask: { local: true }, ray: { local: true }, celery: { local: true } },
  workloads: { batch: 'dask' },
  python: { path: ['.'] },
});

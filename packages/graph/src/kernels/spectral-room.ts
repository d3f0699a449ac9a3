/** Vectors beyond the wanted ones, at least: they make the wanted ones converge sooner. */
const GUARDS = 4;
/** Columns that the basis has about, and the fewest and most blocks of it. */
const BASIS_COLUMNS = 128;
const BLOCKS_MIN = 3;
const BLOCKS_MAX = 12;

/** Sizes that the kernel of spectral clustering is given: block, basis, and numbers of working memory. */
export interface SpectralRoom {
  readonly width: number;
  readonly basisSize: number;
  readonly rowNumbers: number;
  readonly imageNumbers: number;
  readonly smallNumbers: number;
}

/** @param k Number of clusters. */
export function spectralRoom(vertexCount: number, k: number): SpectralRoom {
  const width = fourfold(k + GUARDS);
  const blocks = Math.min(Math.max(Math.floor(BASIS_COLUMNS / width), BLOCKS_MIN), BLOCKS_MAX);
  const basisSize = width * blocks;
  const rows = fourfold(vertexCount);
  return {
    width,
    basisSize,
    rowNumbers: rows * basisSize,
    imageNumbers: rows * width,
    smallNumbers:
      2 * basisSize * basisSize + 4 * basisSize + 3 * basisSize * width + 3 * width * width + width,
  };
}

/** Kernels work on four rows or columns at a time. */
function fourfold(count: number): number {
  return Math.ceil(count / 4) * 4;
}

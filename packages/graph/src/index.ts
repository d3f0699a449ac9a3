export type { Algorithm, GraphAlgorithm } from './algorithms/algorithm.js';
export type { AssortativityParameters } from './algorithms/assortativity.js';
export type { BfsParameters } from './algorithms/bfs.js';
export type { EigenvectorValues } from './algorithms/clique-eigenvector.js';
export type { CliqueExpansionParameters, CliqueExpansionValues } from './algorithms/clique-expansion.js';
export type { ClusteringParameters, ClusteringValues } from './algorithms/clustering.js';
export type { ConductanceParameters, ConductanceValues } from './algorithms/conductance.js';
export type { ConvergenceParameters } from './algorithms/convergence.js';
export type { DegreesParameters } from './algorithms/degrees.js';
export type { DfsParameters, DfsValues } from './algorithms/dfs.js';
export type { Way } from './algorithms/directions.js';
export type { EncapsulationParameters, EncapsulationValues } from './algorithms/encapsulation.js';
export type { HMotifsParameters, HMotifsValues } from './algorithms/h-motifs.js';
export type { HyperLouvainParameters } from './algorithms/hyper-louvain.js';
export type { HypercoreParameters, HypercoreValues } from './algorithms/hypercore.js';
export type { IndependentSetParameters } from './algorithms/independent-set.js';
export type { KCoreParameters, KCoreValues } from './algorithms/k-core.js';
export type { KatzParameters } from './algorithms/katz.js';
export type { LabelPropagationParameters } from './algorithms/label-propagation.js';
export type { LaplacianParameters, LaplacianValues } from './algorithms/laplacian.js';
export type { LineParameters, LineSide } from './algorithms/line-graph.js';
export type { LouvainParameters, LouvainValues } from './algorithms/louvain.js';
export type { ModularityParameters } from './algorithms/modularity.js';
export { describeMotif, MOTIF_PATTERNS } from './algorithms/motif-classes.js';
export type { NeighborhoodParameters } from './algorithms/neighborhood.js';
export type { NodeEdgeParameters, NodeEdgeValues } from './algorithms/node-edge.js';
export type { PagerankParameters } from './algorithms/pagerank.js';
export type { PairWeights } from './algorithms/pairs.js';
export type { ParallelLabelPropagationParameters } from './algorithms/parallel-label-propagation.js';
export type {
  ParameterSpecification,
  ParameterValue,
  ParameterValues,
  PartNames,
} from './algorithms/parameter.js';
export type { PartitionParameters, PartitionValues } from './algorithms/partition.js';
export type { PartitionCutParameters } from './algorithms/partition-cut.js';
export type { LabelPropagationValues } from './algorithms/propagated-labels.js';
export type { RandomWalksParameters } from './algorithms/random-walks.js';
export { type AlgorithmName, algorithms, findAlgorithm } from './algorithms/registry.js';
export type {
  AlgorithmResult,
  Fact,
  ResultArray,
  ResultTable,
  ResultValues,
  ResultWithGraph,
  RunInfo,
} from './algorithms/result.js';
export type {
  ReweightedLouvainParameters,
  ReweightedLouvainValues,
} from './algorithms/reweighted-louvain.js';
export type { GraphClient, RunOptions, RunProgress } from './algorithms/run-kernel-task.js';
export type { SBetweennessParameters } from './algorithms/s-betweenness.js';
export type { SClosenessParameters } from './algorithms/s-closeness.js';
export type { SComponentsParameters, SComponentsValues } from './algorithms/s-components.js';
export type { SDiameterValues } from './algorithms/s-diameter.js';
export type { SDistanceParameters } from './algorithms/s-distance.js';
export type { SHarmonicParameters } from './algorithms/s-harmonic.js';
export type { SLineGraphValues } from './algorithms/s-line-graph.js';
export type { SampledValues, SamplingParameters } from './algorithms/sampled-distances.js';
export {
  type Path,
  pathTo,
  type ShortestPathsParameters,
  type ShortestPathsValues,
} from './algorithms/shortest-paths.js';
export type {
  SimplicialClosureParameters,
  SimplicialClosureValues,
} from './algorithms/simplicial-closure.js';
export type {
  SpectralClusteringParameters,
  SpectralClusteringValues,
} from './algorithms/spectral-clustering.js';
export type { TrianglesValues } from './algorithms/triangles.js';
export type { BuildOptions } from './build-parts.js';
export type { BuildProperties } from './build-properties.js';
export type { OpenOptions } from './container/open-graph.js';
export {
  EXPORT_FORMATS,
  type ExportFormatName,
  type ExportOptions,
  type ExportReport,
} from './export/export-graph.js';
export { writeText } from './formats/atomic-file.js';
export type { LoadProgress } from './formats/byte-source.js';
export { type DetectedFormat, detectFormat } from './formats/detect-format.js';
export type { Separator } from './formats/fields.js';
export { FORMAT_DESCRIPTIONS, FORMATS, type FormatName } from './formats/format-names.js';
export type { LoadOptions } from './formats/load.js';
export type { IdKind } from './formats/tokens.js';
export {
  type BlockModelOptions,
  type ConfigurationResult,
  chungLuHypergraph,
  configurationHypergraph,
  dcsbmHypergraph,
  type SequenceOptions,
} from './generate/degree-corrected.js';
export { type UniformOptions, uniformHypergraph } from './generate/uniform.js';
export { Hypergraph } from './graph.js';
export type { GraphBytes } from './hypergraph.js';
export { findVertexNamed } from './ids/find-id.js';
export type { ExternalId, IdTable } from './ids/id-table.js';
export {
  cliqueEigenvectorTask,
  hEigenvectorTask,
  katzTask,
  nodeEdgeTask,
  restartPagerankTask,
  zEigenvectorTask,
} from './kernels/centrality-tasks.js';
export { countTrianglesTask, overlapClusteringTask } from './kernels/clustering-tasks.js';
export {
  cliqueDegreesTask,
  cliqueExpansionTask,
  conductancesTask,
  hyperLouvainTask,
  labelPropagationTask,
  louvainRowsTask,
  louvainTask,
  modularitiesTask,
  parallelLabelsTask,
  spectralClustersTask,
} from './kernels/community-tasks.js';
export {
  closedTriplesTask,
  hMotifsTask,
  randomWalksTask,
  sampleHMotifsTask,
  simplicialClosureTask,
} from './kernels/counting-tasks.js';
export {
  binomialCountTask,
  binomialTask,
  configurationTask,
  degreeCorrectedTask,
  uniformTask,
} from './kernels/generator-tasks.js';
export {
  internSubsetsTask,
  linkSubsetsTask,
  mirrorArcsTask,
  sLineBoundTask,
  sLineCountTask,
  sLineFillTask,
} from './kernels/line-tasks.js';
export { spgemmCountTask, spgemmFillTask, spmmTask, spmvTask } from './kernels/matrix-tasks.js';
export { KERNELS_URL } from './kernels/module-url.js';
export { pagerankSumCount } from './kernels/pagerank-sums.js';
export { partitionCutTask, partitionTask, streamPartitionTask } from './kernels/partition-tasks.js';
export {
  allDistancesTask,
  betweennessTask,
  nodeDistancesTask,
  sampleDistancesTask,
} from './kernels/path-tasks.js';
export {
  assortativityTask,
  encapsulationTask,
  independentSetTask,
  starExpansionTask,
  toplexesTask,
} from './kernels/structure-tasks.js';
export {
  bfsTask,
  componentsTask,
  degreesTask,
  kCoreTask,
  pagerankTask,
  sComponentsTask,
} from './kernels/tasks.js';
export {
  cutVerticesTask,
  depthFirstTask,
  shortestPathsTask,
  strongComponentsTask,
} from './kernels/traversal-tasks.js';
export {
  type AppliedBatch,
  type BatchListener,
  type DegreeCount,
  type Durability,
  type GraphChange,
  type GraphEvent,
  GraphSnapshot,
  type IncidenceName,
  type IngestOptions,
  type IngestReport,
  ingest,
  ingestRedisStream,
  LiveComponents,
  LiveDegrees,
  LiveHypergraph,
  type LiveOptions,
  LivePagerank,
  type LivePagerankOptions,
  type LiveProperties,
  type PropertyChanges,
  type RankedVertex,
  type RankUpdate,
  type RedisStreamClient,
  type RedisStreamOptions,
  type SubscribeOptions,
  type SubscriptionGap,
  TimeWindow,
  type TimeWindowOptions,
} from './live/index.js';
export type { GpuProduct, GpuProductOptions } from './matrix/multiply-on-gpu.js';
export { SEMIRINGS, type Semiring } from './matrix/semiring.js';
export {
  type MatrixParts,
  type ProductOptions,
  type RowProductOptions,
  SparseMatrix,
  type SparseProductOptions,
  type VectorProductOptions,
} from './matrix/sparse-matrix.js';
export { closeDefaultClient } from './methods/default-client.js';
export type { GraphMethods, GraphResult, ResultLabels } from './methods/graph-methods.js';
export {
  type Partition,
  type Partitioner,
  type PartitionOptions,
  partitionGraph,
} from './partition/partitioner.js';
export { hashPartitioner, multilevelPartitioner, streamPartitioner } from './partition/partitioners.js';
export {
  type Bin,
  binsOf,
  type Distribution,
  type DistributionOf,
  distributionOf,
} from './pictures/distribution.js';
export { drawDistributions } from './pictures/distribution-picture.js';
export { type DrawingOptions, drawHypergraph } from './pictures/drawing.js';
export type { DrawingStyle } from './pictures/hyperedge-shapes.js';
export { drawRanks, type RankPictureOptions } from './pictures/rank-picture.js';
export type { Neighbors, NeighborsOptions } from './query/neighborhood.js';
export type { QueryOptions, QueryResult } from './query/run-query.js';
export type { RepeatedMembers } from './store/assemble.js';
export type { GraphKind, GraphParts, GraphSource } from './store/graph-parts.js';
export type { Incidence } from './store/incidence.js';
export {
  DIRECTION,
  type GraphProperties,
  type PropertyColumn,
  type PropertyColumns,
  type PropertyValues,
  valueAt,
} from './store/properties.js';
export type { SelectOptions } from './store/select.js';
export type { TimeSlice, TimeSliceOptions, TimeWindowsOptions } from './store/time-slices.js';
export type { PropertyValue } from './store/value-columns.js';
export { choosePartitions, type PartitionChoice } from './supersteps/choose-partitions.js';
export { SUPERSTEP_ALGORITHMS } from './supersteps/coordinators.js';
export { type Estimate, type EstimateInput, estimateSupersteps } from './supersteps/cost-model.js';
export { estimateOnPartitions, type GraphEstimates } from './supersteps/estimate-graph.js';
export type { HyperedgeSource } from './supersteps/hyperedge-file.js';
export { HypergraphInParts } from './supersteps/hypergraph-in-parts.js';
export { type LoadOrDivideOptions, loadOrDivide } from './supersteps/load-or-divide.js';
export { isOnePassFormat } from './supersteps/one-pass-format.js';
export {
  PartitionedGraph,
  type PartitionedResult,
  type PartitionedRunOptions,
} from './supersteps/partitioned-graph.js';
export { isPartsFolder } from './supersteps/parts-folder.js';
export { type Cut, PARTITIONER_NAMES, type PartitionerName } from './supersteps/plan.js';
export type { SuperstepOptions, SuperstepProgress } from './supersteps/run-supersteps.js';

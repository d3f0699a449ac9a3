/** The formats that can be read, with what each is. */
export const FORMAT_DESCRIPTIONS = {
  anant: 'the compact file of anant graph import and graph.save; opens at once',
  simplices: 'simplex triples: NAME-nverts.txt, NAME-simplices.txt and optionally -times and -node-labels',
  hif: 'HIF, the Hypergraph Interchange Format (JSON)',
  hyperedges: 'one hyperedge per line, its members separated',
  incidences: 'rows of hyperedge, vertex and optionally weight (CSV, TSV)',
  bipartite: 'rows of vertex, hyperedge and optionally weight: a bipartite edge list',
  coo: 'incidence matrix as rows of vertex index, hyperedge index and optionally weight, from 0',
  adjacency: 'line i (from 0) lists the out-neighbours of vertex i, blank if none; directed',
  edges: 'edge list: two vertices per line and optionally a weight',
  triples: 'head, relation, tail per line, tab-separated',
  facts: 'relation, e1 … ek per line, tab-separated',
  'named-facts': 'name, relation, e1 … ek per line, tab-separated',
  hmetis: 'hMETIS hypergraph (.hgr)',
  metis: 'METIS graph (.graph): the neighbours of each vertex',
  'matrix-market': 'Matrix Market incidence matrix (.mtx), rows are vertices',
  'matrix-market-adjacency': 'Matrix Market adjacency matrix of a graph (.mtx)',
  graphml: 'GraphML (XML)',
  ntriples: 'RDF N-Triples (.nt)',
  turtle: 'RDF Turtle (.ttl)',
  xgi: 'JSON of XGI',
  parquet: 'Apache Parquet table of incidences, edges or triples',
  arrow: 'Arrow IPC (Feather) table of incidences, edges or triples',
} as const;

export type FormatName = keyof typeof FORMAT_DESCRIPTIONS;

export const FORMATS = Object.keys(FORMAT_DESCRIPTIONS) as readonly FormatName[];

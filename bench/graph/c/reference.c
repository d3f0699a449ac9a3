/*
 * The C reference: what a careful C programmer writes for the same definitions (docs/graph.md), one thread.
 *
 *   cc -O3 -o reference reference.c && ./reference FOLDER RUNS DAMPING TOLERANCE
 *
 * FOLDER holds `offsets`, `members` (uint32, the members of each hyperedge), `nodeOffsets`, `nodeMembers` (the
 * hyperedges of each vertex) and `sources` (uint32). Prints milliseconds as one JSON object: medians over RUNS after
 * warm-up; for `bfs` the median over the sources of the least of three. `check` holds values to compare.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef uint32_t u32;

typedef struct {
  u32 edges, vertices, incidences;
  u32 *edge_offsets, *edge_members, *node_offsets, *node_members;
} Graph;

static void fail(const char *what) {
  fprintf(stderr, "%s\n", what);
  exit(1);
}

static void *allocate(size_t count, size_t bytes) {
  void *memory = calloc(count ? count : 1, bytes);
  if (!memory) fail("out of memory");
  return memory;
}

static u32 *read_column(const char *folder, const char *name, u32 *count) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "rb");
  if (!file) fail(path);
  fseek(file, 0, SEEK_END);
  size_t bytes = (size_t)ftell(file);
  rewind(file);
  u32 *values = allocate(bytes / 4, 4);
  if (fread(values, 1, bytes, file) != bytes) fail(path);
  fclose(file);
  *count = (u32)(bytes / 4);
  return values;
}

static double now_ms(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static int by_value(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

static double median(double *samples, int count) {
  qsort(samples, (size_t)count, sizeof *samples, by_value);
  return samples[count / 2];
}

/* Direction-optimising search (Beamer, Asanovic, Patterson 2012). Returns how many vertices were reached. */
static u32 bfs(const Graph *g, u32 source, int32_t *levels, int32_t *states, u32 *queue) {
  const int32_t closed = INT32_MAX;
  memset(levels, 0xff, (size_t)g->vertices * 4);
  memset(states, 0, (size_t)g->edges * 4);
  levels[source] = 0;
  queue[0] = source;
  u32 head = 0, tail = 1;
  u32 work = g->node_offsets[source + 1] - g->node_offsets[source];
  u32 unreached = g->incidences - work;
  for (int32_t level = 1; head < tail && unreached; level++) {
    u32 end = tail;
    if (work > unreached / 4) {
      for (u32 v = 0; v < g->vertices; v++) {
        if (levels[v] >= 0) continue;
        for (u32 i = g->node_offsets[v]; i < g->node_offsets[v + 1]; i++) {
          u32 e = g->node_members[i];
          if (states[e] == level) continue;
          if (states[e] != closed) {
            states[e] = level;
            for (u32 j = g->edge_offsets[e]; j < g->edge_offsets[e + 1]; j++) {
              if (levels[g->edge_members[j]] != level - 1) continue;
              states[e] = closed;
              break;
            }
            if (states[e] != closed) continue;
          }
          levels[v] = level;
          queue[tail++] = v;
          break;
        }
      }
    } else {
      for (u32 at = head; at < end; at++) {
        u32 v = queue[at];
        for (u32 i = g->node_offsets[v]; i < g->node_offsets[v + 1]; i++) {
          u32 e = g->node_members[i];
          if (states[e] == closed) continue;
          states[e] = closed;
          for (u32 j = g->edge_offsets[e]; j < g->edge_offsets[e + 1]; j++) {
            u32 member = g->edge_members[j];
            if (levels[member] >= 0) continue;
            levels[member] = level;
            queue[tail++] = member;
          }
        }
      }
    }
    head = end;
    work = 0;
    for (u32 at = head; at < tail; at++) work += g->node_offsets[queue[at] + 1] - g->node_offsets[queue[at]];
    unreached -= work;
  }
  return tail;
}

static u32 find(u32 *parents, u32 id) {
  while (parents[id] != id) {
    parents[id] = parents[parents[id]];
    id = parents[id];
  }
  return id;
}

static u32 components(const Graph *g, u32 *parents) {
  for (u32 v = 0; v < g->vertices; v++) parents[v] = v;
  for (u32 e = 0; e < g->edges; e++) {
    u32 i = g->edge_offsets[e], end = g->edge_offsets[e + 1];
    if (i == end) continue;
    u32 root = find(parents, g->edge_members[i]);
    for (i++; i < end; i++) {
      if (parents[g->edge_members[i]] == root) continue;
      u32 other = find(parents, g->edge_members[i]);
      if (other == root) continue;
      u32 low = other < root ? other : root, high = other < root ? root : other;
      parents[high] = low;
      root = low;
    }
  }
  u32 count = 0;
  for (u32 v = 0; v < g->vertices; v++) {
    if (parents[v] == v) count++;
    else parents[v] = parents[parents[v]];
  }
  return count;
}

/* Shares of hyperedges, then either scattered to the members at once or pulled by every vertex. */
static u32 pagerank(const Graph *g, int pull, double damping, double tolerance, double *ranks, double *weights,
                    double *sums, double *shares) {
  double dangling = 0, start = 1.0 / g->vertices;
  memset(sums, 0, (size_t)g->vertices * 8);
  for (u32 v = 0; v < g->vertices; v++) {
    u32 degree = g->node_offsets[v + 1] - g->node_offsets[v];
    ranks[v] = start;
    weights[v] = degree ? start / degree : 0;
    if (!degree) dangling += start;
  }
  for (u32 iteration = 1; iteration <= 1000; iteration++) {
    for (u32 e = 0; e < g->edges; e++) {
      u32 from = g->edge_offsets[e], to = g->edge_offsets[e + 1];
      if (from == to) continue;
      double sum = 0;
      for (u32 i = from; i < to; i++) sum += weights[g->edge_members[i]];
      double share = sum / (to - from);
      if (pull) shares[e] = share;
      else
        for (u32 i = from; i < to; i++) sums[g->edge_members[i]] += share;
    }
    double base = (1 - damping + damping * dangling) / g->vertices, change = 0;
    dangling = 0;
    for (u32 v = 0; v < g->vertices; v++) {
      u32 from = g->node_offsets[v], to = g->node_offsets[v + 1];
      double sum = sums[v];
      if (pull)
        for (u32 i = from; i < to; i++) sum += shares[g->node_members[i]];
      else sums[v] = 0;
      double rank = base + damping * sum;
      change += fabs(rank - ranks[v]);
      ranks[v] = rank;
      if (to > from) weights[v] = rank / (to - from);
      else dangling += rank;
    }
    if (change < tolerance) return iteration;
  }
  return 1000;
}

/* Coreness where a hyperedge counts while it keeps two members (Batagelj, Zaversnik 2003). Members are different. */
static u32 k_core(const Graph *g, u32 *degrees, u32 *edge_cores, u32 *sizes, u32 *bins, u32 *order,
                  u32 *positions) {
  memset(edge_cores, 0xff, (size_t)g->edges * 4);
  memset(bins, 0, ((size_t)g->edges + 2) * 4);
  for (u32 e = 0; e < g->edges; e++) sizes[e] = g->edge_offsets[e + 1] - g->edge_offsets[e];
  for (u32 v = 0; v < g->vertices; v++) {
    degrees[v] = 0;
    for (u32 i = g->node_offsets[v]; i < g->node_offsets[v + 1]; i++) degrees[v] += sizes[g->node_members[i]] > 1;
    bins[degrees[v] + 1]++;
  }
  for (u32 d = 1; d <= g->edges + 1; d++) bins[d] += bins[d - 1];
  for (u32 v = 0; v < g->vertices; v++) {
    positions[v] = bins[degrees[v]]++;
    order[positions[v]] = v;
  }
  for (u32 d = g->edges + 1; d; d--) bins[d] = bins[d - 1];
  bins[0] = 0;
  for (u32 turn = 0; turn < g->vertices; turn++) {
    u32 v = order[turn], level = degrees[v];
    for (u32 i = g->node_offsets[v]; i < g->node_offsets[v + 1]; i++) {
      u32 e = g->node_members[i];
      if (sizes[e] < 2 || --sizes[e] > 1) continue;
      edge_cores[e] = level;
      for (u32 j = g->edge_offsets[e]; j < g->edge_offsets[e + 1]; j++) {
        u32 member = g->edge_members[j], degree = degrees[member];
        if (degree <= level) continue;
        u32 position = positions[member], first = bins[degree], other = order[first];
        order[position] = other;
        positions[other] = position;
        order[first] = member;
        positions[member] = first;
        bins[degree]++;
        degrees[member]--;
      }
    }
  }
  return g->vertices ? degrees[order[g->vertices - 1]] : 0;
}

/* y = B x: for every hyperedge the sum of x over its members. */
static void spmv(const Graph *g, const double *x, double *y) {
  for (u32 e = 0; e < g->edges; e++) {
    double sum = 0;
    for (u32 i = g->edge_offsets[e]; i < g->edge_offsets[e + 1]; i++) sum += x[g->edge_members[i]];
    y[e] = sum;
  }
}

#define MEDIAN(result, action)                        \
  do {                                                \
    for (int run = -3; run < runs; run++) {           \
      double start = now_ms();                        \
      action;                                         \
      if (run >= 0) samples[run] = now_ms() - start;  \
    }                                                 \
    result = median(samples, runs);                   \
  } while (0)

int main(int count, char **arguments) {
  if (count != 5) fail("usage: reference FOLDER RUNS DAMPING TOLERANCE");
  const char *folder = arguments[1];
  int runs = atoi(arguments[2]);
  double damping = atof(arguments[3]), tolerance = atof(arguments[4]);
  if (runs < 1 || runs > 1000) fail("RUNS must be from 1 to 1000");
  Graph g;
  u32 length, source_count;
  g.edge_offsets = read_column(folder, "offsets", &length);
  g.edges = length - 1;
  g.edge_members = read_column(folder, "members", &g.incidences);
  g.node_offsets = read_column(folder, "nodeOffsets", &length);
  g.vertices = length - 1;
  g.node_members = read_column(folder, "nodeMembers", &length);
  u32 *sources = read_column(folder, "sources", &source_count);

  u32 larger = (g.edges > g.vertices ? g.edges : g.vertices) + 2;
  u32 *a = allocate(larger, 4), *b = allocate(larger, 4), *c = allocate(larger, 4);
  u32 *d = allocate(larger, 4), *e = allocate(larger, 4), *f = allocate(larger, 4);
  double *ranks = allocate(g.vertices, 8), *weights = allocate(g.vertices, 8), *sums = allocate(g.vertices, 8);
  double *shares = allocate(g.edges, 8), *samples = allocate(runs > (int)source_count ? (size_t)runs : source_count, 8);

  u32 roots = 0, reached = 0, iterations = 0, deepest = 0;
  double components_ms, scatter_ms, pull_ms, core_ms, spmv_ms;
  MEDIAN(components_ms, roots = components(&g, a));
  for (u32 s = 0; s < source_count; s++) bfs(&g, sources[s], (int32_t *)a, (int32_t *)b, c);
  for (u32 s = 0; s < source_count; s++) {
    double least = 1e300;
    for (int run = 0; run < 3; run++) {
      double start = now_ms();
      reached = bfs(&g, sources[s], (int32_t *)a, (int32_t *)b, c);
      double elapsed = now_ms() - start;
      if (elapsed < least) least = elapsed;
    }
    samples[s] = least;
  }
  double bfs_ms = median(samples, (int)source_count);
  MEDIAN(scatter_ms, iterations = pagerank(&g, 0, damping, tolerance, ranks, weights, sums, shares));
  MEDIAN(pull_ms, pagerank(&g, 1, damping, tolerance, ranks, weights, sums, shares));
  MEDIAN(core_ms, deepest = k_core(&g, a, b, c, d, e, f));
  for (u32 v = 0; v < g.vertices; v++) weights[v] = 1.0 / (v + 1);
  MEDIAN(spmv_ms, spmv(&g, weights, shares));
  double total = 0;
  for (u32 i = 0; i < g.edges; i++) total += shares[i];
  printf("{\"components\":%.6f,\"bfs\":%.6f,\"pagerank\":%.6f,\"pagerankScatter\":%.6f,\"pagerankPull\":%.6f,"
         "\"k-core\":%.6f,\"spmv\":%.6f,"
         "\"check\":{\"components\":%u,\"reached\":%u,\"iterations\":%u,\"coreness\":%u,\"spmv\":%.17g}}\n",
         components_ms, bfs_ms, (scatter_ms < pull_ms ? scatter_ms : pull_ms) / iterations, scatter_ms / iterations,
         pull_ms / iterations, core_ms, spmv_ms, roots, reached, iterations, deepest, total);
  return 0;
}
